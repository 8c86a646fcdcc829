"""What has to be said before something is done to a registration."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import wtforms
from wtforms import SelectChoice, SelectMultipleField, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from eduforum.core import clock
from eduforum.core.i18n import Text
from eduforum.core.names import clean
from eduforum.events.forms import MomentField
from eduforum.questions.rules import Question
from eduforum.registration.history import FIELD_LABELS
from eduforum.registration.services.decide import RETURNABLE
from eduforum.registration.services.letters import REASONS
from eduforum.registration.services.lines import MOST_PRIORITY
from eduforum.web.forms import AtMost, Form, LongTextField, Required, TextField

_LONGEST_REASON = 500
_LONGEST_NOTE = 200
_CHOOSE = Text("请选择", "Choose")


class DeedForm(Form):
    """What has to be said to do something; nothing, most often."""

    def arguments(self) -> dict[str, Any]:
        """For the service. Call after validation."""
        return {}


class DeclineForm(DeedForm):
    reason_code = wtforms.SelectField(
        Text("原因", "Reason"),
        [Required("请选择原因，原因将写入通知。", "Choose a reason; it is mailed.")],
        choices=[SelectChoice("", _CHOOSE), *(SelectChoice(*one) for one in REASONS.items())],
        validate_choice=False,
    )
    reason = LongTextField(Text("补充说明", "In your own words"), [AtMost(_LONGEST_REASON)])

    def validate_reason_code(self, field: wtforms.Field) -> None:
        if field.data not in REASONS:
            raise ValidationError(Text("请选择原因。", "Choose a reason."))

    def arguments(self) -> dict[str, Any]:
        return {"reason_code": self.reason_code.data, "reason": self.reason.data or ""}


class NotesField(wtforms.Field):
    """What is wrong, by field: what comes under `notes.<field>`."""

    data: dict[str, str]

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        super().process(None, *args, **kwargs)
        start = f"{self.name}."
        self.data = {
            name.removeprefix(start): clean(formdata[name])
            for name in formdata or ()
            if name.startswith(start)
        }


class ReturnForm(DeedForm):
    """What is to be corrected: each field with what is wrong, and a word about all of it.

    questions: of the person's category; they may be returned like the fields that all have.
    """

    fields = SelectMultipleField(
        Text("需要更正的栏目", "What is to be corrected"),
        [Required("请选择需要更正的栏目。", "Choose what is to be corrected.")],
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    notes = NotesField()
    reason = LongTextField(Text("总体说明", "About all of it"), [AtMost(_LONGEST_REASON)])
    answer_by = MomentField(Text("答复期限", "Answer by"))

    def __init__(
        self, *args: Any, zone: str, questions: Sequence[Question] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields.choices = [
            *(SelectChoice(name, FIELD_LABELS[name]) for name in RETURNABLE),
            *(SelectChoice(question.name, question.label) for question in questions),
        ]
        self.answer_by.zone = zone
        if not self.is_submitted() or not self.answer_by.raw_data:
            self.answer_by.process_data(_in_three_days())

    def validate_fields(self, field: wtforms.Field) -> None:
        if not set(field.data) <= {choice.value for choice in field.choices}:
            raise ValidationError(Text("请选择需要更正的栏目。", "Choose what is to be corrected."))

    def validate_reason(self, field: wtforms.Field) -> None:
        if not field.data and any(not self.notes.data.get(name) for name in self.fields.data):
            raise ValidationError(
                Text(
                    "请在所选栏目下写明问题，或在此说明。",
                    "Say what is wrong under each field, or here.",
                )
            )

    def validate_notes(self, field: NotesField) -> None:
        if any(len(text) > _LONGEST_NOTE for text in field.data.values()):
            raise ValidationError(
                Text(
                    "每项说明最多 {most} 个字。", "At most {most} characters about one field."
                ).fill(most=_LONGEST_NOTE)
            )

    def validate_answer_by(self, field: MomentField) -> None:
        if field.moment and field.moment <= clock.now():
            raise ValidationError(
                Text("答复期限须晚于现在。", "The deadline must lie in the future.")
            )

    def arguments(self) -> dict[str, Any]:
        return {
            "fields": self.fields.data,
            "notes": {name: self.notes.data.get(name, "") for name in self.fields.data},
            "reason": self.reason.data or "",
            "answer_by": self.answer_by.moment,
        }


class ReasonForm(DeedForm):
    """Why something is done in the waiting list; it is kept, and mailed where the person is told."""

    reason = LongTextField(
        Text("原因", "Reason"),
        [
            Required("请填写原因，原因将记入审计记录。", "Give a reason; it is kept."),
            AtMost(_LONGEST_REASON),
        ],
    )

    def arguments(self) -> dict[str, Any]:
        return {"reason": self.reason.data}


class PriorityForm(ReasonForm):
    priority = TextField(
        Text("优先级", "Priority"), [Required("请填写优先级。", "Enter a priority.")]
    )

    def validate_priority(self, field: wtforms.Field) -> None:
        digits = (field.data or "").removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and int(digits[:6]) <= MOST_PRIORITY):
            raise ValidationError(
                Text(
                    "请填写 -{most} 至 {most} 的整数。",
                    "Enter a whole number from -{most} to {most}.",
                ).fill(most=MOST_PRIORITY)
            )

    def arguments(self) -> dict[str, Any]:
        return {"priority": int(self.priority.data), **super().arguments()}


class CancelForm(DeedForm):
    reason = LongTextField(
        Text("取消原因", "Reason"),
        [
            Required("请填写取消原因，原因将写入通知。", "Give a reason; it is mailed."),
            AtMost(_LONGEST_REASON),
        ],
    )

    def arguments(self) -> dict[str, Any]:
        return {"reason": self.reason.data}


def _in_three_days() -> datetime:
    return clock.now() + timedelta(days=3)
