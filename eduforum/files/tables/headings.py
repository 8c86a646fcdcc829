"""What the columns of a table mean: found by their headings, whatever people call them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eduforum.core.i18n import Text
from eduforum.core.names import clean
from eduforum.files.tables.cells import Cell, Row, Sheet

_HEAD_WITHIN = 20
_BRACKETS = re.compile(r"[(（\[【\u3014「][^)）\]】\u3015」]*[)）\]】\u3015」]")
_NO_LETTERS = re.compile(r"[^\w]+|_")
_PARTS = re.compile(r"[/／|\n\r、]+")


@dataclass(frozen=True, slots=True)
class Heading:
    """A column that is understood. names: what it is called besides its label, in any case."""

    key: str
    label: Text
    names: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """The row of headings that was found.

    row: its number. columns: by key. twice: keys that a second column claims, by that column's
    heading. unknown: headings that mean nothing here; their columns are not read. missing:
    required headings that no column has.
    """

    row: int
    columns: Mapping[str, int]
    twice: Mapping[str, Cell]
    unknown: Sequence[Cell]
    missing: Sequence[Heading]

    def cell(self, row: Row, key: str) -> Cell | None:
        """The cell of `row` in the column of this key; None if there is no such column."""
        column = self.columns.get(key)
        return None if column is None else row.at(column)

    def below(self, sheet: Sheet) -> Sequence[Row]:
        """The rows under the headings."""
        return [row for row in sheet.rows if row.number > self.row]


def find_head(sheet: Sheet, headings: Sequence[Heading], *, at_least: int = 1) -> Head | None:
    """The one of the first rows with most headings (the lower one of equals, as under a merged
    heading); None if no row has `at_least` of them.
    """
    names = {spelling: h.key for h in headings for spelling in _spellings(h)}
    best: tuple[int, Row] | None = None
    for row in sheet.rows[:_HEAD_WITHIN]:
        found = {key for cell in row.filled() if (key := _meaning(cell, names))}
        if len(found) >= max(at_least, best[0] if best else 1):
            best = (len(found), row)
    return _head(best[1], headings, names) if best else None


def columns_in_order(headings: Sequence[Heading]) -> Head:
    """For rows that were pasted without their headings: the columns stand in the known order."""
    return Head(0, {heading.key: i for i, heading in enumerate(headings)}, {}, [], [])


def heading_key(text: str) -> str:
    """What two spellings of a heading share: no case, no signs, no spaces, nothing in brackets."""
    return _letters(_BRACKETS.sub("", text)) or _letters(text)


def _letters(text: str) -> str:
    return _NO_LETTERS.sub("", clean(text)).casefold()


def _spellings(heading: Heading) -> set[str]:
    return {heading_key(name) for name in (heading.label.zh, heading.label.en, *heading.names)}


def _meaning(cell: Cell, names: Mapping[str, str]) -> str | None:
    """Of a heading in two languages either may be known: 姓名 Name, 姓名/Name, Name（姓名）."""
    whole = cell.text
    inside = [part[1:-1] for part in _BRACKETS.findall(whole)]
    for spelling in (whole, *_PARTS.split(whole), *inside, *_by_script(whole)):
        if (key := names.get(heading_key(spelling))) is not None:
            return key
    return None


def _by_script(text: str) -> tuple[str, str]:
    """The part in Latin letters, and the rest."""
    latin = re.sub(r"[^\x00-\x7f]+", " ", text)
    return re.sub(r"[\x00-\x7f]+", "", text), latin


def _head(row: Row, headings: Sequence[Heading], names: Mapping[str, str]) -> Head:
    columns: dict[str, int] = {}
    twice: dict[str, Cell] = {}
    unknown: list[Cell] = []
    for cell in row.filled():
        key = _meaning(cell, names)
        if key is None:
            unknown.append(cell)
        elif key not in columns:
            columns[key] = cell.column
        elif not cell.merged:
            twice.setdefault(key, cell)
    missing = [h for h in headings if h.required and h.key not in columns]
    return Head(row.number, columns, twice, unknown, missing)
