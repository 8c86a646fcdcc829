"""Queue a notice now; read it, send it again or hold it back later."""

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import current_app
from sqlalchemy import event, insert
from sqlalchemy.orm import Session

from eduforum.core import audit, clock
from eduforum.core.db import db, new_id, table_of, transaction
from eduforum.core.errors import NotFound
from eduforum.core.i18n import Language
from eduforum.core.names import clean
from eduforum.notices.letters import Extras, Letter, extras_of, write
from eduforum.notices.models import Notice
from eduforum.notices.queries import failed_ids, locked, notice_or_404, webhooks_of
from eduforum.notices.rules import Action, Channel, NoLongerUseful, NoticeState, after

_ADD = insert(table_of(Notice))

bell = threading.Event()
"""Rings when something may have been queued by this process; the worker clears it."""


def queue(
    kind: str,
    *,
    series_id: int | None,
    about: str,
    language: str,
    recipient: str,
    recipient_name: str,
    values: Mapping[str, Any],
    useful_until: datetime | None = None,
) -> UUID:
    """Write the letter `kind` into the outbox, in the transaction that makes it true. Returns its id.

    kind: names `templates/notices/<kind>.txt`. values: JSON; a dict of `zh` and `en` is a name in
    both languages, keys that end in `_at`, `_by` or `_until` are moments in ISO 8601.
    recipient: "" when the person has no address; the letter is then only read at the desk.
    """
    notice_id = new_id()
    _add(
        id=notice_id,
        series_id=series_id,
        kind=kind,
        language=Language(language).value,
        recipient=recipient,
        recipient_name=clean(recipient_name),
        values=dict(values),
        about=about,
        message_id=_new_message_id(),
        useful_until=useful_until,
        state=NoticeState.QUEUED if recipient else NoticeState.NO_ADDRESS,
        next_attempt_at=clock.now() if recipient else None,
    )
    return notice_id


def announce(type: str, *, series_id: int, data: Mapping[str, Any]) -> int:
    """Queue a message `type` for every webhook of the series that asked for it. Returns how many.

    data: JSON without personal data: id, series, state.
    """
    told = [hook for hook in webhooks_of(series_id) if not hook.types or type in hook.types]
    for hook in told:
        values = {
            "webhook": str(hook.id),
            "body": {"type": type, "timestamp": clock.now().isoformat(), "data": dict(data)},
        }
        _add(
            series_id=series_id,
            channel=Channel.WEBHOOK,
            kind=type,
            recipient=hook.url,
            values=values,
            about=f"webhook:{hook.id}",
            message_id=f"msg_{new_id().hex}",
            next_attempt_at=clock.now(),
        )
    return len(told)


def frozen(notice: Notice, extras: Extras | None = None) -> Letter:
    """The letter as it is sent, whenever that is: written at the first attempt or first view.

    `PERSONAL_LINK` stands where the reader's own link belongs. Raises what the composer and the
    template raise.
    """
    stored = _stored(notice)
    if stored is None:
        written = write(notice, extras or extras_of(notice))
        with transaction():
            row = locked(notice.id)
            if row is None:
                raise NotFound
            stored = _stored(row)
            if stored is None:
                row.subject, row.text, row.html = written.subject, written.text, written.html
                stored = written
    return stored


def resend(series_id: int, notice_id: UUID) -> Notice:
    """Queue a notice again that was sent, failed or was withheld; its attempts start anew.

    Raises `NotFound`, `NoticeNotAllowed` or `NoLongerUseful`.
    """
    with transaction():
        notice = _locked_or_404(series_id, notice_id)
        before = notice.state
        _queue_again(notice)
        _record("notice.resend", notice, before)
    return notice


def resend_failed(series_id: int) -> tuple[int, int]:
    """Queue all failed notices of a series again. Returns how many were, and how many are too late."""
    sent = late = 0
    ids = failed_ids(series_id)
    for start in range(0, len(ids), 200):
        with transaction():
            for notice_id in ids[start : start + 200]:
                notice = locked(notice_id)
                if notice is None or notice.state is not NoticeState.FAILED:
                    continue
                try:
                    _queue_again(notice)
                except NoLongerUseful:
                    late += 1
                    continue
                _record("notice.resend", notice, NoticeState.FAILED)
                sent += 1
    return sent, late


def withhold(series_id: int, notice_id: UUID) -> Notice:
    """Keep a queued notice from being sent. Raises `NotFound` or `NoticeNotAllowed`."""
    with transaction():
        notice = _locked_or_404(series_id, notice_id)
        before = notice.state
        notice.state, notice.next_attempt_at = after(Action.WITHHOLD, before), None
        _record("notice.withhold", notice, before)
    return notice


def withhold_failed(notice: Notice) -> None:
    """Leave a failed notice at that, in the transaction that writes another in its place."""
    notice.state = after(Action.WITHHOLD, notice.state)
    _record("notice.withhold", notice, NoticeState.FAILED)


def wake() -> None:
    """Let the worker of this process look at the outbox at once."""
    bell.set()


def _add(**columns: Any) -> None:
    db.session.execute(_ADD, columns)
    db.session.info["notices_queued"] = True


def _queue_again(notice: Notice) -> None:
    state = after(Action.RESEND, notice.state)
    now = clock.now()
    if notice.useful_until and notice.useful_until <= now:
        raise NoLongerUseful
    if notice.state is NoticeState.SENT and notice.channel is Channel.MAIL:
        # The mail that arrived bears the old one, and servers drop a second with the same.
        notice.message_id = _new_message_id()
    notice.state, notice.next_attempt_at = state, now
    notice.attempts, notice.last_error, notice.sent_at = 0, "", None
    db.session.info["notices_queued"] = True


def _locked_or_404(series_id: int, notice_id: UUID) -> Notice:
    found = locked(notice_or_404(series_id, notice_id).id)
    if found is None:
        raise NotFound
    return found


def _record(action: str, notice: Notice, before: NoticeState) -> None:
    audit.record(
        action,
        f"notice:{notice.id}",
        series_id=notice.series_id,
        before={"state": before.value},
        after={"state": notice.state.value},
    )


def _stored(notice: Notice) -> Letter | None:
    if notice.subject is None or notice.text is None or notice.html is None:
        return None
    return Letter(notice.subject, notice.text, notice.html)


def _new_message_id() -> str:
    host = urlsplit(current_app.config["BASE_URL"]).hostname or "localhost"
    return f"<{new_id().hex}@{host}>"


@event.listens_for(db.session, "after_commit")
def _ring(session: Session) -> None:
    """Ring when something was queued; a rolled-back change may make it ring for nothing."""
    if session.info.pop("notices_queued", False):
        bell.set()
