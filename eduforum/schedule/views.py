"""Calendar files of the public site."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from eduforum.events.access import guarded_series
from eduforum.events.queries import event_or_404
from eduforum.schedule.calendar import calendar, series_calendar
from eduforum.schedule.queries import programme
from eduforum.web.access import public
from eduforum.web.caching import shared

pages = Blueprint("schedule", __name__)


@pages.get("/s/<series>/schedule.ics")
@public
@shared
def series_ics(series: str) -> ResponseReturnValue:
    """The calendar of a series; people subscribe to this address."""
    return _calendar(series_calendar(programme(guarded_series())), f"{series}.ics")


@pages.get("/s/<series>/e/<event>/event.ics")
@public
@shared
def event_ics(series: str, event: str) -> ResponseReturnValue:
    """One event, to be added to a calendar."""
    found = event_or_404(guarded_series().id, event)
    return _calendar(calendar(guarded_series(), [found], name=found.name), f"{found.slug}.ics")


def _calendar(content: bytes, filename: str) -> Response:
    response = Response(content, content_type="text/calendar; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    return response
