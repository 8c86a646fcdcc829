"""What organisers write to many, for whom, when, and how fast."""

from collections.abc import Sequence
from typing import Any

import wtforms
from wtforms import SelectChoice, SelectMultipleField, ValidationError
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from eduforum.announcements.models import Announcement
from eduforum.announcements.rules import (
    ARRIVED_NAMES,
    AnnouncementKind,
    Arrived,
    read_clock,
)
from eduforum.announcements.services import AnnouncementInput
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.events.forms import ChoiceField, WholeNumberField
from eduforum.events.models import Event
from eduforum.registration.models import Category, Delegation
from eduforum.registration.rules import STATE_NAMES, State
from eduforum.web.forms import AtMost, Form, LocalMomentField, LongTextField, Required, TextField

_SUBJECT, _BODY = 120, 4000
_MOST_DAYS, _MOST_MINUTE, _MOST_DAY = 60, 600, 100_000


class ManyChoices(SelectMultipleField):
    """Ticks; what is ticked and not in the list gets a sentence."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: object) -> None:
        offered = {choice.value for choice in self.iter_choices()}
        if set(self.data or ()) - offered:
            raise ValidationError(Text("请从列表中选择。", "Choose from the list."))


class _Between:
    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def __call__(self, form: object, field: wtforms.Field) -> None:
        if field.data is None or not self.least <= field.data <= self.most:
            raise ValidationError(
                Text(
                    "请填写 {least} 至 {most} 的整数。",
                    "Enter a whole number from {least} to {most}.",
                ).fill(least=self.least, most=self.most)
            )


class AnnouncementForm(Form):
    """The parts that both kinds have; a reminder leaves out what only announcements ask."""

    subject_zh = TextField(
        Text("中文标题", "Chinese subject"),
        [Required("请填写中文标题。", "Write the subject in Chinese."), AtMost(_SUBJECT)],
    )
    subject_en = TextField(
        Text("英文标题", "English subject"),
        [Required("请填写英文标题。", "Write the subject in English."), AtMost(_SUBJECT)],
    )
    body_zh = LongTextField(
        Text("中文正文", "Chinese text"),
        [Required("请填写中文正文。", "Write the text in Chinese."), AtMost(_BODY)],
    )
    body_en = LongTextField(
        Text("英文正文", "English text"),
        [Required("请填写英文正文。", "Write the text in English."), AtMost(_BODY)],
    )
    event_id = ChoiceField(Text("活动", "Event"))
    days_before = WholeNumberField(Text("提前天数", "Days before"), [_Between(0, _MOST_DAYS)])
    at_clock = TextField(Text("发送时间", "At"), default="09:00")
    event_ids = ManyChoices(Text("活动", "Events"))
    category_ids = ManyChoices(Text("参会类别", "Categories"))
    delegation_ids = ManyChoices(Text("报送单位", "Delegations"))
    states = ManyChoices(
        Text("报名状态", "States"),
        [Required("请至少选择一种状态。", "Choose one state at least.")],
        choices=[
            SelectChoice(state.value, STATE_NAMES[state])
            for state in State
            if state is not State.REPLACED
        ],
    )
    arrived = ChoiceField(
        Text("是否到场", "Arrived"),
        choices=[SelectChoice(one.value, name) for one, name in ARRIVED_NAMES.items()],
    )
    send_at = LocalMomentField(Text("发送时间", "Send at"), [Optional()])
    per_minute = WholeNumberField(
        Text("每分钟最多", "At most a minute"), [_Between(1, _MOST_MINUTE)], default=60
    )
    per_day = WholeNumberField(
        Text("每 24 小时最多", "At most in 24 hours"), [_Between(1, _MOST_DAY)], default=5000
    )
    quiet_from = TextField(Text("静默开始", "Quiet from"), default="22:00")
    quiet_until = TextField(Text("静默结束", "Quiet until"), default="07:00")

    def __init__(
        self,
        *args: Any,
        kind: AnnouncementKind,
        zone: str,
        events: Sequence[Event],
        categories: Sequence[Category],
        delegations: Sequence[Delegation],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.send_at.zone = zone
        if not self.is_submitted():
            self.send_at.process_data(kwargs.get("data", {}).get("send_at"))
        named = [SelectChoice(str(one.id), one.name) for one in events]
        self.event_id.choices = self.event_ids.choices = named
        self.category_ids.choices = [SelectChoice(str(one.id), one.name) for one in categories]
        self.delegation_ids.choices = [SelectChoice(str(one.id), one.unit) for one in delegations]
        reminder = kind is AnnouncementKind.REMINDER
        for name in _ANNOUNCEMENT_ONLY if reminder else _REMINDER_ONLY:
            del self[name]

    def validate_at_clock(self, field: wtforms.Field) -> None:
        _clock(field)

    def validate_quiet_from(self, field: wtforms.Field) -> None:
        _clock(field)

    def validate_quiet_until(self, field: wtforms.Field) -> None:
        _clock(field)

    def announcement_input(self) -> AnnouncementInput:
        """What was filled in. Call after validation."""
        given = self.data
        more: dict[str, Any] = {name: given[name] for name in _PLAIN if name in given} | {
            "category_ids": tuple(map(int, given["category_ids"] or ()))
        }
        more["delegation_ids"] = tuple(given["delegation_ids"] or ())
        if self.kind is AnnouncementKind.REMINDER:
            more["event_id"] = int(given["event_id"])
        else:
            more |= {
                "event_ids": tuple(map(int, given["event_ids"] or ())),
                "states": tuple(given["states"]),
                "arrived": Arrived(given["arrived"]),
                "send_at": self.send_at.moment,
            }
        return AnnouncementInput(kind=self.kind, **more)


def data_of(one: Announcement) -> dict[str, Any]:
    """What the form starts with when a draft is edited."""
    listed = ("event_ids", "category_ids", "delegation_ids")
    return {name: getattr(one, name) for name in (*_PLAIN, "states", "send_at")} | {
        "event_id": str(one.event_id),
        "arrived": one.arrived.value,
        **{name: [str(item) for item in getattr(one, name)] for name in listed},
    }


def _clock(field: wtforms.Field) -> None:
    try:
        read_clock(field.data or "")
    except BadInput as refusal:
        raise ValidationError(refusal.sentence) from None


_PLAIN = (
    "subject_zh", "subject_en", "body_zh", "body_en", "days_before", "at_clock", "per_minute",
    "per_day", "quiet_from", "quiet_until",
)  # fmt: skip
_REMINDER_ONLY = ("event_id", "days_before", "at_clock")
_ANNOUNCEMENT_ONLY = ("event_ids", "states", "arrived", "send_at")
