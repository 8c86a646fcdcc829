"""Where a person stands: what their page shows and lets them do at a given moment."""

from dataclasses import dataclass
from datetime import datetime

from eduforum.core.dates import local
from eduforum.core.i18n import Text
from eduforum.core.id_numbers import ID_TYPE_NAMES, IdType
from eduforum.core.names import mask_email, mask_mobile
from eduforum.events.models import Event
from eduforum.events.rules import EventState
from eduforum.registration.history import Correction, corrections
from eduforum.registration.models import Registration
from eduforum.registration.rules import LIVE, State
from eduforum.registration.services.identity import masked
from eduforum.registration.services.letters import REASONS, place_in_line
from eduforum.schedule.models import Session
from eduforum.tickets.rules import Standing as TicketStanding
from eduforum.tickets.rules import show_staff_code

_EDITABLE = {State.SUBMITTED, State.WAITLISTED, State.OFFERED, State.CONFIRMED}


@dataclass(frozen=True, slots=True)
class Item:
    """An event or a session that the person comes to."""

    name: Text
    room: Text
    starts_at: datetime
    ends_at: datetime
    cancelled: bool
    inner: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A registration as its own person sees it at `now`. No contact in full.

    place: in line, 1 is next. items: what the person comes to, in the order of time. next_item:
    what begins or runs next; None once everything is over.
    """

    registration: Registration
    now: datetime
    place: int | None
    items: tuple[Item, ...]
    next_item: Item | None

    @property
    def state(self) -> State:
        return self.registration.state

    @property
    def zone(self) -> str:
        return self.registration.series.time_zone

    @property
    def has_ticket(self) -> bool:
        """Whether the ticket opens doors."""
        ticket = self.registration.ticket
        return (
            self.state is State.CONFIRMED
            and ticket is not None
            and ticket.standing is TicketStanding.VALID
        )

    @property
    def is_over(self) -> bool:
        return self.next_item is None

    @property
    def may_edit(self) -> bool:
        category = self.registration.category
        if self.state is State.RETURNED:
            return True
        return self.state in _EDITABLE and self.now < category.edit_until

    @property
    def wrong(self) -> list[Correction]:
        """What the person is asked to correct."""
        return corrections(self.registration) if self.state is State.RETURNED else []

    @property
    def answer_is_late(self) -> bool:
        """Whether the time to correct it is over; it may be corrected all the same."""
        answer_by = self.registration.answer_by
        return self.state is State.RETURNED and answer_by is not None and answer_by <= self.now

    @property
    def edits_are_closed(self) -> bool:
        """Whether only the deadline stands in the way of an edit."""
        return self.state in _EDITABLE and not self.may_edit

    @property
    def may_cancel(self) -> bool:
        return self.state in LIVE

    @property
    def may_leave(self) -> bool:
        return self.state is State.CONFIRMED and not self.is_over

    @property
    def may_transfer(self) -> bool:
        """Whether the person may send somebody else by himself."""
        return (
            self.registration.category.transferable
            and self.state in (State.CONFIRMED, State.SUBMITTED)
            and not self.is_over
        )

    @property
    def may_accept(self) -> bool:
        expires = self.registration.offer_expires_at
        return self.state is State.OFFERED and expires is not None and self.now < expires

    @property
    def staff_code(self) -> str:
        ticket = self.registration.ticket
        return show_staff_code(ticket.staff_code) if ticket and self.has_ticket else ""

    @property
    def mobile(self) -> str:
        return mask_mobile(self.registration.mobile)

    @property
    def email(self) -> str:
        return mask_email(self.registration.email)

    @property
    def id_name(self) -> Text | None:
        """What kind of document the person showed."""
        kind = self.registration.id_type
        return ID_TYPE_NAMES[IdType(kind)] if kind else None

    @property
    def id_number(self) -> str:
        return masked(self.registration.id, self.registration.id_number)

    @property
    def reason(self) -> Text | None:
        return REASONS.get(self.registration.reason_code)

    @property
    def is_sample(self) -> bool:
        return self.registration.sample or self.registration.series.sample

    @property
    def days(self) -> int:
        return len({local(item.starts_at, self.zone).date() for item in self.items})

    def is_today(self, item: Item) -> bool:
        today = local(self.now, self.zone).date()
        return local(item.starts_at, self.zone).date() == today


def standing_of(registration: Registration, now: datetime) -> Standing:
    """Where this registration stands at `now`."""
    items = sorted(
        [
            *(_of_event(event) for event in registration.events),
            *(_of_session(session) for session in registration.sessions),
        ],
        key=lambda item: (item.starts_at, item.inner, item.ends_at),
    )
    coming = [item for item in items if item.ends_at > now and not item.cancelled]
    return Standing(
        registration=registration,
        now=now,
        place=place_in_line(registration),
        items=tuple(items),
        next_item=_next(coming, now),
    )


def _next(coming: list[Item], now: datetime) -> Item | None:
    """What runs now or begins next; a session rather than the event around it."""
    begun = [item for item in coming if item.starts_at <= now]
    if begun:
        return begun[-1]
    return coming[0] if coming else None


def _of_event(event: Event) -> Item:
    return Item(
        name=event.name,
        room=Text(event.room, event.room_en),
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        cancelled=event.state is EventState.CANCELLED,
        inner=False,
    )


def _of_session(session: Session) -> Item:
    event = session.event
    room = session.room.name if session.room else Text(event.room, event.room_en)
    return Item(
        name=session.name,
        room=room,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        cancelled=session.cancelled or event.state is EventState.CANCELLED,
        inner=True,
    )
