"""Excel workbooks (.xlsx). Everything is unpacked, measured and packed anew before it is read.

The native reader allocates the whole area between the first and the last cell and believes the
sizes that the archive states: a small file can end the process. So it is only given parts that
were measured while they were read here, with the areas of their sheets known.
"""

import io
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from eduforum.core.i18n import Text
from eduforum.files.tables.cells import Book, Cell, Kind, Row, Sheet, UnreadableTable
from eduforum.files.tables.limits import (
    MOST_CELLS,
    MOST_PARTS,
    MOST_STRINGS,
    MOST_UNPACKED,
    unpacks_too_far,
)
from eduforum.files.tables.parts import Listener, Outline, Range, SheetTraits, broken

_PIECE = 2**18
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
# What the values need besides the sheets; pictures, caches and the like are left behind.
_KEPT_IN_MEMORY = ("xl/sharedstrings.xml", "xl/styles.xml")
_NEEDED = (*_KEPT_IN_MEMORY, "[content_types].xml", "_rels/.rels")
_ARCHIVE_PROBLEMS = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError,
)  # fmt: skip


def read_workbook(data: bytes) -> Book:
    """The visible sheets of a workbook. Raises `UnreadableTable`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, tempfile.TemporaryFile() as packed:
            outline, traits = _repack(archive, packed)
            packed.seek(0)
            sheets = list(_read(packed, outline, traits))
    except _ARCHIVE_PROBLEMS as problem:
        raise broken() from problem
    hidden = [name for name, _, is_hidden in outline.sheets if is_hidden]
    return Book(sheets, hidden)


def _repack(archive: zipfile.ZipFile, packed: IO[bytes]) -> tuple[Outline, dict[str, SheetTraits]]:
    members = _members(archive)
    if _BOOK not in members:
        raise UnreadableTable(
            Text(
                "此文件不是“.xlsx”工作簿。请在 Excel 或 WPS 中另存为“.xlsx”后重新上传。",
                "This file is no “.xlsx” workbook. Save it as “.xlsx” in Excel or WPS and"
                " upload that.",
            )
        )
    budget = _Budget(MOST_UNPACKED)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as fresh:
        outline = Outline()
        for name in (_BOOK, _RELATIONS):
            if name in members:
                outline.renew()
                _copy(archive, members.pop(name), fresh, budget, outline.listener)
        parts = outline.visible_parts()
        traits = {part: SheetTraits() for part in parts.values()}
        for name, member in members.items():
            if name in traits:
                _copy(archive, member, fresh, budget, traits[name])
            elif name in _NEEDED:
                small = _Budget(MOST_STRINGS if name in _KEPT_IN_MEMORY else MOST_UNPACKED)
                _copy(archive, member, fresh, small, None)
    return outline, {sheet: traits[part] for sheet, part in parts.items() if part in members}


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Members by name as the format compares it; some writers use the other slash."""
    infos = archive.infolist()
    if len(infos) > MOST_PARTS:
        raise unpacks_too_far()
    if any(info.flag_bits & 1 for info in infos):
        raise protected()
    if any(info.compress_type not in _COMPRESSIONS for info in infos):
        raise broken()
    return {info.filename.replace("\\", "/").casefold(): info for info in infos}


class _Budget:
    def __init__(self, left: int) -> None:
        self._left = left

    def spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise unpacks_too_far()


def _copy(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    fresh: zipfile.ZipFile,
    budget: _Budget,
    listener: Listener | None,
) -> None:
    name = member.filename.replace("\\", "/")
    with archive.open(member) as source, fresh.open(name, "w", force_zip64=False) as target:
        while piece := source.read(_PIECE):
            budget.spend(len(piece))
            if listener:
                listener.feed(piece)
            target.write(piece)
    if listener:
        listener.close()


def _read(
    packed: IO[bytes], outline: Outline, traits: Mapping[str, SheetTraits]
) -> Iterator[Sheet]:
    try:
        with closing(CalamineWorkbook.from_filelike(packed)) as book:
            sheets = {meta.name for meta in book.sheets_metadata
                      if meta.typ is SheetTypeEnum.WorkSheet}  # fmt: skip
            for name, _, hidden in outline.sheets:
                if name in sheets and name in traits and not hidden:
                    values = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                    yield Sheet(name, list(_rows(values, traits[name])))
    except CalamineError as problem:
        raise broken() from problem
    except BaseException as problem:
        # A panic of the native reader is no Exception and has no importable name.
        if type(problem).__name__ != "PanicException":
            raise
        raise broken() from problem


def _rows(values: Sequence[Sequence[Any]], traits: SheetTraits) -> Iterator[Row]:
    borrowed = _borrowed(values, traits.merged)
    odd_by_row: dict[int, list[int]] = {}
    for row, column in traits.odd:
        odd_by_row.setdefault(row, []).append(column)
    last = max([len(values), *(row + 1 for row in odd_by_row)])
    for index in range(last):
        line = values[index] if index < len(values) else ()
        cells = [_cell(index, column, value) for column, value in enumerate(line)]
        for column in odd_by_row.get(index, ()):
            cells += [Cell(index + 1, empty) for empty in range(len(cells), column + 1)]
            kind, text = traits.odd[index, column]
            cells[column] = Cell(index + 1, column, text, kind)
        for column, (row, source) in borrowed.get(index, {}).items():
            value = _cell(row, source, values[row][source])
            cells[column] = Cell(index + 1, column, value.text, value.kind, merged=True)
        while cells and cells[-1].kind is Kind.EMPTY:
            cells.pop()
        if any(cell.kind is not Kind.EMPTY and not cell.merged for cell in cells):
            yield Row(index + 1, cells, hidden=index in traits.hidden)


def _borrowed(
    values: Sequence[Sequence[Any]], merged: Sequence[Range]
) -> dict[int, dict[int, tuple[int, int]]]:
    """Which empty cells show the value of a cell that they are merged with, by row and column."""
    found: dict[int, dict[int, tuple[int, int]]] = {}
    left = MOST_CELLS
    for top, start, bottom, end in merged:
        if top >= len(values) or start >= len(values[top]) or values[top][start] == "":
            continue
        for row in range(top, min(bottom + 1, len(values))):
            for column in range(start, min(end + 1, len(values[row]))):
                left -= 1
                if left < 0:
                    raise broken()
                if (row, column) != (top, start) and values[row][column] == "":
                    found.setdefault(row, {})[column] = (top, start)
    return found


def _cell(row: int, column: int, value: Any) -> Cell:
    text, kind = _text_of(value)
    return Cell(row + 1, column, text, kind)


def _text_of(value: Any) -> tuple[str, Kind]:
    match value:
        case str():
            return (value, Kind.TEXT) if value.strip() else ("", Kind.EMPTY)
        case bool():
            return str(value).upper(), Kind.BOOL
        case int() | float():
            return f"{Decimal(f'{value:.15g}'):f}", Kind.NUMBER
        case _:
            return _moment_text(value), Kind.DATE


def _moment_text(value: date | time | timedelta) -> str:
    match value:
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case date():
            return f"{value:%Y-%m-%d}"
        case time():
            return f"{value:%H:%M}"
    hours, minutes = divmod(int(value.total_seconds()) // 60, 60)
    return f"{hours}:{minutes:02}"


def protected() -> UnreadableTable:
    return UnreadableTable(
        Text(
            "工作簿已加密，无法读取。请取消打开密码后重新上传。",
            "The workbook is encrypted. Remove the password for opening it and upload it again.",
        )
    )
