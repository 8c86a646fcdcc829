"""Fill in for somebody what is asked of him: by his liaison, or by an organiser who corrects it.

Whoever does it sees no sensitive answer and no number that is on file, and needs neither to change
the rest: what is not shown stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from eduforum.consents import services as consents
from eduforum.consents.rules import ID
from eduforum.core import audit
from eduforum.core.db import db, transaction
from eduforum.core.errors import NotFound
from eduforum.core.i18n import Text
from eduforum.questions.queries import Asked, asked_by, asked_in
from eduforum.questions.rules import Question, Stage, accept, chosen_options, visible
from eduforum.registration import queries
from eduforum.registration.models import Registration
from eduforum.registration.rules import Action, Admission, State, after
from eduforum.registration.services import answers, identity, letters, lines, seats
from eduforum.registration.services.apply import one_person
from eduforum.registration.services.change import check_still_one
from eduforum.registration.services.choice import Application
from eduforum.registration.services.options import recounted
from eduforum.registration.services.passes import holder_of
from eduforum.tickets import services as tickets

_ID = Text("证件号码", "ID number")
_COMES = (State.SUBMITTED, State.RETURNED, State.WAITLISTED, State.OFFERED, State.CONFIRMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What was filled in. shown: keys of the questions that were asked; answers to all others stay.

    answers: by key. id_type, id_number: as typed; an empty number leaves the one on file.
    agreed: whether the person agrees, separately, to the use of the number.
    """

    shown: frozenset[str] = frozenset()
    answers: Mapping[str, Any] = field(default_factory=dict)
    id_type: str = ""
    id_number: str = field(default="", repr=False)
    agreed: bool = False


def fillable(registration: Registration, *, as_answered: bool) -> list[Question]:
    """The questions that somebody else may answer: none that is sensitive, and those after
    confirmation once the registration is confirmed.

    as_answered: as they were asked when the person answered, for a correction; otherwise as they
    are asked now.
    """
    return [
        question
        for stage in _stages(registration)
        if (asked := _asked(registration, stage, as_answered=as_answered))
        for question in asked.at(stage)
        if not question.sensitive
    ]


def lacking(registration: Registration, asked: Asked | None) -> list[Text]:
    """What is asked of this registration, must be told and is not, so far as somebody else may
    fill it in. asked: what its category asks now."""
    if registration.state not in _COMES:
        return []
    number = [_ID] if registration.category.asks_id and not registration.id_index else []
    held = registration.answers
    return number + [
        question.label
        for stage in _stages(registration)
        for question in (visible(asked.at(stage), held, held) if asked else ())
        if question.required and not question.sensitive and question.key not in held
    ]


def fill_in(
    series_id: int, registration_id: UUID, filling: Filling, *, as_answered: bool = False
) -> Registration:
    """Take what was filled in. The caller has checked that it may be, and by whom.

    Required answers may be missing. Another number in the place of an approved one returns to
    review. Raises `BadInput` by field, `AlreadyRegistered` for somebody else's number, `PoolFull`,
    `NotFound` for who was erased.
    """
    with one_person(), transaction():
        seats.lock_all(series_id)
        registration = queries.locked_registration(series_id, registration_id)
        if registration.erased_at is not None:
            raise NotFound
        before, state = registration.answers, registration.state
        with recounted(registration):
            for stage in _stages(registration):
                _answer(registration, stage, filling, as_answered=as_answered)
            _settle(registration)
        numbered = _take_number(registration, filling)
        owner = answers.owner_of(registration)
        consents.note(series_id, owner, registration.consents)
        if registration.ticket is not None:
            tickets.amend(registration.ticket, holder_of(registration))
            if registration.state is State.SUBMITTED:
                tickets.suspend(registration.ticket)
        now = registration.answers
        changed = sorted(key for key in {*before, *now} if before.get(key) != now.get(key))
        audit.record(
            "registration.fill_in",
            f"registration:{registration.id}",
            series_id=series_id,
            after={"changed": [*changed, *(["id_number"] if numbered else [])]},
        )
        if registration.state is not state:
            letters.tell(registration)
    return registration


def _stages(registration: Registration) -> list[Stage]:
    later = registration.state is State.CONFIRMED
    return [Stage.REGISTER, *([Stage.AFTER] if later else [])]


def _asked(registration: Registration, stage: Stage, *, as_answered: bool) -> Asked | None:
    version = answers.version_of(registration, stage) if as_answered else None
    return asked_in(version) or asked_by(registration.category.form_id)


def _answer(
    registration: Registration, stage: Stage, filling: Filling, *, as_answered: bool
) -> None:
    """Take the answers of one stage, in place of those that were shown."""
    asked = _asked(registration, stage, as_answered=as_answered)
    questions = asked.at(stage) if asked else ()
    mine = {question.key for question in questions}
    if asked is None or not mine & filling.shown:
        return
    held = registration.answers
    others = {key: value for key, value in held.items() if key not in mine}
    given = {key: value for key, value in held.items() if key in mine - filling.shown}
    given |= {key: value for key, value in filling.answers.items() if key in mine & filling.shown}
    taken = accept(questions, given, (), demand=False, known=others)
    registration.answers = {**others, **taken.answers}
    answers.note_version(registration, stage, asked.version_id)


def _settle(registration: Registration) -> None:
    """Bring options, files and consents in line with the answers."""
    questions, held = answers.asked_of(registration), registration.answers
    owner = answers.owner_of(registration)
    said = answers.Answered(
        {},
        answers.uploads_of(questions, held, [owner]),
        tuple(chosen_options(questions, held)),
    )
    answers.choose(registration, said)
    answers.keep(registration, said)
    registration.consents = answers.still_given(registration.consents, held)


def _take_number(registration: Registration, filling: Filling) -> bool:
    """Seal the number that was given. Whether there was one."""
    application = Application(
        name=registration.name,
        category=registration.category.code,
        events=(),
        mobile=registration.mobile,
        email=registration.email,
        id_type=filling.id_type,
        id_number=filling.id_number,
    )
    identity.check(registration.category, application, optional=True)
    if not filling.id_number:
        return False
    check_still_one(registration, application)
    before = registration.id_index
    for name, value in identity.columns_of(
        registration.series_id, registration.id, application
    ).items():
        setattr(registration, name, value)
    if filling.agreed and ID not in registration.consents:
        registration.consents = [*registration.consents, ID]
    _review_again(registration, before)
    db.session.flush()
    return registration.id_index != before


def _review_again(registration: Registration, before: str) -> None:
    """A number that takes the place of another was not what was approved."""
    approved = registration.category.admission is not Admission.OPEN
    replaced = bool(before) and registration.id_index != before
    if approved and replaced and registration.state is State.CONFIRMED:
        registration.state = after(Action.REVIEW_AGAIN, registration.state)
        if not registration.category.pending_holds:
            seats.count(seats.counting(registration), held=-1)
            lines.offer_line(registration.series_id, seats.lock_all(registration.series_id))
