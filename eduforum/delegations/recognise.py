"""Read rows that were pasted or uploaded: which column is what, and what each row says.

A head is recognised by its words, in both languages; without one, columns are told by what stands
in them. Nothing is dropped: a cell that means none of the choices is kept with the row and named.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from eduforum.core.contacts import BadContact, parse_mobile
from eduforum.core.names import clean
from eduforum.delegations.choosing import Choices, named_event
from eduforum.delegations.entries import TEXTS, Entry
from eduforum.events.models import Event

Cells = Sequence[str]

_HEADS: Mapping[str, tuple[str, ...]] = {
    "number": ("序号", "编号", "no", "no.", "number", "#"),
    "name": ("姓名", "名字", "参会人", "参会人员", "人员姓名", "name", "full name"),
    "position": ("职务", "职称", "职务职称", "职务/职称", "岗位", "position", "title", "job title"),
    "mobile": ("手机", "手机号", "手机号码", "联系电话", "联系方式", "电话", "mobile", "mobile number", "phone"),
    "email": ("邮箱", "电子邮箱", "电子邮件", "邮件", "email", "e-mail", "e-mail address"),
    "category": ("类别", "参会类别", "人员类别", "身份", "category"),
    "id": ("证件号", "证件号码", "身份证", "身份证号", "身份证号码", "证件类型", "护照号", "id", "id number", "passport", "passport number"),
    "organisation": ("单位", "工作单位", "所在单位", "单位名称", "学校", "unit", "organisation", "organization"),
}  # fmt: skip
_EVENTS = ("活动", "参加活动", "参会活动", "events")
_FORUMS = ("论坛", "分论坛", "参加论坛", "平行论坛", "forum")
_NO = {"不参加", "否", "无", "不", "×", "✗", "no", "n", "0", "-", "–", "—", "/"}
_YES = {"参加", "是", "√", "✓", "yes", "y", "1"}
_BETWEEN = re.compile(r"[、,，;；/\n]+")
_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003fffd·]{2,12}|[A-Za-z][A-Za-z .'’-]{1,59}")
_LIKE_AN_ID = re.compile(r"[0-9]{14,17}[0-9Xx]|[A-Z]{1,2}[0-9]{7,9}")
_FEWEST_IN_A_HEAD = 2


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was read. columns: what each column of the source was taken for, "" for none."""

    entries: tuple[Entry, ...]
    columns: tuple[str, ...]

    @property
    def had_ids(self) -> bool:
        """Whether a column of ID numbers was left out: rows that are not submitted hold none."""
        return "id" in self.columns


def recognise(rows: Sequence[Cells], choices: Choices) -> Recognised:
    """Read rows of cells. Rows without any text are nobody."""
    filled = [[clean(cell) for cell in row] for row in rows if any(clean(cell) for cell in row)]
    if not filled:
        return Recognised((), ())
    width = max(len(row) for row in filled)
    table = [[*row, *[""] * (width - len(row))] for row in filled]
    columns = _by_head(table[0], choices)
    if columns:
        table = table[1:]
    else:
        columns = _by_content(table, choices)
    entries = (_entry(dict(zip(columns, row, strict=True)), choices) for row in table)
    return Recognised(tuple(entry for entry in entries if not entry.is_blank), tuple(columns))


def _by_head(head: Cells, choices: Choices) -> list[str] | None:
    """The meaning of each column by the words on top, or None if that is no head."""
    found = [_meaning(cell, choices) for cell in head]
    known = [meaning for meaning in found if meaning]
    if "name" not in known or len(known) < min(_FEWEST_IN_A_HEAD, len(head)):
        return None
    return _each_once(found)


def _meaning(cell: str, choices: Choices) -> str:
    word = re.sub(r"[（(].*?[)）]|[*\uff0a：:\s]", "", cell).casefold() or cell.casefold()
    plain = re.sub(r"\s+", " ", cell.casefold().strip("*\uff0a:： "))
    for meaning, words in _HEADS.items():
        if word in words or plain in words:
            return meaning
    for slot in choices.slots:
        if cell in (slot.label.zh, slot.label.en):
            return slot.key
    event = named_event(choices.events, cell)
    if event is not None and cell in (event.name_zh, event.name_en, event.slug):
        return f"event:{event.slug}"
    if word in _FORUMS and len(choices.slots) == 1:
        return choices.slots[0].key
    return "events" if word in (*_EVENTS, *_FORUMS) or cell in _both(choices) else ""


def _both(choices: Choices) -> tuple[str, str]:
    return choices.rest_label.zh, choices.rest_label.en


