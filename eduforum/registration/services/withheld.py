"""Seats that are kept free for whoever is invited, until an answer or a date."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from eduforum.core.db import db
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.events.models import Event
from eduforum.events.rules import Mode
from eduforum.registration.models import Invitation, Pool
from eduforum.registration.services import lines, pools, seats


def keep(
    series_id: int,
    invitations: Sequence[Invitation],
    events: Sequence[Event],
    release_at: datetime | None,
) -> None:
    """Keep a seat at each of `events` free for every use of the invitations, until `release_at`.

    Where people are counted once whatever they come to, one seat is kept: the pools of several
    events lie in one of all of them. It is made last, so that it is released last.

    Call inside a transaction. Raises `BadInput` beside `events` where there are too few seats.
    """
    if not events:
        return
    every_pool = seats.lock_all(series_id)
    before = {pool.id: (pool.blocked, pool.grandfathered) for pool in every_pool}
    asked: list[Event | None] = [*events, None] if len(events) > 1 else [*events]
    modes = {_mode(event) for event in events}
    overall = modes.pop() if len(modes) == 1 else None
    fresh = [
        _pool(one, event, _mode(event) if event else overall, release_at)
        for one in invitations
        for event in asked
    ]
    with db.session.no_autoflush:
        pools.settle([*every_pool, *fresh])
        for pool in every_pool:
            blocked, over = before[pool.id]
            if pool.blocked > blocked and pool.grandfathered > over:
                raise _too_few(pool, pool.blocked - blocked, blocked)
        db.session.add_all(fresh)
        db.session.flush()


def let_go(invitation: Invitation, every_pool: Sequence[Pool]) -> list[Pool]:
    """Keep no seat for this invitation any longer, and serve the line with what comes free.

    every_pool: all of the series, locked. A code's pools stay as caps; those of a person go.
    Returns the pools that are left.
    """
    mine = [one for one in every_pool if one.invitation_id == invitation.id and one.reserving]
    if not mine:
        return list(every_pool)
    left = list(every_pool)
    for pool in mine:
        if invitation.is_personal:
            left.remove(pool)
            db.session.delete(pool)
        else:
            pool.reserving, pool.release_at = False, None
    pools.settle(left)
    db.session.flush()
    lines.offer_line(invitation.series_id, left)
    return left


def move(old: Invitation, new: Invitation, every_pool: Iterable[Pool]) -> None:
    """What was kept for one invitation is kept for another that takes its place."""
    for pool in every_pool:
        if pool.invitation_id == old.id:
            pool.invitation_id = new.id
    db.session.flush()


def extend(invitation_id: UUID, release_at: datetime, every_pool: Iterable[Pool]) -> None:
    """Keep what is still kept until another date."""
    for pool in every_pool:
        if pool.invitation_id == invitation_id and pool.reserving:
            pool.release_at = release_at
    db.session.flush()


def _mode(event: Event) -> Mode:
    return Mode.ONLINE if event.mode is Mode.ONLINE else Mode.ONSITE


def _pool(
    invitation: Invitation, event: Event | None, mode: Mode | None, release_at: datetime | None
) -> Pool:
    """A pool says nothing of the person: where it is full, others read its name."""
    name = Text(f"邀请码 {invitation.code}", f"Code {invitation.code}")
    if invitation.is_personal:
        name = Text("为受邀人预留", "Kept for a guest")
    return Pool(
        series_id=invitation.series_id,
        name_zh=name.zh,
        name_en=name.en,
        event_id=event.id if event else None,
        category_id=invitation.category_id,
        mode=mode,
        invitation_id=invitation.id,
        size=invitation.uses_allowed,
        held=0,
        waiting=0,
        grandfathered=0,
        blocked=0,
        reserving=True,
        release_at=release_at,
    )


def _too_few(pool: Pool, wanted: int, blocked: int) -> BadInput:
    sentence = Text(
        "“{pool}”只剩 {left} 席，不能预留 {more} 席。请减少预留的活动或人数，或先增加名额。",
        "“{pool}” has {left} seats left, so {more} cannot be kept free. Keep fewer, or make the "
        "pool larger first.",
    ).fill(pool=pool.name, left=max(0, pool.size - pool.held - blocked), more=wanted)
    return BadInput(sentence, {"events": [sentence]})
