"""What loading did: how many of each thing were added, changed, or as the file says already."""

from collections import Counter
from dataclasses import dataclass, field

from eduforum.events.changes import Diff

ADDED, CHANGED, UNCHANGED = "added", "changed", "unchanged"
THINGS = (
    "regions",
    "organisations",
    "series",
    "rooms",
    "events",
    "agreements",
    "plaques",
    "forms",
    "categories",
    "pools",
    "points",
    "outlets",
)


@dataclass(frozen=True, slots=True)
class Report:
    """counts: for each of `THINGS` how many were `ADDED`, `CHANGED` and `UNCHANGED`."""

    counts: dict[str, Counter[str]] = field(
        default_factory=lambda: {thing: Counter() for thing in THINGS}
    )

    def note(self, thing: str, *, new: bool = False, diff: Diff | bool = False) -> None:
        self.add(thing, ADDED if new else CHANGED if diff else UNCHANGED)

    def add(self, thing: str, what: str) -> None:
        self.counts[thing][what] += 1

    def lines(self) -> list[str]:
        """One line a thing: `events  14 added, 0 changed, 0 unchanged`."""
        return [
            f"{thing:<14}{count[ADDED]} added, {count[CHANGED]} changed, "
            f"{count[UNCHANGED]} unchanged"
            for thing, count in self.counts.items()
        ]
