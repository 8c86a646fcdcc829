"""Forms of the desk's check-in pages."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from wtforms import SelectField, SelectMultipleField, StringField, TimeField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from eduforum.checkin.models import Point
from eduforum.checkin.rules import POINT_KIND_NAMES, REPEAT_NAMES, PointKind, Repeat
from eduforum.checkin.services import PointInput
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.events.forms import WholeNumberField
from eduforum.events.models import Event
from eduforum.registration.models import Category
from eduforum.tickets.rules import ZONE_NAMES, Zone
from eduforum.web.forms import AtMost, Form, LocalMomentField, LongTextField, Required, TextField

_FIELDS = {"name": "name_zh"}


class _Ticks(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class _TimeOfDayField(TimeField):
    """A time of day, `18:30`."""

    def process_formdata(self, values: list[str]) -> None:
        try:
            super().process_formdata(values)
        except ValueError:
            sentence = Text("请按 18:30 的形式填写时间。", "Enter the time like 18:30.")
            raise ValueError(sentence) from None


class PointForm(Form):
    """A point: name, what it asks for, when, how often, how many."""

    name_zh = TextField(
        Text("中文名称", "Chinese name"),
        [Required("请填写签到点名称。", "Enter a name for the point."), AtMost(60)],
    )
    name_en = TextField(Text("英文名称", "English name"), [AtMost(60)])
    kind = SelectField(
        Text("类型", "Kind"),
        choices=[SelectChoice(kind.value, POINT_KIND_NAMES[kind]) for kind in PointKind],
    )
    repeat = SelectField(
        Text("同一证件可入场", "One ticket may enter"),
        choices=[SelectChoice(repeat.value, REPEAT_NAMES[repeat]) for repeat in Repeat],
    )
    events = _Ticks(Text("适用活动", "Events"))
    categories = _Ticks(Text("适用参会类别", "Categories"))
    zones = _Ticks(
        Text("适用区域", "Zones"),
        choices=[SelectChoice(zone.value, ZONE_NAMES[zone]) for zone in Zone],
    )
    gates = LongTextField(Text("各门名称", "Gates"), [AtMost(1200)])
    opens_at = LocalMomentField(Text("开始时间", "From"), [Optional()])
    closes_at = LocalMomentField(Text("停止时间", "Until"), [Optional()])
    capacity = WholeNumberField(Text("最多在场人数", "Most people inside"))
    checkout = _TimeOfDayField(Text("每日自动离场", "Everybody leaves at"), [Optional()])

    def offer(self, events: Iterable[Event], categories: Iterable[Category], zone: str) -> None:
        """Offer what the series has, and read times on its clocks."""
        self.events.choices = [SelectChoice(event.slug, event.name) for event in events]
        self.categories.choices = [
            SelectChoice(category.code, category.name) for category in categories
        ]
        self.opens_at.zone = self.closes_at.zone = zone

    def point_input(self, point: Point | None = None) -> PointInput:
        """What was filled in. The sessions of a point are not edited here and stay."""
        return PointInput(
            name_zh=self.name_zh.data or "",
            name_en=self.name_en.data or "",
            kind=PointKind(self.kind.data),
            repeat=Repeat(self.repeat.data),
            events=tuple(self.events.data or ()),
            sessions=tuple(point.session_ids) if point else (),
            categories=tuple(self.categories.data or ()),
            zones=tuple(Zone(letter) for letter in self.zones.data or ()),
            gates=tuple((self.gates.data or "").splitlines()),
            opens_at=self.opens_at.moment,
            closes_at=self.closes_at.moment,
            capacity=self.capacity.data,
            checkout=self.checkout.data,
        )

    def refuse_all(self, refusal: BadInput) -> None:
        """Put the service's sentences beside the fields they belong to."""
        for name, sentences in refusal.errors.items():
            for sentence in sentences:
                self.refuse(_FIELDS.get(name, name), sentence)


class NoteForm(Form):
    """How something was settled; for a scan that did not fit, perhaps whose it was."""

    note = TextField(Text("处理情况", "How it was settled"))
    person = TextField(Text("姓名或 8 位编号", "Name or 8-letter code"))


class ForesightForm(Form):
    """A person or a ticket, a point and a moment about which the desk asks.

    found: people of whom one has to be chosen.
    """

    point = SelectField(Text("签到点", "Point"))
    at = LocalMomentField(Text("时间", "Time"), [Required("请填写时间。", "Enter a time.")])
    person = TextField(Text("参会人", "Person"), [AtMost(60)])
    code = TextField(Text("参会证二维码内容", "Text of the ticket’s code"), [AtMost(400)])
    chosen = StringField()
    found: Sequence[Any] = ()

    def offer(self, points: Iterable[Point], zone: str) -> None:
        self.point.choices = [SelectChoice(str(point.id), point.name) for point in points]
        self.at.zone = zone

    @property
    def moment(self) -> datetime:
        """The moment asked about. For a form that was validated."""
        moment = self.at.moment
        assert moment is not None
        return moment

    def validate_person(self, field: TextField) -> None:
        if not field.data and not self.code.data:
            raise ValidationError(
                Text(
                    "请填写姓名，或用扫码枪扫描参会证。",
                    "Enter a name, or scan the ticket with a scanner.",
                )
            )
