"""What went wrong at the doors, as it follows from the scans: a pure fold over their set.

No order, duplicate or batching of the same scans makes a difference, nor does who saw them first.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby, pairwise
from typing import Any
from uuid import UUID, uuid5

from eduforum.checkin.rules.facing import PointRules
from eduforum.checkin.rules.kinds import PointKind, Repeat, Verdict
from eduforum.checkin.rules.presence import emptied_at
from eduforum.core import dates
from eduforum.core.i18n import Text

_NAMES = UUID("6d0f4c0e-53f4-4b0e-9d0a-0d5b7f2a9c11")
GAP_PATIENCE = timedelta(minutes=1)
"""How long a number may be missing: a scan that waits on the device may be sent behind a newer one."""
CLOCK_FLAGS = frozenset({"clock", "clamped"})


class IncidentKind(StrEnum):
    DOUBLE_ADMISSION = "double_admission"
    ADMITTED_AFTER_END = "admitted_after_end"
    MISSING_EXIT = "missing_exit"
    CLOCK_SUSPECT = "clock_suspect"
    SEQUENCE_GAP = "sequence_gap"


OF_DEVICES = frozenset({IncidentKind.CLOCK_SUSPECT, IncidentKind.SEQUENCE_GAP})
"""What concerns a device and nobody's ticket."""
INCIDENT_NAMES = {
    IncidentKind.DOUBLE_ADMISSION: Text("一证重复入场", "One ticket let in twice"),
    IncidentKind.ADMITTED_AFTER_END: Text("作废后仍放行", "Let in after the ticket had ended"),
    IncidentKind.MISSING_EXIT: Text("缺离场扫码", "No scan on the way out"),
    IncidentKind.CLOCK_SUSPECT: Text("设备时间可疑", "A device’s clock is suspect"),
    IncidentKind.SEQUENCE_GAP: Text("设备记录有缺号", "Scans of a device are missing"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One scan, as far as incidents look at it. `shown`: what the device showed at that moment."""

    id: UUID
    point: UUID
    at: datetime
    received_at: datetime
    shown: str
    device: UUID | None = None
    ticket: UUID | None = None
    seq: int = 0
    overridden: bool = False
    gate: str = ""
    undoes: UUID | None = None
    flags: frozenset[str] = frozenset()

    @property
    def let_in(self) -> bool:
        return self.shown == Verdict.ADMITTED and not self.overridden

    @property
    def place(self) -> tuple[datetime, str]:
        return self.at, str(self.id)


@dataclass(frozen=True, slots=True)
class Incident:
    """Something to look into. `facts` in the order of time; `missing`: first and last number lost."""

    id: UUID
    kind: IncidentKind
    facts: tuple[Fact, ...]
    missing: tuple[int, int] | None = None

    @property
    def at(self) -> datetime:
        return self.facts[-1].at


def incidents(
    facts: Iterable[Fact],
    points: Mapping[UUID, PointRules],
    ended: Mapping[UUID, datetime],
    now: datetime,
) -> list[Incident]:
    """All that these scans show to have gone wrong by `now`, newest first.

    ended: when a ticket was revoked or cancelled.
    """
    known = list(facts)
    found = [
        *of_tickets(known, points, ended, now),
        *of_clocks(known, points),
        *of_gaps(known, now),
    ]
    return newest_first(found)


def newest_first(found: Iterable[Incident]) -> list[Incident]:
    return sorted(found, key=lambda one: (one.at, one.kind, str(one.id)), reverse=True)


def of_tickets(
    facts: Iterable[Fact],
    points: Mapping[UUID, PointRules],
    ended: Mapping[UUID, datetime],
    now: datetime,
) -> Iterator[Incident]:
    """From all scans of some tickets: those let in twice, after their end, or never out again."""
    known = set(facts)
    undone = {fact.undoes for fact in known if fact.undoes}
    counted = [fact for fact in known if fact.id not in undone and not fact.undoes]
    yield from _after_end(counted, ended)
    yield from _along_tickets(counted, points, now)


def _incident(kind: IncidentKind, facts: Collection[Fact], *key: Any, **more: Any) -> Incident:
    name = "|".join([kind, *map(str, key)])
    return Incident(uuid5(_NAMES, name), kind, tuple(sorted(facts, key=_by_place)), **more)


def _by_place(fact: Fact) -> tuple[datetime, str]:
    return fact.place


def _after_end(counted: list[Fact], ended: Mapping[UUID, datetime]) -> Iterator[Incident]:
    for fact in counted:
        end = ended.get(fact.ticket) if fact.ticket else None
        if fact.let_in and end is not None and fact.at > end:
            yield _incident(IncidentKind.ADMITTED_AFTER_END, [fact], fact.id)


def _along_tickets(
    counted: list[Fact], points: Mapping[UUID, PointRules], now: datetime
) -> Iterator[Incident]:
    """Tickets that were let in twice without leaving, or never left."""
    exits = {point for point, rules in points.items() if rules.kind is PointKind.EXIT}
    moved = [f for f in counted if f.ticket and (f.let_in or f.shown == Verdict.CHECKED_OUT)]
    for _, of_ticket in _grouped(moved, lambda fact: fact.ticket):
        for point in {fact.point for fact in of_ticket if fact.let_in}:
            rules = points.get(point)
            if rules is None or rules.repeat is Repeat.COUNT:
                continue
            here = [f for f in of_ticket if f.point == point or f.point in exits]
            yield from _of_one(rules, sorted(here, key=_by_place), now)


def _of_one(rules: PointRules, ordered: list[Fact], now: datetime) -> Iterator[Incident]:
    """Along the time of one ticket at one point; `run`: admissions of which one is enough."""
    run: list[Fact] = []
    for fact in ordered:
        if fact.let_in and run and _starts_anew(rules, run[-1].at, fact.at):
            yield from _of_run(run)
            yield from _of_unleft(rules, run, fact.at)
            run = []
        if fact.let_in:
            run.append(fact)
        elif rules.repeat is Repeat.REENTRY:
            yield from _of_run(run)
            if run and _starts_anew(rules, run[-1].at, fact.at):
                yield from _of_unleft(rules, run, fact.at)
            run = []
    yield from _of_run(run)
    yield from _of_unleft(rules, run, now)


def _of_run(run: list[Fact]) -> Iterator[Incident]:
    if len(run) > 1:
        yield _incident(IncidentKind.DOUBLE_ADMISSION, run, *sorted(str(fact.id) for fact in run))


def _of_unleft(rules: PointRules, run: list[Fact], now: datetime) -> Iterator[Incident]:
    """Whoever was taken to have left, because the hall was emptied before they scanned out."""
    emptied = emptied_at(rules, now)
    if run and rules.repeat is Repeat.REENTRY and emptied is not None and run[-1].at < emptied:
        yield _incident(IncidentKind.MISSING_EXIT, [run[-1]], run[-1].id)


def _starts_anew(rules: PointRules, before: datetime, at: datetime) -> bool:
    """Whether somebody let in at `before` may be let in at `at` again without having left."""
    if rules.repeat is Repeat.DAILY:
        return dates.local(before, rules.zone).date() != dates.local(at, rules.zone).date()
    emptied = emptied_at(rules, at)
    return rules.repeat is Repeat.REENTRY and emptied is not None and before < emptied


def of_clocks(facts: Iterable[Fact], points: Mapping[UUID, PointRules]) -> Iterator[Incident]:
    """One for each device and day on which its times were mended; what comes later belongs to it."""
    every = {fact for fact in facts if fact.device is not None and fact.flags & CLOCK_FLAGS}

    def day(fact: Fact) -> tuple[str, str]:
        zone = points[fact.point].zone if fact.point in points else "UTC"
        return str(fact.device), dates.local(fact.received_at, zone).date().isoformat()

    for key, of_day in _grouped(every, day):
        ordered = sorted(of_day, key=_by_place)
        yield _incident(IncidentKind.CLOCK_SUSPECT, {ordered[0], ordered[-1]}, *key)


def of_gaps(facts: Iterable[Fact], now: datetime) -> Iterator[Incident]:
    """From all scans of some devices: the numbers that never came."""
    every = {fact for fact in facts if fact.device is not None}
    for device, of_device in _grouped(every, lambda fact: fact.device):
        for low, high in pairwise(sorted(of_device, key=lambda fact: (fact.seq, *fact.place))):
            if high.seq > low.seq + 1 and high.received_at <= now - GAP_PATIENCE:
                missing = (low.seq + 1, high.seq - 1)
                yield _incident(
                    IncidentKind.SEQUENCE_GAP, [low, high], device, *missing, missing=missing
                )


def _grouped(facts: Iterable[Fact], key: Callable[[Fact], Any]) -> list[tuple[Any, list[Fact]]]:
    ordered = sorted(facts, key=lambda fact: str(key(fact)))
    return [(name, list(group)) for name, group in groupby(ordered, key=key)]
