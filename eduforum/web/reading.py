"""Read a request's JSON or query into a dataclass; every mistake is named by its path.

What may stand in the dataclass, and what its annotations mean: `web.schema`.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from types import NoneType
from typing import Any, NoReturn, TypeVar, get_args, get_origin
from uuid import UUID

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from eduforum.core.dates import YEARS
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.core.names import clean
from eduforum.web.schema import (
    Items,
    Like,
    Line,
    Prose,
    Through,
    Whole,
    choices_of,
    hints_of,
    is_required,
    is_union,
    split,
)

T = TypeVar("T")
_NOT_STORABLE = re.compile(r"[\0\ud800-\udfff]")
_MOST_RAW = 5000
"""How much longer than allowed a line may be before white space is taken out."""


class BadJson(BadInput):
    """The body is no JSON at all."""

    code = "bad-json"
    status = 400

    def __init__(self) -> None:
        super().__init__(Text("请求内容不是有效的 JSON。", "The body is not valid JSON."))


def sent_json() -> Any:
    """The JSON value sent with this request.

    Raises `BadJson`, or `UnsupportedMediaType` when it is not said to be JSON. Numbers that JSON
    does not know (NaN, Infinity) and depths that nobody needs are not JSON either.
    """
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        return json.loads(request.get_data(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise BadJson from None


def sent_body(kind: type[T], *, optional: bool = False) -> T:
    """The body of this request as a `kind`. `optional`: no body at all is an empty object."""
    value = {} if optional and not request.get_data() else sent_json()
    return read(kind, value)


def sent_query(kind: type[T], besides: Collection[str] = ("limit", "cursor", "lang")) -> T:
    """The query of this request as a `kind`; an empty argument is none at all.

    A misspelt filter is refused: it would show everything. Raises `BadInput`.
    """
    hints = hints_of(kind)
    given: dict[str, Any] = {}
    for name, values in request.args.lists():
        filled = [value for value in values if value]
        if filled and name not in besides:
            given[name] = filled if _is_list(hints.get(name)) else filled[-1]
    return read(kind, given)


def read(kind: type[T], value: Any) -> T:
    """`value`, decoded JSON, as an instance of the dataclass `kind`.

    Unknown members, and null for required ones, are mistakes; null for an optional one is as if
    it were not there. Raises `BadInput` with every mistake by its path.
    """
    reader = _Reader()
    found = reader.instance(kind, value, "")
    if reader.errors:
        raise BadInput(
            Text("请求内容有误，未作任何更改。", "The request is not right; nothing was stored."),
            reader.errors,
        )
    made: T = found
    return made


def _is_list(kind: Any) -> bool:
    return get_origin(split(kind)[0]) is tuple


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError


class _Reader:
    """Reads one JSON value; collects what is wrong with it, by path."""

    def __init__(self) -> None:
        self.errors: dict[str, list[Text]] = {}

    def wrong(self, path: str, zh: str, en: str, **values: object) -> None:
        self.errors.setdefault(path or "body", []).append(Text(zh, en).fill(**values))

    def instance(self, kind: Any, value: Any, path: str, _notes: Sequence[Any] = ()) -> Any:
        """A dataclass. None after a mistake; the caller then raises."""
        if not isinstance(value, dict):
            self.wrong(path, "须为 JSON 对象。", "Must be a JSON object.")
            return None
        known, hints = {field.name: field for field in fields(kind)}, hints_of(kind)
        for name in value:
            if name not in known:
                shown = clean(name)[:60]
                self.wrong(_under(path, shown), "没有这一栏。", "There is no such field.")
        given = {}
        for name, field in known.items():
            sent = value.get(name)
            if sent is not None:
                given[name] = self.value(hints[name], sent, _under(path, name))
            elif is_required(field):
                self.wrong(_under(path, name), "此项必填。", "This field is required.")
        return None if self.errors else kind(**given)

    def value(self, kind: Any, value: Any, path: str) -> Any:
        bare, notes = split(kind)
        if is_union(bare):
            return self.value(_member_for(bare, value), value, path)
        read_it = next((how for fits, how in _READERS if fits(bare)), None)
        if read_it is None:
            raise TypeError(f"{kind} cannot be read")
        return read_it(self, bare, value, path, notes)

    def text(self, _kind: Any, value: Any, path: str, notes: Sequence[Any]) -> str:
        if not isinstance(value, str):
            self.wrong(path, "须为文本。", "Must be text.")
            return ""
        found = value
        for note in notes:
            check = _TEXT_CHECKS.get(type(note))
            if check and not self.errors.get(path):
                found = check(self, note, found, path)
        if not is_storable(found):
            self.wrong(path, "含有不能保存的字符。", "It has characters that cannot be kept.")
        return found

    def line(self, note: Line, value: str, path: str) -> str:
        found = clean(value) if len(value) <= note.most + _MOST_RAW else value
        if len(found) > note.most:
            self.wrong(
                path,
                "最多 {most} 字，现为 {n} 字。",
                "At most {most} characters; there are {n}.",
                most=note.most,
                n=len(found),
            )
        elif len(found) < note.least:
            self.wrong(path, "不能为空。", "Must not be empty.")
        return found

    def prose(self, note: Prose, value: str, path: str) -> str:
        found = value.replace("\r\n", "\n").strip()
        if len(found) > note.most:
            self.wrong(
                path,
                "最多 {most} 字，现为 {n} 字。",
                "At most {most} characters; there are {n}.",
                most=note.most,
                n=len(found),
            )
        return found

    def like(self, note: Like, value: str, path: str) -> str:
        if not re.fullmatch(note.pattern, value):
            self.wrong(path, note.sentence.zh, note.sentence.en)
        return value

    def through(self, note: Through, value: str, path: str) -> str:
        if not value:
            return value
        try:
            return note.parse(value)
        except BadInput as bad:
            self.errors.setdefault(path, []).append(bad.sentence)
            return ""

    def boolean(self, _kind: Any, value: Any, path: str, _notes: Sequence[Any]) -> bool:
        if not isinstance(value, bool):
            self.wrong(path, "须为 true 或 false。", "Must be true or false.")
        return value is True

    def whole(self, _kind: Any, value: Any, path: str, notes: Sequence[Any]) -> int:
        limits = next((note for note in notes if isinstance(note, Whole)), Whole(-(2**31), 2**31))
        # In JSON a Boolean is no number, although Python's is.
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if not is_whole or not limits.least <= value <= limits.most:
            self.wrong(
                path,
                "须为 {least} 至 {most} 的整数。",
                "Must be a whole number from {least} to {most}.",
                least=limits.least,
                most=limits.most,
            )
            return limits.least
        return int(value)

    def moment(self, _kind: Any, value: Any, path: str, _notes: Sequence[Any]) -> datetime | None:
        try:
            found = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            found = None
        if found is None or found.tzinfo is None or found.year not in YEARS:
            self.wrong(
                path,
                "须为带时区的 RFC 3339 时间，如 2027-03-15T09:00:00+08:00。",
                "Must be a time as in RFC 3339, with its offset: 2027-03-15T09:00:00+08:00.",
            )
            return None
        return found

    def uuid(self, _kind: Any, value: Any, path: str, _notes: Sequence[Any]) -> UUID | None:
        try:
            return UUID(value)
        except (TypeError, ValueError, AttributeError):
            self.wrong(path, "须为 UUID。", "Must be a UUID.")
            return None

    def choice(self, kind: Any, value: Any, path: str, _notes: Sequence[Any]) -> Any:
        allowed = choices_of(kind)
        if not isinstance(value, str) or value not in allowed:
            self.wrong(
                path,
                "须为以下之一：{words}。",
                "Must be one of: {words}.",
                words=Text("、".join(allowed), ", ".join(allowed)),
            )
            return None
        return kind(value) if isinstance(kind, type) else value

    def items(self, kind: Any, value: Any, path: str, notes: Sequence[Any]) -> tuple[Any, ...]:
        if not isinstance(value, list):
            self.wrong(path, "须为列表。", "Must be a list.")
            return ()
        if not self._is_count_right(len(value), path, notes):
            return ()
        inner = get_args(kind)[0]
        return tuple(self.value(inner, item, f"{path}.{n}") for n, item in enumerate(value))

    def members(self, kind: Any, value: Any, path: str, notes: Sequence[Any]) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.wrong(path, "须为 JSON 对象。", "Must be a JSON object.")
            return {}
        if not self._is_count_right(len(value), path, notes):
            return {}
        name_kind, inner = get_args(kind)
        return {
            self.value(name_kind, name, f"{path}.{clean(name)[:60]}"): self.value(
                inner, item, f"{path}.{clean(name)[:60]}"
            )
            for name, item in value.items()
        }

    def _is_count_right(self, count: int, path: str, notes: Sequence[Any]) -> bool:
        limits = next((note for note in notes if isinstance(note, Items)), Items(1000))
        if count > limits.most:
            self.wrong(path, "最多 {most} 项。", "At most {most} items.", most=limits.most)
        elif count < limits.least:
            self.wrong(path, "至少 {least} 项。", "At least {least}.", least=limits.least)
        return limits.least <= count <= limits.most


_TEXT_CHECKS: Mapping[type, Callable[[_Reader, Any, str, str], str]] = {
    Line: _Reader.line,
    Prose: _Reader.prose,
    Like: _Reader.like,
    Through: _Reader.through,
}
_READERS: Sequence[tuple[Callable[[Any], bool], Callable[..., Any]]] = (
    (lambda kind: kind is str, _Reader.text),
    (lambda kind: kind is bool, _Reader.boolean),
    (lambda kind: kind is int, _Reader.whole),
    (lambda kind: kind is datetime, _Reader.moment),
    (lambda kind: kind is UUID, _Reader.uuid),
    (lambda kind: bool(choices_of(kind)), _Reader.choice),
    (lambda kind: get_origin(kind) is tuple, _Reader.items),
    (lambda kind: get_origin(kind) is Mapping, _Reader.members),
    (is_dataclass, _Reader.instance),
)


def _member_for(kind: Any, value: Any) -> Any:
    """The member of a union that fits the JSON type of `value`; the first if none does."""
    members = [member for member in get_args(kind) if member is not NoneType]
    for member in members:
        bare = split(member)[0]
        json_type: Any = list if get_origin(bare) is tuple else bare
        if json_type is type(value):
            return member
    return members[0]


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def is_storable(text: str) -> bool:
    """PostgreSQL keeps no NUL, and nobody can read half a surrogate pair."""
    return not _NOT_STORABLE.search(text)
