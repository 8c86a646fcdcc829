"""What invitations keep of people who never registered, or came by them, and how it is forgotten."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, update

from eduforum.core import clock
from eduforum.core.db import db
from eduforum.core.personal import Group, Holding, Person, Source
from eduforum.invitations.services.manage import withdraw
from eduforum.notices import personal as notices
from eduforum.registration.models import Invitation, Registration
from eduforum.registration.rules import InvitationKind

KIND = "invitation"
_NOBODY: Mapping[str, Any] = dict.fromkeys(
    ("name", "organisation", "position", "email", "mobile"), ""
) | {"lock_email": False}
_IS_SOMEBODY = (
    Invitation.kind == InvitationKind.PERSONAL,
    Invitation.erased_at.is_(None),
)


def _still_there(series_id: int, group: Group) -> list[ColumnElement[bool]]:
    """Invitations know no numbers of documents and no answers: nothing of the short-lived group."""
    here: list[ColumnElement[bool]] = [Invitation.series_id == series_id, *_IS_SOMEBODY]
    return here if group is Group.GENERAL else [Invitation.id.is_(None)]


def _people(found: Sequence[Invitation]) -> list[Person]:
    return [
        Person(
            series_id=one.series_id,
            subject=f"{KIND}:{one.id}",
            words=tuple(word for word in (one.name, one.mobile, one.email) if word),
        )
        for one in found
    ]


def _holders(series_id: int, group: Group, limit: int) -> Sequence[Person]:
    found = select(Invitation).where(*_still_there(series_id, group)).order_by(Invitation.id)
    return _people(db.session.scalars(found.limit(limit)).all())


def _count(series_id: int, group: Group) -> int:
    """Guests who did not register: the others are counted with their registrations."""
    came = select(Registration.invitation_id).where(
        Registration.series_id == series_id, Registration.invitation_id.is_not(None)
    )
    return db.session.execute(
        select(func.count())
        .select_from(Invitation)
        .where(*_still_there(series_id, group), Invitation.id.not_in(came))
    ).scalar_one()


def _find(subject: str) -> Person | None:
    kind, _, key = subject.partition(":")
    if kind != KIND:
        return None
    found = db.session.scalars(select(Invitation).where(Invitation.id == UUID(key), *_IS_SOMEBODY))
    return next(iter(_people(found.all())), None)


def _known(behind: UUID | None, limit: int) -> Sequence[UUID]:
    found = select(Invitation.id).where(*_IS_SOMEBODY)
    if behind is not None:
        found = found.where(Invitation.id > behind)
    return db.session.scalars(found.order_by(Invitation.id).limit(limit)).all()


def _step_back(person: Person) -> None:
    """Nobody can come by it any more, and kept seats are free."""
    withdraw(person.series_id, person.id)


def _withdraw(person: Person, code: str) -> bool:
    """There is no consent that an invitation stands on."""
    return False


def _erase(people: Sequence[Person], groups: frozenset[Group]) -> None:
    """Whom an invitation named: when it is about a guest, and when somebody came by it. That there
    was one, and what was answered, goes on being counted; its link is dead."""
    if Group.GENERAL not in groups:
        return
    ids = [person.id for person in people]
    came = select(Registration.invitation_id).where(
        Registration.id.in_(ids), Registration.invitation_id.is_not(None)
    )
    found = db.session.scalars(
        select(Invitation).where(
            or_(Invitation.id.in_(ids), Invitation.id.in_(came)),
            Invitation.kind == InvitationKind.PERSONAL,
        )
    ).all()
    notices.HOLDING.erase(_people(found), groups)
    db.session.execute(
        update(Invitation)
        .where(Invitation.id.in_([one.id for one in found]))
        .values(
            {
                **_NOBODY,
                "erased_at": clock.now(),
                "link_version": Invitation.link_version + 1,
            }
        )
        .execution_options(synchronize_session=False)
    )


def _export(person: Person) -> Mapping[str, object]:
    """Also whom the person was invited as, when he registered by it."""
    came = select(Registration.invitation_id).where(
        Registration.id == person.id, Registration.invitation_id.is_not(None)
    )
    found = db.session.scalars(
        select(Invitation).where(
            or_(Invitation.id == person.id, Invitation.id.in_(came)),
            Invitation.kind == InvitationKind.PERSONAL,
        )
    )
    return {
        "invitations": [
            {
                "name": one.name,
                "organisation": one.organisation,
                "position": one.position,
                "email": one.email,
                "mobile": one.mobile,
                "answer": one.rsvp.value,
                "invited_at": one.created_at.isoformat(),
                "sent_at": one.sent_at.isoformat() if one.sent_at else None,
                "answered_at": one.answered_at.isoformat() if one.answered_at else None,
            }
            for one in found
        ]
    }


HOLDING = Holding(room="invitations", erase=_erase, export=_export)
SOURCE = Source(
    kind=KIND,
    holders=_holders,
    count=_count,
    find=_find,
    known=_known,
    step_back=_step_back,
    withdraw=_withdraw,
)
