"""Write letters to many, let them go, and hand them to the outbox a few at a time."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import insert, literal

from eduforum.announcements import queries
from eduforum.announcements.models import Announcement, AnnouncementRecipient
from eduforum.announcements.rules import (
    DRAWN,
    AnnouncementKind,
    AnnouncementState,
    Arrived,
    CannotSend,
    Deed,
    RecipientState,
    after,
    check_states,
    check_words,
    fill,
    is_quiet,
)
from eduforum.core import audit, clock, dates
from eduforum.core.audit import acting_as
from eduforum.core.db import db, new_id, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Language, Text
from eduforum.events.models import Event
from eduforum.events.rules import EventState, InUse
from eduforum.notices.letters import PERSONAL_LINK, Letter
from eduforum.notices.letters import write as write_letter
from eduforum.notices.models import Notice
from eduforum.notices.services import Extras, queue
from eduforum.registration.models import Category, Registration
from eduforum.registration.rules import State
from eduforum.registration.services import my_url

KIND = "announcement"
"""The letter, `templates/notices/announcement.txt`."""


@dataclass(frozen=True, slots=True)
class AnnouncementInput:
    """What an organiser writes; see `Announcement`. A reminder is for those confirmed, always."""

    kind: AnnouncementKind
    subject_zh: str
    subject_en: str
    body_zh: str
    body_en: str
    event_id: int | None = None
    days_before: int | None = None
    at_clock: str = ""
    send_at: datetime | None = None
    event_ids: tuple[int, ...] = ()
    category_ids: tuple[int, ...] = ()
    delegation_ids: tuple[str, ...] = ()
    states: tuple[str, ...] = (State.CONFIRMED.value,)
    arrived: Arrived = Arrived.ANY
    per_minute: int = 60
    per_day: int = 5000
    quiet_from: str = "22:00"
    quiet_until: str = "07:00"


def create(series_id: int, given: AnnouncementInput) -> Announcement:
    """Keep a draft. Raises `BadInput`."""
    values = _checked(given)
    one = Announcement(id=new_id(), series_id=series_id, **values)
    with transaction():
        db.session.add(one)
        db.session.flush()
        _record("create", one, None)
    return one


def edit(series_id: int, announcement_id: UUID, given: AnnouncementInput) -> Announcement:
    """Change a draft. Raises `BadInput`, `DeedNotAllowed` when it is none any more, `NotFound`."""
    values = _checked(given)
    with transaction():
        one = _locked_or_404(series_id, announcement_id)
        after(Deed.SCHEDULE, one.state)  # only what may still be scheduled may change
        for name, value in values.items():
            setattr(one, name, value)
        _record("edit", one, one.state)
    return one


def act(series_id: int, announcement_id: UUID, deed: Deed) -> Announcement:
    """Schedule, take back, stop, resume or cancel it. Raises `DeedNotAllowed`, `CannotSend`."""
    with transaction():
        one = _locked_or_404(series_id, announcement_id)
        before = one.state
        one.state = after(deed, before)
        if deed is Deed.SCHEDULE:
            _check_can_go(one)
        if deed is Deed.CANCEL:
            one.ended_at = clock.now()
        _record(deed.value, one, before)
    return one


def send_due() -> int:
    """The chore: go on with whatever may be sent now. Returns how many letters were queued."""
    now = clock.now()
    ready = [one.id for one in queries.open_ones() if _may_go(one, now)]
    with acting_as("system"):
        return sum(_turn(one) for one in ready)


def preview(one: Announcement, registration: Registration, language: Language) -> Letter:
    """The letter as this person would read it in `language`. Nothing is stored."""
    notice = Notice(kind=KIND, language=language.value, values=_values(one, registration, language))
    return write_letter(notice, Extras(link=PERSONAL_LINK))


def compose(notice: Notice) -> Extras:
    """The reader's own link; a liaison who reads it for somebody gets none."""
    registration = db.session.get(Registration, UUID(notice.about.partition(":")[2]))
    if registration is None:
        raise NotFound
    return Extras(link="" if notice.values.get("for_person") else my_url(registration))


