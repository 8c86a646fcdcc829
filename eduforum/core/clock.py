"""The only place that asks what time it is."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC. Tests move it by moving the machine's clock."""
    return datetime.now(UTC)
