"""The schedule as other programs read it: iCalendar, and frab's XML and JSON."""

from typing import Any

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series
from eduforum.schedule.calendar import series_calendar
from eduforum.schedule.feeds import conference, frab_json, frab_xml
from eduforum.schedule.queries import programme
from eduforum.web.access import public
from eduforum.web.caching import shared
from eduforum.web.operations import File, Group, operation

endpoints = Blueprint("schedule_feeds", __name__)


@endpoints.get("/series/<series>/schedule.ics")
@public
@shared
@operation(
    Group.SERIES,
    Text("日程（iCalendar）", "The schedule as a calendar (RFC 5545)"),
    {200: File("text/calendar")},
    kept=True,
)
def schedule_ics(series: str) -> ResponseReturnValue:
    return _answer(series_calendar(programme(guarded_series())), "text/calendar; charset=utf-8")


@endpoints.get("/series/<series>/schedule.xml")
@public
@shared
@operation(
    Group.SERIES,
    Text("日程（frab XML）", "The schedule for conference apps (frab XML)"),
    {200: File("application/xml")},
    kept=True,
)
def schedule_xml(series: str) -> ResponseReturnValue:
    content = frab_xml(conference(programme(guarded_series())))
    return _answer(content, "application/xml; charset=utf-8")


@endpoints.get("/series/<series>/schedule.json")
@public
@shared
@operation(
    Group.SERIES,
    Text("日程（frab JSON）", "The schedule for conference apps (frab JSON)"),
    {200: dict[str, Any]},
    kept=True,
)
def schedule_json(series: str) -> ResponseReturnValue:
    return _answer(frab_json(conference(programme(guarded_series()))), "application/json")


def _answer(content: bytes, content_type: str) -> Response:
    return Response(content, content_type=content_type)
