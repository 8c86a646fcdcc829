"""Forms of the desk of the press cards."""

from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from eduforum.core.i18n import Text
from eduforum.core.id_numbers import ID_TYPE_NAMES
from eduforum.events.forms import WholeNumberField
from eduforum.events.models import Event
from eduforum.press.services.passes import Handover
from eduforum.press.services.pool import SlotInput
from eduforum.web.forms import AtMost, Form, LocalMomentField, Required, TextField


class CollectForm(Form):
    """Who takes a card, and what was seen."""

    id_type = SelectField(
        Text("查验的证件", "Document seen"),
        choices=[SelectChoice(kind.value, name) for kind, name in ID_TYPE_NAMES.items()],
    )
    id_last4 = TextField(
        Text("证件号码后四位", "Last four of its number"),
        [Required("请填写证件号码后四位。", "Enter the last four of the ID number."), AtMost(4)],
    )
    taken_by = TextField(Text("代领人姓名", "Name of the proxy"), [AtMost(60)])
    letter = BooleanField(
        Text("已查验代领人出示的单位函件", "The proxy showed a letter of the outlet")
    )

    def handover(self) -> Handover:
        return Handover(
            id_type=self.id_type.data,
            id_last4=self.id_last4.data or "",
            taken_by=self.taken_by.data or "",
            letter=bool(self.letter.data),
        )


class CollectByForm(Form):
    """Until when cards are collected."""

    collect_by = LocalMomentField(Text("领证截止", "Collect until"), [Optional()])

    def __init__(self, zone: str, **more: Any) -> None:
        super().__init__(**more)
        self.collect_by.zone = zone


class SlotForm(Form):
    """A time at the stage."""

    event = SelectField(Text("活动", "Event"))
    starts_at = LocalMomentField(
        Text("开始", "Begins"), [Required("请填写开始时间。", "Enter when it begins.")]
    )
    ends_at = LocalMomentField(
        Text("结束", "Ends"), [Required("请填写结束时间。", "Enter when it ends.")]
    )
    places = WholeNumberField(
        Text("机位数", "Places"), [Required("请填写机位数。", "Enter how many places there are.")]
    )
    meeting_zh = TextField(
        Text("集合地点（中文）", "Meeting point (Chinese)"),
        [Required("请填写集合地点。", "Enter the meeting point."), AtMost(80)],
    )
    meeting_en = TextField(Text("集合地点（英文）", "Meeting point (English)"), [AtMost(80)])
    escort = TextField(
        Text("引导员", "Escort"), [Required("请填写引导员。", "Enter who leads them."), AtMost(60)]
    )
    escort_phone = TextField(Text("引导员电话", "Escort’s telephone"), [AtMost(30)])

    def __init__(self, zone: str, events: Iterable[Event], **more: Any) -> None:
        super().__init__(**more)
        self.starts_at.zone = self.ends_at.zone = zone
        self.event.choices = [SelectChoice(event.slug, event.name) for event in events]

    def slot_input(self) -> SlotInput:
        """What was filled in. Call after validation."""
        return SlotInput(
            event=self.event.data,
            starts_at=self.starts_at.moment,
            ends_at=self.ends_at.moment,
            places=self.places.data or 0,
            meeting_zh=self.meeting_zh.data or "",
            meeting_en=self.meeting_en.data or "",
            escort=self.escort.data or "",
            escort_phone=self.escort_phone.data or "",
        )
