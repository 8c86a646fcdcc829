"""The programme as doors need it: what begins when, and where."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from eduforum.checkin.rules import Stop
from eduforum.core.db import db, table_of
from eduforum.core.i18n import Text
from eduforum.events.models import Event
from eduforum.events.rules import EventState
from eduforum.schedule.models import Room, Session

_E, _S, _R = table_of(Event).c, table_of(Session).c, table_of(Room).c
_HELD = (_E.series_id == bindparam("series_id"), _E.state == EventState.SCHEDULED)
_EVENTS = select(_E.id, _E.slug, _E.name_zh, _E.name_en, _E.room, _E.room_en, _E.starts_at).where(
    *_HELD
)
_SESSIONS = (
    select(
        _S.id, _S.name_zh, _S.name_en, _S.starts_at, _E.room, _E.room_en,
        _R.name_zh.label("own_zh"), _R.name_en.label("own_en"),
    )
    .select_from(
        table_of(Session)
        .join(table_of(Event), _E.id == _S.event_id)
        .outerjoin(table_of(Room), _R.id == _S.room_id)
    )
    .where(*_HELD, _S.cancelled.is_(False))
)  # fmt: skip


def programme_of(series_id: int) -> Sequence[Stop]:
    """The events and sessions of a series that take place, in any order."""
    asked = {"series_id": series_id}
    events = [
        Stop(
            Text(row.name_zh, row.name_en), _room(row.room, row.room_en), row.starts_at,
            event_id=row.id, event=row.slug,
        )
        for row in db.session.execute(_EVENTS, asked)
    ]  # fmt: skip
    sessions = [
        Stop(
            Text(row.name_zh, row.name_en),
            _room(row.own_zh, row.own_en) if row.own_zh else _room(row.room, row.room_en),
            row.starts_at,
            session_id=str(row.id),
        )
        for row in db.session.execute(_SESSIONS, asked)
    ]
    return [*events, *sessions]


def _room(zh: str, en: str) -> Text:
    return Text(zh, en or zh)
