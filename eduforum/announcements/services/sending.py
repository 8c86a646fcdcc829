"""Hand letters to the outbox, a few at a time, as fast as was said."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, literal

from eduforum.announcements import queries
from eduforum.announcements.models import Announcement, AnnouncementRecipient
from eduforum.announcements.rules import (
    DRAWN,
    AnnouncementKind,
    AnnouncementState,
    Deed,
    RecipientState,
    after,
    is_quiet,
)
from eduforum.announcements.services.letters import KIND, values_of
from eduforum.announcements.services.trail import record
from eduforum.core import clock
from eduforum.core.audit import acting_as
from eduforum.core.db import db, transaction
from eduforum.core.i18n import Language
from eduforum.events.rules import EventState
from eduforum.notices.services import queue
from eduforum.registration.models import Registration


def send_due() -> int:
    """The chore: go on with whatever may be sent now. Returns how many letters were queued."""
    now = clock.now()
    ready = [one.id for one in queries.open_ones() if _may_go(one, now)]
    with acting_as("system"):
        return sum(_turn(one) for one in ready)


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
        if reason := useless(one, now):
            one.reason, one.ended_at = reason, now
            _step(one, Deed.CANCEL)
            return 0
        if one.state is AnnouncementState.SCHEDULED:
            one.started_at = now
            _step(one, Deed.START)
        if not one.drawn and not _draw(one):
            return 0
        return _hand_on(one, now)


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


def useless(one: Announcement, now: datetime) -> str:
    """Why a reminder is not sent any more; "" when it is."""
    if one.kind is not AnnouncementKind.REMINDER or one.event is None:
        return ""
    if one.event.state is EventState.CANCELLED:
        return "event_cancelled"
    return "event_over" if one.event.starts_at <= now else ""


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
        values=values_of(one, registration, language),
        useful_until=one.event.starts_at
        if one.event and one.kind is AnnouncementKind.REMINDER
        else None,
    )
    row.state, row.notice_id, row.queued_at = RecipientState.QUEUED, notice_id, now
    return True


def _step(one: Announcement, deed: Deed) -> None:
    before = one.state
    one.state = after(deed, before)
    record(deed.value, one, before)