def keep_event(event: Event) -> None:
    """Raises `InUse` while a letter of any state is about the event or for those who come to it."""
    for one in queries.announcements_of(event.series_id):
        if event.id in (one.event_id, *one.event_ids):
            raise _named_by(
                one,
                Text(
                    "群发通知“{subject}”用到这个活动，不能删除；如不再举行，请取消活动。",
                    "The letter “{subject}” uses this event, so it cannot be deleted. If it does "
                    "not take place, cancel it.",
                ),
            )


def keep_category(category: Category) -> None:
    """Raises `InUse` while a letter of any state is for people of the category."""
    for one in queries.announcements_of(category.series_id):
        if category.id in one.category_ids:
            raise _named_by(
                one,
                Text(
                    "群发通知“{subject}”发给这个类别的人，不能删除；如不再接受报名，请把截止时间改为现在。",
                    "The letter “{subject}” is for people of this category, so it cannot be "
                    "deleted. To take nobody else, let it close now.",
                ),
            )


def _named_by(one: Announcement, sentence: Text) -> InUse:
    return InUse(sentence.fill(subject=one.subject))


def _checked(given: AnnouncementInput) -> dict[str, Any]:
    values: dict[str, Any] = {one.name: getattr(given, one.name) for one in fields(given)}
    if given.kind is AnnouncementKind.REMINDER:
        values |= {
            "event_ids": [given.event_id],
            "states": [State.CONFIRMED.value],
            "send_at": None,
        }
    else:
        about = given.event_ids[0] if len(given.event_ids) == 1 else None
        values |= {"event_id": about, "days_before": None, "at_clock": ""}
    for name in ("event_ids", "category_ids", "delegation_ids", "states"):
        values[name] = list(values[name])
    check_states(values["states"])
    faults = {
        name: [wrong]
        for name in ("subject_zh", "subject_en", "body_zh", "body_en")
        if (wrong := check_words(values[name], of_event=values["event_id"] is not None))
    }
    if faults:
        raise BadInput(next(iter(faults.values()))[0], faults)
    return values


def _check_can_go(one: Announcement) -> None:
    due = one.due_at
    if due is not None and due <= clock.now():
        raise CannotSend(
            Text(
                "发送时间已过，请修改时间后再发送。",
                "The time to send it is past: change it first.",
            )
        )
    if one.kind is AnnouncementKind.ANNOUNCEMENT and not queries.audience_count(one):
        raise CannotSend(
            Text(
                "没有符合条件的人，请修改范围。", "Nobody is in this group: change whom it is for."
            )
        )


def _may_go(one: Announcement, now: datetime) -> bool:
    due = one.due_at
    if one.state is AnnouncementState.SCHEDULED and due is not None and due > now:
        return False
    return not is_quiet(now, one.series.time_zone, one.quiet_from, one.quiet_until)


def _turn(announcement_id: UUID) -> int:
    """One step, whole or not at all: a crash leaves whoever was meant waiting, and nothing queued."""
    with transaction():
        one = queries.locked(announcement_id)
        now = clock.now()
        open_states = (AnnouncementState.SCHEDULED, AnnouncementState.SENDING)
        if one is None or one.state not in open_states or not _may_go(one, now):
            return 0
        if useless := _useless(one, now):
            one.reason, one.ended_at = useless, now
            _step(one, Deed.CANCEL)
            return 0
        if one.state is AnnouncementState.SCHEDULED:
            one.started_at = now
            _step(one, Deed.START)
        if not one.drawn and not _draw(one):
            return 0
        return _hand_on(one, now)


def _useless(one: Announcement, now: datetime) -> str:
    """Why a reminder is not sent any more; "" when it is."""
    if one.kind is not AnnouncementKind.REMINDER or one.event is None:
        return ""
    if one.event.state is EventState.CANCELLED:
        return "event_cancelled"
    return "event_over" if one.event.starts_at <= now else ""


def _draw(one: Announcement) -> bool:
    """Write down the next recipients. Whether these were the last."""
    table = AnnouncementRecipient.__table__
    chosen = queries.audience(one).order_by(Registration.id).limit(DRAWN)
    if last := queries.last_drawn(one.id):
        chosen = chosen.where(Registration.id > last)
    rows = chosen.add_columns(
        literal(one.id, table.c.announcement_id.type),
        literal(RecipientState.WAITING, table.c.state.type),
        literal(""),
    )
    names = ["registration_id", "announcement_id", "state", "reason"]
    before = _drawn_so_far(one)
    db.session.execute(insert(AnnouncementRecipient).from_select(names, rows))
    one.drawn = _drawn_so_far(one) - before < DRAWN
    return one.drawn


