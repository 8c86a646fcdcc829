"""An invitation follows what becomes of the registration that came by it."""

from collections.abc import Sequence

from eduforum.core import clock
from eduforum.core.db import db
from eduforum.registration.models import Invitation, Pool, Registration
from eduforum.registration.rules import KEEPS_A_USE, Rsvp, State, holds_a_seat
from eduforum.registration.services import invited, withheld

_SAYS_NO = (State.WITHDRAWN, State.EXPIRED)


def follow(
    registration: Registration, before: State | None, every_pool: Sequence[Pool]
) -> Sequence[Pool]:
    """Keep an invitation in step: its uses, its answer, the seats that it keeps free.

    before: the earlier state; None for a new registration. every_pool: all of the series, locked.
    Who ends a registration says no; whom the organiser cancels cannot come back by the same link.
    Call after the state and the seats have changed. Returns the pools that are left.
    """
    if registration.invitation_id is None:
        return every_pool
    invited.give_back_use(registration, before)
    invitation = db.session.get_one(Invitation, registration.invitation_id, populate_existing=True)
    if not invitation.is_personal:
        return every_pool
    if registration.state not in KEEPS_A_USE:
        _end(invitation, registration.state)
        return withheld.let_go(invitation, every_pool)
    pending = registration.category.pending_holds
    if holds_a_seat(registration.state, pending_holds=pending):
        return withheld.let_go(invitation, every_pool)
    return every_pool


def _end(invitation: Invitation, state: State) -> None:
    if state in _SAYS_NO and invitation.rsvp is Rsvp.YES:
        invitation.rsvp, invitation.answered_at = Rsvp.NO, clock.now()
    elif state is State.CANCELLED:
        invitation.revoked_at = invitation.revoked_at or clock.now()
    db.session.flush()
