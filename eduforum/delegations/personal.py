"""What delegations keep of people besides their registrations: their liaisons, and rows that nobody
submitted."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from eduforum.core.db import db
from eduforum.core.personal import Group, Holding, Person, Source
from eduforum.delegations.models import Draft
from eduforum.notices.personal import forget_letters_to
from eduforum.registration.models import Delegation

KIND = "delegation"


def _erase(people: Sequence[Person], groups: frozenset[Group]) -> None:
    """The correction of a returned registration goes with it. A delegation stays, with its people;
    its liaison, his link and the letters to him go."""
    if Group.GENERAL not in groups:
        return
    ids = [person.id for person in people]
    db.session.execute(delete(Draft).where(Draft.registration_id.in_(ids)))
    liaisons = [person.id for person in people if person.subject.startswith(f"{KIND}:")]
    if liaisons:
        _forget_liaisons(liaisons)


def _forget_liaisons(ids: Sequence[UUID]) -> None:
    for one in db.session.scalars(
        select(Delegation).where(Delegation.id.in_(ids), Delegation.liaison_email != "")
    ):
        forget_letters_to(one.series_id, one.liaison_email, one.liaison_name)
    db.session.execute(delete(Draft).where(Draft.delegation_id.in_(ids)))
    db.session.execute(
        update(Delegation)
        .where(Delegation.id.in_(ids))
        .values(
            liaison_name="",
            liaison_mobile="",
            liaison_email="",
            link_version=Delegation.link_version + 1,
        )
        .execution_options(synchronize_session=False)
    )


def _export(person: Person) -> Mapping[str, object]:
    rows = db.session.scalars(select(Draft).where(Draft.registration_id == person.id))
    told: dict[str, object] = {
        "corrections": [
            {"name": r.name, "position": r.position, "mobile": r.mobile, "email": r.email}
            for r in rows
        ]
    }
    one = db.session.get(Delegation, person.id) if person.subject.startswith(f"{KIND}:") else None
    if one is not None:
        told["liaison"] = {
            "organisation": one.unit,
            "name": one.liaison_name,
            "mobile": one.liaison_mobile,
            "email": one.liaison_email,
            "language": one.language,
        }
    return told


def _person(one: Delegation) -> Person:
    words = (one.liaison_name, one.liaison_mobile, one.liaison_email)
    return Person(one.series_id, f"{KIND}:{one.id}", words=tuple(word for word in words if word))


def _has_liaison() -> ColumnElement[bool]:
    columns = (Delegation.liaison_name, Delegation.liaison_mobile, Delegation.liaison_email)
    return or_(*(column != "" for column in columns))


def _holders(series_id: int, group: Group, limit: int) -> Sequence[Person]:
    if group is not Group.GENERAL:
        return ()
    found = select(Delegation).where(Delegation.series_id == series_id, _has_liaison())
    return [_person(one) for one in db.session.scalars(found.order_by(Delegation.id).limit(limit))]


def _count(series_id: int, group: Group) -> int:
    if group is not Group.GENERAL:
        return 0
    found = select(func.count()).select_from(Delegation)
    here = found.where(Delegation.series_id == series_id, _has_liaison())
    return db.session.execute(here).scalar_one()


def _find(subject: str) -> Person | None:
    kind, _, key = subject.partition(":")
    if kind != KIND:
        return None
    found = select(Delegation).where(Delegation.id == UUID(key), _has_liaison())
    one = db.session.scalar(found)
    return _person(one) if one else None


def _known(behind: UUID | None, limit: int) -> Sequence[UUID]:
    found = select(Delegation.id).where(_has_liaison())
    if behind is not None:
        found = found.where(Delegation.id > behind)
    return db.session.scalars(found.order_by(Delegation.id).limit(limit)).all()


HOLDING = Holding(room="delegations", erase=_erase, export=_export)
SOURCE = Source(
    kind=KIND,
    holders=_holders,
    count=_count,
    find=_find,
    known=_known,
    step_back=lambda _person: None,
    withdraw=lambda _person, _code: False,
)
"""Liaisons: they come to nothing themselves, and are asked for no consent of their own."""