def _drawn_so_far(one: Announcement) -> int:
    return queries.progress(one.series_id, one.id).get(one.id, queries.NOTHING)["total"]


def _hand_on(one: Announcement, now: datetime) -> int:
    count = queries.allowance(one, now)
    rows = queries.waiting(one.id, count) if count else ()
    meant = queries.still_meant(one, [row.registration_id for row in rows])
    queued = 0
    for row in rows:
        queued += _queue(one, row, now, meant=row.registration_id in meant)
    db.session.flush()
    if not queries.waiting(one.id, 1):
        one.ended_at = now
        _step(one, Deed.FINISH)
    return queued


def _queue(one: Announcement, row: AnnouncementRecipient, now: datetime, *, meant: bool) -> bool:
    registration = row.registration
    delegation = None if registration.email else registration.delegation
    address = delegation.liaison_email if delegation else registration.email
    if not meant or not address:
        row.state, row.reason = RecipientState.SKIPPED, "no_address" if meant else "no_longer"
        return False
    language = Language(delegation.language if delegation else registration.language)
    notice_id = queue(
        KIND,
        series_id=one.series_id,
        about=f"registration:{registration.id}",
        language=language.value,
        recipient=address,
        recipient_name=delegation.liaison_name if delegation else registration.name,
        values=_values(one, registration, language),
        useful_until=one.event.starts_at
        if one.event and one.kind is AnnouncementKind.REMINDER
        else None,
    )
    row.state, row.notice_id, row.queued_at = RecipientState.QUEUED, notice_id, now
    return True


def _values(one: Announcement, registration: Registration, language: Language) -> dict[str, Any]:
    series, event = one.series, one.event
    delegation = None if registration.email else registration.delegation
    public = f"{current_app.config['BASE_URL']}/s/{series.slug}"
    filled = {
        "name": registration.name,
        "unit": registration.organisation,
        "category": registration.category.name.to(language),
        "series": series.name.to(language),
        "link": public if delegation else PERSONAL_LINK,
    } | _of_event(event, series.time_zone, language)
    zh = language is Language.ZH
    return {
        "name": delegation.liaison_name if delegation else registration.name,
        "for_person": registration.name if delegation else "",
        "series": {"zh": series.name.zh, "en": series.name.en or series.name.zh},
        "time_zone": series.time_zone,
        "sample": registration.sample or series.sample,
        "events": [_facts(event)] if event else [],
        "said_subject": fill(one.subject_zh if zh else one.subject_en, filled | {"link": ""}),
        "said_body": fill(one.body_zh if zh else one.body_en, filled),
    }


def _of_event(event: Event | None, zone: str, language: Language) -> dict[str, str]:
    if event is None:
        return {}
    day = dates.local(event.starts_at, zone).date()
    return {
        "event": event.name.to(language),
        "day": dates.day_text(day, year=True).to(language),
        "time": dates.clock_text(event.starts_at, zone),
        "room": Text(event.room, event.room_en).to(language),
    }


def _facts(event: Event) -> dict[str, Any]:
    return {
        "name": {"zh": event.name.zh, "en": event.name.en or event.name.zh},
        "starts_at": event.starts_at.isoformat(),
        "ends_at": event.ends_at.isoformat(),
        "room": {"zh": event.room, "en": event.room_en or event.room},
    }


def _locked_or_404(series_id: int, announcement_id: UUID) -> Announcement:
    found = queries.locked(queries.announcement_or_404(series_id, announcement_id).id)
    if found is None:
        raise NotFound
    return found


def _step(one: Announcement, deed: Deed) -> None:
    before = one.state
    one.state = after(deed, before)
    _record(deed.value, one, before)


def _record(action: str, one: Announcement, before: AnnouncementState | None) -> None:
    audit.record(
        f"announcement.{action}",
        f"announcement:{one.id}",
        series_id=one.series_id,
        before={"state": before.value} if before else None,
        after={"state": one.state.value, "subject": one.subject_zh, "reason": one.reason},
    )
