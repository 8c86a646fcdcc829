"""Workbooks that people fill in: text columns, drop-downs, a page of notes with an example."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from eduforum.core.i18n import Text
from eduforum.files.tables import letter
from eduforum.files.xlsx import HEAD, sheet_title

_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_ROWS = 2_000
"""Rows that are prepared; more may be added below them."""


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """One column to fill in. note: what belongs there. choices: what may be chosen from a list.

    example: on the page of notes, never in the list itself.
    """

    heading: Text
    note: Text
    example: str = ""
    choices: Sequence[str] = ()
    required: bool = False
    width: int = 16


def write(file: IO[bytes], title: Text, columns: Sequence[TemplateColumn]) -> None:
    """Write the workbook: the list, how to fill it in, and (hidden) what the drop-downs offer.

    Every cell of the list is text: a spreadsheet must not make numbers of mobiles and IDs.
    """
    with Workbook(file, _OPTIONS) as book:
        page = book.add_worksheet(sheet_title(str(title)))
        notes = book.add_worksheet(sheet_title(str(Text("填写说明", "How to fill it in"))))
        lists = book.add_worksheet("lists")
        lists.hide()
        as_text = book.add_format({"num_format": "@"})
        head = book.add_format(HEAD)
        page.set_row(0, 20)
        for index, column in enumerate(columns):
            mark = " *" if column.required else ""
            page.set_column(index, index, column.width, as_text)
            page.write_string(0, index, f"{column.heading}{mark}", head)
            if column.choices:
                _offer(page, lists, index, column.choices)
        page.freeze_panes(1, 0)
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        _explain(notes, columns, head, wrapped)


def _offer(page: Worksheet, lists: Worksheet, index: int, choices: Sequence[str]) -> None:
    lists.write_column(0, index, list(choices))
    page.data_validation(
        1,
        index,
        _ROWS,
        index,
        {
            "validate": "list",
            "source": _range(index, len(choices)),
            # What is typed otherwise is checked, and named, when the list is uploaded.
            "error_type": "information",
        },
    )


def _range(index: int, count: int) -> str:
    column = letter(index)
    return f"=lists!${column}$1:${column}${count}"


def _explain(
    notes: Worksheet, columns: Sequence[TemplateColumn], head: Format, wrapped: Format
) -> None:
    titles = (Text("列", "Column"), Text("填写要求", "What to enter"), Text("示例", "Example"))
    for index, (text, width) in enumerate(zip(titles, (20, 64, 28), strict=True)):
        notes.set_column(index, index, width)
        notes.write_string(0, index, str(text), head)
    for row, column in enumerate(columns, 1):
        needed = str(Text("必填。", "Required. ")) if column.required else ""
        notes.write_string(row, 0, str(column.heading), wrapped)
        notes.write_string(row, 1, f"{needed}{column.note}", wrapped)
        notes.write_string(row, 2, column.example, wrapped)
