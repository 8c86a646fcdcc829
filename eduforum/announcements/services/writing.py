"""Write a letter to many, confirm it, stop it, send it again to those whom it did not reach."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from eduforum.announcements import queries
from eduforum.announcements.models import Announcement
from eduforum.announcements.rules import (
    CHUNK,
    REASON_NAMES,
    AnnouncementKind,
    Arrived,
    CannotSend,
    Deed,
    GroupChanged,
    RecipientState,
    after,
    check_states,
    check_words,
)
from eduforum.announcements.services.sending import useless
from eduforum.announcements.services.trail import record
from eduforum.core import clock
from eduforum.core.db import db, new_id, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Text
from eduforum.events.models import Event
from eduforum.events.rules import InUse
from eduforum.notices.services import withhold_failed
from eduforum.registration.models import Category
from eduforum.registration.rules import State


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
        record("create", one, None)
    return one


def edit(series_id: int, announcement_id: UUID, given: AnnouncementInput) -> Announcement:
    """Change a draft. Raises `BadInput`, `DeedNotAllowed` when it is none any more, `NotFound`."""
    values = _checked(given)
    with transaction():
        one = _locked_or_404(series_id, announcement_id)
        after(Deed.SCHEDULE, one.state)  # only what may still be scheduled may change
        for name, value in values.items():
            setattr(one, name, value)
        record("edit", one, one.state)
    return one


def schedule(series_id: int, announcement_id: UUID, seen: int) -> Announcement:
    """Let it go at its time. seen: how many people the organiser was shown to be in the group.

    Raises `GroupChanged` when it is another number by now, `CannotSend`, `DeedNotAllowed`.
    """
    with transaction():
        one = _locked_or_404(series_id, announcement_id)
        before = one.state
        one.state = after(Deed.SCHEDULE, before)
        _check_can_go(one)
        if (count := queries.audience_count(one)) != seen:
            raise GroupChanged(seen, count)
        record(Deed.SCHEDULE.value, one, before, count=count)
    return one


def send_again(series_id: int, announcement_id: UUID) -> int:
    """Let those wait for it again whose letter failed, or who had no address and have one now.

    They get a new letter, to the address on file by then and as fast as all others; the failed one
    is not sent any more. Returns how many. Raises `DeedNotAllowed`, `CannotSend`.
    """
    count = 0
    while chunk := _again(series_id, announcement_id):
        count += chunk
    if not count:
        raise CannotSend(Text("没有可以重新发送的信。", "There is nothing to send again."))
    return count


def _again(series_id: int, announcement_id: UUID) -> int:
    with transaction():
        one = _locked_or_404(series_id, announcement_id)
        before, then = one.state, after(Deed.AGAIN, one.state)
        if reason := useless(one, clock.now()):
            told = Text("{why}，不再发送。", "It is not sent any more: {why}.")
            raise CannotSend(told.fill(why=REASON_NAMES[reason]))
        rows = queries.to_try_again(one.id, CHUNK)
        if not rows:
            return 0
        for row in rows:
            if row.notice:
                withhold_failed(row.notice)
            row.state, row.reason = RecipientState.WAITING, ""
            row.notice_id = row.queued_at = None
        one.state, one.ended_at = then, None
        record(Deed.AGAIN.value, one, before, count=len(rows))
        return len(rows)


def act(series_id: int, announcement_id: UUID, deed: Deed) -> Announcement:
    """Take it back, stop, resume or cancel it. Raises `DeedNotAllowed`."""
    with transaction():
        one = _locked_or_404(series_id, announcement_id)
        before = one.state
        one.state = after(deed, before)
        if deed is Deed.CANCEL:
            one.ended_at = clock.now()
        record(deed.value, one, before)
    return one


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


def _locked_or_404(series_id: int, announcement_id: UUID) -> Announcement:
    found = queries.locked(queries.announcement_or_404(series_id, announcement_id).id)
    if found is None:
        raise NotFound
    return found
