"""Forms of the desk of interviews."""

from datetime import timedelta
from typing import Any

from wtforms import BooleanField, SelectChoice, SelectField

from eduforum.core.i18n import Language, Text
from eduforum.events.forms import WholeNumberField
from eduforum.press.models import Interview
from eduforum.press.rules.interviews import USUAL
from eduforum.press.services.interviews import Appointment
from eduforum.web.forms import AtMost, Form, LocalMomentField, LongTextField, Required, TextField

_MINUTE = timedelta(minutes=1)
_LANGUAGES = {Language.ZH: Text("中文", "Chinese"), Language.EN: Text("英文", "English")}


class AgreeForm(Form):
    """When and where an interview is, and who else is written to."""

    starts_at = LocalMomentField(
        Text("开始时间", "Begins at"), [Required("请填写开始时间。", "Enter when it begins.")]
    )
    minutes = WholeNumberField(
        Text("时长（分钟）", "Minutes"), [Required("请填写时长。", "Enter how long it takes.")]
    )
    room = TextField(
        Text("地点", "Place"), [Required("请填写地点。", "Enter the place."), AtMost(120)]
    )
    guest_name = TextField(Text("受访方联系人", "Contact of the person interviewed"), [AtMost(60)])
    guest_email = TextField(Text("受访方邮箱", "E-mail of that contact"), [AtMost(254)])
    guest_language = SelectField(
        Text("受访方通知语言", "Language of the letter to that contact"),
        choices=[SelectChoice(one.value, name) for one, name in _LANGUAGES.items()],
    )
    answer = LongTextField(Text("说明（写入通知）", "Note, in the letters"), [AtMost(500)])
    despite = BooleanField(Text("时间重叠，仍按此安排", "It stands although times overlap"))

    def __init__(self, zone: str, one: Interview, **more: Any) -> None:
        length = one.ends_at - one.starts_at if one.starts_at and one.ends_at else USUAL
        kept = {
            "minutes": length // _MINUTE,
            "room": one.room,
            "guest_name": one.guest_name,
            "guest_email": one.guest_email,
            "guest_language": one.guest_language,
        }
        super().__init__(data=kept, **more)
        self.starts_at.zone = zone
        if not self.is_submitted():
            self.starts_at.process_data(one.starts_at)

    def appointment(self) -> Appointment:
        """What was filled in. Call after validation."""
        return Appointment(
            starts_at=self.starts_at.moment,
            length=(self.minutes.data or 0) * _MINUTE,
            room=self.room.data or "",
            guest_name=self.guest_name.data or "",
            guest_email=self.guest_email.data or "",
            guest_language=Language(self.guest_language.data),
            answer=self.answer.data or "",
            despite=bool(self.despite.data),
        )


class ReasonForm(Form):
    """Why an interview is not given, or falls away."""

    reason = LongTextField(
        Text("原因（写入通知）", "Reason, in the letters"),
        [Required("请填写原因，将写入通知。", "Say why; it goes into the letter."), AtMost(500)],
    )
