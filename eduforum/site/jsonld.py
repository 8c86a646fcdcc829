"""A series and its events for search engines (schema.org, JSON-LD)."""

from collections.abc import Sequence
from typing import Any

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from eduforum.core.dates import local
from eduforum.core.i18n import Text, current_language
from eduforum.events.models import Event, Series
from eduforum.events.rules import EventState, Mode
from eduforum.schedule.links import event_url, series_url

_CONTEXT = "https://schema.org"
_ATTENDANCE = {
    Mode.ONSITE: "OfflineEventAttendanceMode",
    Mode.ONLINE: "OnlineEventAttendanceMode",
    Mode.HYBRID: "MixedEventAttendanceMode",
}
_STATUS = {EventState.SCHEDULED: "EventScheduled", EventState.CANCELLED: "EventCancelled"}


def series_data(series: Series, events: Sequence[Event]) -> Markup:
    """The content of a `<script type="application/ld+json">` for the series page."""
    about: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "EventSeries",
        "name": str(series.name),
        "url": series_url(series),
        "inLanguage": current_language().value,
        "organizer": _organiser(series),
    }
    if events:
        last = max(event.ends_at for event in events)
        about["startDate"] = local(events[0].starts_at, series.time_zone).isoformat()
        about["endDate"] = local(last, series.time_zone).isoformat()
    about["subEvent"] = [_event(series, event) for event in events]
    return htmlsafe_json_dumps(about, ensure_ascii=False)


def event_data(series: Series, event: Event) -> Markup:
    """The same for the page of one event."""
    about = {
        "@context": _CONTEXT,
        **_event(series, event),
        "inLanguage": current_language().value,
        "organizer": _organiser(series),
        "superEvent": {
            "@type": "EventSeries", "name": str(series.name), "url": series_url(series)
        },
    }  # fmt: skip
    description = str(Text(event.description_zh, event.description_en))
    if description:
        about["description"] = description
    return htmlsafe_json_dumps(about, ensure_ascii=False)


def _event(series: Series, event: Event) -> dict[str, Any]:
    zone = series.time_zone
    return {
        "@type": "Event",
        "name": str(event.name),
        "url": event_url(series, event),
        "startDate": local(event.starts_at, zone).isoformat(),
        "endDate": local(event.ends_at, zone).isoformat(),
        "eventStatus": f"{_CONTEXT}/{_STATUS[event.state]}",
        "eventAttendanceMode": f"{_CONTEXT}/{_ATTENDANCE[event.mode]}",
        "location": _location(series, event),
    }


def _location(series: Series, event: Event) -> dict[str, Any] | list[dict[str, Any]]:
    host = str(Text(series.host, series.host_en))
    place = {
        "@type": "Place",
        "name": str(Text(event.room, event.room_en)) or host,
        "address": host,
    }
    online = {"@type": "VirtualLocation", "url": event_url(series, event)}
    if event.mode is Mode.HYBRID:
        return [place, online]
    return online if event.mode is Mode.ONLINE else place


def _organiser(series: Series) -> dict[str, str]:
    host = str(Text(series.host, series.host_en)) or str(series.name)
    return {"@type": "Organization", "name": host, "url": series_url(series)}
