"""Tables that people send: workbooks, CSV in every encoding, rows copied from a spreadsheet.

One reader for all of them. It tells what stands where, in which sheet, row and column, and how the
file keeps it; what a column means is said by `headings`.
"""

from typing import IO

from eduforum.core.i18n import Text
from eduforum.files.tables.cells import (
    Book,
    Cell,
    Kind,
    Row,
    Sheet,
    UnreadableTable,
    as_date,
    letter,
)
from eduforum.files.tables.delimited import decode, read_text
from eduforum.files.tables.limits import MOST_BYTES, check_bytes
from eduforum.files.tables.workbook import protected, read_workbook

__all__ = [
    "MOST_BYTES",
    "Book",
    "Cell",
    "Kind",
    "Row",
    "Sheet",
    "UnreadableTable",
    "as_date",
    "letter",
    "read_file",
    "read_text",
]

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read_file(file: IO[bytes]) -> Book:
    """Read a workbook or a CSV file, told apart by their bytes: names of files lie.

    Raises `UnreadableTable` with what to do: too large, an old .xls, encrypted, damaged, empty.
    """
    data = file.read(MOST_BYTES + 1)
    check_bytes(len(data))
    book = _read(data)
    if not any(sheet.rows for sheet in book.sheets):
        raise UnreadableTable(
            Text("文件中没有内容。请核对后重新上传。", "There is nothing in the file. Check it and upload it again.")
        )  # fmt: skip
    return book


def _read(data: bytes) -> Book:
    if data.startswith(b"PK"):
        return read_workbook(data)
    if data.startswith(_OLE):
        raise protected() if _ENCRYPTED in data else _old_format()
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise _old_format()  # web pages and XML with the name of a workbook
    return read_text(decode(data))


def _old_format() -> UnreadableTable:
    return UnreadableTable(
        Text(
            "不支持旧的“.xls”格式。请在 Excel 或 WPS 中打开，另存为“.xlsx”后重新上传。",
            "The old “.xls” format is not read. Open it in Excel or WPS, save it as “.xlsx” and"
            " upload that.",
        )
    )
