"""What the reader of workbooks does not tell, from the XML itself: hidden rows, failed formulas.

The parser takes no DOCTYPE, so no entity can grow or fetch anything.
"""

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from xml.parsers import expat

from eduforum.core.i18n import Text
from eduforum.files.tables.cells import Kind, UnreadableTable
from eduforum.files.tables.limits import check_area

_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_MOST_MERGED = 50_000
_LONGEST_ODD = 200
Range = tuple[int, int, int, int]


class Listener(Protocol):
    """Is given a part piece by piece."""

    def feed(self, data: bytes) -> None: ...

    def close(self) -> None: ...


def broken() -> UnreadableTable:
    return UnreadableTable(
        Text(
            "文件已损坏或不是 Excel 工作簿。请在 Excel 或 WPS 中打开，另存为“.xlsx”后重新上传。",
            "The file is damaged or no Excel workbook. Open it in Excel or WPS, save it as"
            " “.xlsx” and upload that.",
        )
    )


@dataclass
class Outline:
    """The sheets of a workbook in order, and where their parts are: `xl/workbook.xml`, its rels."""

    sheets: list[tuple[str, str, bool]] = field(default_factory=list)
    """Name, relation, hidden."""
    targets: dict[str, str] = field(default_factory=dict)
    listener: "XmlListener" = field(init=False)

    def __post_init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Be ready for the next of the two parts."""
        self.listener = XmlListener(self._start)

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet":
            hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append((attributes.get("name", ""), attributes.get("id", ""), hidden))
        elif name == "Relationship":
            target = attributes.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            self.targets[attributes.get("Id", "")] = posixpath.normpath(path).casefold()

    def visible_parts(self) -> dict[str, str]:
        """Part by name of the visible sheet."""
        return {
            name: self.targets[relation]
            for name, relation, hidden in self.sheets
            if not hidden and relation in self.targets
        }


class XmlListener:
    """Calls `start` with the local name and attributes of every element."""

    def __init__(self, start: Callable[[str, Mapping[str, str]], None]) -> None:
        self._start = start
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._element
        self.parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, data: bytes) -> None:
        self._parse(data, last=False)

    def close(self) -> None:
        self._parse(b"", last=True)

    def _parse(self, data: bytes, *, last: bool) -> None:
        try:
            self.parser.Parse(data, last)
        except (expat.ExpatError, ValueError, LookupError) as problem:
            raise broken() from problem

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        local = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        self._start(name.rpartition(":")[2], local)

    @staticmethod
    def _doctype(*_: object) -> None:
        raise broken()


class SheetTraits:
    """What one sheet's XML says besides its values. Rows and columns are counted from 0.

    hidden: rows. odd: cells with an error, or with a formula that nobody calculated. merged: the
    ranges. Refuses a sheet whose filled area is too large while it is being read.
    """

    def __init__(self) -> None:
        self.hidden: set[int] = set()
        self.odd: dict[tuple[int, int], tuple[Kind, str]] = {}
        self.merged: list[Range] = []
        self._row, self._column = -1, -1
        self._rows = self._columns = 0
        self._type = ""
        self._formula: list[str] | None = None
        self._value: list[str] = []
        self._listener = XmlListener(self._start)

    def feed(self, data: bytes) -> None:
        self._listener.feed(data)

    def close(self) -> None:
        self._listener.close()
        self._end_cell()

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        match name:
            case "c":
                self._start_cell(attributes)
            case "v" | "is":
                self._start_value()
            case "row":
                self._start_row(attributes)
            case "f":
                self._formula = self._gather()
            case "mergeCell":
                self._merge(attributes.get("ref", ""))

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        self._end_cell()
        number = attributes.get("r", "")
        self._row = int(number) - 1 if re.fullmatch("[0-9]{1,7}", number) else self._row + 1
        self._column = -1
        if attributes.get("hidden") in ("1", "true"):
            self.hidden.add(self._row)

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        self._end_cell()
        self._type = attributes.get("t", "")
        place = _place(attributes.get("r", ""))
        self._row, self._column = place or (self._row, self._column + 1)

    def _start_value(self) -> None:
        self._fill()
        if self._formula is not None or self._type == "e":
            self._value = self._gather()

    def _gather(self) -> list[str]:
        """Collect the text from here on; of the millions of other cells none is collected."""
        said: list[str] = []
        self._listener.parser.CharacterDataHandler = said.append
        return said

    def _fill(self) -> None:
        if self._row >= self._rows or self._column >= self._columns:
            self._rows = max(self._rows, self._row + 1)
            self._columns = max(self._columns, self._column + 1)
            check_area(self._rows, self._columns)

    def _end_cell(self) -> None:
        value = "".join(self._value).strip()
        if self._type == "e":
            self._note(value[:_LONGEST_ODD])
        elif self._formula is not None and not value and self._type != "str":
            self._note(f"={''.join(self._formula).strip()}"[:_LONGEST_ODD])
        self._type, self._formula, self._value = "", None, []
        self._listener.parser.CharacterDataHandler = None

    def _note(self, shown: str) -> None:
        self._fill()
        self.odd[self._row, self._column] = (Kind.ERROR, shown)

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        top, bottom = _place(first), _place(last)
        if top and bottom and len(self.merged) < _MOST_MERGED:
            self.merged.append((*top, *bottom))


def _place(reference: str) -> tuple[int, int] | None:
    """C12 -> (11, 2)."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        return None
    column = 0
    for char in found[1].upper():
        column = column * 26 + ord(char) - ord("A") + 1
    return int(found[2]) - 1, column - 1
