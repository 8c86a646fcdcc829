"""What Prometheus is told besides the requests: counts that the database knows."""

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from eduforum.checkin.models import Scan
from eduforum.core import clock
from eduforum.core.db import db
from eduforum.events.models import Series
from eduforum.health.queries import oldest_due_notice, writer_waiting
from eduforum.notices.models import Notice
from eduforum.registration.models import Pool, Registration


class Counts(Collector):
    """Registrations, letters and scans by state, the fill of each pool, the writer's queue.

    Read anew at each scrape, so that every process tells the same. No label names a person.
    """

    def collect(self) -> Iterable[Metric]:
        yield _by_state("registrations", "Registrations by state", Registration.state)
        yield _by_state("notices", "Letters and webhook calls by state", Notice.state)
        yield _by_state("scans", "Scans by verdict", Scan.verdict, "verdict")
        yield GaugeMetricFamily(
            "eduforum_oldest_due_notice_seconds",
            "Age of the oldest notice due",
            value=oldest_due_notice(clock.now()).total_seconds(),
        )
        yield from _pools()
        waiting = writer_waiting()
        if waiting is not None:
            yield GaugeMetricFamily(
                "eduforum_writer_waiting", "Changes waiting for the writer", value=waiting
            )


def _by_state(what: str, says: str, column: object, label: str = "state") -> Metric:
    family = GaugeMetricFamily(f"eduforum_{what}", says, labels=[label])
    for value, count in db.session.execute(select(column, func.count()).group_by(column)):  # type: ignore[call-overload]
        family.add_metric([str(value)], count)
    return family


def _pools() -> Iterable[Metric]:
    labels = ["series", "pool", "name"]
    seats = {
        name: GaugeMetricFamily(f"eduforum_pool_{name}", says, labels=labels)
        for name, says in (
            ("size", "Seats of a pool"),
            ("held", "Seats held"),
            ("waiting", "People waiting for a seat"),
        )
    }
    rows = db.session.execute(
        select(Series.slug, Pool.id, Pool.name_zh, Pool.size, Pool.held, Pool.waiting)
        .join(Series, Series.id == Pool.series_id)
        .order_by(Pool.id)
    )
    for row in rows:
        for name, family in seats.items():
            family.add_metric([row.slug, str(row.id), row.name_zh], getattr(row, name))
    return seats.values()
