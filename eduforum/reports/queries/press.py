"""The press in figures: by outlet, kind, role and zone, and how long decisions took.

Six statements, however many applications there are.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import String, case, cast, func, or_, select

from eduforum.checkin.queries import points_of
from eduforum.core.db import db
from eduforum.core.i18n import Text
from eduforum.events.models import Series
from eduforum.press.models import Appeal, Application, Card, Outlet, PressPerson
from eduforum.press.rules import JobRole, OutletType, PassState, State, Zone
from eduforum.press.rules.states import WAITING
from eduforum.reports.press_rules import (
    Course,
    Fate,
    PressCount,
    Speed,
    counted,
    speed_of,
    sums,
)
from eduforum.reports.queries.seen import door_of, entries, seen_at_all

K = TypeVar("K")
_P = PressPerson
_GRANTED = (
    PassState.APPROVED, PassState.PRINTED, PassState.COLLECTED, PassState.SUSPENDED,
    PassState.LOST, PassState.REISSUED, PassState.REVOKED, PassState.EXPIRED_UNCOLLECTED,
)  # fmt: skip
_OPEN = frozenset({*WAITING, State.NEEDS_INFO})


@dataclass(frozen=True, slots=True)
class House:
    """An outlet as it stands in the report."""

    id: UUID
    name: Text
    type: OutletType


@dataclass(frozen=True, slots=True)
class PressFigures:
    """Everything the report shows. The counts of outlets, kinds and roles each add up to `total`;
    somebody with several zones counts in each of them."""

    total: PressCount
    outlets: Mapping[House, PressCount]
    types: Mapping[OutletType, PressCount]
    roles: Mapping[JobRole, PressCount]
    zones: Mapping[Zone, PressCount]
    applications: int
    speed: Speed
    speed_of_types: Mapping[OutletType, Speed]
    oldest: tuple[UUID, Text] | None
    """The application that has been open longest, and its outlet."""


@dataclass(frozen=True, slots=True)
class _Line:
    house: House
    role: JobRole
    zones: tuple[Zone, ...]
    count: PressCount


@dataclass(frozen=True, slots=True)
class _Sent:
    id: UUID
    name: Text
    type: OutletType
    course: Course


def figures_of(series: Series, now: datetime) -> PressFigures:
    """What became of all applications that were sent in, drafts left out."""
    lines = _lines(series.id)
    sent = _sent(series.id)
    outlets = sums((line.house, line.count) for line in lines)
    still = [one for one in sent if one.course.decided_at is None]
    oldest = min(still, key=lambda one: (one.course.since, one.id), default=None)
    return PressFigures(
        total=sum((line.count for line in lines), PressCount()),
        outlets=dict(sorted(outlets.items(), key=_most_first)),
        types=_in_order(OutletType, sums((line.house.type, line.count) for line in lines)),
        roles=_in_order(JobRole, sums((line.role, line.count) for line in lines)),
        zones=_in_order(Zone, sums((zone, line.count) for line in lines for zone in line.zones)),
        applications=len(sent),
        speed=speed_of((one.course for one in sent), now),
        speed_of_types={
            kind: speed_of((one.course for one in sent if one.type is kind), now)
            for kind in OutletType
            if any(one.type is kind for one in sent)
        },
        oldest=(oldest.id, oldest.name) if oldest else None,
    )


def _most_first(item: tuple[House, PressCount]) -> tuple[int, int, str]:
    house, count = item
    return -count.granted, -count.applied, house.name.zh


def _in_order(order: Iterable[K], counts: Mapping[K, PressCount]) -> dict[K, PressCount]:
    return {key: counts[key] for key in order if key in counts}


def _lines(series_id: int) -> Sequence[_Line]:
    """People counted by outlet, role, zones and what became of them."""
    came = seen_at_all(door_of(series_id), entries(points_of(series_id)))
    fate = case(
        (or_(_P.state.in_(_GRANTED), (_P.state == PassState.CLOSED) & _P.ticket_id.is_not(None)),
         Fate.GRANTED.value),
        (_P.state == PassState.HELD, Fate.HELD.value),
        (_P.state == PassState.REJECTED, Fate.REFUSED.value),
        (_P.state == PassState.UNDECIDED, Fate.WAITING.value),
        else_=Fate.WITHDRAWN.value,
    ).label("fate")  # fmt: skip
    taken = (
        select(Card.person_id)
        .join(_P, _P.id == Card.person_id)
        .where(_P.series_id == series_id, Card.collected_at.is_not(None))
        .distinct()
        .cte("taken")
    )
    zones = cast(_P.zones, String).label("zones")
    rows = db.session.execute(
        select(
            Outlet.id, Outlet.name_zh, Outlet.name_en, Outlet.type, _P.role, zones, fate,
            func.count(), func.count(taken.c.person_id), func.count(came.c.ticket_id),
        )
        .select_from(_P)
        .join(Application, Application.id == _P.application_id)
        .join(Outlet, Outlet.id == Application.outlet_id)
        .outerjoin(taken, taken.c.person_id == _P.id)
        .outerjoin(came, came.c.ticket_id == _P.ticket_id)
        .where(_P.series_id == series_id, Application.state != State.DRAFT)
        .group_by(Outlet.id, Outlet.name_zh, Outlet.name_en, Outlet.type, _P.role, zones, fate)
    )  # fmt: skip
    return [
        _Line(
            House(row[0], Text(row[1], row[2] or row[1]), row[3]),
            row[4],
            tuple(Zone(zone) for zone in json.loads(row[5]))
            if row[6] == Fate.GRANTED.value
            else (),
            counted(Fate(row[6]), row[7], row[8], row[9]),
        )
        for row in rows
    ]


def _sent(series_id: int) -> Sequence[_Sent]:
    """When each application was sent in and decided. One that was appealed, or is to be decided
    anew, is open again since its appeal; one that was taken back undecided is not counted."""
    rows = db.session.execute(
        select(
            Application.id, Outlet.name_zh, Outlet.name_en, Outlet.type, Application.state,
            Application.submitted_at, Application.decided_at, Appeal.made_at,
        )
        .join(Outlet, Outlet.id == Application.outlet_id)
        .outerjoin(Appeal, Appeal.application_id == Application.id)
        .where(Application.series_id == series_id, Application.submitted_at.is_not(None))
    )  # fmt: skip
    found = []
    for key, zh, en, kind, state, submitted_at, decided_at, appealed_at in rows:
        is_open = state in _OPEN
        if submitted_at is None or (not is_open and decided_at is None):
            continue
        again = appealed_at if is_open and appealed_at else submitted_at
        course = Course(again, None if is_open else decided_at)
        found.append(_Sent(key, Text(zh, en or zh), kind, course))
    return found
