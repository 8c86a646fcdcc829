"""What organisers fill in about a delegation."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import wtforms
from flask import request
from wtforms import SelectChoice, ValidationError
from wtforms.validators import Optional

from eduforum.core.contacts import BadContact, parse_email, parse_mobile
from eduforum.core.i18n import Text
from eduforum.core.names import clean, clean_name
from eduforum.delegations.services.manage import DelegationInput, Place
from eduforum.events.models import Event
from eduforum.registration.models import Category, Delegation, Pool
from eduforum.web.forms import AtMost, Form, LocalMomentField, Required, TextField

MOST_SEATS = 100_000
LANGUAGES = [
    SelectChoice("zh-Hans", Text("中文", "Chinese")),
    SelectChoice("en", Text("英文", "English")),
]


class DelegationForm(Form):
    """One delegation. Its quotas are a table of numbers, called `q-<event or any>-<category or any>`."""

    unit = TextField(
        Text("单位", "Unit"),
        [
            Required(
                "请填写单位全称；简称会自动对应。",
                "Enter the unit’s full name; short forms are matched.",
            ),
            AtMost(120),
        ],
    )
    liaison_name = TextField(
        Text("联络员", "Liaison"),
        [Required("请填写联络员姓名。", "Enter the liaison’s name."), AtMost(60)],
    )
    liaison_mobile = TextField(Text("联络员手机号", "Liaison’s mobile"), [AtMost(40)])
    liaison_email = TextField(Text("联络员邮箱", "Liaison’s e-mail"), [AtMost(254)])
    edit_until = LocalMomentField(
        Text("报送截止", "Deadline"), [Required("请填写报送截止时间。", "Enter the deadline.")]
    )
    language = wtforms.RadioField(
        Text("联络语言", "Language"), choices=LANGUAGES, default="zh-Hans"
    )
    reviewed = wtforms.BooleanField(
        Text("报送的人员须经审核", "Review whom it reports"), default=True
    )
    reserving = wtforms.BooleanField(Text("为代表团预留席位", "Keep the seats for it"))
    release_at = LocalMomentField(Text("未用席位释放时间", "Give back unused seats"), [Optional()])

    def __init__(
        self,
        *,
        zone: str,
        events: Sequence[Event],
        categories: Sequence[Category],
        old: Delegation | None,
        pools: Sequence[Pool] = (),
        until: datetime | None = None,
    ) -> None:
        data: dict[str, Any] = {"edit_until": until}
        if old is not None:
            names = ("unit", "liaison_name", "liaison_email", "edit_until", "language", "reviewed")
            data = {name: getattr(old, name) for name in names}
            data["liaison_mobile"] = old.liaison_mobile.removeprefix("+86")
            data["reserving"] = any(pool.reserving for pool in pools)
            data["release_at"] = next((p.release_at for p in pools if p.release_at), None)
        super().__init__(data=data)
        for field in (self.edit_until, self.release_at):
            field.zone = zone
            if not request.form:
                field.process_data(data.get(field.name))
        self.events, self.categories = events, categories
        self.quotas: dict[Place, int] = {}
        self.typed: dict[str, str] = {
            quota_key((pool.event_id, pool.category_id)): str(pool.size) for pool in pools
        }
        self.quota_faults: dict[str, Text] = {}
        if request.method == "POST":
            self.typed = {k: clean(v) for k, v in request.form.items() if k.startswith("q-")}

    def validate_liaison_mobile(self, field: Any) -> None:
        _contact(field, parse_mobile)

    def validate_liaison_email(self, field: Any) -> None:
        _contact(field, parse_email)

    def validate_unit(self, field: Any) -> None:
        """Read the table of numbers as well: it has no field of its own."""
        for place in self.places():
            key = quota_key(place)
            typed = self.typed.get(key, "")
            if not typed:
                continue
            if not typed.isdigit() or int(typed) > MOST_SEATS:
                self.quota_faults[key] = Text(
                    "请填写整数，不限则留空。", "A whole number; empty for no limit."
                )
                continue
            self.quotas[place] = int(typed)
        if self.quota_faults:
            self.form_errors.append(
                Text(
                    "名额表中有的数字不能识别，请修改。",
                    "A number in the table of seats cannot be read; change it.",
                )
            )

    def places(self) -> list[Place]:
        events = [None, *(event.id for event in self.events)]
        return [(e, c) for e in events for c in (None, *(one.id for one in self.categories))]

    def validate(self, **kwargs: Any) -> bool:
        return super().validate(**kwargs) and not self.quota_faults

    def given(self) -> DelegationInput:
        """What was typed. Call after validation."""
        until = self.edit_until.moment
        if until is None:
            raise ValueError("the form was not validated")
        return DelegationInput(
            unit=self.unit.data or "",
            liaison_name=clean_name(self.liaison_name.data or ""),
            liaison_mobile=getattr(self.liaison_mobile, "parsed", ""),
            liaison_email=getattr(self.liaison_email, "parsed", ""),
            language=self.language.data,
            edit_until=until,
            reviewed=self.reviewed.data,
            reserving=self.reserving.data,
            release_at=self.release_at.moment,
            quotas=self.quotas,
        )


class ExtendForm(Form):
    until = LocalMomentField(
        Text("新的截止时间", "New deadline"),
        [Required("请填写新的截止时间。", "Enter the new deadline.")],
    )

    def __init__(self, zone: str, until: datetime | None = None) -> None:
        super().__init__()
        self.until.zone = zone
        if not request.form:
            self.until.process_data(until)


class FileForm(Form):
    """A table of delegations. dry: only say what would happen."""

    file = wtforms.FileField(Text("XLSX 或 CSV 文件", "An XLSX or CSV file"))


def quota_key(place: Place) -> str:
    """What a number of the table is called in the form."""
    event, category = place
    return f"q-{'any' if event is None else event}-{'any' if category is None else category}"


def _contact(field: Any, parse: Any) -> None:
    field.parsed = ""
    if not field.data:
        return
    try:
        field.parsed = parse(field.data)
    except BadContact as bad:
        raise ValidationError(bad.sentence) from None
