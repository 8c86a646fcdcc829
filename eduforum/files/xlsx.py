"""Excel workbooks, written row by row: memory stays flat however many rows there are."""

import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import IO, Any

from flask import Response, send_file
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from eduforum.core.i18n import Text
from eduforum.files.columns import Column, cell

MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_767
LONGEST_TITLE = 31
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
# Text stays text: nothing that a person typed becomes a formula, a link or a number.
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
HEAD = {
    "bold": True,
    "bg_color": "#E5F0EF",
    "font_color": "#07464B",
    "bottom": 1,
    "valign": "vcenter",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: `columns` of every item of `rows`, which are read once.

    in_full: whether personal columns are written in full.
    """

    title: Text | str
    columns: Sequence[Column[Any]]
    rows: Iterable[Any]
    in_full: bool = False


def write(file: IO[bytes], sheets: Iterable[Sheet]) -> None:
    """Write a workbook into a seekable file. Heads are styled, frozen and can be filtered."""
    with Workbook(file, _OPTIONS) as book:
        head = book.add_format(HEAD)
        titles: set[str] = set()
        for sheet in sheets:
            title = sheet_title(str(sheet.title), titles)
            titles.add(title.casefold())
            _write_sheet(book.add_worksheet(title), sheet, head)


def send(filename: str, sheets: Iterable[Sheet]) -> Response:
    """Write a workbook to a temporary file and send that; the file goes with the answer."""
    return send_written(filename, MIMETYPE, lambda file: write(file, sheets))


def send_written(filename: str, mimetype: str, fill: Callable[[IO[bytes]], None]) -> Response:
    """Send what `fill` writes. The name goes out in UTF-8 and, for old programs, in ASCII."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  (it is closed with the answer)
    try:
        fill(file)
    except BaseException:
        file.close()
        raise
    size = file.seek(0, 2)
    file.seek(0)
    response = send_file(file, mimetype=mimetype, as_attachment=True, download_name=filename)
    response.content_length = size
    response.headers["Cache-Control"] = "no-store"
    return response


def sheet_title(wanted: str, taken: Iterable[str] = ()) -> str:
    """`wanted` as Excel takes it: at most 31 characters, none of []:*?/\\, no other like it.

    taken: titles in the book already, casefolded.
    """
    title = _NOT_IN_TITLES.sub(" ", wanted).strip().strip("'")[:LONGEST_TITLE].strip() or "1"
    used, number = set(taken) | {"history"}, 2
    fresh = title
    while fresh.casefold() in used:
        end = f" {number}"
        fresh, number = title[: LONGEST_TITLE - len(end)] + end, number + 1
    return fresh


def _write_sheet(page: Worksheet, sheet: Sheet, head: Format) -> None:
    page.set_row(0, 20)
    for index, column in enumerate(sheet.columns):
        page.set_column(index, index, column.width)
        page.write_string(0, index, str(column.label), head)
    page.freeze_panes(1, 0)
    last = 0
    for last, item in enumerate(sheet.rows, 1):
        for index, column in enumerate(sheet.columns):
            value = cell(column, item, in_full=sheet.in_full)
            if isinstance(value, int):
                page.write_number(last, index, value)
            elif value:
                page.write_string(last, index, value[:LONGEST_CELL])
    if sheet.columns:
        page.autofilter(0, 0, last, len(sheet.columns) - 1)
