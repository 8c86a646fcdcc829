"""The API of sessions. Anyone may read what is published."""

from typing import Annotated, Literal, TypedDict

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series
from eduforum.schedule.models import Session
from eduforum.schedule.queries import sessions_of
from eduforum.schedule.rules import Part
from eduforum.web.access import public
from eduforum.web.caching import shared
from eduforum.web.operations import Group, operation
from eduforum.web.pagination import cut
from eduforum.web.schema import Both, Id, Moment, Next, Slug, both, moment

endpoints = Blueprint("schedule_api", __name__)


class PersonAnswer(TypedDict):
    """Somebody who chairs or speaks."""

    part: Part
    name: str
    organisation: str
    title: str
    topic: str


class SessionAnswer(TypedDict):
    """An item of the schedule. The session that has its event's slug stands for all of it."""

    id: Id
    slug: Slug
    event: Annotated[str, Text("活动的 slug", "The slug of its event")]
    kind: Literal["session"]
    name: Both
    starts_at: Moment
    ends_at: Moment
    room: Annotated[Both | None, Text("没有自己的会场时为 null", "null where it has no own room")]
    track: str
    abstract: Both
    cancelled: bool
    people: list[PersonAnswer]
    sequence: int
    updated_at: Moment


class SessionList(TypedDict):
    items: list[SessionAnswer]
    next: Next


@endpoints.get("/series/<series>/sessions")
@public
@shared
@operation(
    Group.SERIES,
    Text("列出场次", "List the sessions of a series"),
    {200: SessionList},
    lists=True,
    kept=True,
)
def list_sessions(series: str) -> ResponseReturnValue:
    """The sessions of all events in the order of time."""
    found = guarded_series()
    items, following = cut(sessions_of(found.id))
    answer: SessionList = {
        "items": [session_answer(session, found.time_zone) for session in items],
        "next": following,
    }
    return jsonify(answer)


def session_answer(session: Session, zone: str) -> SessionAnswer:
    """zone: the series' own, an IANA name."""
    return {
        "id": str(session.id),
        "slug": session.slug,
        "event": session.event.slug,
        "kind": "session",
        "name": both(session.name),
        "starts_at": moment(session.starts_at, zone),
        "ends_at": moment(session.ends_at, zone),
        "room": both(session.room.name) if session.room else None,
        "track": session.track,
        "abstract": {"zh": session.abstract_zh, "en": session.abstract_en},
        "cancelled": session.cancelled,
        "people": [
            {
                "part": person.part,
                "name": person.name,
                "organisation": person.organisation,
                "title": person.title,
                "topic": person.topic,
            }
            for person in session.people
        ],
        "sequence": session.sequence,
        "updated_at": moment(session.updated_at, zone),
    }
