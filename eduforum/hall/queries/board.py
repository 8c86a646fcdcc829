"""What a display shows of one event: the figures of the reports, for this event alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from eduforum.core.dates import local
from eduforum.core.i18n import Text
from eduforum.events.models import Event, Series
from eduforum.hall.queries.welcomes import Welcome, welcomes_at
from eduforum.reports.curve import Curve, draw
from eduforum.reports.queries.arrivals import arrivals_at
from eduforum.reports.queries.attendance import (
    Known,
    by_event,
    by_event_and_delegation,
    by_event_and_unit,
    known_of,
)
from eduforum.reports.rules import Count

OTHERS = Text("其他来宾", "Other guests")


@dataclass(frozen=True, slots=True)
class Board:
    """An event as the hall sees it.

    parties: who came, by delegation, or by unit where there are no delegations; most people
    first. curve: arrivals of the day; None as long as nobody is expected. cancelled: nothing is
    counted. code: the code to be scanned, as a picture in base 64; "" where none is shown.
    """

    series: Series
    event: Event
    now: datetime
    count: Count
    parties: Sequence[tuple[Text, Count]] = ()
    by_delegation: bool = True
    curve: Curve | None = None
    welcomes: Sequence[Welcome] = ()
    cancelled: bool = False
    code: str = ""


def board_of(series: Series, event: Event, now: datetime) -> Board:
    """Count what is shown: some twelve statements, however many people there are."""
    everything = known_of(series, now)
    if event.id not in {one.id for one in everything.events}:
        return Board(series, event, now, Count(), cancelled=True)
    known = replace(
        everything,
        events=[event],
        places=[place for place in everything.places if place.key == event.id],
    )
    count = by_event(known)[event.id]
    delegations = [
        (Text(party.unit, party.unit), one)
        for (_, party), one in by_event_and_delegation(known).items()
    ]
    units = [] if delegations else [
        (unit.name, one) for (_, unit), one in by_event_and_unit(known).items()
    ]  # fmt: skip
    return Board(
        series=series,
        event=event,
        now=now,
        count=count,
        parties=_ordered(delegations or units, count),
        by_delegation=bool(delegations),
        curve=_curve(known, event, count, now),
        welcomes=welcomes_at([place.point_id for place in known.places], now),
    )


def _ordered(parties: Sequence[tuple[Text, Count]], whole: Count) -> Sequence[tuple[Text, Count]]:
    """Most people first, and in the end all who belong to none of them."""
    listed = sorted(parties, key=lambda one: (-one[1].expected, one[0].zh))
    rest = Count(
        expected=whole.expected - sum(one.expected for _, one in listed),
        present=whole.present - sum(one.present for _, one in listed),
    )
    return [*listed, (OTHERS, rest)] if listed and rest.expected > 0 else listed


def _curve(known: Known, event: Event, count: Count, now: datetime) -> Curve | None:
    if not count.expected:
        return None
    zone = known.series.time_zone
    first, last = local(event.starts_at, zone).date(), local(event.ends_at, zone).date()
    day = min(max(local(now, zone).date(), first), last)
    arrivals = arrivals_at(known, known.places, day)
    return draw(day, arrivals, count.expected, [event], zone, now)
