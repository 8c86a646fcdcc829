"""Tables as text: CSV files, and what Excel and WPS put on the clipboard."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Literal

from eduforum.core.i18n import Text
from eduforum.files.tables.cells import Book, Cell, Kind, Row, Sheet, UnreadableTable
from eduforum.files.tables.limits import MOST_COLUMNS, check_rows, too_wide

_Quoting = Literal[0, 3]
_SEPARATORS = "\t,;"
_LOOKED_AT = 20
_NAMED_SEPARATOR = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
# What `files.csv_text.harmless` puts before a text that a spreadsheet would take for a formula.
_MADE_HARMLESS = re.compile(r"'(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")
_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def decode(data: bytes) -> str:
    """Text in UTF-8 or UTF-16 with a mark, in UTF-8 without one, or in GB 18030.

    Raises `UnreadableTable` for anything else.
    """
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding)
    try:
        return _decoded(data, "utf-8")
    except UnreadableTable:
        return _decoded(data, "gb18030")


def read_text(text: str) -> Book:
    """A table from separated text: tab, comma or semicolon, whichever makes columns of it.

    Cells in quotes may hold separators and line breaks, as spreadsheets write and copy them.
    """
    if "\x00" in text:
        raise _not_text()
    separator, offset = None, 0
    if named := _NAMED_SEPARATOR.match(text):
        separator, text, offset = named[1], text[named.end() :], 1
    # An odd quotation mark belongs to the text: nobody closed it, so nobody opened it.
    quoting: _Quoting = csv.QUOTE_NONE if text.count('"') % 2 else csv.QUOTE_MINIMAL
    separator = separator or _separator_of(text, quoting)
    rows = list(_rows(_records(text, separator, quoting), offset))
    return Book([Sheet("", rows)])


def _decoded(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as problem:
        raise _not_text() from problem
    if "\x00" in text:
        raise _not_text()
    return text


def _not_text() -> UnreadableTable:
    return UnreadableTable(
        Text(
            "无法识别文件的编码。请在 Excel 或 WPS 中另存为“.xlsx”后重新上传。",
            "The file’s encoding is unknown. Save it as “.xlsx” in Excel or WPS and upload that.",
        )
    )


def _records(text: str, separator: str, quoting: _Quoting) -> Iterator[list[str]]:
    # Not splitlines(): it also breaks at form feeds and at U+2028, which may stand in a cell.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting)
    try:
        yield from reader
    except csv.Error as problem:
        raise UnreadableTable(
            Text(
                "第 {n} 行附近无法读取。请在 Excel 或 WPS 中另存为“.xlsx”后重新上传。",
                "It cannot be read near line {n}. Save it as “.xlsx” in Excel or WPS and"
                " upload that.",
            ).fill(n=reader.line_num)
        ) from problem


def _separator_of(text: str, quoting: _Quoting) -> str:
    """The separator that gives most of the first rows the same number of cells, then most cells."""

    def evenness(separator: str) -> tuple[int, int]:
        widths = Counter(
            len(record)
            for record in islice(_records(text, separator, quoting), _LOOKED_AT)
            if len(record) > 1
        )
        return max(((count, width) for width, count in widths.items()), default=(0, 0))

    return max(_SEPARATORS, key=evenness)


def _rows(records: Iterable[Sequence[str]], offset: int) -> Iterator[Row]:
    count = 0
    for number, record in enumerate(records, offset + 1):
        if any(text and not text.isspace() for text in record):
            count += 1
            check_rows(count)
            yield Row(number, _cells(number, record))


def _cells(number: int, record: Sequence[str]) -> list[Cell]:
    last = max(i for i, text in enumerate(record) if text and not text.isspace())
    if last >= MOST_COLUMNS:
        raise too_wide()
    return [_cell(number, column, text) for column, text in enumerate(record[: last + 1])]


def _cell(number: int, column: int, text: str) -> Cell:
    if not text or text.isspace():
        return Cell(number, column)
    return Cell(number, column, _MADE_HARMLESS.sub("", text, count=1), Kind.TEXT)
