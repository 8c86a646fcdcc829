"""What people are told about their registration, and how they get back to it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import func, or_, select
from sqlalchemy.orm import selectinload

from eduforum.core.db import db, transaction
from eduforum.core.i18n import Language, Text, use_language
from eduforum.core.names import name_key
from eduforum.core.signing import Purpose, link_secret
from eduforum.events.models import Event
from eduforum.events.services import EventChange
from eduforum.notices.models import Notice
from eduforum.notices.services import Attachment, Extras, InlineImage, announce, queue
from eduforum.registration.models import Delegation, Registration, RegistrationEvent
from eduforum.registration.rules import LIVE, State
from eduforum.registration.services import answers
from eduforum.schedule.calendar import personal_calendar
from eduforum.schedule.models import Session
from eduforum.tickets import qr
from eduforum.tickets.rules import Standing
from eduforum.web import limits

KINDS = {
    State.SUBMITTED: "registration-received",
    State.CONFIRMED: "registration-confirmed",
    State.WAITLISTED: "registration-waitlisted",
    State.OFFERED: "registration-offered",
    State.RETURNED: "registration-returned",
    State.DECLINED: "registration-declined",
    State.WITHDRAWN: "registration-withdrawn",
    State.CANCELLED: "registration-cancelled",
    State.EXPIRED: "registration-expired",
    State.REPLACED: "registration-replaced",
}
REASONS = {
    "category": Text("参会类别不符", "The category does not fit"),
    "full": Text("名额有限", "Places are limited"),
    "incomplete": Text("信息不完整", "The information is incomplete"),
    "duplicate": Text("重复报名", "Registered twice"),
    "other": Text("其他", "Another reason"),
}
"""Why an application was declined."""
_TO_CORRECT = {"registration-returned", "registration-return-ending"}


def my_url(registration: Registration) -> str:
    """The person's own page: whoever has this address may see and change the registration."""
    secret = link_secret(Purpose.REGISTRATION, registration.id, registration.link_version)
    return f"{current_app.config['BASE_URL']}/r/{secret}"


def tell(registration: Registration, *, letter: bool = True, place: int | None = None) -> None:
    """Tell the person and the programs that listen about the state the registration is in now.

    place: in line, where the caller has counted already.
    """
    series = registration.series
    if letter and registration.state in KINDS:
        write(registration, KINDS[registration.state], place=place)
    announce(
        f"registration.{registration.state.value}",
        series_id=series.id,
        data={
            "id": str(registration.id),
            "series": series.slug,
            "state": registration.state.value,
        },
    )


def write(
    registration: Registration,
    kind: str,
    more: Mapping[str, Any] | None = None,
    *,
    place: int | None = None,
) -> None:
    """Queue the letter `kind` about this registration, with what is true now.

    Whoever was reported by a delegation and has no address is told through its liaison.
    """
    liaison = _liaison_of(registration)
    queue(
        kind,
        series_id=registration.series_id,
        about=f"registration:{registration.id}",
        language=registration.language,
        recipient=liaison.liaison_email if liaison else registration.email,
        recipient_name=liaison.liaison_name if liaison else registration.name,
        values=_values(registration, place)
        | ({"liaison": liaison.liaison_name} if liaison else {})
        | dict(more or {}),
        useful_until=registration.offer_expires_at or _last_end(registration.events),
    )


def _liaison_of(registration: Registration) -> Delegation | None:
    """Who is told for somebody without an address."""
    if registration.email or registration.delegation_id is None:
        return None
    return db.session.get(Delegation, registration.delegation_id)


def send_link(series_id: int, contact: str, name: str = "") -> int:
    """Send their link to everybody registered with this mobile or e-mail (and name, if given).

    Returns how many letters were queued; callers show the same answer whatever it is.
    """
    found = select(Registration).where(
        Registration.series_id == series_id,
        Registration.state.in_(LIVE),
        or_(Registration.email == contact, Registration.mobile == contact),
    )
    if name:
        found = found.where(Registration.name_key == name_key(name))
    sent = 0
    with transaction():
        for registration in db.session.scalars(found.limit(10)).all():
            sent += remind(registration)
    return sent


def remind(registration: Registration) -> bool:
    """Queue the letter with the personal link, at most five times a day. Whether it was queued."""
    try:
        limits.spend("link", str(registration.id), most=5, per=timedelta(days=1))
    except limits.TooOften:
        return False
    write(registration, "registration-link")
    return True


def tell_of_event_change(change: EventChange) -> None:
    """Tell everybody who comes to an event what was and what is. Runs inside the change."""
    told = db.session.scalars(
        select(Registration)
        .join(RegistrationEvent, RegistrationEvent.registration_id == Registration.id)
        .where(RegistrationEvent.event_id == change.event.id, Registration.state.in_(LIVE))
        .options(selectinload(Registration.events))
        .order_by(Registration.id)
    ).all()
    kind = "event-cancelled" if change.cancelled else "event-changed"
    changes = [
        {
            "event": _both(change.event.name),
            "what": item.what,
            "before": _both(item.before),
            "after": _both(item.after),
        }
        for item in change.what
    ]
    for registration in told:
        write(registration, kind, {"changes": changes, "reason": change.reason})


