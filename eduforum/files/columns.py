"""One registry of columns per list: the screen, XLSX and CSV read the same one."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from eduforum.core.i18n import Text

T = TypeVar("T")
Value = str | int | Text | None
HIDDEN = "***"


@dataclass(frozen=True)  # no slots: Column[T](…) cannot be called with them in Python 3.11
class Column(Generic[T]):
    """One column of a list of `T`.

    key: its name in the URL. value: what stands in it; times come as text, in the zone that
    people read. width: in Latin characters.
    personal: only people with the right see it in full; the others see `masked` of it.
    """

    key: str
    label: Text
    value: Callable[[T], Value]
    width: int = 16
    personal: bool = False
    masked: Callable[[T], Value] | None = None

    def shown(self, item: T, *, in_full: bool) -> Value:
        """What somebody with or without the right to personal data sees."""
        if in_full or not self.personal:
            return self.value(item)
        return self.masked(item) if self.masked else HIDDEN if self.value(item) else ""


def cell(column: Column[T], item: T, *, in_full: bool) -> str | int:
    """The same as a file holds it: text in the current language, or a whole number."""
    value = column.shown(item, in_full=in_full)
    if value is None:
        return ""
    return value if isinstance(value, int) else str(value)


def chosen(columns: Sequence[Column[T]], keys: Collection[str]) -> list[Column[T]]:
    """The columns with these keys, in the registry's order; unknown keys mean nothing."""
    return [column for column in columns if column.key in keys]
