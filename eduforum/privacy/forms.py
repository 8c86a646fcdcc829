"""What people and organisers fill in about personal data."""

import wtforms
from wtforms import ValidationError

from eduforum.consents.rules import MOST, Wording
from eduforum.core.i18n import Text
from eduforum.core.personal import Group
from eduforum.privacy.rules import MOST_DAYS
from eduforum.web.forms import AtMost, Form, LongTextField, Required, TextField


class ConfirmForm(Form):
    """A button, and a tick that says one means it."""

    sure = wtforms.BooleanField(
        Text("我已了解，仍要删除", "I understand this and want it all the same"),
        [Required("请勾选，确认要删除。", "Tick the box to say that you mean it.")],
    )


class PlainForm(Form):
    """A button and nothing else; it carries the CSRF token."""


class ReasonForm(ConfirmForm):
    """Why an organiser erases somebody; it is kept in the audit trail."""

    reason = TextField(
        Text("事由", "Reason"),
        [
            Required("请填写事由，事由将记入审计记录。", "Say why; it is kept in the audit trail."),
            AtMost(200),
        ],
    )


class DaysForm(Form):
    """How many days after the last event."""

    identity = TextField(
        Text("证件号码、照片和敏感信息（天）", "ID, photo, sensitive answers (days)")
    )
    general = TextField(Text("其余个人信息（天）", "All other personal data (days)"))

    def validate_identity(self, field: wtforms.Field) -> None:
        _days(field)

    def validate_general(self, field: wtforms.Field) -> None:
        _days(field)

    def days(self) -> dict[Group, int]:
        """Call after validation."""
        return {
            Group.IDENTITY: int(self.identity.data),
            Group.GENERAL: int(self.general.data),
        }


class TextForm(Form):
    """A consent in both languages."""

    text_zh = LongTextField(
        Text("中文", "In Chinese"),
        [Required("请填写中文。", "Write it in Chinese."), AtMost(MOST)],
    )
    text_en = LongTextField(
        Text("英文", "In English"),
        [Required("请填写英文。", "Write it in English."), AtMost(MOST)],
    )

    @classmethod
    def of(cls, wording: Wording) -> "TextForm":
        return cls(data={"text_zh": wording.text.zh, "text_en": wording.text.en})


def _days(field: wtforms.Field) -> None:
    text = field.data or ""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= MOST_DAYS:
        raise ValidationError(
            Text("请填写 1 至 {most} 的天数。", "Enter a number of days from 1 to {most}.").fill(
                most=MOST_DAYS
            )
        )
