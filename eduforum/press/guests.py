"""What the press room keeps of those on the other side of an interview, and how it is forgotten.

The press office names them; they are people of their own, erased as everybody is.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import joinedload

from eduforum.core.db import db
from eduforum.core.personal import ERASED, Group, Holding, Person, Source
from eduforum.press.models import Interview, PressPerson
from eduforum.press.services import interviews


def _named(series_id: int | None = None) -> Select[Interview]:
    """Interviews with somebody named on the other side."""
    found = select(Interview).where(Interview.guest_name != "")
    if series_id is None:
        return found
    return found.join(PressPerson, PressPerson.id == Interview.person_id).where(
        PressPerson.series_id == series_id
    )


def _person(one: Interview) -> Person:
    words = (one.guest_name, one.guest_email)
    return Person(
        series_id=one.person.series_id,
        subject=f"{interviews.SUBJECT}:{one.id}",
        words=tuple(word for word in words if word),
    )


def _key(subject: str) -> UUID | None:
    found, _, key = subject.partition(":")
    return UUID(key) if found == interviews.SUBJECT else None


def _holders(series_id: int, group: Group, limit: int) -> Sequence[Person]:
    if group is not Group.GENERAL:
        return ()
    found = _named(series_id).options(joinedload(Interview.person))
    return [_person(one) for one in db.session.scalars(found.order_by(Interview.id).limit(limit))]


def _count(series_id: int, group: Group) -> int:
    if group is not Group.GENERAL:
        return 0
    return db.session.execute(
        select(func.count()).select_from(_named(series_id).subquery())
    ).scalar_one()


def _find(subject: str) -> Person | None:
    key = _key(subject)
    one = db.session.get(Interview, key) if key else None
    return _person(one) if one and one.guest_name else None


def _known(behind: UUID | None, limit: int) -> Sequence[UUID]:
    found = select(Interview.id).where(Interview.guest_name != "")
    if behind is not None:
        found = found.where(Interview.id > behind)
    return db.session.scalars(found.order_by(Interview.id).limit(limit)).all()


def _erase(people: Sequence[Person], groups: frozenset[Group]) -> None:
    """The row stays and counts; who it was with, and about what, goes."""
    ids = [one.id for one in people if _key(one.subject)]
    if ids and Group.GENERAL in groups:
        db.session.execute(
            update(Interview)
            .where(Interview.id.in_(ids))
            .values(with_whom=ERASED, guest_name="", guest_email="", topics="", answer="")
            .execution_options(synchronize_session=False)
        )


def _export(person: Person) -> Mapping[str, object]:
    key = _key(person.subject)
    if key is None:
        return {}
    one = db.session.get_one(Interview, key)
    told = {"name": one.guest_name, "email": one.guest_email, "with_whom": one.with_whom}
    return {"interview": told | {"id": str(one.id), "state": one.state.value}}


HOLDING = Holding(room="press_guests", erase=_erase, export=_export)
SOURCE = Source(
    kind=interviews.SUBJECT,
    holders=_holders,
    count=_count,
    find=_find,
    known=_known,
    step_back=lambda person: interviews.stand_down(person.id),
    withdraw=lambda _person, _code: False,
)
