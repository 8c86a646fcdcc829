"""What a table consists of, whatever it was read from: sheets, rows, cells."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.core.names import clean

# Excel keeps 15 digits of a number and makes zeros of the rest.
_DIGITS_KEPT = 15
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]{1,2}")
_DATE = re.compile(r"([0-9]{4})(?:年|[-/.])([0-9]{1,2})(?:月|[-/.])([0-9]{1,2})日?(?: .*)?")
_BARE_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


class UnreadableTable(BadInput):
    """This is no table that can be read; the sentence says what to do."""

    code = "unreadable-table"

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence, {"file": [sentence]})


class Kind(StrEnum):
    """How the file itself keeps a cell. Text files know only text."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOL = "bool"
    EMPTY = "empty"
    ERROR = "error"
    """A formula that came out as an error, or was never calculated."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. row: from 1; column: from 0; text: what the person sees in the cell.

    Numbers have 15 digits as Excel shows them, dates are 2024-11-28 or 2024-11-28 09:00.
    merged: the value stands in another cell that this one was merged with.
    """

    row: int
    column: int
    text: str = ""
    kind: Kind = Kind.EMPTY
    merged: bool = False

    @property
    def letter(self) -> str:
        return letter(self.column)

    @property
    def clean(self) -> str:
        """The text on one line: NFC, half-width, nothing invisible (`core.names.clean`)."""
        return clean(self.text)

    @property
    def lost_digits(self) -> bool:
        """Whether a spreadsheet has replaced digits here: a long number, or 1.10101E+17 as text."""
        if self.kind is Kind.NUMBER:
            return len(self.text.partition(".")[0].lstrip("-")) > _DIGITS_KEPT
        return bool(_SCIENTIFIC.fullmatch(self.text.strip()))


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is not empty. number: as the spreadsheet counts it. hidden: also by a filter."""

    number: int
    cells: Sequence[Cell]
    hidden: bool = False

    def at(self, column: int) -> Cell:
        """The cell in this column; an empty one behind the last."""
        if column < len(self.cells):
            return self.cells[column]
        return Cell(self.number, column)

    def filled(self) -> Iterator[Cell]:
        return (cell for cell in self.cells if cell.kind is not Kind.EMPTY)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet, without its empty rows. name: "" for a text file, which has but one."""

    name: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Book:
    """What was read. hidden: names of the sheets that are hidden, which are not read."""

    sheets: Sequence[Sheet]
    hidden: Sequence[str] = ()


def letter(column: int) -> str:
    """The column's letters: 0 is A, 25 is Z, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def as_date(cell: Cell) -> date | None:
    """The day in a cell, typed as a date or as text: 2024-11-28, 2024/11/28, 2024年11月28日,
    20241128, also with a time behind it. None if it is no day.
    """
    text = re.sub(r"\s*([年月])\s*", r"\1", cell.clean)
    found = _DATE.fullmatch(text) or _BARE_DATE.fullmatch(text)
    if found is None:
        return None
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None
