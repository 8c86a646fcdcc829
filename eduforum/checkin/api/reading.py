"""Read JSON bodies into the services' inputs; every mistake is named by its path."""

import re
from collections.abc import Mapping
from datetime import datetime, time
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from eduforum.checkin.rules import LONGEST_GATE, MOST_SCANS, Direction, PointKind, Repeat
from eduforum.checkin.services import PointInput, Reading
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.core.names import clean
from eduforum.tickets.rules import Zone
from eduforum.web.reading import is_storable, sent_json

E = TypeVar("E", bound=StrEnum)

_MOST_SEQ = 2**53
_LONGEST_CODE = 4096
_LONGEST_REASON = 500
_TEXT = Text("须为文本，最多 {most} 字。", "Must be text of at most {most} characters.")
_UUID = Text("须为 UUID。", "Must be a UUID.")
_MOMENT = Text("须为带时区的 RFC 3339 时间。", "Must be a time as in RFC 3339, with its offset.")
_NUMBER = Text("须为 {least} 至 {most} 的整数。", "Must be a whole number from {least} to {most}.")


class Body:
    """A JSON object that is read field by field; mistakes are collected and told together."""

    def __init__(self, value: Any, path: str = "", errors: dict[str, list[Text]] | None = None):
        self.errors: dict[str, list[Text]] = {} if errors is None else errors
        self._path = path
        self._value: Mapping[str, Any] = value if isinstance(value, dict) else {}
        self._is_object = True
        if not isinstance(value, dict):
            self.wrong("", Text("须为 JSON 对象。", "Must be a JSON object."))
            self._is_object = False

    def wrong(self, name: str, sentence: Text) -> None:
        """Note a mistake at `name`; of what is no object at all that is said once."""
        if not self._is_object:
            return
        path = ".".join(part for part in (self._path, name) if part) or "body"
        self.errors.setdefault(path, []).append(sentence)

    def refuse_if_wrong(self) -> None:
        """Raise `BadInput` with every mistake found so far."""
        if self.errors:
            raise BadInput(
                Text("请求内容有误，未作任何更改。", "The body is not right; nothing was stored."),
                self.errors,
            )

    def text(self, name: str, *, most: int, required: bool = False) -> str:
        value = self._value.get(name)
        if value is None and not required:
            return ""
        if not isinstance(value, str) or len(value) > most or not is_storable(value):
            self.wrong(name, _TEXT.fill(most=most))
            return ""
        if required and not value.strip():
            self.wrong(name, Text("不能为空。", "Must not be empty."))
        return value

    def number(self, name: str, *, least: int, most: int, default: int | None) -> int | None:
        value = self._value.get(name, default)
        if value is None:
            return None
        # In JSON a Boolean is no number, although Python's is.
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.wrong(name, _NUMBER.fill(least=least, most=most))
            return default
        return value

    def flag(self, name: str) -> bool:
        value = self._value.get(name, False)
        if not isinstance(value, bool):
            self.wrong(name, Text("须为 true 或 false。", "Must be true or false."))
        return value is True

    def moment(self, name: str, *, required: bool = False) -> datetime | None:
        value = self._value.get(name)
        if value is None and not required:
            return None
        try:
            found = datetime.fromisoformat(str(value))
            found.astimezone()
        except (TypeError, ValueError, OverflowError):
            self.wrong(name, _MOMENT)
            return None
        if found.tzinfo is None:
            self.wrong(name, _MOMENT)
            return None
        return found

    def uuid(self, name: str, *, required: bool = False) -> UUID | None:
        value = self._value.get(name)
        if value is None and not required:
            return None
        try:
            return UUID(value)
        except (TypeError, ValueError, AttributeError):
            self.wrong(name, _UUID)
            return None

    def choice(self, name: str, kind: type[E], default: E | None = None) -> E | None:
        value = self._value.get(name, default)
        if value not in list(kind):
            allowed = "、".join(kind)
            self.wrong(
                name,
                Text("须为 {zh} 之一。", "Must be one of {en}.").fill(
                    zh=allowed, en=allowed.replace("、", ", ")
                ),
            )
            return default
        return kind(value)

    def choices(self, name: str, kind: type[E]) -> tuple[E, ...]:
        values = self.texts(name)
        if not set(values) <= set(kind):
            sentence = Text("只能取 {zh}。", "Only {en} are possible.")
            self.wrong(name, sentence.fill(zh="、".join(kind), en=", ".join(kind)))
            return ()
        return tuple(kind(value) for value in values)

    def time_of_day(self, name: str) -> time | None:
        text = self.text(name, most=5)
        if not text:
            return None
        if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text, re.ASCII) is None:
            self.wrong(name, Text("须为 HH:MM。", "Must be HH:MM."))
            return None
        return time.fromisoformat(text)

    def object(self, name: str) -> dict[str, Any]:
        value = self._value.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict) or not is_storable(repr(value)):
            self.wrong(name, Text("须为 JSON 对象。", "Must be a JSON object."))
            return {}
        return value

    def part(self, name: str) -> "Body":
        return Body(self._value.get(name), ".".join(filter(None, (self._path, name))), self.errors)

    def list(self, name: str) -> list[Any]:
        value = self._value.get(name)
        if not isinstance(value, list):
            self.wrong(name, Text("须为列表。", "Must be a list."))
            return []
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        values = self.list(name) if self._value.get(name) is not None else []
        if not all(isinstance(value, str) and is_storable(value) for value in values):
            self.wrong(name, Text("须为文本的列表。", "Must be a list of texts."))
            return ()
        return tuple(dict.fromkeys(values))


