"""What somebody may change of a registration."""

from typing import Any

import wtforms
from wtforms import ValidationError

from eduforum.core.i18n import Text
from eduforum.core.id_numbers import IdType
from eduforum.registration.answering import plain_consents, questions_for
from eduforum.registration.choices import Counter
from eduforum.registration.forms import ELSEWHERE, PersonForm, is_mainland
from eduforum.registration.id_form import AGREE_TO_ID
from eduforum.registration.models import Registration
from eduforum.registration.services import Application
from eduforum.web.forms import ManyField


class EditForm(PersonForm):
    """What may be changed later. The category stays as it is, and so do the consents, but for one
    that was not asked for at the time."""

    consents = ManyField(Text("同意事项", "Consent"), default=list)

    def __init__(self, counter: Counter, registration: Registration, **kwargs: Any) -> None:
        super().__init__(
            data={
                "name": registration.name,
                "organisation": registration.organisation,
                "region": registration.region or ELSEWHERE,
                "position": registration.position,
                "mobile_code": "+86" if is_mainland(registration.mobile) else "",
                "mobile": registration.mobile.removeprefix("+86"),
                "email": registration.email,
                "id_type": registration.id_type or IdType.RESIDENT.value,
                "events": [event.slug for event in registration.events],
                "sessions": [str(session.id) for session in registration.sessions],
                "mode": registration.mode.value,
            },
            **kwargs,
        )
        self.registration = registration
        self.may_skip_id = registration.id_number is not None
        invitation = registration.invitation
        self.locked_email = invitation is not None and invitation.lock_email
        category = counter.category(registration.category.code) or registration.category
        self.offer = counter.offer(category, kept=[event.id for event in registration.events])
        self.questions = questions_for(registration.category, registration, **kwargs)

    def application(self) -> Application:
        """What was typed, as the services understand it. Call after validation."""
        registration = self.registration
        given = [*plain_consents(registration), *(["id"] if self.agrees_to_id else [])]
        return self._application(registration.category, list(dict.fromkeys(given)))

    @property
    def asks_consent(self) -> bool:
        """Whether the person has not agreed to the use of an ID number yet."""
        return self.asks_id and "id" not in self.registration.consents

    @property
    def agrees_to_id(self) -> bool:
        return "id" in self.consents.data

    def validate_consents(self, field: wtforms.Field) -> None:
        if self.asks_consent and self.id_number.data and not self.agrees_to_id:
            raise ValidationError(AGREE_TO_ID)
