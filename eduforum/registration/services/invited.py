"""Who comes by an invitation: whether it lets somebody in, and how often it was used."""

from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, case, select, update

from eduforum.core import clock, faults
from eduforum.core.db import db, table_of
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Text
from eduforum.registration.models import Category, Invitation, Registration
from eduforum.registration.rules import (
    KEEPS_A_USE,
    InvitationKind,
    InvitationNotValid,
    Rsvp,
    State,
)

_I = table_of(Invitation)
_PERSONAL = _I.c.kind == InvitationKind.PERSONAL
USED_UP = Text("邀请已使用。", "The invitation has been used.")
_EXPIRED = Text("邀请已过期。", "The invitation has expired.")
_REVOKED = Text("邀请已停用，请联系主办方。", "The invitation was revoked; ask the organiser.")
_PASSED_ON = Text("此邀请已转给他人。", "This invitation was passed on to somebody else.")
_NO_CODE = Text(
    "邀请码不正确或已停用，请核对后重新填写。",
    "There is no such code, or it was revoked. Check it and type it again.",
)


def no_such_code() -> BadInput:
    """What is said to a code that nobody gave out."""
    return BadInput(_NO_CODE, {"invitation_code": [_NO_CODE]})


def check_invitation(category: Category, invitation_id: UUID, email: str) -> Invitation:
    """The invitation, if it lets somebody with this address into the category now.

    Raises `NotFound` for one of another category, `InvitationNotValid`, `BadInput`.
    """
    found = db.session.get(Invitation, invitation_id, populate_existing=True)
    if found is None or found.category_id != category.id:
        raise NotFound
    check_usable(found)
    check_email(found, email)
    return found


def check_usable(invitation: Invitation) -> None:
    """Raise `InvitationNotValid` if it lets nobody in: revoked, passed on, expired, used up."""
    if why := why_not(invitation):
        raise InvitationNotValid(why)


def why_not(invitation: Invitation) -> Text | None:
    """Why the invitation lets nobody in now; None if it does."""
    if invitation.revoked_at is not None:
        return _REVOKED
    if invitation.rsvp is Rsvp.DELEGATED:
        return _PASSED_ON
    if invitation.used >= invitation.uses_allowed:
        return USED_UP
    if invitation.valid_until is not None and clock.now() >= invitation.valid_until:
        return _EXPIRED
    return None


def check_email(invitation: Invitation, email: str) -> None:
    """Raise `BadInput` beside `email` if the invitation is for another address."""
    if invitation.lock_email and email != invitation.email:
        sentence = Text(
            "此邀请只限受邀人使用，请填写收到邀请的邮箱。",
            "This invitation is for one person: give the address that it was sent to.",
        )
        raise BadInput(sentence, {"email": [sentence]})


def take_use(invitation_id: UUID) -> None:
    """Count one more use, if there is one left; whoever comes by a personal link has said yes.

    One statement decides, so a code is never used more often than it allows. Call with the pools
    locked. Raises `InvitationNotValid`.
    """
    taken: dict[str, Any] = {
        "used": _I.c.used + 1,
        "rsvp": case((_PERSONAL, Rsvp.YES.value), else_=_I.c.rsvp),
        "answered_at": case((_PERSONAL, clock.now()), else_=_I.c.answered_at),
    }
    here = update(_I).where(_I.c.id == invitation_id)
    if faults.active("skip_lock"):
        taken["used"] = _seen_before(invitation_id) + 1
    else:
        here = here.where(
            _I.c.used < _I.c.uses_allowed,
            _I.c.revoked_at.is_(None),
            _I.c.rsvp != Rsvp.DELEGATED,
        )
    result = db.session.execute(here.values(taken))
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        found = db.session.get(Invitation, invitation_id, populate_existing=True)
        raise InvitationNotValid((found and why_not(found)) or USED_UP)


def _seen_before(invitation_id: UUID) -> int:
    """What the reliability tests switch on to see that they would notice: an old reading."""
    with db.engine.connect() as aside:
        row = aside.execute(
            select(_I.c.used, _I.c.uses_allowed).where(_I.c.id == invitation_id)
        ).one()
    faults.sleep_if("sleep_after_check")
    if row.used >= row.uses_allowed:
        raise InvitationNotValid(USED_UP)
    return int(row.used)


def give_back_use(registration: Registration, before: State | None) -> None:
    """Give the use back when a registration ends for good. Call after the state has changed."""
    if before in KEEPS_A_USE and registration.state not in KEEPS_A_USE:
        here = _I.c.id == registration.invitation_id
        db.session.execute(update(_I).where(here).values(used=_I.c.used - 1))


def take_again(registration: Registration) -> None:
    """An organiser takes somebody back whose registration ended: by the same invitation if it has
    a use left, else without one."""
    if registration.invitation_id is None:
        return
    try:
        take_use(registration.invitation_id)
    except InvitationNotValid:
        registration.invitation = None
