"""A person's contact: shown in full with a reason, and used to send the link again."""

from uuid import UUID

from eduforum.core import audit
from eduforum.core.db import transaction
from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text
from eduforum.registration import queries
from eduforum.registration.models import Registration
from eduforum.registration.services.letters import remind


class EnoughLinks(Refusal):
    """The link went to this person often enough for one day."""

    code = "too-many-requests"
    status = 429

    def __init__(self) -> None:
        super().__init__(
            Text(
                "今天已多次向此人发送链接，请明天再发。",
                "The link was sent to this person several times today. Try again tomorrow.",
            )
        )


def reveal(series_id: int, registration_id: UUID, reason: str) -> Registration:
    """Note who wants to see the contact in full and why; only then is it given out.

    Raises `BadInput` beside `reason` when there is none.
    """
    if not reason.strip():
        sentence = Text("请填写查看事由。", "Say why you need it.")
        raise BadInput(sentence, {"reason": [sentence]})
    with transaction():
        registration = queries.registration_or_404(series_id, registration_id)
        audit.record(
            "registration.reveal",
            f"registration:{registration.id}",
            series_id=series_id,
            after={"reason": reason.strip(), "fields": ["mobile", "email"]},
        )
    return queries.registration_or_404(series_id, registration_id)


def send_link_to(series_id: int, registration_id: UUID) -> Registration:
    """Mail the personal link again. Raises `EnoughLinks` after five in a day."""
    with transaction():
        registration = queries.registration_or_404(series_id, registration_id)
        if not remind(registration):
            raise EnoughLinks
    return registration
