"""What is counted of the press, and how it adds up. Pure: plain numbers in, plain numbers out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

K = TypeVar("K")


class Fate(StrEnum):
    """What became of one person's application. Everybody has exactly one."""

    GRANTED = "granted"
    HELD = "held"
    REFUSED = "refused"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class PressCount:
    """People: 申请 = 批准 + 待定 + 未批准 + 待审 + 撤回.

    granted: a pass was given, whatever became of it later. collected: of these, whoever took a card
    home once. admitted: of these, whoever was let in at least once and not taken back.
    """

    granted: int = 0
    held: int = 0
    refused: int = 0
    waiting: int = 0
    withdrawn: int = 0
    collected: int = 0
    admitted: int = 0

    @property
    def applied(self) -> int:
        return self.granted + self.held + self.refused + self.waiting + self.withdrawn

    @property
    def percent(self) -> int:
        """How many of those with a pass came, in whole per cent, rounded down."""
        return 100 * self.admitted // self.granted if self.granted else 0

    def __add__(self, other: "PressCount") -> "PressCount":
        return PressCount(
            self.granted + other.granted,
            self.held + other.held,
            self.refused + other.refused,
            self.waiting + other.waiting,
            self.withdrawn + other.withdrawn,
            self.collected + other.collected,
            self.admitted + other.admitted,
        )


def counted(fate: Fate, people: int, collected: int, admitted: int) -> PressCount:
    """`people` who share a fate. Who has no pass has neither collected nor come."""
    if fate is Fate.GRANTED:
        return PressCount(granted=people, collected=collected, admitted=admitted)
    return PressCount(**{fate.value: people})


def sums(pairs: Iterable[tuple[K, PressCount]]) -> dict[K, PressCount]:
    """One count for every key, in the order in which keys first appear."""
    found: dict[K, PressCount] = {}
    for key, count in pairs:
        found[key] = found.get(key, PressCount()) + count
    return found


@dataclass(frozen=True, slots=True)
class Course:
    """One application: since when it was to be decided, and when it was; None while it is open."""

    since: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Speed:
    """How long decisions took, and how long the oldest one has been waited for."""

    decided: int
    median: timedelta | None
    p90: timedelta | None
    open: int
    longest: timedelta | None


def speed_of(courses: Iterable[Course], now: datetime) -> Speed:
    """The figures of several applications; a time is None where there is nothing to measure."""
    done: list[timedelta] = []
    still: list[timedelta] = []
    for one in courses:
        if one.decided_at is None:
            still.append(now - one.since)
        else:
            done.append(max(one.decided_at - one.since, timedelta(0)))
    done.sort()
    return Speed(len(done), _rank(done, 50), _rank(done, 90), len(still), max(still, default=None))


def _rank(values: Sequence[timedelta], percent: int) -> timedelta | None:
    """The nearest rank: the least value that `percent` of all values do not exceed."""
    if not values:
        return None
    return values[max(0, -(-percent * len(values) // 100) - 1)]
