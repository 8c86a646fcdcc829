"""Whom a letter is for, how far it is, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from eduforum.announcements.models import Announcement, AnnouncementRecipient
from eduforum.announcements.rules import CHUNK, AnnouncementState, Arrived, RecipientState
from eduforum.checkin.models import Scan
from eduforum.checkin.queries.facts import not_undone
from eduforum.checkin.rules import Verdict
from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.events.models import Series
from eduforum.notices.models import Notice
from eduforum.notices.rules import NoticeState
from eduforum.registration.models import Delegation, Registration, RegistrationEvent
from eduforum.registration.rules import State
from eduforum.tickets.models import Ticket

_WHOLE = (joinedload(Announcement.event), joinedload(Announcement.series))
_WAITS = (NoticeState.QUEUED, NoticeState.SENDING)


def announcement_or_404(series_id: int, announcement_id: UUID) -> Announcement:
    found = db.session.scalar(
        select(Announcement)
        .where(Announcement.id == announcement_id, Announcement.series_id == series_id)
        .options(*_WHOLE)
    )
    if found is None:
        raise NotFound
    return found


def locked(announcement_id: UUID) -> Announcement | None:
    """As it is now, locked until the end of the transaction."""
    return db.session.scalar(
        select(Announcement)
        .where(Announcement.id == announcement_id)
        .with_for_update(of=Announcement)
        .execution_options(populate_existing=True)
    )


def announcements_of(series_id: int) -> Sequence[Announcement]:
    """All of a series, newest first."""
    return db.session.scalars(
        select(Announcement)
        .where(Announcement.series_id == series_id)
        .order_by(Announcement.created_at.desc(), Announcement.id.desc())
        .options(*_WHOLE)
    ).all()


def open_ones() -> Sequence[Announcement]:
    """What is to be sent some time, of all series: the chore looks which of it may go now."""
    going = (AnnouncementState.SCHEDULED, AnnouncementState.SENDING)
    return db.session.scalars(
        select(Announcement)
        .where(Announcement.state.in_(going))
        .order_by(Announcement.created_at, Announcement.id)
        .options(*_WHOLE)
    ).all()


def delegations_of(series_id: int) -> Sequence[Delegation]:
    return db.session.scalars(
        select(Delegation)
        .where(Delegation.series_id == series_id, Delegation.revoked_at.is_(None))
        .order_by(Delegation.unit)
    ).all()


def audience(one: Announcement) -> Select[Any]:
    """The ids of whom it is for, as things are when this is read."""
    found = select(Registration.id).where(
        Registration.series_id == one.series_id,
        Registration.erased_at.is_(None),
        Registration.state.in_([State(state) for state in one.states]),
    )
    if one.event_ids:
        found = found.where(
            Registration.id.in_(
                select(RegistrationEvent.registration_id).where(
                    RegistrationEvent.event_id.in_(one.event_ids)
                )
            )
        )
    if one.category_ids:
        found = found.where(Registration.category_id.in_(one.category_ids))
    if one.delegation_ids:
        ids = [UUID(text) for text in one.delegation_ids]
        found = found.where(Registration.delegation_id.in_(ids))
    if one.arrived is not Arrived.ANY:
        came = _has_arrived()
        found = found.where(came if one.arrived is Arrived.YES else ~came)
    return found


def _has_arrived() -> ColumnElement[bool]:
    """Let in anywhere and not taken back; a reissued ticket stands for the one before it."""
    before = select(Ticket.id).where(Ticket.replaced_by_id == Registration.ticket_id)
    return (
        select(Scan.id)
        .where(
            or_(Scan.ticket_id == Registration.ticket_id, Scan.ticket_id.in_(before)),
            Scan.verdict == Verdict.ADMITTED,
            not_undone(),
        )
        .exists()
    )


def audience_count(one: Announcement) -> int:
    return db.session.execute(
        select(func.count()).select_from(audience(one).subquery())
    ).scalar_one()


@dataclass(frozen=True, slots=True)
class Reach:
    """How a group is reached: at the own address, through a liaison, or not at all."""

    own: int
    liaison: int
    none: int

    @property
    def total(self) -> int:
        return self.own + self.liaison + self.none


def reach(one: Announcement) -> Reach:
    """Counted as `audience_count` counts, in one reading."""
    own, through = Registration.email != "", Delegation.liaison_email != ""
    counted = (
        select(
            func.count().filter(own),
            func.count().filter(~own, through),
            func.count().filter(~own, or_(Delegation.id.is_(None), ~through)),
        )
        .select_from(Registration)
        .outerjoin(Delegation, Delegation.id == Registration.delegation_id)
        .where(Registration.id.in_(audience(one)))
    )
    return Reach(*db.session.execute(counted).one())


def unreached(one: Announcement, limit: int) -> Sequence[Registration]:
    """Those of the group who have no address, nor a liaison with one."""
    nobody = or_(Delegation.id.is_(None), Delegation.liaison_email == "")
    return db.session.scalars(
        select(Registration)
        .outerjoin(Delegation, Delegation.id == Registration.delegation_id)
        .where(Registration.id.in_(audience(one)), Registration.email == "", nobody)
        .order_by(Registration.pinyin_key, Registration.id)
        .limit(limit)
    ).all()


def audience_page(one: Announcement, *, number: int, size: int) -> Sequence[Registration]:
    """The people of one page (from 1), in the order in which they are written to."""
    ids = audience(one).order_by(Registration.id).limit(size).offset((number - 1) * size)
    return db.session.scalars(
        select(Registration)
        .where(Registration.id.in_(ids))
        .order_by(Registration.id)
        .options(
            joinedload(Registration.delegation),
            joinedload(Registration.category),
            joinedload(Registration.series),
        )
    ).all()


def still_meant(one: Announcement, ids: Sequence[UUID]) -> set[UUID]:
    """Who of these is still in the group: somebody may have left since it was drawn."""
    return set(db.session.scalars(audience(one).where(Registration.id.in_(ids))))


def last_drawn(announcement_id: UUID) -> UUID | None:
    return db.session.scalar(
        select(AnnouncementRecipient.registration_id)
        .where(AnnouncementRecipient.announcement_id == announcement_id)
        .order_by(AnnouncementRecipient.registration_id.desc())
        .limit(1)
    )


def waiting(announcement_id: UUID, limit: int) -> Sequence[AnnouncementRecipient]:
    return db.session.scalars(
        select(AnnouncementRecipient)
        .where(
            AnnouncementRecipient.announcement_id == announcement_id,
            AnnouncementRecipient.state == RecipientState.WAITING,
        )
        .order_by(AnnouncementRecipient.registration_id)
        .limit(limit)
        .options(
            joinedload(AnnouncementRecipient.registration).options(
                joinedload(Registration.delegation),
                joinedload(Registration.category),
                joinedload(Registration.series),
            )
        )
    ).all()


def allowance(one: Announcement, now: datetime) -> int:
    """How many more letters may be handed to the outbox now.

    Providers count what a sender sends, so letters of all series count, and one that was sent again
    counts again. What still lies in the outbox counts too: after a pause nothing leaves in one burst, and a stop takes hold soon.
    """
    minute, day = (
        select(func.count())
        .select_from(Notice)
        .where(Notice.series_id.in_(select(Series.id)))  # so that an index by series finds them
        .where(Notice.created_at > now - span, Notice.kind == "announcement")
        .scalar_subquery()
        for span in (timedelta(minutes=1), timedelta(days=1))
    )
    backlog = (
        select(func.count())
        .select_from(Notice)
        .where(Notice.next_attempt_at.is_not(None), Notice.kind == "announcement")
        .where(Notice.state.in_(_WAITS), Notice.attempts == 0)
        .scalar_subquery()
    )
    in_minute, in_day, lying = db.session.execute(select(minute, day, backlog)).one()
    spare: int = min(CHUNK, one.per_minute - max(in_minute, lying), one.per_day - in_day)
    return max(0, spare)


def progress(series_id: int, only: UUID | None = None) -> dict[UUID, dict[str, int]]:
    """By announcement: how many are `waiting`, `queued`, `skipped`; of those queued `sent`, `failed`."""
    found = (
        select(
            AnnouncementRecipient.announcement_id,
            AnnouncementRecipient.state,
            Notice.state,
            func.count(),
        )
        .join(Announcement, Announcement.id == AnnouncementRecipient.announcement_id)
        .outerjoin(Notice, Notice.id == AnnouncementRecipient.notice_id)
        .where(Announcement.series_id == series_id)
        .group_by(AnnouncementRecipient.announcement_id, AnnouncementRecipient.state, Notice.state)
    )
    if only:
        found = found.where(Announcement.id == only)
    told: dict[UUID, dict[str, int]] = {}
    for key, state, became, count in db.session.execute(found):
        numbers = told.setdefault(key, dict.fromkeys(_NUMBERS, 0))
        numbers["total"] += count
        numbers[state.value] += count
        if became in (NoticeState.SENT, NoticeState.FAILED):
            numbers[became.value] += count
    return told


def to_try_again(announcement_id: UUID, limit: int) -> Sequence[AnnouncementRecipient]:
    """Whose letter failed for good, and who had no address and has one now; not more than `limit`."""
    return db.session.scalars(
        _can_be_tried_again(select(AnnouncementRecipient), announcement_id)
        .order_by(AnnouncementRecipient.registration_id)
        .limit(limit)
        .options(contains_eager(AnnouncementRecipient.notice))
    ).all()


def count_to_try_again(announcement_id: UUID) -> int:
    found = select(func.count()).select_from(AnnouncementRecipient)
    count: int = db.session.execute(_can_be_tried_again(found, announcement_id)).scalar_one()
    return count


def _can_be_tried_again(found: Select[Any], announcement_id: UUID) -> Select[Any]:
    row = AnnouncementRecipient
    has_address = or_(Registration.email != "", Delegation.liaison_email != "")
    return (
        found.join(Registration, Registration.id == row.registration_id)
        .outerjoin(Delegation, Delegation.id == Registration.delegation_id)
        .outerjoin(Notice, Notice.id == row.notice_id)
        .where(row.announcement_id == announcement_id)
        .where(
            or_(Notice.state == NoticeState.FAILED, and_(row.reason == "no_address", has_address))
        )
    )


def troubled(one: Announcement, limit: int = 200) -> Sequence[AnnouncementRecipient]:
    """Whose letter came back or was refused, and who has no address; the latter last."""
    failed = Notice.state == NoticeState.FAILED
    return db.session.scalars(
        select(AnnouncementRecipient)
        .outerjoin(Notice, Notice.id == AnnouncementRecipient.notice_id)
        .where(AnnouncementRecipient.announcement_id == one.id)
        .where(failed | (AnnouncementRecipient.reason == "no_address"))
        .order_by(AnnouncementRecipient.state, AnnouncementRecipient.registration_id)
        .limit(limit)
        .options(
            joinedload(AnnouncementRecipient.registration),
            joinedload(AnnouncementRecipient.notice),
        )
    ).all()


_NUMBERS = ("total", "waiting", "queued", "skipped", "sent", "failed")
NOTHING = dict.fromkeys(_NUMBERS, 0)
