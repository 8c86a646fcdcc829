"""Make and revoke links of displays; let somebody say whether the hall may read their name."""

from uuid import UUID

from flask import current_app
from sqlalchemy import select

from eduforum.checkin.models import Point
from eduforum.checkin.queries import place_or_404
from eduforum.checkin.rules import PointKind
from eduforum.checkin.services import (
    PICKED,
    PointInput,
    Reading,
    Result,
    Scanner,
    add_point,
    record,
)
from eduforum.consents import services as consents
from eduforum.consents.rules import WELCOME
from eduforum.core import audit, clock
from eduforum.core.db import db, new_id, transaction
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.core.names import clean
from eduforum.core.signing import Purpose, derived_key, link_secret
from eduforum.events.models import Event
from eduforum.hall import queries
from eduforum.hall.models import OnlineRoom, Screen
from eduforum.hall.queries.rooms import Way
from eduforum.hall.queries.welcomes import agrees
from eduforum.hall.rules import room_code, step_at
from eduforum.registration.models import Registration
from eduforum.registration.services.answers import owner_of

_LONGEST_URL = 500


def make_screen(event: Event, point_id: UUID | None = None) -> Screen:
    """A link that opens the display of an event; with a point it shows the code to check in there."""
    with transaction():
        screen = Screen(series_id=event.series_id, event_id=event.id, point_id=point_id)
        db.session.add(screen)
        db.session.flush()
        audit.record(
            "screen.make",
            f"screen:{screen.id}",
            series_id=event.series_id,
            after={"event": event.slug, "point": str(point_id) if point_id else None},
        )
    return screen


def revoke_screen(series_id: int, screen_id: UUID) -> None:
    """Let the link open nothing any more. Raises `NotFound`."""
    with transaction():
        screen = queries.screen_or_404(series_id, screen_id)
        if screen.revoked_at is None:
            screen.revoked_at = clock.now()
            audit.record("screen.revoke", f"screen:{screen.id}", series_id=series_id)


def screen_url(screen: Screen) -> str:
    """The whole address of a display's link, which is its own proof."""
    secret = link_secret(Purpose.SCREEN, screen.id, 0)
    return f"{current_app.config['BASE_URL']}/screen/{secret}"


def welcome(registration: Registration, *, agrees_now: bool) -> None:
    """Note whether the hall may read this person's name. Saying the same again changes nothing."""
    with transaction():
        if agrees(registration) == agrees_now:
            return
        subject = owner_of(registration)
        if not agrees_now:
            consents.withdraw(registration.series_id, subject, WELCOME)
            return
        consents.note(registration.series_id, subject, [WELCOME])
        audit.record(
            "consent.give", subject, series_id=registration.series_id, after={"code": WELCOME}
        )


def room_key() -> bytes:
    """What makes the codes of room screens."""
    return derived_key(Purpose.ROOM_CODE)


def room_url(point_id: UUID) -> str:
    """The address in the code that a room's screen shows now."""
    code = room_code(room_key(), point_id, step_at(clock.now()))
    return f"{current_app.config['BASE_URL']}/here/{code}"


def check_in_here(who: Registration, point: Point, scan_id: UUID) -> Result | None:
    """Check somebody in who scanned the room's code; None for one without a ticket."""
    return _scan(who, point, scan_id, "self:room-code")


def join(who: Registration, way: Way) -> Result:
    """Check somebody in at the online point of an event. Raises `BadInput` without a ticket."""
    result = _scan(who, way.point, new_id(), "self:online")
    if result is None:
        raise BadInput(Text("参会证暂时不能使用，请联系主办方。", "Please ask the organiser."))
    return result


def set_room(event: Event, url: str, note: str) -> None:
    """Set the link of an event's online room, or take it off ("").

    With the first link the event gets a point of its own for those who join. Raises `BadInput`.
    """
    url = url.strip()
    if url and not (url.startswith("https://") and len(url) <= _LONGEST_URL and " " not in url):
        sentence = Text("请填写以 https:// 开头的链接。", "Give a link that begins with https://.")
        raise BadInput(sentence, {"url": [sentence]})
    with transaction():
        room = db.session.get(OnlineRoom, event.id, populate_existing=True)
        if not url:
            if room is not None:
                db.session.delete(room)
        elif room is None:
            point = _online_point(event)
            db.session.add(
                OnlineRoom(
                    event_id=event.id,
                    series_id=event.series_id,
                    point_id=point.id,
                    url=url,
                    note=clean(note),
                )
            )
        else:
            room.url, room.note = url, clean(note)
        audit.record(
            "online_room.set" if url else "online_room.remove",
            f"event:{event.slug}",
            series_id=event.series_id,
        )


def _online_point(event: Event) -> Point:
    """The point where those are counted who join: it stays when the link is taken off."""
    known = db.session.scalar(
        select(Point).where(
            Point.series_id == event.series_id, Point.loaded_as == f"online:{event.slug}"
        )
    )
    if known is not None:
        return known
    name = Text("线上：{name}", "Online: {name}").fill(name=event.name)
    point = add_point(
        event.series_id,
        PointInput(
            name_zh=name.zh[:60], name_en=name.en[:60], kind=PointKind.SESSION, events=(event.slug,)
        ),
    )
    point.loaded_as = f"online:{event.slug}"
    return point


def _scan(who: Registration, point: Point, scan_id: UUID, scanner: str) -> Result | None:
    if who.ticket_id is None:
        return None
    reading = Reading(
        id=scan_id, seq=0, code=f"{PICKED}{who.ticket_id}", scanned_at=clock.now(), manual=True
    )
    place = place_or_404([who.series_id], point.id)
    return record(place, Scanner(scanner), [reading])[0]
