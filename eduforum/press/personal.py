"""What the press room keeps of people, who they are, and how they are forgotten.

Two kinds: the members of staff, and the focal person together with what the outlet sent in.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from eduforum.core import clock
from eduforum.core.db import db, transaction
from eduforum.core.personal import ERASED, Document, Group, Holding, Person, Source
from eduforum.files import disk
from eduforum.files import services as files
from eduforum.files.models import StoredFile
from eduforum.press import card_queries, queries
from eduforum.press.forgetting import (
    APPLICATION,
    close,
    forget_cards,
    forget_in_letters,
    forget_questions,
)
from eduforum.press.models import (
    Appeal,
    Application,
    Card,
    Equipment,
    InfoItem,
    InfoRequest,
    Interview,
    OfficeNote,
    PressPerson,
)
from eduforum.press.rules import APPLICATIONS, PASSES, Action, Actor, PassAction
from eduforum.press.services import drafts, identity
from eduforum.press.services.moves import move_pass
from eduforum.tickets.personal import tickets_of

PERSON = "press_person"
_CLOSED_AT_ONCE = 50
"""Outlets that are written to while the lock is held."""
_NO_NUMBER: Mapping[str, Any] = {"id_type": "", "id_number": None, "id_index": ""}
_NOBODY: Mapping[str, Any] = {
    "name": ERASED, "name_key": "", "pinyin": "", "initials": "", "press_card": "", "mobile": "",
    "email": "", "nationality": "", "plate": "", "reason": "",
}  # fmt: skip
_NO_FOCAL: Mapping[str, Any] = {
    "focal_name": ERASED, "focal_mobile": "", "focal_email": "", "remark": "", "reason": "",
}  # fmt: skip


def _person(one: PressPerson, tickets: Mapping[UUID, tuple[UUID, ...]]) -> Person:
    return Person(
        series_id=one.series_id,
        subject=f"{PERSON}:{one.id}",
        tickets=tickets.get(one.ticket_id, ()) if one.ticket_id else (),
        words=tuple(word for word in (one.name, one.mobile, one.email) if word),
    )


def _people(found: Sequence[PressPerson]) -> list[Person]:
    had: dict[int, set[UUID]] = {}
    for one in found:
        if one.ticket_id:
            had.setdefault(one.series_id, set()).add(one.ticket_id)
    tickets = {
        k: v for series_id, ids in had.items() for k, v in tickets_of(series_id, ids).items()
    }
    return [_person(one, tickets) for one in found]


def _focal(one: Application) -> Person:
    words = (one.focal_name, one.focal_mobile, one.focal_email)
    return Person(
        series_id=one.series_id, subject=one.owner, words=tuple(word for word in words if word)
    )


def _people_left(series_id: int, group: Group) -> list[ColumnElement[bool]]:
    here = PressPerson.series_id == series_id
    if group is Group.GENERAL:
        return [here, PressPerson.erased_at.is_(None)]
    never = PressPerson.identity_erased_at.is_(None)
    return [here, or_(never, PressPerson.id_number.is_not(None), PressPerson.photo_id.is_not(None))]


def _applications_left(series_id: int, group: Group) -> list[ColumnElement[bool]]:
    here = Application.series_id == series_id
    if group is Group.GENERAL:
        return [here, Application.erased_at.is_(None)]
    never = Application.identity_erased_at.is_(None)
    return [here, or_(never, Application.letter_id.is_not(None))]


def _people_holders(series_id: int, group: Group, limit: int) -> Sequence[Person]:
    found = select(PressPerson).where(*_people_left(series_id, group))
    return _people(db.session.scalars(found.order_by(PressPerson.id).limit(limit)).all())


def _application_holders(series_id: int, group: Group, limit: int) -> Sequence[Person]:
    found = select(Application).where(*_applications_left(series_id, group))
    few = min(limit, _CLOSED_AT_ONCE)
    return [_focal(one) for one in db.session.scalars(found.order_by(Application.id).limit(few))]


def _count_people(series_id: int, group: Group) -> int:
    return db.session.execute(
        select(func.count()).select_from(PressPerson).where(*_people_left(series_id, group))
    ).scalar_one()


def _count_applications(series_id: int, group: Group) -> int:
    return db.session.execute(
        select(func.count()).select_from(Application).where(*_applications_left(series_id, group))
    ).scalar_one()


def _key(subject: str, kind: str) -> UUID | None:
    found, _, key = subject.partition(":")
    return UUID(key) if found == kind else None


def _find_person(subject: str) -> Person | None:
    key = _key(subject, PERSON)
    one = db.session.get(PressPerson, key) if key else None
    return next(iter(_people([one])), None) if one and one.erased_at is None else None


def _find_application(subject: str) -> Person | None:
    key = _key(subject, APPLICATION)
    one = db.session.get(Application, key) if key else None
    return _focal(one) if one and one.erased_at is None else None


def _known_people(behind: UUID | None, limit: int) -> Sequence[UUID]:
    found = select(PressPerson.id).where(PressPerson.erased_at.is_(None))
    if behind is not None:
        found = found.where(PressPerson.id > behind)
    return db.session.scalars(found.order_by(PressPerson.id).limit(limit)).all()


def _known_applications(behind: UUID | None, limit: int) -> Sequence[UUID]:
    found = select(Application.id).where(Application.erased_at.is_(None))
    if behind is not None:
        found = found.where(Application.id > behind)
    return db.session.scalars(found.order_by(Application.id).limit(limit)).all()


def _step_back_person(person: Person) -> None:
    """The pass ends; nobody is told."""
    with transaction():
        one = db.session.get(PressPerson, person.id)
        if one is not None and PassAction.WITHDRAW in PASSES.open_to(one.state, Actor.APPLICANT):
            one.resume = ""
            move_pass(one, PassAction.WITHDRAW, Actor.APPLICANT)


def _step_back_application(person: Person) -> None:
    one = queries.application_or_404(person.series_id, person.id)
    if Action.WITHDRAW in APPLICATIONS.open_to(one.state, Actor.APPLICANT):
        drafts.withdraw(person.series_id, person.id)


def _withdraw_person(person: Person, code: str) -> bool:
    """Consent was given by the outlet for its staff; without it the number goes at once."""
    with transaction():
        one = db.session.get(PressPerson, person.id)
        had = one is not None and bool(one.id_index)
        _set_people([person.id], dict(_NO_NUMBER))
        return had


def _withdraw_application(person: Person, code: str) -> bool:
    with transaction():
        one = queries.locked_application(person.series_id, person.id)
        had = code in one.consents
        one.consents = [kept for kept in one.consents if kept != code]
        if had and code == "id":
            _set_people([p.id for p in queries.people_of(one.id)], dict(_NO_NUMBER))
        return had


def _erase(people: Sequence[Person], groups: frozenset[Group]) -> None:
    """The rows stay and count; numbers, photos and letters go first, names with the rest."""
    staff = [one.id for one in people if _key(one.subject, PERSON)]
    sent = [one.id for one in people if _key(one.subject, APPLICATION)]
    if staff:
        _erase_staff(staff, groups)
    if sent:
        _erase_sent(sent, groups)


def _erase_staff(ids: Sequence[UUID], groups: frozenset[Group]) -> None:
    photos = db.session.execute(
        select(PressPerson.application_id, PressPerson.photo_id).where(
            PressPerson.id.in_(ids), PressPerson.photo_id.is_not(None)
        )
    ).all()
    for application_id, photo_id in photos:
        if photo_id is not None:
            files.remove(f"{APPLICATION}:{application_id}", [photo_id])
    now = clock.now()
    values: dict[str, Any] = {**_NO_NUMBER, "photo_id": None, "identity_erased_at": now}
    forget_cards(Card.person_id.in_(ids))
    forget_questions(ids)
    if Group.GENERAL in groups:
        forget_in_letters(ids)
        db.session.execute(delete(Equipment).where(Equipment.person_id.in_(ids)))
        of_these = Interview.person_id.in_(ids)
        # Where somebody was named on the other side, that person's own time decides of the rest.
        db.session.execute(delete(Interview).where(of_these, Interview.guest_name == ""))
        db.session.execute(
            update(Interview)
            .where(of_these)
            .values(topics="", answer="")
            .execution_options(synchronize_session=False)
        )
        values |= {**_NOBODY, "erased_at": now}
    _set_people(ids, values)


def _erase_sent(ids: Sequence[UUID], groups: frozenset[Group]) -> None:
    if Group.GENERAL not in groups:
        close(ids)
    now = clock.now()
    found = db.session.execute(
        select(Application.id, Application.letter_id, Application.customs_id).where(
            Application.id.in_(ids)
        )
    )
    for key, letter_id, customs_id in found.all():
        gone = [one for one in (letter_id, customs_id) if one is not None]
        if gone:
            files.remove(f"{APPLICATION}:{key}", gone)
    values: dict[str, Any] = {"letter_id": None, "customs_id": None, "identity_erased_at": now}
    of_these = InfoRequest.application_id.in_(ids)
    db.session.execute(
        update(InfoRequest)
        .where(of_these)
        .values(before={})
        .execution_options(synchronize_session=False)
    )
    forget_cards(
        Card.person_id.in_(select(PressPerson.id).where(PressPerson.application_id.in_(ids)))
    )
    db.session.execute(
        update(InfoItem)
        .where(InfoItem.request_id.in_(select(InfoRequest.id).where(of_these)))
        .values(note="", answer="")
        .execution_options(synchronize_session=False)
    )
    if Group.GENERAL in groups:
        db.session.execute(delete(OfficeNote).where(OfficeNote.application_id.in_(ids)))
        db.session.execute(
            update(Appeal)
            .where(Appeal.application_id.in_(ids))
            .values(grounds="", answer="")
            .execution_options(synchronize_session=False)
        )
        values |= {**_NO_FOCAL, "erased_at": now, "link_version": Application.link_version + 1}
    db.session.execute(
        update(Application)
        .where(Application.id.in_(ids))
        .values(values)
        .execution_options(synchronize_session=False)
    )


def _set_people(ids: Sequence[UUID], values: Mapping[str, Any]) -> None:
    db.session.execute(
        update(PressPerson)
        .where(PressPerson.id.in_(ids))
        .values(values)
        .execution_options(synchronize_session=False)
    )


def _export(person: Person) -> Mapping[str, object]:
    if _key(person.subject, PERSON):
        one = db.session.get(PressPerson, person.id)
        return {"press_person": _of_person(one)} if one else {}
    if _key(person.subject, APPLICATION):
        return {"press_application": _of_application(person)}
    return {}


def _of_person(one: PressPerson) -> Mapping[str, object]:
    plain = ("name", "press_card", "mobile", "email", "nationality", "plate", "pool", "zones")
    return {name: getattr(one, name) for name in plain} | {
        "id": str(one.id),
        "state": one.state.value,
        "role": one.role.value,
        "id_type": one.id_type,
        "id_number": identity.masked(one.id, one.id_number),
        "equipment": [
            {"name": item.name, "quantity": item.quantity, "serial": item.serial}
            for item in one.equipment
        ],
        "interviews": [
            {"with_whom": item.with_whom, "topics": item.topics, "state": item.state.value}
            for item in one.interviews
        ],
        "visa": one.visa.value,
        "coverage": one.coverage.value,
        "events": [{"event": e.event.slug, "granted": e.granted} for e in one.events],
        "valid_from": _when(one.valid_from),
        "valid_until": _when(one.valid_until),
        "cards": [
            {
                "printed_at": card.printed_at.isoformat(),
                "collected_at": _when(card.collected_at),
                "taken_by": card.taken_by,
                "id_type": card.id_type,
                "id_last4": card.id_last4,
                "void_since": _when(card.voided_at),
            }
            for card in card_queries.history_of(one.id)
        ],
    }


def _when(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _photo(person: Person) -> Sequence[Document]:
    """The photo of a member of staff; the files of an application are handed out by their owner."""
    one = db.session.get(PressPerson, person.id) if _key(person.subject, PERSON) else None
    found = db.session.get(StoredFile, one.photo_id) if one and one.photo_id else None
    if found is None or found.removed_at is not None:
        return ()
    return (Document(found.name, disk.path_of(found.place).read_bytes()),)


def _of_application(person: Person) -> Mapping[str, object]:
    one = queries.application_or_404(person.series_id, person.id)
    plain = ("number", "focal_name", "focal_mobile", "focal_email", "remark", "reason")
    return {name: getattr(one, name) for name in plain} | {
        "id": str(one.id),
        "series": {"zh": one.series.name.zh, "en": one.series.name.en},
        "outlet": one.outlet_name,
        "state": one.state.value,
        "language": one.language,
        "submitted_at": one.submitted_at.isoformat() if one.submitted_at else None,
    }


HOLDING = Holding(room="press", erase=_erase, export=_export, documents=_photo)
PEOPLE = Source(
    kind=PERSON,
    holders=_people_holders,
    count=_count_people,
    find=_find_person,
    known=_known_people,
    step_back=_step_back_person,
    withdraw=_withdraw_person,
)
APPLICANTS = Source(
    kind=APPLICATION,
    holders=_application_holders,
    count=_count_applications,
    find=_find_application,
    known=_known_applications,
    step_back=_step_back_application,
    withdraw=_withdraw_application,
)
