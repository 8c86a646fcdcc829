"""Who is inside now: by point, event and delegation, and the people themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from eduforum.checkin.desk.frame import pages
from eduforum.checkin.models import Point
from eduforum.checkin.queries import points_of
from eduforum.checkin.queries.presence import (
    NO_DELEGATION,
    Among,
    delegations_inside,
    inside_counts,
    people_inside,
)
from eduforum.checkin.rules import PointKind
from eduforum.core import clock
from eduforum.core.i18n import Text
from eduforum.core.names import clean
from eduforum.events.access import guarded_series
from eduforum.events.models import Event
from eduforum.events.queries import events_of
from eduforum.web.access import Role, requires
from eduforum.web.pagination import PAGE_SIZE, Page, changed_url, page_number

_EVERYWHERE = "all"
_LONGEST_SEARCH = 60
_ENTRIES = (PointKind.ARRIVAL, PointKind.SESSION, PointKind.ZONE)


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to be inside of: a point, or an event with the points at its doors."""

    key: str
    name: Text
    points: Sequence[Point]
    point: Point | None = None


@pages.get("/inside")
@requires(Role.ORGANISER, Role.DOOR)
def inside(series: str) -> ResponseReturnValue:
    """Those inside, a page at a time; filters are in the address."""
    here, now = guarded_series(), clock.now()
    points = [point for point in points_of(here.id) if point.kind in _ENTRIES]
    places = _places(points, events_of(here.id))
    chosen = places.get(request.args.get("place", ""), places[_EVERYWHERE])
    among = Among(
        chosen.points,
        _delegation(request.args.get("delegation", "")),
        clean(request.args.get("q", ""))[:_LONGEST_SEARCH],
    )
    number = page_number()
    people, total = people_inside(among, now, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return render_template(
        "checkin/inside.html",
        now=now,
        places=places,
        chosen=chosen,
        counts=inside_counts({key: place.points for key, place in places.items()}, now),
        delegations=delegations_inside(here.id, chosen.points, now),
        none_key=NO_DELEGATION,
        among=among,
        page=Page(people, number, PAGE_SIZE, total),
        changed_url=changed_url,
    )


def _places(points: Sequence[Point], events: Sequence[Event]) -> Mapping[str, Place]:
    """Everywhere, each point, and each event that has more than one door."""
    found = [Place(_EVERYWHERE, Text("全部", "Everywhere"), points)]
    found += [Place(str(point.id), point.name, [point], point) for point in points]
    for event in events:
        doors = [p for p in points if p.kind is PointKind.SESSION and event.id in p.event_ids]
        if len(doors) > 1:
            found.append(Place(event.slug, event.name, doors))
    return {place.key: place for place in found}


def _delegation(text: str) -> str:
    """A delegation's id, or those without one; anything else asks for nothing."""
    if text == NO_DELEGATION:
        return text
    try:
        return str(UUID(text))
    except ValueError:
        return ""
