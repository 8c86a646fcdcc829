"""What a file says, before anybody judges it: the columns that are understood, and no others."""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from eduforum.core.encryption import seal, unseal
from eduforum.core.i18n import Text
from eduforum.core.rotation import Sealed
from eduforum.events.models import Event
from eduforum.files.tables import Book, Cell, Kind, Row, Sheet, UnreadableTable, letter
from eduforum.files.tables.headings import Head, Heading, find_head
from eduforum.imports.models import Import
from eduforum.registration import headings

EVENT = "event:"
"""Before the slug of an event that has a column of its own, with ticks in it."""
_READ = (
    headings.NAME, headings.ORGANISATION, headings.POSITION, headings.MOBILE, headings.EMAIL,
    headings.CATEGORY, headings.EVENTS, headings.MODE, headings.LANGUAGE, headings.ID_TYPE,
    headings.ID_NUMBER,
)  # fmt: skip
_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a list: its cells by what their columns mean."""

    sheet: str
    number: int
    hidden: bool
    cells: Mapping[str, Cell]

    @property
    def place(self) -> Text:
        if not self.sheet:
            return Text("第 {n} 行", "row {n}").fill(n=self.number)
        return Text("“{sheet}”第 {n} 行", "“{sheet}”, row {n}").fill(
            sheet=self.sheet, n=self.number
        )


@dataclass(frozen=True, slots=True)
class Source:
    """items: every row below a head. notes: what was not read."""

    items: Sequence[Item]
    notes: Sequence[Text]


def headings_for(events: Sequence[Event]) -> list[Heading]:
    """The columns that an import understands; each event may have one of its own."""
    own = [Heading(f"{EVENT}{event.slug}", event.name, (event.slug,)) for event in events]
    return [*_READ, *own]


def source_of(book: Book, known: Sequence[Heading]) -> Source:
    """The rows of all visible sheets that have a head.

    Raises `UnreadableTable` when no sheet has one, or when two columns mean the same.
    """
    items: list[Item] = []
    unread: list[str] = []
    unknown: list[str] = []
    for sheet in book.sheets:
        head = find_head(sheet, known, at_least=2)
        if head is None or head.missing:
            unread.append(sheet.name)
            continue
        _check_unambiguous(sheet, head, known)
        unknown += [cell.clean for cell in head.unknown if not cell.merged]
        items += _items(sheet, head)
    if not items:
        raise _nothing_found(unread == [sheet.name for sheet in book.sheets])
    return Source(items, list(_notes(unread, list(book.hidden), unknown)))


def sealed(source: Source, import_id: UUID) -> bytes:
    """The items as they are kept until the import is over."""
    rows = [
        [item.sheet, item.number, item.hidden, [_packed(k, c) for k, c in item.cells.items()]]
        for item in source.items
    ]
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    return seal(zlib.compress(text.encode(), 6), _place(import_id))


def unsealed(data: bytes, import_id: UUID) -> list[Item]:
    rows = json.loads(zlib.decompress(unseal(data, _place(import_id))))
    return [
        Item(sheet, number, hidden, dict(_unpacked(number, cell) for cell in cells))
        for sheet, number, hidden, cells in rows
    ]


def _place(import_id: UUID) -> str:
    return f"imports:{import_id}:source"


def _packed(key: str, cell: Cell) -> list[object]:
    return [key, cell.column, cell.text, cell.kind.value, cell.merged]


def _unpacked(number: int, packed: Sequence[object]) -> tuple[str, Cell]:
    key, column, text, kind, merged = packed
    assert isinstance(column, int)
    return str(key), Cell(number, column, str(text), Kind(str(kind)), bool(merged))


def _items(sheet: Sheet, head: Head) -> Iterator[Item]:
    for row in head.below(sheet):
        cells = _cells(row, head)
        # A numbered line that nobody filled in is not a person.
        if any(cell.kind is not Kind.EMPTY and not cell.merged for cell in cells.values()):
            yield Item(sheet.name, row.number, row.hidden, cells)


def _cells(row: Row, head: Head) -> dict[str, Cell]:
    return {key: row.at(column) for key, column in head.columns.items()}


def _check_unambiguous(sheet: Sheet, head: Head, known: Sequence[Heading]) -> None:
    for key, cell in head.twice.items():
        label = next(heading.label for heading in known if heading.key == key)
        raise UnreadableTable(
            Text(
                "{place}{first} 列和 {second} 列都是“{label}”。请删去其中一列后重新上传。",
                "{place}columns {first} and {second} both mean “{label}”. Remove one of them and"
                " upload it again.",
            ).fill(
                place=Text(f"“{sheet.name}”的", f"“{sheet.name}”: ")
                if sheet.name
                else Text("", ""),
                first=letter(head.columns[key]),
                second=cell.letter,
                label=label,
            )
        )


def _nothing_found(no_head: bool) -> UnreadableTable:
    if no_head:
        return UnreadableTable(
            Text(
                "没有找到表头。请在名单上方一行写明“姓名”“手机”“单位”等列名后重新上传，也可使用模板。",
                "No headings were found. Write “Name”, “Mobile”, “Organisation” and so on in the"
                " row above the list, or use the template.",
            )
        )
    return UnreadableTable(
        Text(
            "表头下方没有人员。请填写后重新上传。",
            "There is nobody below the headings. Fill in the list and upload it again.",
        )
    )


def _notes(unread: list[str], hidden: list[str], unknown: list[str]) -> Iterator[Text]:
    if hidden:
        yield Text("隐藏的工作表未读取：{names}。", "Hidden sheets are not read: {names}.").fill(
            names=_named(hidden)
        )
    if unread:
        yield Text(
            "没有表头的工作表未读取：{names}。", "Sheets without headings are not read: {names}."
        ).fill(names=_named(unread))
    if unknown:
        yield Text("未识别的列未读取：{names}。", "Unknown columns are not read: {names}.").fill(
            names=_named(list(dict.fromkeys(unknown)))
        )


def _named(names: list[str]) -> Text:
    shown, more = names[:_MOST_NAMED], len(names) > _MOST_NAMED
    return Text(
        "、".join(f"“{name}”" for name in shown) + (f"等 {len(names)} 项" if more else ""),
        ", ".join(f"“{name}”" for name in shown)
        + (f" and {len(names) - _MOST_NAMED} more" if more else ""),
    )


SEALED = Sealed(Import.source, (Import.id,), lambda row: _place(row.id))
