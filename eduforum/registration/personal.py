"""What registrations keep of people, who they are, and how they are forgotten."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, update

from eduforum.consents.rules import ANSWER, ID
from eduforum.core import clock
from eduforum.core.db import db, transaction
from eduforum.core.personal import ERASED, Group, Holding, Person, Source
from eduforum.files import services as files
from eduforum.questions.rules import Question, Retention
from eduforum.questions.rules.shapes import UPLOADS
from eduforum.registration import queries
from eduforum.registration.models import Registration
from eduforum.registration.rules import LIVE
from eduforum.registration.services import seats
from eduforum.registration.services.answers import asked_of
from eduforum.registration.services.decide import withdraw
from eduforum.registration.services.identity import masked
from eduforum.registration.services.options import forget_options
from eduforum.registration.services.passes import holder_of
from eduforum.tickets import services as tickets
from eduforum.tickets.personal import tickets_of

KIND = "registration"
_NO_NUMBER: Mapping[str, Any] = {"id_type": "", "id_number": None, "id_index": ""}
_NOBODY: Mapping[str, Any] = dict.fromkeys(
    ("name_key", "pinyin_key", "pinyin", "initials", "position", "mobile", "mobile_last4", "email",
     "reason"),
    "",
) | {"name": ERASED, "answers": {}, "returned_fields": []}  # fmt: skip


def people_of(registrations: Sequence[Registration]) -> list[Person]:
    """These people, with all their tickets."""
    had = {one.series_id: set[UUID]() for one in registrations}
    for one in registrations:
        if one.ticket_id:
            had[one.series_id].add(one.ticket_id)
    tickets = {
        k: v for series_id, ids in had.items() for k, v in tickets_of(series_id, ids).items()
    }
    return [
        Person(
            series_id=one.series_id,
            subject=f"{KIND}:{one.id}",
            tickets=tickets.get(one.ticket_id, ()) if one.ticket_id else (),
            words=tuple(word for word in (one.name, one.mobile, one.email) if word),
        )
        for one in registrations
    ]


def _holders(series_id: int, group: Group, limit: int) -> Sequence[Person]:
    found = select(Registration).where(*_still_there(series_id, group))
    return people_of(db.session.scalars(found.order_by(Registration.id).limit(limit)).all())


def _count(series_id: int, group: Group) -> int:
    return db.session.execute(
        select(func.count()).select_from(Registration).where(*_still_there(series_id, group))
    ).scalar_one()


def _still_there(series_id: int, group: Group) -> list[ColumnElement[bool]]:
    here = Registration.series_id == series_id
    if group is Group.GENERAL:
        return [here, Registration.erased_at.is_(None)]
    never = Registration.identity_erased_at.is_(None)
    return [here, or_(never, Registration.id_number.is_not(None))]


def _find(subject: str) -> Person | None:
    kind, _, key = subject.partition(":")
    if kind != KIND:
        return None
    found = db.session.scalars(
        select(Registration).where(Registration.id == UUID(key), Registration.erased_at.is_(None))
    ).all()
    return next(iter(people_of(found)), None)


def _known(behind: UUID | None, limit: int) -> Sequence[UUID]:
    found = select(Registration.id).where(Registration.erased_at.is_(None))
    if behind is not None:
        found = found.where(Registration.id > behind)
    return db.session.scalars(found.order_by(Registration.id).limit(limit)).all()


def _step_back(person: Person) -> None:
    """Give the seat to the line and end the ticket, if the person could still use them."""
    registration = queries.registration_or_404(person.series_id, person.id)
    if registration.state in LIVE:
        withdraw(person.series_id, person.id)


def _withdraw(person: Person, code: str) -> bool:
    """Without its consent a number or a sensitive answer goes at once."""
    with transaction():
        seats.lock_all(person.series_id)
        registration = queries.locked_registration(person.series_id, person.id)
        consents = [one for one in registration.consents if one.partition("@")[0] != code]
        had = len(consents) < len(registration.consents)
        registration.consents = consents
        if code == ID:
            for name, value in _NO_NUMBER.items():
                setattr(registration, name, value)
        elif code.startswith(ANSWER):
            _drop_answers(registration, lambda one: one.key == code.removeprefix(ANSWER))
        return had


def _drop_answers(registration: Registration, goes: Callable[[Question], bool]) -> None:
    """Forget answers, the files among them, and what the door saw of them."""
    gone = {one.key: one for one in asked_of(registration) if goes(one)}
    held = registration.answers.items()
    uploads = {UUID(v) for k, v in held if k in gone and gone[k].kind in UPLOADS}
    registration.answers = {key: value for key, value in held if key not in gone}
    forget_options(registration, gone)
    if uploads:
        files.remove(f"{KIND}:{registration.id}", uploads)
    if registration.ticket is not None:
        tickets.amend(registration.ticket, holder_of(registration))


def _erase(people: Sequence[Person], groups: frozenset[Group]) -> None:
    """The row stays and counts; what it says of a person goes, and the personal link is dead."""
    now = clock.now()
    if Group.GENERAL not in groups:
        _drop_short_answers(people)
    values: dict[str, Any] = {**_NO_NUMBER, "identity_erased_at": now}
    if Group.GENERAL in groups:
        values |= {**_NOBODY, "erased_at": now, "link_version": Registration.link_version + 1}
    db.session.execute(
        update(Registration)
        .where(Registration.id.in_([person.id for person in people]))
        .values(values)
        .execution_options(synchronize_session=False)
    )


def _drop_short_answers(people: Sequence[Person]) -> None:
    answered = db.session.scalars(
        select(Registration).where(
            Registration.id.in_([person.id for person in people]),
            or_(
                Registration.form_version_id.is_not(None),
                Registration.later_version_id.is_not(None),
            ),
        )
    )
    for registration in answered.all():
        _drop_answers(registration, lambda one: one.retention is Retention.IDENTITY)
    db.session.flush()


def _export(person: Person) -> Mapping[str, object]:
    if not person.subject.startswith(f"{KIND}:"):
        return {}
    one = queries.registration_or_404(person.series_id, person.id)
    return {
        "registration": {
            "id": str(one.id),
            "series": {"zh": one.series.name.zh, "en": one.series.name.en},
            "category": {"zh": one.category.name.zh, "en": one.category.name.en},
            "state": one.state.value,
            "name": one.name,
            "organisation": one.organisation,
            "position": one.position,
            "mobile": one.mobile,
            "email": one.email,
            "id_type": one.id_type,
            "id_number": masked(one.id, one.id_number),
            "events": [{"zh": event.name.zh, "en": event.name.en} for event in one.events],
            "sessions": [{"zh": item.name.zh, "en": item.name.en} for item in one.sessions],
            "mode": one.mode.value,
            "answers": dict(one.answers),
            "language": one.language,
            "source": one.source,
            "applied_at": one.applied_at.isoformat(),
            "updated_at": one.updated_at.isoformat(),
            "reason": one.reason,
        }
    }


HOLDING = Holding(room="registration", erase=_erase, export=_export)
SOURCE = Source(
    kind=KIND,
    holders=_holders,
    count=_count,
    find=_find,
    known=_known,
    step_back=_step_back,
    withdraw=_withdraw,
)
