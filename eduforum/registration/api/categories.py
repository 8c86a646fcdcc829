"""The API of categories: who may come, to what, and how many seats are left. Anyone may read it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, TypedDict

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series
from eduforum.questions.queries import Asked, all_asked_by
from eduforum.questions.rules import Joined, Kind, Op, Question, Stage
from eduforum.questions.rules.shapes import TEXTS
from eduforum.registration.models import Category, Pool
from eduforum.registration.queries import categories_of, pools_of, quota, seats
from eduforum.registration.rules import Admission
from eduforum.web.access import public
from eduforum.web.caching import shared
from eduforum.web.operations import Group, operation
from eduforum.web.pagination import cut
from eduforum.web.schema import Both, Id, Moment, Next, both, moment

endpoints = Blueprint("categories_api", __name__)

SeatState = Literal["open", "full", "closed"]
Free = Annotated[
    int | None, Text("剩余席位；不限时为 null", "Free seats; null where there is no limit")
]
Waiting = Annotated[int, Text("最长一队的候补人数", "People in the longest line for it")]
Limit = Annotated[
    int | None, Text("候补上限；null 为不限", "The longest line allowed; null: any length")
]


class EventSeatsAnswer(TypedDict):
    """The seats that an event has for this category."""

    event: Annotated[str, Text("活动的 slug", "The slug of the event")]
    free: Free
    waiting: Waiting
    waiting_limit: Limit
    state: SeatState


class SessionSeatsAnswer(TypedDict):
    """The seats of a session that asks for sign-up."""

    session: Annotated[Id, Text("场次的 id", "The id of the session")]
    event: str
    free: int
    waiting: Waiting
    waiting_limit: Limit


class OptionAnswer(TypedDict):
    """One of the answers that can be chosen: send its key."""

    key: str
    name: Both


class TermAnswer(TypedDict):
    """What a condition asks of an earlier answer."""

    question: str
    op: Op
    value: str


class ConditionAnswer(TypedDict):
    """When the question is asked; an answer to a question that is not asked is dropped."""

    joined: Joined
    terms: list[TermAnswer]


class QuestionAnswer(TypedDict):
    """A question of the category. Answers go into `answers` under its key: text, a whole number,
    true or false, a date (YYYY-MM-DD), the key of an option, or a list of keys."""

    key: str
    kind: Kind
    name: Both
    help: Both
    stage: Annotated[Stage, Text("报名时或确认后", "While registering, or after confirmation")]
    required: bool
    sensitive: Annotated[
        bool,
        Text("须在 consents 中同意 answers.<key>", "Needs `answers.<key>` among the consents"),
    ]
    options: list[OptionAnswer]
    least: int | None
    most: int | None
    most_chars: int | None
    condition: ConditionAnswer


class CategoryAnswer(TypedDict):
    """A kind of attendee: how they are admitted, when, to which events."""

    code: str
    name: Both
    admission: Admission
    opens_at: Moment
    closes_at: Moment
    edit_until: Annotated[Moment, Text("此前可自行修改", "Until then people may change theirs")]
    events: list[EventSeatsAnswer]
    sessions: list[SessionSeatsAnswer]
    questions: Annotated[
        list[QuestionAnswer],
        Text("报名时和确认后的问题", "What is asked while registering and after confirmation"),
    ]


class CategoryList(TypedDict):
    items: list[CategoryAnswer]
    next: Next


@endpoints.get("/series/<series>/categories")
@public
@shared
@operation(
    Group.SERIES,
    Text("列出参会类别和剩余席位", "List the categories with their seats"),
    {200: CategoryList},
    lists=True,
    kept=True,
)
def list_categories(series: str) -> ResponseReturnValue:
    """The categories of a series in the organisers' order."""
    found, now = guarded_series(), clock.now()
    pools = pools_of(found.id)
    items, following = cut(categories_of(found.id))
    asked = all_asked_by(one.form_id for one in items)
    answer: CategoryList = {
        "items": [
            category_answer(one, pools, now, found.time_zone, asked.get(one.form_id or 0))
            for one in items
        ],
        "next": following,
    }
    return jsonify(answer)


def category_answer(
    category: Category,
    pools: Sequence[Pool],
    now: datetime,
    zone: str,
    asked: Asked | None = None,
) -> CategoryAnswer:
    """pools: all of the series. zone: the series' own, an IANA name. asked: by its form."""
    by_event = seats(category, pools, now)
    return {
        "code": category.code,
        "name": both(category.name),
        "admission": category.admission,
        "opens_at": moment(category.opens_at, zone),
        "closes_at": moment(category.closes_at, zone),
        "edit_until": moment(category.edit_until, zone),
        "events": [
            {
                "event": event.slug,
                "free": by_event[event.id].free,
                "waiting": by_event[event.id].waiting,
                "waiting_limit": by_event[event.id].waiting_limit,
                "state": _state(by_event[event.id].state),
            }
            for event in category.events
        ],
        "sessions": _sessions(category, pools),
        "questions": [_question(one) for one in (asked.questions if asked else ())],
    }


def _question(question: Question) -> QuestionAnswer:
    return {
        "key": question.key,
        "kind": question.kind,
        "name": both(question.label),
        "help": both(question.help),
        "stage": question.stage,
        "required": question.required,
        "sensitive": question.sensitive,
        "options": [{"key": one.key, "name": both(one.label)} for one in question.options],
        "least": question.least,
        "most": question.most,
        "most_chars": question.longest if question.kind in TEXTS else None,
        "condition": {
            "joined": question.condition.joined,
            "terms": [
                {"question": term.question, "op": term.op, "value": term.value}
                for term in question.condition.terms
            ],
        },
    }


def _sessions(category: Category, pools: Sequence[Pool]) -> list[SessionSeatsAnswer]:
    slugs = {event.id: event.slug for event in category.events}
    return [
        {
            "session": str(pool.session.id),
            "event": slugs[pool.session.event_id],
            "free": quota(pool).free,
            "waiting": pool.waiting,
            "waiting_limit": pool.waiting_limit,
        }
        for pool in pools
        if pool.session is not None
        and pool.session.event_id in slugs
        and pool.category_id in (None, category.id)
        and not pool.session.cancelled
    ]


def _state(word: str) -> SeatState:
    states: dict[str, SeatState] = {"open": "open", "full": "full", "closed": "closed"}
    return states[word]
