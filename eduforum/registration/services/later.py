"""What is asked once a seat is certain: arrival, lodging, meals. Answered and changed until a date."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from eduforum.core import audit, clock
from eduforum.core.db import transaction
from eduforum.core.i18n import Text
from eduforum.questions.queries import asked_by
from eduforum.questions.rules import Stage, visible
from eduforum.registration import queries
from eduforum.registration.models import Registration
from eduforum.registration.rules import RegistrationClosed, State
from eduforum.registration.services import answers, seats
from eduforum.registration.services.options import recounted
from eduforum.registration.services.passes import holder_of
from eduforum.tickets import services as tickets


@dataclass(frozen=True, slots=True)
class Later:
    """How a registration stands to what is asked after confirmation.

    until: the last moment for answers. open: whether they are taken now. missing: labels of
    required questions that are asked and have no answer. started: whether anything was answered.
    """

    until: datetime
    open: bool
    missing: tuple[Text, ...]
    started: bool


def later_of(registration: Registration, now: datetime) -> Later | None:
    """None while nothing is asked of this registration, or it holds no seat yet."""
    category = registration.category
    asked = asked_by(category.form_id)
    questions = asked.at(Stage.AFTER) if asked else ()
    if not questions or registration.state is not State.CONFIRMED:
        return None
    mine = {question.key for question in questions}
    known = {key: value for key, value in registration.answers.items() if key not in mine}
    held = {key: value for key, value in registration.answers.items() if key in mine}
    until = (category.form.later_until if category.form else None) or category.edit_until
    return Later(
        until=until,
        open=now < until,
        missing=tuple(
            question.label
            for question in visible(questions, held, known)
            if question.required and question.key not in held
        ),
        started=bool(held),
    )


def answer_later(
    series_id: int, registration_id: UUID, given: Mapping[str, Any], consents: Collection[str]
) -> Registration:
    """Take the answers, in place of those given before. The ticket shows the door what is marked
    for it. An option that is limited needs a seat in its pool. Raises `RegistrationClosed`
    without a seat or after the date, `PoolFull`, `BadInput` by field.
    """
    with transaction():
        seats.lock_all(series_id)  # before the person, as everywhere
        registration = queries.locked_registration(series_id, registration_id)
        stands = later_of(registration, clock.now())
        if stands is None or not stands.open:
            raise RegistrationClosed(
                Text(
                    "现在不能填写，如需更正请联系主办方。",
                    "It cannot be answered now; please ask the organiser.",
                )
            )
        before = registration.answers
        said = answers.answered_later(registration, given, consents)
        with recounted(registration):
            for name, value in said.columns.items():
                setattr(registration, name, value)
            answers.choose(registration, said)
            answers.keep(registration, said)
        if registration.ticket is not None:
            tickets.amend(registration.ticket, holder_of(registration))
        audit.record(
            "registration.answer",
            f"registration:{registration.id}",
            series_id=series_id,
            after={"changed": _changed(before, registration.answers)},
        )
    return registration


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The keys of answers that differ; their values are nobody's business in an audit."""
    return sorted(key for key in {*before, *now} if before.get(key) != now.get(key))