def sent_body() -> Body:
    """The JSON body of this request. Raises `BadInput` if there is none, or no object."""
    body = Body(sent_json())
    body.refuse_if_wrong()
    return body


def read_scans(body: Body) -> tuple[list[Reading], datetime | None, str]:
    """The scans of an upload, the sender's clock and the epoch it knows. Raises `BadInput`."""
    device_time = body.moment("device_time")
    epoch = body.text("epoch", most=100)
    items = body.list("scans")
    if len(items) > MOST_SCANS:
        sentence = Text("一次最多 {most} 条。", "At most {most} at a time.").fill(most=MOST_SCANS)
        body.wrong("scans", sentence)
        items = []
    readings = [
        _reading(Body(item, f"scans.{number}", body.errors)) for number, item in enumerate(items)
    ]
    body.refuse_if_wrong()
    return [reading for reading in readings if reading is not None], device_time, epoch


def _reading(item: Body) -> Reading | None:
    direction = item.choice("direction", Direction, Direction.IN) or Direction.IN
    undoing = direction is Direction.UNDO
    scan_id = item.uuid("id", required=True)
    seq = item.number("seq", least=0, most=_MOST_SEQ, default=0) or 0
    code = item.text("code", most=_LONGEST_CODE)
    scanned_at = item.moment("scanned_at", required=True)
    undoes = item.uuid("undoes", required=undoing)
    if undoes and not undoing:
        item.wrong("undoes", Text("只用于 direction=undo。", "Only with direction undo."))
    texts = {
        "local_verdict": item.text("local_verdict", most=40),
        "override": item.text("override", most=_LONGEST_REASON).strip(),
    }
    gate = clean(item.text("gate", most=LONGEST_GATE))
    answers, manual = item.object("answers"), item.flag("manual")
    if scan_id is None or scanned_at is None:
        return None
    return Reading(
        id=scan_id, seq=seq, code=code, scanned_at=scanned_at, direction=direction,
        answers=answers, undoes=undoes, manual=manual, gate=gate, **texts,
    )  # fmt: skip


def read_point(body: Body) -> PointInput:
    """A point to be made. Raises `BadInput`."""
    name = body.part("name")
    kind = body.choice("kind", PointKind)
    found = PointInput(
        name_zh=name.text("zh", most=60, required=True),
        name_en=name.text("en", most=60),
        kind=kind or PointKind.SESSION,
        repeat=body.choice("repeat", Repeat, Repeat.ONCE) or Repeat.ONCE,
        events=body.texts("events"),
        sessions=body.texts("sessions"),
        categories=body.texts("categories"),
        zones=body.choices("zones", Zone),
        gates=body.texts("gates"),
        opens_at=body.moment("opens_at"),
        closes_at=body.moment("closes_at"),
        capacity=body.number("capacity", least=1, most=1_000_000, default=None),
        checkout=body.time_of_day("checkout_time"),
    )
    body.refuse_if_wrong()
    return found
