"""Log lines that hold no personal data: only known keys get through, and of an error its place."""

import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

_OURS = str(Path(__file__).parents[1])
_ALLOWED = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "channel",
        "chore",
        "endpoint",
        "kind",
        "notice",
        "trouble",
        "error",
        "at",
    }
)


def _only_allowed(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return {key: value for key, value in event.items() if key in _ALLOWED}


def fault(error: BaseException) -> dict[str, str]:
    """What may be logged of an error: its type and where it came from, not what it says.

    The words of an error quote addresses and values; the code at `at` does not. Of the way there
    our own code counts, and the last step.
    """
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames[:-1] if frame.filename.startswith(_OURS)]
    places = [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"
        for frame in [*ours[-5:], *frames[-1:]]
    ]
    return {"error": type(error).__name__, "at": " > ".join(places)}


class _StandardError:
    """One write per line, to wherever standard error goes at that moment.

    A line that cannot be written, as to a file on a full disk, is lost; the request is not.
    """

    def info(self, line: str) -> None:
        with suppress(OSError):
            sys.stderr.write(f"{line}\n")

    warning = error = info


log: Any = structlog.wrap_logger(
    _StandardError(),
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _only_allowed,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ],
)
"""`log.warning("what happened", key=value)`: one JSON object per line on standard error."""
