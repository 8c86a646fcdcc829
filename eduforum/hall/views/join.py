"""The way into an online room: joining is a scan, and then the link."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from eduforum.checkin.rules import Verdict
from eduforum.core import clock
from eduforum.hall import services
from eduforum.hall.queries.rooms import room_for
from eduforum.hall.views.frame import pages
from eduforum.kiosk.rules import say
from eduforum.registration.queries import by_link
from eduforum.registration.standing import standing_of
from eduforum.web.access import public
from eduforum.web.headers import private

_LETS_IN = (Verdict.ADMITTED, Verdict.ALREADY_ADMITTED)


@pages.post("/r/<secret>/join/<event>")
@public
def join(secret: str, event: str) -> ResponseReturnValue:
    """Check in at the event’s online point, and show the link."""
    registration = by_link(secret)
    room = room_for(registration, event, clock.now())
    if not room.is_open:
        return private(redirect(url_for("registration.mine", secret=secret), 303))
    result = services.join(registration, room)
    page = render_template(
        "hall/join.html",
        mine=standing_of(registration, clock.now()),
        secret=secret,
        room=room,
        saying=say(result.verdict, room.point.kind),
        let_in=result.verdict in _LETS_IN,
    )
    return private(page)
