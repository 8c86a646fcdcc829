"""What a liaison fills in: the grid as a whole, one person, a leave, a code."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from werkzeug.datastructures import MultiDict
from wtforms import ValidationError

from eduforum.core.contacts import BadContact, parse_email, parse_mobile
from eduforum.core.i18n import Text
from eduforum.delegations.choosing import Choices
from eduforum.delegations.entries import TEXTS, Entry, category_of
from eduforum.delegations.services import Line
from eduforum.web.forms import AtMost, Form, ManyField, Required, TextField

MOST_ROWS = 600


def sent_lines(sent: MultiDict[str, str], choices: Choices) -> list[Line]:
    """The rows of the grid as they were posted: fields are called `r<number>-<field>`."""
    rows: dict[str, dict[str, list[str]]] = {}
    for name, values in sent.lists():
        row, dash, field = name.partition("-")
        if dash and row[:1] == "r" and row[1:].isdigit() and len(rows) <= MOST_ROWS:
            rows.setdefault(row, {})[field] = values
    return [
        _line(fields, choices) for _, fields in sorted(rows.items(), key=lambda r: int(r[0][1:]))
    ]


def _line(fields: Mapping[str, Sequence[str]], choices: Choices) -> Line:
    def one(name: str) -> str:
        return next(iter(fields.get(name, ())), "")

    slots = [one(slot.key) for slot in choices.slots]
    chosen = choices.in_order([*fields.get("rest", ()), *slots])
    unread = {
        name.removeprefix("unread."): values[0]
        for name, values in fields.items()
        if name.startswith("unread.") and values and not one(name.removeprefix("unread."))
    }
    return Line(
        Entry(
            name=one("name"),
            position=one("position"),
            mobile=one("mobile"),
            email=one("email"),
            category=one("category"),
            events=chosen,
            unread={name: typed for name, typed in unread.items() if name != "events"},
        ),
        draft_id=_uuid(one("id")),
        registration_id=_uuid(one("person")),
        key=one("key")[:40],
    )


class EntryForm(Form):
    """One person by himself, on a phone."""

    name = TextField(
        Text("姓名", "Full name"),
        [Required("请填写姓名，与证件一致。", "Enter the name as on the ID."), AtMost(120)],
    )
    position = TextField(Text("职务", "Position"), [AtMost(60)])
    mobile = TextField(Text("手机号", "Mobile number"), [AtMost(40)])
    email = TextField(Text("电子邮箱", "E-mail"), [AtMost(254)])
    category = TextField(Text("参会类别", "Category"))
    events = ManyField(Text("活动", "Events"), default=list)

    def __init__(self, choices: Choices, entry: Entry | None = None, **kwargs: Any) -> None:
        data = None
        if entry is not None:
            data = {name: getattr(entry, name) for name in TEXTS} | {
                "category": category_of(entry, choices),
                "events": list(entry.events),
            }
        super().__init__(data=data, **kwargs)
        self.choices = choices

    def entry(self) -> Entry:
        """What was typed."""
        return Entry(
            name=self.name.data or "",
            position=self.position.data or "",
            mobile=self.mobile.data or "",
            email=self.email.data or "",
            category=self.category.data or "",
            events=self.choices.in_order(self.events.data),
        )

    def blame(self, faults: Mapping[str, Iterable[Text]]) -> bool:
        """Put sentences beside their fields. Whether there were any."""
        told = False
        for name, sentences in faults.items():
            place = name if name in self else "events" if name.startswith("slot") else "name"
            for sentence in sentences:
                self.refuse(place, sentence)
                told = True
        return told


class LeaveForm(Form):
    reason = TextField(
        Text("请假事由", "Why"),
        [
            Required(
                "请填写请假事由，如公务、身体原因。", "Say why, such as other duties or health."
            ),
            AtMost(200),
        ],
    )


class AskCodeForm(Form):
    """Whose new link is wanted."""

    contact = TextField(
        Text("联络员的手机号或电子邮箱", "The liaison’s mobile number or e-mail"),
        [
            Required(
                "请填写主办方登记的手机号或电子邮箱。",
                "Enter the mobile number or e-mail that the organiser has.",
            ),
            AtMost(254),
        ],
    )
    parsed_contact = ""

    def validate_contact(self, field: Any) -> None:
        try:
            parse = parse_email if "@" in field.data else parse_mobile
            self.parsed_contact = parse(field.data)
        except BadContact as bad:
            raise ValidationError(bad.sentence) from None


class CodeForm(Form):
    """The code that came by mail; token: what it belongs to."""

    code = TextField(
        Text("验证码", "Code"),
        [
            Required("请填写邮件中的 6 位验证码。", "Enter the six digits from the letter."),
            AtMost(12),
        ],
    )
    token = TextField(validators=[AtMost(600)])

    @property
    def digits(self) -> str:
        return "".join(filter(str.isdigit, self.code.data or ""))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