def people_of_event(event_id: int) -> int:
    """How many people would be told of a change of this event."""
    return db.session.execute(
        select(func.count())
        .select_from(RegistrationEvent)
        .join(Registration, Registration.id == RegistrationEvent.registration_id)
        .where(RegistrationEvent.event_id == event_id, Registration.state.in_(LIVE))
    ).scalar_one()


def composers() -> dict[str, Callable[[Notice], Extras]]:
    """What each letter of this room carries besides its values: link, QR, calendar."""
    others = ["registration-link", "registration-line-moved", "registration-return-ending",
              "event-changed", "event-cancelled"]  # fmt: skip
    return dict.fromkeys([*KINDS.values(), *others], _compose)


def _compose(notice: Notice) -> Extras:
    registration_id = UUID(notice.about.partition(":")[2])
    registration = db.session.scalar(
        select(Registration)
        .where(Registration.id == registration_id)
        .options(selectinload(Registration.events), selectinload(Registration.sessions))
    )
    if registration is None:
        return Extras()
    ticket = registration.ticket
    live = ticket is not None and ticket.standing is Standing.VALID
    carries = {"registration-confirmed", "registration-link", "event-changed"}
    if notice.kind in _TO_CORRECT:
        return Extras(link=f"{my_url(registration)}/edit")
    if ticket is None or not live or notice.kind not in carries:
        return Extras(link=my_url(registration))
    return Extras(
        link=my_url(registration),
        context={"has_ticket": True},
        inline=[InlineImage("ticket", qr.png(ticket.text))],
        attachments=[
            Attachment(
                "schedule.ics",
                "text/calendar",
                _calendar(registration, Language(notice.language)),
            )
        ],
    )


def _calendar(registration: Registration, language: Language) -> bytes:
    items: list[Event | Session] = [*registration.events, *registration.sessions]
    with use_language(language):
        return personal_calendar(registration.series, items, registration.series.name)


def _values(registration: Registration, place: int | None) -> dict[str, Any]:
    series, category, ticket = registration.series, registration.category, registration.ticket
    reason_name = REASONS.get(registration.reason_code)
    return {
        "name": registration.name,
        "series": _both(series.name),
        "series_slug": series.slug,
        "category": _both(category.name),
        "time_zone": series.time_zone,
        "sample": registration.sample or series.sample,
        "events": [_event(event) for event in registration.events],
        "staff_code": ticket.staff_code if ticket and ticket.standing is Standing.VALID else "",
        "place_in_line": place or place_in_line(registration),
        "expires_at": _iso(registration.offer_expires_at),
        "answer_by": _iso(registration.answer_by),
        "fields": registration.returned_fields,
        "wrong": _wrong(registration),
        "reason": registration.reason,
        "reason_name": _both(reason_name) if reason_name else None,
        "edit_until": _iso(category.edit_until),
    }


def _wrong(registration: Registration) -> list[dict[str, Any]]:
    """What is to be corrected, field by field; `label` where a question of the category asks it."""
    labels = {}
    if any(name.startswith("answers.") for name in registration.returned_fields):
        asked = answers.first_asked(registration.category)
        labels = {question.name: _both(question.label) for question in asked}
    return [
        {
            "field": name,
            "label": labels.get(name),
            "note": registration.returned_notes.get(name, ""),
        }
        for name in registration.returned_fields
    ]


def place_in_line(registration: Registration) -> int | None:
    """1 for who is next among those who share an event with this person; None when not waiting."""
    if registration.state is not State.WAITLISTED:
        return None
    ahead = (
        select(func.count(Registration.id.distinct()))
        .join(RegistrationEvent, RegistrationEvent.registration_id == Registration.id)
        .where(
            Registration.series_id == registration.series_id,
            Registration.state == State.WAITLISTED,
            Registration.category_id == registration.category_id,
            RegistrationEvent.event_id.in_([event.id for event in registration.events]),
            or_(
                Registration.priority > registration.priority,
                (Registration.priority == registration.priority)
                & (Registration.waiting_since < registration.waiting_since),
                (Registration.priority == registration.priority)
                & (Registration.waiting_since == registration.waiting_since)
                & (Registration.id < registration.id),
            ),
        )
    )
    return db.session.execute(ahead).scalar_one() + 1


def _event(event: Event) -> dict[str, Any]:
    return {
        "name": _both(event.name),
        "starts_at": _iso(event.starts_at),
        "ends_at": _iso(event.ends_at),
        "room": {"zh": event.room, "en": event.room_en or event.room},
    }


def _last_end(events: Sequence[Event]) -> datetime | None:
    return max((event.ends_at for event in events), default=None)


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en or text.zh}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
