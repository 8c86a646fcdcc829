"""Write a letter: what it says comes from `templates/notices/<kind>.txt`, how it looks from the
two layouts, one in HTML and one in plain text. Both are drawn from the same sentences."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from css_inline import CSSInliner
from flask import current_app
from jinja2 import Environment
from markupsafe import escape

from eduforum.core import dates
from eduforum.core.i18n import Language, Text, t, use_language
from eduforum.notices.models import Notice

PERSONAL_LINK = "https://personal-link.invalid/"
"""Stands for the reader's own address in stored letters (RFC 2606): that address is a secret."""

_MOMENTS = ("_at", "_by", "_until")
_NOTHING: dict[str, Any] = {
    "name": "", "series": "", "category": "", "time_zone": "Asia/Shanghai", "sample": False,
    "events": [], "staff_code": "", "place_in_line": None, "expires_at": None, "answer_by": None,
    "fields": [], "reason": "", "reason_name": None, "edit_until": None, "changes": [], "liaison": None,
    "said_subject": "", "said_body": "", "for_person": "", "wrong": [], "in_place_of": "", "answer": "",
}  # fmt: skip
_FIELD_NAMES = {
    "name": Text("姓名", "Name"),
    "organisation": Text("单位", "Organisation"),
    "position": Text("职务", "Position"),
    "mobile": Text("手机号", "Mobile number"),
    "email": Text("电子邮箱", "E-mail address"),
    "id_number": Text("证件号码", "ID number"),
    "category": Text("参会类别", "Category"),
    "events": Text("活动", "Events"),
    "sessions": Text("场次", "Sessions"),
    "mode": Text("参加方式", "Way of taking part"),
    "consents": Text("同意事项", "Consents"),
}
_WHAT_NAMES = {
    "day": Text("日期", "Date"),
    "time": Text("时间", "Time"),
    "room": Text("地点", "Place"),
    "name": Text("名称", "Name"),
}


