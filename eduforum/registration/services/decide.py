"""What organisers decide and what people decide about a registration they have."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text
from eduforum.registration import queries
from eduforum.registration.models import Registration
from eduforum.registration.rules import (
    Action,
    State,
    TransitionNotAllowed,
    after,
)
from eduforum.registration.services import answers, letters, lines, rsvp, seats
from eduforum.registration.services.admission import needs_approval
from eduforum.registration.services.passes import give_ticket, holder_of
from eduforum.tickets import services as tickets
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import Standing

_ENDS_TICKET = {State.WITHDRAWN, State.CANCELLED, State.DECLINED, State.EXPIRED}
RETURNABLE = ("name", "organisation", "position", "mobile", "email", "id_number", "events")
"""Fields that an organiser can ask to have corrected."""


def approve(series_id: int, registration_id: UUID) -> Registration:
    """Confirm an application that is under review, and send the ticket.

    Raises `TransitionNotAllowed`, or `PoolFull` where pending applications hold no seat.
    """
    return _act(series_id, registration_id, Action.APPROVE)


def decline(
    series_id: int, registration_id: UUID, reason_code: str, reason: str = ""
) -> Registration:
    """Say no, with a reason from `letters.REASONS` and words of one's own if wanted."""
    if reason_code not in letters.REASONS:
        raise _bad("reason_code", "请选择原因。", "Choose a reason.")
    return _act(series_id, registration_id, Action.DECLINE, reason_code=reason_code, reason=reason)


def return_(
    series_id: int,
    registration_id: UUID,
    fields: Sequence[str],
    reason: str = "",
    answer_by: datetime | None = None,
    notes: Mapping[str, str] | None = None,
) -> Registration:
    """Ask the person to correct `fields` until `answer_by` (3 days by default).

    fields: of `RETURNABLE`, or `answers.<key>` of a question of the category. notes: what is wrong,
    by field; what holds for all of them is the `reason`. One of the two has to say it.
    """
    told = {name: text.strip() for name, text in (notes or {}).items() if text.strip()}
    wanted = list(dict.fromkeys([*fields, *told]))
    if not reason.strip() and not (wanted and told.keys() >= set(wanted)):
        raise _bad(
            "reason", "请说明需要补充或更正的内容。", "Say what is to be added or corrected."
        )
    if any(not _may_return(series_id, registration_id, name) for name in wanted):
        raise _bad("fields", "请选择需要更正的栏目。", "Choose which fields are to be corrected.")
    deadline = answer_by or clock.now() + timedelta(days=3)
    if deadline <= clock.now():
        raise _bad("answer_by", "答复期限须晚于现在。", "The deadline must lie in the future.")
    return _act(
        series_id,
        registration_id,
        Action.RETURN,
        returned_fields=wanted,
        returned_notes=told,
        reason=reason.strip(),
        answer_by=deadline,
        reminded_at=None,
    )


def _may_return(series_id: int, registration_id: UUID, name: str) -> bool:
    if name in RETURNABLE:
        return True
    registration = queries.registration_or_404(series_id, registration_id)
    return name in {question.name for question in answers.first_asked(registration.category)}


def withdraw(series_id: int, registration_id: UUID) -> Registration:
    """The person gives up the registration: the ticket ends, the seat goes to the line."""
    return _act(series_id, registration_id, Action.WITHDRAW)


def cancel(series_id: int, registration_id: UUID, reason: str) -> Registration:
    """The organiser cancels it; the reason is mailed."""
    if not reason.strip():
        raise _bad("reason", "请填写取消原因，原因将写入通知。", "Give a reason; it is mailed.")
    return _act(series_id, registration_id, Action.CANCEL, reason=reason.strip())


def accept(series_id: int, registration_id: UUID) -> Registration:
    """Take the seat that was offered, before the offer ends.

    Who needs an approval is then reviewed, the seat kept; everybody else is confirmed.
    """
    return _act(series_id, registration_id, Action.ACCEPT)


def leave(series_id: int, registration_id: UUID, reason: str = "") -> Registration:
    """The person asks leave: the seat goes on, the ticket is suspended."""
    return _act(series_id, registration_id, Action.LEAVE, reason=reason.strip())


def come_back(series_id: int, registration_id: UUID) -> Registration:
    """Back from leave, if a seat is free. Raises `PoolFull`."""
    return _act(series_id, registration_id, Action.COME_BACK)


def reopen(series_id: int, registration_id: UUID) -> Registration:
    """Review a declined application again. Raises `PoolFull`."""
    return _act(series_id, registration_id, Action.REOPEN)


def expire_offers() -> int:
    """End offers that nobody answered in time and pass their seats on. Returns how many ended."""
    ended = 0
    for series_id, registration_id in queries.expired_offers(clock.now()):
        try:
            with audit.acting_as("system"):
                _act(series_id, registration_id, Action.EXPIRE)
            ended += 1
        except TransitionNotAllowed:
            continue  # accepted or withdrawn in this moment
    return ended


