"""Named reads of the outbox, of paused channels and of webhooks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, bindparam, func, or_, select

from eduforum.core import faults
from eduforum.core.db import db
from eduforum.core.errors import NotFound
from eduforum.notices.models import ChannelPause, Notice, Webhook, WorkerBeat
from eduforum.notices.rules import LEASE, Channel, NoticeState


@dataclass(frozen=True, slots=True)
class Filter:
    """What the desk's list shows. Empty: no condition. q: part of a name, or a whole address."""

    state: NoticeState | None = None
    kind: str = ""
    q: str = ""


def notice_or_404(series_id: int, notice_id: UUID) -> Notice:
    notice = db.session.scalar(
        select(Notice).where(Notice.id == notice_id, Notice.series_id == series_id)
    )
    if notice is None:
        raise NotFound
    return notice


def notices_page(
    series_id: int, shown: Filter, *, number: int, size: int
) -> tuple[Sequence[Notice], int]:
    """The notices of one page (from 1), newest first, and how many there are on all pages."""
    found = _matching(series_id, shown)
    total = db.session.execute(
        select(func.count()).select_from(found.with_only_columns(Notice.id).subquery())
    ).scalar_one()
    newest = found.order_by(Notice.created_at.desc(), Notice.id.desc())
    return db.session.scalars(newest.limit(size).offset((number - 1) * size)).all(), total


def counts_by_state(series_id: int) -> dict[NoticeState, int]:
    rows = db.session.execute(
        select(Notice.state, func.count())
        .where(Notice.series_id == series_id)
        .group_by(Notice.state)
    ).all()
    return {row[0]: row[1] for row in rows}


def kinds_in(series_id: int) -> Sequence[str]:
    """The kinds of notices there are in the series, in order of their names."""
    return db.session.scalars(
        select(Notice.kind).where(Notice.series_id == series_id).distinct().order_by(Notice.kind)
    ).all()


def failed_count(series_id: int) -> int:
    """How many notices wait for somebody at the desk."""
    return db.session.execute(
        select(func.count()).where(
            Notice.series_id == series_id, Notice.state == NoticeState.FAILED
        )
    ).scalar_one()


def failed_ids(series_id: int) -> Sequence[UUID]:
    return db.session.scalars(
        select(Notice.id)
        .where(Notice.series_id == series_id, Notice.state == NoticeState.FAILED)
        .order_by(Notice.id)
    ).all()


def locked(notice_id: UUID) -> Notice | None:
    """The notice as it is now, locked until the end of the transaction."""
    return db.session.scalar(
        select(Notice)
        .where(Notice.id == notice_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def due(channels: Collection[Channel], now: datetime) -> Select[Notice]:
    """Notices that may be tried now, whoever waited longest first; leases that ended are due.

    Where the clock was set back: a letter from the future that was to go at once, and a lease
    longer than leases are, are due as well.
    """
    is_due = Notice.next_attempt_at <= now
    if not faults.active("trust_clock"):
        at_once = (Notice.attempts == 0) & (Notice.next_attempt_at <= Notice.created_at)
        is_due |= at_once & (Notice.created_at > now) | (Notice.leased_until > now + LEASE)
    return (
        select(Notice)
        .where(is_due, Notice.next_attempt_at.is_not(None), Notice.channel.in_(channels))
        .order_by(Notice.next_attempt_at, Notice.id)
    )


def overdue(now: datetime) -> Select[Notice]:
    """Queued notices that are of no use any more."""
    return (
        select(Notice)
        .where(Notice.next_attempt_at <= now, Notice.useful_until <= now)
        .where(Notice.state == NoticeState.QUEUED)
        .order_by(Notice.id)
    )


def pause_of(channel: Channel) -> ChannelPause | None:
    return db.session.get(ChannelPause, channel, populate_existing=True)


def worker_seen_at() -> datetime | None:
    """When a worker, whichever, last said that it works; None when none ever did."""
    return db.session.scalar(select(func.max(WorkerBeat.seen_at)))


_WEBHOOKS = (
    select(Webhook)
    .where(Webhook.series_id == bindparam("series_id"), Webhook.ended_at.is_(None))
    .order_by(Webhook.created_at, Webhook.id)
)


def webhooks_of(series_id: int) -> Sequence[Webhook]:
    """The webhooks of a series that have not ended, oldest first."""
    return db.session.scalars(_WEBHOOKS, {"series_id": series_id}).all()


def webhook_or_404(series_id: int, webhook_id: UUID) -> Webhook:
    webhook = db.session.scalar(
        select(Webhook).where(
            Webhook.id == webhook_id, Webhook.series_id == series_id, Webhook.ended_at.is_(None)
        )
    )
    if webhook is None:
        raise NotFound
    return webhook


def _matching(series_id: int, shown: Filter) -> Select[Notice]:
    found = select(Notice).where(Notice.series_id == series_id)
    if shown.state:
        found = found.where(Notice.state == shown.state)
    if shown.kind:
        found = found.where(Notice.kind == shown.kind)
    if shown.q:
        found = found.where(
            or_(
                Notice.recipient_name.icontains(shown.q, autoescape=True),
                func.lower(Notice.recipient) == shown.q.lower(),
            )
        )
    return found
