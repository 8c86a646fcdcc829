"""Events and rooms. An event's own session, the one with its slug, follows the event."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from eduforum.core import audit
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Text
from eduforum.events import services as events
from eduforum.events.changes import Diff, apply
from eduforum.events.models import Event, Series
from eduforum.events.queries import is_used
from eduforum.events.rules import EventState, InUse
from eduforum.events.services import EventInput
from eduforum.schedule.models import Room, Session
from eduforum.schedule.services.shared import (
    bump,
    check_unused,
    event_with_id,
    record,
    sessions_in,
)

_PARTS_OF_EVENT = ("sessions", "agreements", "plaques")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomInput:
    """A place. seats: None while unknown."""

    name_zh: str
    name_en: str = ""
    seats: int | None = None


def input_of(event: Event) -> EventInput:
    """The event as it is, to change one thing of it."""
    return EventInput(
        name_zh=event.name_zh,
        name_en=event.name_en,
        kind=event.kind,
        mode=event.mode,
        field=event.field,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        room=event.room,
        room_en=event.room_en,
        description_zh=event.description_zh,
        description_en=event.description_en,
        topics=tuple(event.topics),
    )


def create_event(series: Series, slug: str, given: EventInput, **more: Any) -> Event:
    """Add an event with its own session and, if it is new, its room. Raises as `add_event`."""
    with transaction():
        event = events.add_event(series, slug, given, **more)
        _follow(event)
    return event


def edit_event(event_id: int, given: EventInput, **more: Any) -> Diff:
    """Change an event; its own session moves along and its people are told. Raises `BadInput`."""
    with transaction():
        diff = events.change_event(event_id, given, **more)
        _follow(event_with_id(event_id))
    return diff


def cancel_event(event_id: int, reason: str) -> None:
    """Call an event off and tell its people. Raises `AlreadyCancelled`."""
    with transaction():
        events.cancel_event(event_id, reason)
        _follow(event_with_id(event_id))


def restore_event(event_id: int) -> None:
    """Let a cancelled event take place after all. Raises `NotCancelled`."""
    with transaction():
        events.restore_event(event_id)
        _follow(event_with_id(event_id))


def delete_event(event_id: int) -> None:
    """Delete an event with its schedule, if nobody uses any of it. Raises `InUse`."""
    with transaction():
        for session in sessions_in(event_id):
            check_unused(session)
        events.remove_event(event_id, parts=_PARTS_OF_EVENT)


def _follow(event: Event) -> None:
    """Bring the event's own session, the one with its slug, to where the event is."""
    room = _room_named(event.series_id, event.room, event.room_en) if event.room else None
    own = db.session.scalar(
        select(Session).where(Session.event_id == event.id, Session.slug == event.slug)
    ) or Session(event=event, slug=event.slug, sequence=-1)
    diff = apply(
        own,
        {
            "name_zh": event.name_zh,
            "name_en": event.name_en,
            "starts_at": event.starts_at,
            "ends_at": event.ends_at,
            "room_id": room.id if room else None,
            "cancelled": event.state is EventState.CANCELLED,
        },
    )
    bump(own, diff)
    db.session.add(own)
    db.session.flush()


def _room_named(series_id: int, name_zh: str, name_en: str) -> Room:
    room = db.session.scalar(
        select(Room).where(Room.series_id == series_id, Room.name_zh == name_zh)
    )
    if room is None:
        room = Room(series_id=series_id, name_zh=name_zh, name_en=name_en)
        db.session.add(room)
        db.session.flush()
    return room


def save_room(series_id: int, given: RoomInput, room_id: int | None = None) -> Room:
    """Add a room or change one. A new name is a new room for the people of its events: they are
    told. Raises `BadInput` beside `name_zh`.
    """
    with transaction():
        same = select(Room).where(Room.series_id == series_id, Room.name_zh == given.name_zh)
        taken = db.session.scalar(same)
        if taken is not None and taken.id != room_id:
            sentence = Text("本系列已有同名会场。", "This series has a room of this name.")
            raise BadInput(sentence, {"name_zh": [sentence]})
        room = Room(series_id=series_id) if room_id is None else _room(series_id, room_id)
        was = room.name_zh
        values = {"name_zh": given.name_zh, "name_en": given.name_en, "seats": given.seats}
        diff = apply(room, values)
        db.session.add(room)
        db.session.flush()
        if diff:
            events.touch(db.session.get_one(Series, series_id))
            record("room.edit" if room_id else "room.create", f"room:{room.id}", series_id, diff)
            _rename_room(room, was)
    return room


def delete_room(series_id: int, room_id: int) -> None:
    """Delete a room in which nothing takes place. Raises `InUse`."""
    with transaction():
        room = _room(series_id, room_id)
        if is_used(room):
            raise InUse(
                Text(
                    "还有活动或场次安排在这个会场，不能删除。请先为其另选会场。",
                    "Events or sessions take place in this room, so it cannot be deleted. "
                    "Give them another room first.",
                )
            )
        before = {"name_zh": room.name_zh}
        audit.record("room.delete", f"room:{room.id}", series_id=series_id, before=before)
        db.session.delete(room)


def _rename_room(room: Room, was: str) -> None:
    found = select(Event).where(Event.series_id == room.series_id, Event.room == was)
    for event in db.session.scalars(found).all():
        edit_event(event.id, replace(input_of(event), room=room.name_zh, room_en=room.name_en))


def _room(series_id: int, room_id: int) -> Room:
    room = db.session.get(Room, room_id)
    if room is None or room.series_id != series_id:
        raise NotFound
    return room