def remind_returned() -> int:
    """Remind returned people whose time to answer is ending; once each. How many were reminded.

    When it is over nothing happens by itself: the seat is kept, and the desk lists them as overdue.
    """
    reminded = 0
    with audit.acting_as("system"):
        for series_id, registration_id in queries.to_be_reminded(clock.now()):
            with transaction():
                registration = queries.locked_registration(series_id, registration_id)
                if registration.state is not State.RETURNED or registration.reminded_at:
                    continue  # answered, or reminded by another worker, in this moment
                registration.reminded_at = clock.now()
                letters.write(registration, "registration-return-ending")
                reminded += 1
    return reminded


def reissue_ticket(series_id: int, registration_id: UUID) -> Registration:
    """Void the ticket and send a new one, as when it was lost."""
    with transaction():
        registration = queries.locked_registration(series_id, registration_id)
        if registration.state is not State.CONFIRMED or registration.ticket is None:
            raise TransitionNotAllowed(Action.APPROVE, registration.state)
        registration.ticket = tickets.reissue(
            registration.series, registration.ticket, holder_of(registration)
        )
        audit.record("registration.reissue_ticket", f"registration:{registration.id}",
                     series_id=series_id)  # fmt: skip
        letters.write(registration, "registration-confirmed")
    return registration


def take_over_ticket(series_id: int, registration_id: UUID, ahead: Ticket) -> Registration:
    """Let a ticket that was signed ahead, and is in the person's hands, be that of a confirmed
    registration: in the place of the one it had, whose scans count on.

    One of another class cannot be: it is void then, and its scans count for the registration's own
    ticket. Raises `NotFound`, `TransitionNotAllowed`.
    """
    with transaction():
        registration = queries.locked_registration(series_id, registration_id)
        own = registration.ticket
        if registration.state is not State.CONFIRMED or own is None:
            raise TransitionNotAllowed(Action.APPROVE, registration.state)
        if ahead.class_code == own.class_code:
            tickets.replace_by(own, ahead, holder_of(registration))
            registration.ticket = ahead
            letters.write(registration, "registration-confirmed")
        else:
            tickets.void_for(ahead, own)
        audit.record("registration.take_over_ticket", f"registration:{registration.id}",
                     series_id=series_id, after={"ticket": str(ahead.id)})  # fmt: skip
    return registration


def renew_link(series_id: int, registration_id: UUID) -> Registration:
    """Void the personal link and send a new one, as when it got into wrong hands."""
    with transaction():
        registration = queries.locked_registration(series_id, registration_id)
        registration.link_version += 1
        audit.record("registration.renew_link", f"registration:{registration.id}",
                     series_id=series_id)  # fmt: skip
        letters.write(registration, "registration-link")
    return registration


def _act(series_id: int, registration_id: UUID, action: Action, **changes: Any) -> Registration:
    """Carry out one action: state, seats, ticket, audit row, letter; then serve the line.

    All pools are locked first, in id order: a seat that is given back may go to anybody.
    """
    with transaction():
        every_pool = seats.lock_all(series_id)
        registration = queries.locked_registration(series_id, registration_id)
        before = registration.state
        if action is Action.ACCEPT:
            action = _acceptance(registration)
        state = after(action, before)
        pools = seats.counting(registration)
        _bring_ticket_along(registration, state)
        registration.state = state
        if state is not State.OFFERED:
            registration.offer_expires_at = None
        for name, value in changes.items():
            setattr(registration, name, value)
        freed = seats.move(registration, pools, before)
        db.session.flush()
        left = rsvp.follow(registration, before, every_pool)
        audit.record(
            f"registration.{action.value}",
            f"registration:{registration.id}",
            series_id=series_id,
            before={"state": before.value},
            after={"state": state.value}
            | {k: v for k, v in changes.items() if k in ("reason_code", "returned_fields")},
        )
        letters.tell(registration)
        if freed:
            lines.offer_line(series_id, left)
    return registration


def _acceptance(registration: Registration) -> Action:
    expires = registration.offer_expires_at
    if expires is not None and expires <= clock.now():
        raise OfferEnded
    reviewed = needs_approval(registration.category, registration.invitation)
    return Action.ACCEPT_FOR_REVIEW if reviewed else Action.ACCEPT


class OfferEnded(Refusal):
    code = "offer-ended"

    def __init__(self) -> None:
        super().__init__(
            Text(
                "确认期限已过，席位已转给下一位。",
                "The time to accept is over; the seat goes to the next in line.",
            )
        )


def _bring_ticket_along(registration: Registration, state: State) -> None:
    """Before the state changes: a confirmed registration is never without its ticket."""
    ticket = registration.ticket
    if state is State.CONFIRMED:
        give_ticket(registration)
    elif ticket is None:
        return
    elif state in _ENDS_TICKET:
        tickets.end(ticket, Standing.CANCELLED)
    else:
        tickets.suspend(ticket)


def _bad(field_name: str, zh: str, en: str) -> BadInput:
    sentence = Text(zh, en)
    return BadInput(sentence, {field_name: [sentence]})
