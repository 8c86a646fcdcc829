"""A registration's ticket: what the door may know of the person."""

from eduforum.core.db import db, new_id
from eduforum.registration.models import Registration
from eduforum.registration.services.answers import door_notes_of
from eduforum.tickets import services as tickets
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import Standing
from eduforum.tickets.services import Holder, holder_key


def holder_of(registration: Registration) -> Holder:
    return Holder(
        name=registration.name,
        key=holder_key(registration.name_key, _contact(registration)),
        pinyin=registration.pinyin,
        initials=registration.initials,
        unit=registration.organisation,
        mobile_last4=registration.mobile_last4,
        category=registration.category.name,
        class_code=registration.category.ticket_class,
        event_ids=[event.id for event in registration.events],
        session_ids=[str(session.id) for session in registration.sessions],
        sample=registration.sample,
        door_notes=door_notes_of(registration),
    )


def _contact(registration: Registration) -> str:
    """What makes a name one person. Without any contact, as in a delegation, it is himself alone."""
    if registration.mobile or registration.email:
        return registration.mobile or registration.email
    if registration.id is None:
        registration.id = new_id()
    return f"registration:{registration.id}"


def give_ticket(registration: Registration, ahead: Ticket | None = None) -> Ticket:
    """The live ticket of a registration that is confirmed now: the one it has, or a new one.

    ahead: a ticket that was signed before it was anybody's, and is in the person's hands.
    """
    if ahead is not None:
        tickets.amend(ahead, holder_of(registration))
        db.session.flush()
        registration.ticket, registration.ticket_id = ahead, ahead.id
    ticket = registration.ticket
    if ticket is not None and ticket.standing in (Standing.VALID, Standing.SUSPENDED):
        tickets.reinstate(ticket)
        return ticket
    ticket = tickets.issue(registration.series, holder_of(registration))
    registration.ticket, registration.ticket_id = ticket, ticket.id
    return ticket
