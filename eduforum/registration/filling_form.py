"""What a liaison or an organiser fills in for somebody."""

from collections.abc import Collection
from typing import Any

import wtforms
from wtforms import ValidationError

from eduforum.core.i18n import Text
from eduforum.core.id_numbers import IdType
from eduforum.questions.forms import AsksQuestions
from eduforum.registration.answering import filling_form
from eduforum.registration.id_form import IdFields
from eduforum.registration.models import Registration
from eduforum.registration.services import Filling


class FillingForm(IdFields, AsksQuestions):
    """The person's questions, and the ID number where the category asks for it and `numbers` says
    that it is asked here."""

    agreed = wtforms.BooleanField(
        Text(
            "已告知本人证件号码的用途和保存期限，并取得本人单独同意",
            "The person was told what the number is for and how long it is kept, and agrees to it",
        )
    )
    may_skip_id = True

    def __init__(self, registration: Registration, *, as_answered: bool, numbers: bool) -> None:
        self._numbers = numbers and registration.category.asks_id
        super().__init__(data={"id_type": registration.id_type or IdType.RESIDENT.value})
        self.questions = filling_form(registration, as_answered=as_answered)

    @property
    def asks_id(self) -> bool:
        return self._numbers

    @property
    def asks_anything(self) -> bool:
        return self._numbers or self.questions is not None

    def validate_agreed(self, field: wtforms.Field) -> None:
        if self.asks_id and self.id_number.data and not field.data:
            raise ValidationError(
                Text(
                    "请先取得本人同意，再勾选。",
                    "Ask the person first; tick the box once they agree.",
                )
            )

    def filling(self) -> Filling:
        """What was filled in. Call after validation."""
        id_type, id_number = self.id_pair
        return Filling(
            shown=frozenset(self._shown()),
            answers=self.questions.accepted.answers if self.questions else {},
            id_type=id_type,
            id_number=id_number,
            agreed=bool(self.agreed.data),
        )

    def _shown(self) -> Collection[Any]:
        return [one.key for one in self.questions.questions] if self.questions else []
