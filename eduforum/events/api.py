"""The API of series and their events. Anyone may read what is published."""

from datetime import datetime
from typing import Annotated, Literal, TypedDict

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series
from eduforum.events.models import Event, Series
from eduforum.events.queries import days_of_series, events_of, visible_series
from eduforum.events.rules import EventState, Field, Kind, Mode
from eduforum.web.access import current_principal, public
from eduforum.web.caching import shared
from eduforum.web.operations import Group, operation
from eduforum.web.pagination import cut
from eduforum.web.schema import Both, Moment, Next, Slug, both, moment

endpoints = Blueprint("events_api", __name__)


class RegionAnswer(TypedDict):
    """A partner that takes its turn as host."""

    code: Annotated[str, Text("GB/T 2260 代码", "GB/T 2260 code")]
    mark: Annotated[str, Text("简称", "The one character that stands for it")]
    name: Both


class SeriesAnswer(TypedDict):
    """One edition's events under one host."""

    slug: Slug
    number: Annotated[
        int, Text("参会证中的系列编号", "The number of the series in the text of its tickets")
    ]
    kind: Literal["series"]
    name: Both
    edition: int | None
    host: Both
    host_region: RegionAnswer | None
    time_zone: Annotated[str, Text("IANA 时区", "IANA name")]
    starts_at: Annotated[Moment | None, Text("首个活动开始的时间", "When its first event begins")]
    ends_at: Annotated[Moment | None, Text("最后一个活动结束的时间", "When its last event ends")]
    sample: Annotated[bool, Text("样本数据，均为虚构", "Sample data, made up")]
    updated_at: Moment


class SeriesList(TypedDict):
    items: list[SeriesAnswer]
    next: Next


class EventAnswer(TypedDict):
    """One meeting, ceremony or forum."""

    slug: Slug
    name: Both
    kind: Kind
    mode: Mode
    field: Field | None
    state: EventState
    starts_at: Moment
    ends_at: Moment
    room: Both
    description: Both
    topics: list[str]
    sequence: Annotated[
        int,
        Text(
            "每次变动加一，即 RFC 5545 的 SEQUENCE", "Grows with every change (RFC 5545, SEQUENCE)"
        ),
    ]
    updated_at: Moment


class EventList(TypedDict):
    items: list[EventAnswer]
    next: Next


@endpoints.get("/series")
@public
@shared
@operation(
    Group.SERIES,
    Text("列出系列活动", "List the series"),
    {200: SeriesList},
    about=Text(
        "令牌可以看到其所属、尚未发布的系列活动。",
        "A token also sees its own series before they are published.",
    ),
    lists=True,
    kept=True,
)
def list_series() -> ResponseReturnValue:
    """Published series, and those of whoever asks."""
    asker = current_principal()
    items, following = cut(visible_series(asker.series_ids if asker else ()))
    days = days_of_series([one.id for one in items])
    answer: SeriesList = {
        "items": [series_answer(one, days.get(one.id)) for one in items],
        "next": following,
    }
    return jsonify(answer)


@endpoints.get("/series/<series>")
@public
@shared
@operation(
    Group.SERIES, Text("读取一个系列活动", "Read one series"), {200: SeriesAnswer}, kept=True
)
def get_series(series: str) -> ResponseReturnValue:
    """One series."""
    found = guarded_series()
    return jsonify(series_answer(found, days_of_series([found.id]).get(found.id)))


@endpoints.get("/series/<series>/events")
@public
@shared
@operation(
    Group.SERIES,
    Text("列出活动", "List the events of a series"),
    {200: EventList},
    lists=True,
    kept=True,
)
def list_events(series: str) -> ResponseReturnValue:
    """The events of a series in the order of the schedule."""
    found = guarded_series()
    items, following = cut(events_of(found.id))
    answer: EventList = {
        "items": [event_answer(event, found.time_zone) for event in items],
        "next": following,
    }
    return jsonify(answer)


def series_answer(series: Series, days: tuple[datetime, datetime] | None) -> SeriesAnswer:
    """days: when its first event begins and its last one ends; None without events."""
    region, zone = series.host_region, series.time_zone
    return {
        "slug": series.slug,
        "number": series.number,
        "kind": "series",
        "name": both(series.name),
        "edition": series.edition,
        "host": {"zh": series.host, "en": series.host_en},
        "host_region": {"code": region.code, "mark": region.mark, "name": both(region.name)}
        if region
        else None,
        "time_zone": zone,
        "starts_at": moment(days[0], zone) if days else None,
        "ends_at": moment(days[1], zone) if days else None,
        "sample": series.sample,
        "updated_at": moment(series.updated_at, zone),
    }


def event_answer(event: Event, zone: str) -> EventAnswer:
    """zone: the series' own, an IANA name."""
    return {
        "slug": event.slug,
        "name": both(event.name),
        "kind": event.kind,
        "mode": event.mode,
        "field": event.field,
        "state": event.state,
        "starts_at": moment(event.starts_at, zone),
        "ends_at": moment(event.ends_at, zone),
        "room": {"zh": event.room, "en": event.room_en},
        "description": {"zh": event.description_zh, "en": event.description_en},
        "topics": list(event.topics),
        "sequence": event.sequence,
        "updated_at": moment(event.updated_at, zone),
    }
