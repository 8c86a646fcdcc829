"""How large a table may be. What is larger is refused before memory is spent on it."""

from eduforum.core.i18n import Text
from eduforum.files.tables.cells import UnreadableTable

MOST_BYTES = 10 * 2**20
MOST_ROWS = 50_000
MOST_COLUMNS = 200
MOST_CELLS = 1_000_000
"""Counted as an area: a single cell far away costs as much as all those before it."""
MOST_UNPACKED = 150 * 2**20
MOST_STRINGS = 40 * 2**20
MOST_PARTS = 2_000
"""Files inside a workbook."""


def check_bytes(size: int) -> None:
    if size > MOST_BYTES:
        raise UnreadableTable(
            Text(
                "文件不得超过 {n} MB。请删去图片和多余的工作表，或分成几个文件上传。",
                "A file may have {n} MB. Remove pictures and other sheets, or upload it in parts.",
            ).fill(n=MOST_BYTES // 2**20)
        )


def check_rows(count: int) -> None:
    if count > MOST_ROWS:
        raise UnreadableTable(
            Text(
                "表格不得超过 {n} 行。请分成几个文件上传。",
                "A table may have {n} rows. Upload it in parts.",
            ).fill(n=MOST_ROWS)
        )


def too_wide() -> UnreadableTable:
    return UnreadableTable(
        Text(
            "表格不得超过 {n} 列。请删去右侧多余的内容后重新上传。",
            "A table may have {n} columns. Remove what stands further right and upload it again.",
        ).fill(n=MOST_COLUMNS)
    )


def check_area(rows: int, columns: int) -> None:
    """Refuse a sheet whose filled area is too large, before anything allocates it."""
    check_rows(rows)
    if columns > MOST_COLUMNS:
        raise too_wide()
    if rows * columns > MOST_CELLS:
        raise UnreadableTable(
            Text(
                "表格过大。请删去空白的行和列，或分成几个文件上传。",
                "The table is too large. Remove empty rows and columns, or upload it in parts.",
            )
        )


def unpacks_too_far() -> UnreadableTable:
    return UnreadableTable(
        Text(
            "文件解压后过大，未予读取。请将名单复制到新的工作簿后重新上传。",
            "The file unpacks to too much and was not read. Copy the list into a new workbook"
            " and upload that.",
        )
    )
