"""What the outbox keeps of people: their address, and what was written to them."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, case, select, update

from eduforum.core import clock
from eduforum.core.audit import blotted
from eduforum.core.db import db
from eduforum.core.personal import Group, Holding, Person
from eduforum.notices.models import Notice
from eduforum.notices.rules import NoticeState

_OPEN = (NoticeState.QUEUED, NoticeState.SENDING)


def _erase(people: Sequence[Person], groups: frozenset[Group]) -> None:
    """That something was sent, and of which kind, stays. What waited is not sent any more."""
    if Group.GENERAL not in groups:
        return
    _forget(Notice.about.in_([person.subject for person in people]))


def forget_letters_to(series_id: int, email: str, name: str) -> None:
    """Forget what this reader got about others, as a liaison gets it."""
    _forget(
        (Notice.series_id == series_id)
        & (Notice.recipient == email)
        & (Notice.recipient_name == name)
    )


def blot_out(about: str, words: Collection[str]) -> None:
    """Make these words unreadable in the letters about something, where they stand in passing."""
    for notice in db.session.scalars(select(Notice).where(Notice.about == about)):
        notice.values = blotted(notice.values, words)
        notice.subject = blotted(notice.subject, words)
        notice.text, notice.html = blotted(notice.text, words), blotted(notice.html, words)


def _forget(which: ColumnElement[bool]) -> None:
    now = clock.now()
    db.session.execute(
        update(Notice)
        .where(which)
        .values(
            recipient="",
            recipient_name="",
            values={},
            subject="",
            text="",
            html="",
            last_error="",
            useful_until=now,
            state=case((Notice.state.in_(_OPEN), NoticeState.WITHHELD), else_=Notice.state),
            next_attempt_at=None,
            leased_until=None,
        )
        .execution_options(synchronize_session=False)
    )


def _export(person: Person) -> Mapping[str, object]:
    letters = db.session.scalars(
        select(Notice).where(Notice.about == person.subject).order_by(Notice.created_at)
    )
    return {
        "letters": [
            {
                "kind": one.kind,
                "to": one.recipient,
                "subject": one.subject or "",
                "text": one.text or "",
                "state": one.state.value,
                "written_at": one.created_at.isoformat(),
                "sent_at": one.sent_at.isoformat() if one.sent_at else None,
            }
            for one in letters
        ]
    }


HOLDING = Holding(room="notices", erase=_erase, export=_export)
