"""What a phone opens that scanned the code on a room's screen: who are you, and checked in."""

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.accounts.rules import network_of
from eduforum.checkin.models import Point
from eduforum.checkin.rules import Verdict
from eduforum.core.errors import NotFound
from eduforum.core.i18n import Text
from eduforum.hall import queries, services
from eduforum.hall.forms import HereForm, WhoForm
from eduforum.hall.rules import CodeIsOld
from eduforum.hall.views.frame import pages
from eduforum.kiosk.rules import say
from eduforum.registration.models import Registration
from eduforum.registration.queries import by_link
from eduforum.registration.remembering import forget, remember, remembered
from eduforum.web import limits
from eduforum.web.access import public
from eduforum.web.headers import private


@pages.route("/here/<code>", methods=["GET", "POST"])
@public
def here(code: str) -> ResponseReturnValue:
    """GET shows whom it would check in, and where; POST does it. An old code does neither."""
    point = _point(code)
    if point is None:
        return _page("here_old", 410)
    who = remembered()
    if who is None or who.series_id != point.series_id:
        return _who(code, point, WhoForm(), elsewhere=who is not None)
    form = HereForm(data={"scan_id": str(uuid4())})
    if not form.validate_on_submit():
        return _page("here", who=who, point=point, form=form, code=code)
    limits.spend("here", str(who.id), most=20, per=timedelta(minutes=10))
    result = services.check_in_here(who, point, form.id_of_scan)
    if result is None:
        return _page("here_done", who=who, point=point, saying=None, good=False)
    saying = say(result.verdict, point.kind)
    return _page(
        "here_done",
        who=who,
        point=point,
        saying=saying,
        early=result.next_step if result.verdict is Verdict.TOO_EARLY else None,
        good=result.verdict in (Verdict.ADMITTED, Verdict.ALREADY_ADMITTED),
    )


@pages.post("/here/<code>/who")
@public
def who_are_you(code: str) -> ResponseReturnValue:
    """Take the personal link from somebody whose phone has not opened it yet."""
    point = _point(code)
    if point is None:
        return _page("here_old", 410)
    limits.spend("here-who", network_of(request.remote_addr), most=200, per=timedelta(hours=1))
    form = WhoForm()
    if form.validate_on_submit():
        secret = urlsplit(form.link.data).path.rstrip("/").rpartition("/r/")[2]
        try:
            by_link(secret)
        except NotFound:
            form.refuse(
                "link",
                Text(
                    "这不是有效的报名链接，请从确认邮件中复制。",
                    "This is not a valid personal link. Copy it from your confirmation letter.",
                ),
            )
        else:
            back = redirect(url_for(".here", code=code), 303)
            return private(remember(make_response(back), secret))
    return _who(code, point, form, status=422)


@pages.post("/here/<code>/forget")
@public
def not_me(code: str) -> ResponseReturnValue:
    """The phone is somebody else's."""
    return private(forget(make_response(redirect(url_for(".here", code=code), 303))))


def _point(code: str) -> Point | None:
    """The point whose code is good now."""
    limits.spend_network("room-code", request.remote_addr, most=1200, seconds=60)
    try:
        return queries.point_with_code(services.room_key(), code)
    except CodeIsOld:
        return None


def _who(
    code: str, point: Point, form: WhoForm, *, elsewhere: bool = False, status: int = 200
) -> Response:
    return _page("here_who", status, point=point, form=form, code=code, elsewhere=elsewhere)


def _page(name: str, status: int = 200, **values: object) -> Response:
    point, who = values.get("point"), values.get("who")
    assert point is None or isinstance(point, Point)
    assert who is None or isinstance(who, Registration)
    series = point.series if point else None
    return private(render_template(f"hall/{name}.html", series=series, **values), status)
