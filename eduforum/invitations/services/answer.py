"""What guests answer. Yes is a registration; here is no, somebody else, and a change of mind."""

from uuid import UUID

from eduforum.core import audit, clock
from eduforum.core.db import db, new_id, transaction
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.core.names import clean_name
from eduforum.invitations import queries
from eduforum.invitations.rules import AnswerNotAllowed
from eduforum.invitations.services import letters
from eduforum.invitations.services.guests import Guest, Terms, faults_of
from eduforum.registration.models import Invitation
from eduforum.registration.queries import locked_invitation
from eduforum.registration.rules import LIVE, InvitationKind, Rsvp
from eduforum.registration.services import seats, withheld
from eduforum.registration.services.decide import withdraw

_OVER = Text(
    "答复期限已过，如需更改请联系主办方。",
    "The time to answer is over. To change anything, please ask the organiser.",
)


def decline(series_id: int, invitation_id: UUID) -> Invitation:
    """The guest does not come. A registration is withdrawn, kept seats go to everybody.

    Said twice it changes nothing. Raises `AnswerNotAllowed`.
    """
    with transaction():
        seats.lock_all(series_id)
        one = locked_invitation(series_id, invitation_id)
        _check_time(one)
        _check_not_passed_on(one)
        if one.rsvp is Rsvp.NO:
            return one
        _step_back(one)
        one.rsvp, one.answered_at = Rsvp.NO, clock.now()
        db.session.flush()
        withheld.let_go(one, seats.lock_all(series_id))
        _note(one, "invitation.decline")
        letters.write(one, letters.ANSWERED)
    return one


def pass_on(series_id: int, invitation_id: UUID, guest: Guest) -> Invitation:
    """Somebody else comes instead, on an invitation of his own; what was kept is kept for him.

    He is reviewed where people are, whatever the first invitation said, and cannot pass it on
    again. Returns the new invitation. Raises `AnswerNotAllowed`, `BadInput`.
    """
    with transaction():
        seats.lock_all(series_id)
        one = locked_invitation(series_id, invitation_id)
        _check_time(one)
        _check_not_passed_on(one)
        if one.passed_from_id is not None:
            raise AnswerNotAllowed(
                Text(
                    "此邀请由他人转来，不能再转请。不能参加时请回复“不参加”。",
                    "This invitation was passed on to you and cannot be passed on again. If you "
                    "cannot come, please say no.",
                )
            )
        _check_guest(one, guest)
        _step_back(one)
        one.rsvp, one.answered_at = Rsvp.DELEGATED, clock.now()
        fresh = _successor(one, guest)
        db.session.add(fresh)
        db.session.flush()
        withheld.move(one, fresh, seats.lock_all(series_id))
        _note(one, "invitation.pass_on", successor=fresh)
        letters.write(one, letters.ANSWERED)
        if letters.write(fresh, letters.INVITED):
            fresh.sent_at = clock.now()
    return fresh


def take_back(series_id: int, invitation_id: UUID) -> Invitation:
    """The guest comes after all: the other's invitation ends. Raises `AnswerNotAllowed`."""
    with transaction():
        every_pool = seats.lock_all(series_id)
        one = locked_invitation(series_id, invitation_id)
        _check_time(one)
        other = queries.successors_of([one.id]).get(one.id)
        if one.rsvp is not Rsvp.DELEGATED or other is None:
            return one
        other = locked_invitation(series_id, other.id)
        if other.used:
            raise AnswerNotAllowed(
                Text(
                    "{name}已经报名，不能改回。如有变动请联系主办方。",
                    "{name} has registered already. To change it, please ask the organiser.",
                ).fill(name=other.name)
            )
        other.revoked_at = other.revoked_at or clock.now()
        other.link_version += 1
        letters.write(other, letters.WITHDRAWN, in_place_of=one.name)
        other.passed_from_id = None
        one.rsvp, one.answered_at = Rsvp.NONE, None
        db.session.flush()
        withheld.move(other, one, every_pool)
        _note(one, "invitation.take_back", successor=other)
    return one


def _check_time(one: Invitation) -> None:
    if one.revoked_at is not None or clock.now() >= queries.until_of(one):
        raise AnswerNotAllowed(_OVER)


def _check_not_passed_on(one: Invitation) -> None:
    if one.rsvp is Rsvp.DELEGATED:
        raise AnswerNotAllowed(
            Text(
                "您已请他人代为参加；如要更改，请先改回本人。",
                "You have asked somebody else to come; take that back first.",
            )
        )


def _check_guest(one: Invitation, guest: Guest) -> None:
    if not (guest.email or guest.mobile):
        sentence = Text("手机号和邮箱至少填一项。", "Give a mobile number or an e-mail address.")
        raise BadInput(sentence, {"mobile": [sentence]})
    terms = Terms(category=one.category.code, lock_email=one.lock_email)
    if fault := faults_of(one.series, terms, [guest]).get(0):
        raise fault.refusal()


def _step_back(one: Invitation) -> None:
    """Whoever has registered by it gives that up, and his seat."""
    for registration in queries.registrations_by([one.id]).get(one.id, []):
        if registration.state in LIVE:
            withdraw(one.series_id, registration.id)
    db.session.refresh(one)


def _successor(one: Invitation, guest: Guest) -> Invitation:
    return Invitation(
        id=new_id(),
        series=one.series,
        category=one.category,
        kind=InvitationKind.PERSONAL,
        name=clean_name(guest.name),
        organisation=guest.organisation,
        position=guest.position,
        email=guest.email,
        mobile=guest.mobile,
        lock_email=one.lock_email,
        skip_approval=False,
        valid_until=one.valid_until,
        passed_from=one,
        language=one.language,
        sample=one.sample,
    )


def _note(one: Invitation, action: str, successor: Invitation | None = None) -> None:
    audit.record(
        action,
        f"invitation:{one.id}",
        series_id=one.series_id,
        after={"answer": one.rsvp.value} | ({"successor": str(successor.id)} if successor else {}),
    )
    letters.tell(one)
