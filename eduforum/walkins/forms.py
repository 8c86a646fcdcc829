"""Forms of the desk's page of walk-ins."""

import re
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import wtforms
from wtforms import SelectChoice, SelectMultipleField, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from eduforum.checkin.models import Point
from eduforum.checkin.queries import search
from eduforum.core.contacts import BadContact, parse_mobile
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text, current_language
from eduforum.registration.models import Category
from eduforum.tickets.rules import parse_staff_code
from eduforum.walkins.queries import Offer, by_ticket
from eduforum.walkins.services import Mended, Newcomer
from eduforum.web.forms import AtMost, Form, Required, TextField

_SUBMIT_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")


class _Ticks(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class WalkInForm(Form):
    """The least that a ticket needs."""

    name = TextField(
        Text("姓名", "Full name"),
        [Required("请填写姓名，与证件一致。", "Enter the name as on their ID."), AtMost(120)],
    )
    organisation = TextField(Text("单位", "Unit"), [AtMost(120)])
    mobile = TextField(Text("手机号", "Mobile number"), [AtMost(40)])
    category = wtforms.SelectField(Text("参会类别", "Category"))
    point = wtforms.SelectField(Text("同时签到", "Check in at once"))
    told = wtforms.BooleanField(
        Text(
            "已向本人告知个人信息处理说明，本人同意。",
            "The person was told how their data is used, and agrees.",
        )
    )
    another = wtforms.BooleanField(
        Text("已核对，与以上同名人员不是同一人", "Checked: it is none of these people")
    )
    submit_id = wtforms.HiddenField()

    parsed_mobile = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not _SUBMIT_ID.fullmatch(self.submit_id.data or ""):
            self.submit_id.data = secrets.token_urlsafe(18)

    def offer(self, offers: Sequence[Offer], points: Iterable[Point]) -> None:
        self.category.choices = [
            SelectChoice(one.category.code, _with_seats(one)) for one in offers
        ]
        none = SelectChoice("", Text("不签到", "No"))
        self.point.choices = [none, *(SelectChoice(str(one.id), one.name) for one in points)]

    def validate_mobile(self, field: wtforms.Field) -> None:
        if not field.data:
            return
        try:
            self.parsed_mobile = parse_mobile(field.data)
        except BadContact as bad:
            raise ValidationError(bad.sentence) from None

    def validate_told(self, field: wtforms.Field) -> None:
        if not field.data:
            raise ValidationError(
                Text(
                    "请先告知本人个人信息处理说明，取得同意后勾选。",
                    "Tell the person how their data is used; tick the box once they agree.",
                )
            )

    def newcomer(self) -> Newcomer:
        return Newcomer(
            name=self.name.data or "",
            category=self.category.data,
            organisation=self.organisation.data or "",
            mobile=self.parsed_mobile,
            language=current_language().value,
            another=bool(self.another.data),
        )


class CategoriesForm(Form):
    """Which categories take walk-ins."""

    categories = _Ticks(Text("可现场补报名的类别", "Categories that take walk-ins"))

    def offer(self, categories: Iterable[Category]) -> None:
        self.categories.choices = [SelectChoice(one.code, one.name) for one in categories]


def _with_seats(offer: Offer) -> Text:
    name = offer.category.name
    if offer.free is None:
        return name
    return Text(f"{name.zh}（剩余 {offer.free}）", f"{name.en} ({offer.free} left)")


class AcceptForm(Form):
    """A form that was filled in without a network, as it is to be registered."""

    name = TextField(
        Text("姓名", "Full name"),
        [Required("请填写姓名，与证件一致。", "Enter the name as on their ID."), AtMost(120)],
    )
    organisation = TextField(Text("单位", "Unit"), [AtMost(120)])
    mobile = TextField(Text("手机号", "Mobile number"), [AtMost(40)])
    another = wtforms.BooleanField(
        Text("已核对，与同名人员不是同一人", "Checked: it is none of those of the same name")
    )
    over = wtforms.BooleanField(
        Text("名额已满也接受，另加一席", "Accept them even if it is full: one seat is added")
    )

    def mended(self, *, may_go_over: bool) -> Mended:
        return Mended(
            name=self.name.data or "",
            organisation=self.organisation.data or "",
            mobile=self.mobile.data or "",
            another=bool(self.another.data),
            over=bool(self.over.data) and may_go_over,
        )


class MergeForm(Form):
    """Whose registration it is: one that was offered, or the code on a ticket."""

    person = TextField(
        Text("参会证上的 8 位编号", "The 8-letter code on their ticket"), [AtMost(40)]
    )
    registration = wtforms.HiddenField()

    def registration_of(self, series_id: int) -> UUID:
        """Raises `BadInput` when nobody is meant."""
        if self.registration.data:
            with suppress(ValueError):
                return UUID(self.registration.data)
        found = search(series_id, parse_staff_code(self.person.data or ""))
        who = by_ticket(series_id, found[0].id) if len(found) == 1 else None
        if who is None:
            sentence = Text("没有找到此人的报名。", "No registration was found.")
            raise BadInput(sentence, {"person": [sentence]})
        return who.id


class RejectForm(Form):
    """Why somebody is not accepted."""

    note = TextField(Text("原因", "Reason"), [AtMost(500)])
