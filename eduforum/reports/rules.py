"""What is counted at a series, and how it adds up. Pure: plain numbers in, plain numbers out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Count:
    """People of one event, session, category or unit: 应到 = 实到 + 请假 + 未到.

    expected: confirmed or on leave, walk-ins included. present: let in at least once; being
    there counts for more than leave. on_leave: on leave and not there. is_over: the end has
    passed, so whoever has not come is absent and not just late.
    """

    expected: int = 0
    present: int = 0
    on_leave: int = 0
    is_over: bool = False

    @property
    def missing(self) -> int:
        return self.expected - self.present - self.on_leave

    @property
    def absent(self) -> int:
        return self.missing if self.is_over else 0

    @property
    def not_yet(self) -> int:
        return 0 if self.is_over else self.missing

    @property
    def percent(self) -> int:
        """How many of those expected are there, in whole per cent, rounded down."""
        return 100 * self.present // self.expected if self.expected else 0


@dataclass(frozen=True, slots=True)
class Group:
    """`people` who share a key, an answer to whether they came, and one about leave."""

    on_leave: bool
    seen: bool
    people: int


def add_up(
    groups: Iterable[tuple[K, Group]], is_over: Callable[[K], bool] | bool
) -> dict[K, Count]:
    """One count for every key, in the order in which keys first appear."""
    sums: dict[K, tuple[int, int, int]] = {}
    for key, group in groups:
        expected, present, on_leave = sums.get(key, (0, 0, 0))
        sums[key] = (
            expected + group.people,
            present + (group.people if group.seen else 0),
            on_leave + (group.people if group.on_leave and not group.seen else 0),
        )
    return {
        key: Count(*sum_, is_over=is_over if isinstance(is_over, bool) else is_over(key))
        for key, sum_ in sums.items()
    }


def all_of(counts: Iterable[Count], *, is_over: bool) -> Count:
    """Several counts as one."""
    listed = list(counts)
    return Count(
        expected=sum(count.expected for count in listed),
        present=sum(count.present for count in listed),
        on_leave=sum(count.on_leave for count in listed),
        is_over=is_over,
    )
