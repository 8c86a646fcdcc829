"""Deliver what is due: claim (a transaction), send (none), mark (a transaction).

Any number of workers may do this at once. A worker that dies leaves its claims leased; they are
taken up when the lease ends. Between sending and marking lies the only moment in which a death
sends one notice twice, both times under one Message-ID.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from flask import current_app
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from eduforum.core import audit, clock, faults
from eduforum.core.db import db, transaction
from eduforum.core.encryption import unseal
from eduforum.core.errors import NotFound
from eduforum.core.logging import fault, log
from eduforum.core.turnstile import StorageFailed
from eduforum.notices import webhooks
from eduforum.notices.letters import extras_of
from eduforum.notices.mail import Connection, Envelope, Message
from eduforum.notices.models import ChannelPause, Notice, Webhook
from eduforum.notices.queries import due, locked, overdue, pause_of
from eduforum.notices.rules import (
    LEASE,
    Action,
    Blame,
    Channel,
    DeliveryFailed,
    NoticeState,
    Trouble,
    after,
    next_attempt,
    pause,
    rests,
)
from eduforum.notices.services.hooks import allowed_hosts, secret_place
from eduforum.notices.services.outbox import frozen

BATCH = 10
"""Claimed at once: few, so that a dead worker keeps few waiting."""
_ENOUGH_LEASE = timedelta(minutes=3)
"""What must be left of a lease to begin sending: longer than all time-outs of one letter."""


@dataclass(slots=True)
class _Turn:
    """One pass over a batch. stopped: nothing more can be sent there now. down: until when the
    webhooks that failed are left alone."""

    connection: Connection
    sent: int = 0
    stopped: set[Channel] = field(default_factory=set)
    down: dict[UUID | None, datetime] = field(default_factory=dict)


def deliver_due(limit: int = 100, connection: Connection | None = None) -> int:
    """Try up to `limit` due notices. Returns how many were delivered.

    connection: to go on with one that is open; otherwise one is made and closed here. Without a
    mail server, letters stay queued. Never raises for a notice that cannot be sent.
    """
    if connection is None:
        with Connection() as own:
            return deliver_due(limit, own)
    sent = 0
    while limit > 0:
        claims = _claim(min(limit, BATCH))
        turn = _Turn(connection)
        for notice, lease in claims:
            _try(notice, lease, turn)
        sent, limit = sent + turn.sent, limit - BATCH
        if len(claims) < BATCH or turn.stopped:
            break
    return sent


def expire_overdue() -> int:
    """End queued notices that are of no use any more. Returns how many."""
    now = clock.now()
    found = overdue(now).limit(200)
    if db.session.scalar(found.limit(1)) is None:
        return 0
    with transaction():
        notices = db.session.scalars(found.with_for_update(skip_locked=True)).all()
        for notice in notices:
            _end(notice, Action.EXPIRE)
    return len(notices)


def _claim(most: int) -> list[tuple[Notice, datetime]]:
    """Lease up to `most` due notices; with each, until when it is ours."""
    now = clock.now()
    lease = now + LEASE
    channels = _open_channels(now)
    if not channels or db.session.scalar(due(channels, now).limit(1)) is None:
        return []
    with transaction():
        found = due(channels, now).limit(most).with_for_update(skip_locked=True)
        claims = list(db.session.scalars(found.execution_options(populate_existing=True)))
        for notice in claims:
            if notice.useful_until and notice.useful_until <= now:
                _end(notice, Action.EXPIRE)
                continue
            notice.state = after(Action.CLAIM, notice.state)
            notice.leased_until = notice.next_attempt_at = lease
            notice.attempts += 1
    return [(notice, lease) for notice in claims if notice.state is NoticeState.SENDING]


def _open_channels(now: datetime) -> set[Channel]:
    channels = {Channel.WEBHOOK}
    resting = pause_of(Channel.MAIL)
    if current_app.config["MAIL_SERVER"] and not (resting and rests(resting.until, now)):
        channels.add(Channel.MAIL)
    return channels


def _try(notice: Notice, lease: datetime, turn: _Turn) -> None:
    too_late = clock.now() > lease - _ENOUGH_LEASE
    rests_until = turn.down.get(_webhook_id(notice))
    if too_late or rests_until or notice.channel in turn.stopped:
        _mark(notice.id, lease, partial(_release, at=rests_until))
        return
    if faults.active("mark_early"):
        _mark(notice.id, lease, _delivered)
    try:
        _send(notice, turn.connection)
    except DeliveryFailed as failure:
        _after_failure(notice, lease, failure, turn)
        return
    _mark(notice.id, lease, _delivered)
    turn.sent += 1


def _send(notice: Notice, connection: Connection) -> None:
    """Send one notice; no transaction is open meanwhile. Raises `DeliveryFailed`."""
    if notice.channel is Channel.WEBHOOK:
        _call(notice)
        return
    message = _compose(notice)
    db.session.rollback()  # what was read for it must not hold the database while the mail goes
    connection.deliver(message)


def _compose(notice: Notice) -> Message:
    try:
        extras = extras_of(notice)
        letter = frozen(notice, extras).with_link(extras.link)
    except NotFound:
        raise DeliveryFailed(Blame.FINAL, Trouble.COMPOSE, "what it is about is gone") from None
    except (OperationalError, StorageFailed):
        raise  # the database is to blame, not the letter
    except Exception as error:
        # A mistake in a letter must not keep the others from being sent.
        db.session.rollback()
        log.error("letter not written", notice=str(notice.id), kind=notice.kind, **fault(error))
        raise DeliveryFailed(Blame.MESSAGE, Trouble.COMPOSE, type(error).__name__) from error
    envelope = Envelope(
        recipient=notice.recipient,
        recipient_name=notice.recipient_name,
        message_id=notice.message_id,
        language=notice.language,
        at=clock.now(),
    )
    return Message(letter, envelope, extras.inline, extras.attachments)


def _call(notice: Notice) -> None:
    hook = db.session.get(Webhook, _webhook_id(notice), populate_existing=True)
    if hook is None or hook.ended_at is not None:
        raise DeliveryFailed(Blame.FINAL, Trouble.GONE)
    secret = unseal(hook.sealed_secret, secret_place(hook.id)).decode()
    url, message_id, body = hook.url, notice.message_id, notice.values["body"]
    db.session.rollback()
    webhooks.call(url, secret, message_id, body, clock.now(), allowed_hosts())


def _webhook_id(notice: Notice) -> UUID | None:
    return UUID(notice.values["webhook"]) if notice.channel is Channel.WEBHOOK else None


def _after_failure(notice: Notice, lease: datetime, failure: DeliveryFailed, turn: _Turn) -> None:
    log.warning(
        "notice not delivered",
        notice=str(notice.id),
        kind=notice.kind,
        trouble=failure.trouble.value,
    )
    if failure.blame is Blame.CHANNEL:
        turn.stopped.add(notice.channel)
        _rest(notice.channel, str(failure))
        _mark(notice.id, lease, _release)
        return
    if failure.trouble is Trouble.INTERRUPTED:
        # The server hangs or drops us: look again in the next turn instead of waiting ten times.
        turn.stopped.add(notice.channel)
    again = next_attempt(notice.attempts, clock.now(), notice.useful_until)
    if failure.blame is Blame.FINAL:
        again = None
    hook_id = _webhook_id(notice)
    _mark(notice.id, lease, partial(_failed, reason=str(failure), again=again))
    if hook_id is not None:
        _after_webhook_failure(hook_id, failure, again, turn)


def _after_webhook_failure(
    hook_id: UUID, failure: DeliveryFailed, again: datetime | None, turn: _Turn
) -> None:
    """What else waits for the same program waits along: each would wait out the same time-out."""
    if failure.trouble is Trouble.GONE:
        _end_webhook(hook_id)
    if again is None:
        return
    turn.down[hook_id] = again
    with transaction():
        db.session.execute(
            update(Notice)
            .where(Notice.about == f"webhook:{hook_id}", Notice.state == NoticeState.QUEUED)
            .where(Notice.next_attempt_at < again)
            .values(next_attempt_at=again)
            .execution_options(synchronize_session=False)
        )


def _mark(notice_id: UUID, lease: datetime, change: Callable[[Notice], None]) -> None:
    """Write down how it went, unless the lease ended and somebody else has it now.

    What was delivered is written down in any case: nothing is sent again that is known to be sent.
    """
    with transaction():
        row = locked(notice_id)
        if row is None or row.state is not NoticeState.SENDING:
            return
        if row.leased_until == lease or change is _delivered:
            change(row)


def _delivered(row: Notice) -> None:
    resting = pause_of(row.channel)
    if resting is not None:
        db.session.delete(resting)
    row.sent_at, row.last_error = clock.now(), ""
    _end(row, Action.DELIVER)


def _release(row: Notice, at: datetime | None = None) -> None:
    """Give it back untried, to be tried `at` then, or at once."""
    row.state = after(Action.RELEASE, row.state)
    row.leased_until, row.next_attempt_at = None, at or clock.now()
    row.attempts -= 1


def _failed(row: Notice, reason: str, again: datetime | None) -> None:
    row.last_error = reason
    if again is None:
        _end(row, Action.GIVE_UP)
        return
    row.state = after(Action.RELEASE, row.state)
    row.leased_until, row.next_attempt_at = None, again


def _end(row: Notice, action: Action) -> None:
    row.state = after(action, row.state)
    row.leased_until = row.next_attempt_at = None


def _rest(channel: Channel, reason: str) -> None:
    """Let the channel rest, longer each time; its notices keep their attempts."""
    with transaction():
        resting = pause_of(channel)
        failures = resting.failures + 1 if resting else 1
        until = clock.now() + pause(failures)
        db.session.merge(
            ChannelPause(channel=channel, until=until, failures=failures, reason=reason)
        )


def _end_webhook(hook_id: UUID) -> None:
    with transaction():
        hook = db.session.get(Webhook, hook_id, with_for_update=True, populate_existing=True)
        if hook is not None and hook.ended_at is None:
            hook.ended_at = clock.now()
            audit.record("webhook.end", f"webhook:{hook.id}", series_id=hook.series_id)