@dataclass(frozen=True, slots=True)
class InlineImage:
    """A PNG that the letter shows as `cid:<cid>`."""

    cid: str
    png: bytes


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a letter. mimetype: `type/subtype`; text is UTF-8."""

    filename: str
    mimetype: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Extras:
    """What a letter carries besides its values; asked for anew at each attempt and view.

    link: the reader's own address, "" for none. context: more names for the template.
    """

    context: Mapping[str, Any] = field(default_factory=dict)
    link: str = ""
    inline: Sequence[InlineImage] = ()
    attachments: Sequence[Attachment] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A written letter. In text and HTML, `PERSONAL_LINK` stands where the link belongs."""

    subject: str
    text: str
    html: str

    def with_link(self, link: str) -> "Letter":
        """The letter as its reader gets it."""
        return Letter(
            self.subject,
            self.text.replace(PERSONAL_LINK, link),
            self.html.replace(PERSONAL_LINK, str(escape(link))),
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a fact: what is bold in it (`big`: and larger), and what follows."""

    strong: str
    rest: str = ""
    big: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A row of the block of facts: date, place, deadline."""

    label: str
    lines: Sequence[Line]


COMPOSERS: dict[str, Callable[[Notice], Extras]] = {}
"""Who knows what a kind of letter carries. Rooms above are entered by `factory`."""


def extras_of(notice: Notice) -> Extras:
    """What the letter carries, in its reader's language. Raises what the composer raises."""
    compose = COMPOSERS.get(notice.kind)
    with use_language(Language(notice.language)):
        return compose(notice) if compose else Extras()


def write(notice: Notice, extras: Extras) -> Letter:
    """Write the letter in its reader's language. Raises what Jinja raises if a template is wrong."""
    env = current_app.jinja_env
    with use_language(Language(notice.language)):
        context = _context(notice, extras)
        context |= _words(env, notice.kind, context)
        context |= _words(env, "_common", context)
        return Letter(
            context["subject"],
            _draw(env, "notices/_layout.txt", context).partition("\n\n")[2],
            _inliner.inline(_draw(env, "notices/_layout.html", context)),
        )


def fact(label: str, *lines: str | Line | None) -> Fact | None:
    """A row of the block of facts; None when it has no line to show."""
    shown: list[Line] = []
    for line in lines:
        if isinstance(line, Line):
            shown.append(line)
        elif line:
            shown += [Line("", part) for part in line.split("\n") if part.strip()]
    return Fact(label, shown) if shown else None


def columns(facts: Iterable[Fact]) -> str:
    """The block of facts in plain text, the second column in line in a fixed-width face."""
    shown = list(facts)
    width = max((_width(row.label) for row in shown), default=0) + 2
    return "\n".join(
        f"{label}{' ' * (width - _width(label))}{line.strong}{line.rest}"
        for row in shown
        for label, line in zip([row.label, *[""] * (len(row.lines) - 1)], row.lines, strict=True)
    )


def _words(env: Environment, name: str, context: Mapping[str, Any]) -> dict[str, Any]:
    """What the template sets. It prints nothing, so nothing in it is escaped yet."""
    said = vars(env.get_template(f"notices/{name}.txt").make_module(dict(context)))
    return {word: value for word, value in said.items() if not word.startswith("_")}


def _draw(env: Environment, layout: str, context: Mapping[str, Any]) -> str:
    return env.get_template(layout).render(context).strip() + "\n"


def _context(notice: Notice, extras: Extras) -> dict[str, Any]:
    values = _NOTHING | {
        name: value for name, value in readable(notice.values).items() if value is not None
    }
    zone, changes = values["time_zone"], values["changes"]
    changed = {change["event"] for change in changes}
    return values | {
        "language": notice.language,
        "link": PERSONAL_LINK if extras.link else "",
        "images": [image.cid for image in extras.inline],
        "attached": bool(extras.attachments),
        "between_sentences": "" if notice.language == Language.ZH else " ",
        "fact": fact,
        "columns": columns,
        "line": Line,
        "event_facts": _event_facts(values["events"], zone),
        "other_event_facts": _event_facts(
            [event for event in values["events"] if event["name"] not in changed], zone
        ),
        "change_facts": _change_facts(changes),
        "changed_names": [str(name) for name in dict.fromkeys(c["event"] for c in changes)],
        "wrong_facts": _wrong_facts(values["wrong"], values["fields"]),
        **extras.context,
    }


def readable(value: Any, name: str = "") -> Any:
    """Stored values as templates want them: names as `Text`, moments as aware datetimes."""
    match value:
        case {"zh": str(zh), "en": str(en)} if len(value) == 2:
            return Text(_printable(zh), _printable(en))
        case dict():
            return {key: readable(item, key) for key, item in value.items()}
        case list():
            return [readable(item, name) for item in value]
        case str() if value and name.endswith(_MOMENTS):
            return datetime.fromisoformat(value)
        case str():
            return _printable(value)
    return value


def _printable(text: str) -> str:
    """No control characters but the end of a line, nor marks that turn the direction of writing."""
    kept = (c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
    return "".join(kept)


def _event_facts(events: Sequence[Mapping[str, Any]], zone: str) -> list[Fact]:
    """Date, then the events of that date, for each day."""
    facts = []
    in_order = sorted(events, key=lambda event: event["starts_at"])
    for day, of_day in groupby(
        in_order, key=lambda event: dates.local(event["starts_at"], zone).date()
    ):
        date = t(
            "{day}，{weekday}",
            "{weekday}, {day}",
            day=dates.day_text(day, year=True),
            weekday=dates.weekday_text(day),
        )
        facts += [
            fact(t("日期", "Date"), Line(date)),
            fact(t("活动", "Events"), *[_event_line(event, zone) for event in of_day]),
        ]
    return [row for row in facts if row]


def _event_line(event: Mapping[str, Any], zone: str) -> Line:
    start, end = (dates.clock_text(event[at], zone) for at in ("starts_at", "ends_at"))
    room = event.get("room")
    place = t("，{room}", ", {room}", room=room) if room else ""
    return Line(f"{start}–{end}", f" {event['name']}{place}")


def _wrong_facts(wrong: Sequence[Mapping[str, Any]], fields: Sequence[str]) -> list[Fact]:
    """What is to be corrected: each with what is wrong with it, then those about which nothing
    more is said, in a row."""
    said = [item for item in wrong if item["note"]]
    silent = [item for item in wrong if not item["note"]]
    names = [_field_name(item) for item in silent] if wrong else [
        str(_FIELD_NAMES.get(name, name)) for name in fields
    ]  # fmt: skip
    facts = [fact(_field_name(item), item["note"]) for item in said]
    if names:
        label = t("另需修改", "Also to change") if said else t("需修改", "To change")
        facts.append(fact(label, t("、", ", ").join(names)))
    return [row for row in facts if row]


def _field_name(item: Mapping[str, Any]) -> str:
    return str(item.get("label") or _FIELD_NAMES.get(item["field"], item["field"]))


def _change_facts(changes: Sequence[Mapping[str, Any]]) -> list[Fact]:
    """For each event that changed: its name, then what was and what is."""
    facts: list[Fact | None] = []
    for name, of_event in groupby(changes, key=lambda change: change["event"]):
        facts.append(fact(t("变动", "Changed"), Line(str(name))))
        facts += [
            fact(
                str(_WHAT_NAMES[change["what"]]),
                t("原：{value}", "Was: {value}", value=change["before"]),
                Line(t("现：{value}", "Now: {value}", value=change["after"])),
            )
            for change in of_event
            if change["what"] in _WHAT_NAMES
        ]
    return [row for row in facts if row]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


_inliner = CSSInliner(load_remote_stylesheets=False)