def _by_content(table: Sequence[Cells], choices: Choices) -> list[str]:
    """The meaning of each column by what most of its cells look like."""
    found = [
        _looks_like([row[n] for row in table if row[n]], choices) for n in range(len(table[0]))
    ]
    if "name" not in found:
        free = next((n for n, meaning in enumerate(found) if meaning in ("", "position")), 0)
        found[free] = "name"
    return _each_once(found)


def _looks_like(cells: Sequence[str], choices: Choices) -> str:
    tests: tuple[tuple[str, Callable[[str], bool]], ...] = (
        ("id", lambda cell: _LIKE_AN_ID.fullmatch(cell) is not None),
        ("email", lambda cell: "@" in cell),
        ("mobile", _is_mobile),
        ("number", lambda cell: cell.isdigit() and len(cell) < 4),
        ("category", lambda cell: choices.category_named(cell) is not None),
        *((slot.key, _names_one_of(slot.events)) for slot in choices.slots),
        ("events", lambda cell: cell in _NO or _events_in(cell, choices.events)[0] != ()),
        ("name", lambda cell: _NAME.fullmatch(cell) is not None and len(cell) <= 4),
    )
    for meaning, fits in tests:
        if cells and sum(map(fits, cells)) * 2 > len(cells):
            return meaning
    return "position" if cells else ""


def _names_one_of(events: Sequence[Event]) -> Callable[[str], bool]:
    return lambda cell: cell in _NO or named_event(events, cell) is not None


def _is_mobile(cell: str) -> bool:
    digits = re.sub(r"\D", "", cell)
    try:
        return bool(parse_mobile(cell))
    except BadContact:
        return 9 <= len(digits) <= 13 and len(digits) * 2 > len(cell)


def _each_once(found: Iterable[str]) -> list[str]:
    """The first column of a meaning has it; short texts beside the name are the position."""
    seen: set[str] = set()
    columns: list[str] = []
    for meaning in found:
        taken = meaning in seen
        if taken and meaning in ("name", "position"):
            meaning, taken = "position", "position" in seen
        many = meaning == "events"
        columns.append(f"{meaning}+{len(columns)}" if taken and many else "" if taken else meaning)
        seen.add(meaning)
    return [column or f"+{n}" for n, column in enumerate(columns)]


def _entry(row: Mapping[str, str], choices: Choices) -> Entry:
    unread: dict[str, str] = {}
    category = _category(row.get("category", ""), choices, unread)
    listed: list[str] = []
    named = False
    for column, cell in row.items():
        base = column.partition("+")[0]
        if base == "events" or base.startswith("slot"):
            named = named or bool(cell)
            listed += _chosen(base, cell, choices, unread)
        elif base.startswith("event:") and cell:
            named = True
            listed += [base.removeprefix("event:")] if cell.casefold() not in _NO else []
    only = choices.category(category) or choices.only_category
    base_events = () if _names_rest(row) and named else choices.usual(only)
    return Entry(
        **{name: row.get(name, "") for name in TEXTS},
        category=category,
        events=choices.in_order([*base_events, *listed]),
        unread=unread,
    )


def _names_rest(row: Mapping[str, str]) -> bool:
    """Whether the source says itself which of the usual events a person comes to."""
    return any(
        column.partition("+")[0] == "events" or column.startswith("event:") for column in row
    )


def _category(cell: str, choices: Choices, unread: dict[str, str]) -> str:
    found = choices.category_named(cell) if cell else None
    if cell and found is None:
        unread["category"] = cell
    return found.code if found else ""


def _chosen(column: str, cell: str, choices: Choices, unread: dict[str, str]) -> Sequence[str]:
    slot = next((slot for slot in choices.slots if slot.key == column), None)
    events = slot.events if slot else choices.events
    slugs, unknown = _events_in(cell, events)
    if unknown:
        unread[column] = unknown
    return slugs


def _events_in(cell: str, events: Sequence[Event]) -> tuple[tuple[str, ...], str]:
    """The events that a cell names, and the first part that names none."""
    if not cell or cell.casefold() in _NO:
        return (), ""
    if cell.casefold() in _YES:
        return tuple(event.slug for event in events), ""
    whole = named_event(events, cell)
    if whole is not None:
        return (whole.slug,), ""
    slugs, unknown = [], ""
    for part in filter(None, (part.strip() for part in _BETWEEN.split(cell))):
        event = named_event(events, part)
        if event is not None:
            slugs.append(event.slug)
        else:
            unknown = unknown or part
    return tuple(slugs), unknown
