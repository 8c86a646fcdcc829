"""Begin, list and read applications of the press."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from eduforum.core.db import transaction
from eduforum.core.i18n import Language, Text, current_language
from eduforum.events.access import guarded_series, principal
from eduforum.press import queries
from eduforum.press.api.shapes import (
    ApplicationQuery,
    NewApplication,
    PressApplicationAnswer,
    PressApplicationList,
    PressCreated,
    application_answer,
    created_answer,
)
from eduforum.press.models import Application
from eduforum.press.rules.forms import TooManyPeople
from eduforum.press.services import drafts
from eduforum.press.table import (
    Filter,
    Tab,
    listed,
    people_by_application,
    reachable_or_404,
)
from eduforum.web.access import Scope, current_principal, public, scoped
from eduforum.web.idempotency import idempotent
from eduforum.web.limits import TooOften, spend_network
from eduforum.web.operations import Group, operation
from eduforum.web.pagination import cursor_and_limit, cursor_for, unknown_cursor
from eduforum.web.reading import sent_body, sent_query

endpoints = Blueprint("press_api", __name__)

_AN_HOUR = 120
_EXAMPLE = {
    "outlet": "海河观察",
    "outlet_type": "local",
    "focal_name": "江晚照",
    "focal_mobile": "138 0000 0456",
    "focal_email": "press@example.org",
    "people": [{"name": "苏沐辰", "role": "photo", "events": ["signing"]}],
}


@endpoints.post("/series/<series>/press-applications")
@public
@operation(
    Group.PRESS,
    Text("建立采访申请", "Begin a press application"),
    {201: PressCreated},
    about=Text(
        "建立一份草稿，链接发送到联络人邮箱。派遣函和照片在 status_url 的页面上传，材料齐全后提交。",
        "Makes a draft; its link goes to the focal person. The letter and photos are added on the page "
        "at status_url, and the draft is sent in when it is complete.",
    ),
    body=NewApplication,
    example=_EXAMPLE,
    refuses=(TooManyPeople, TooOften),
    also=(Scope.PRESS,),
)
@idempotent
def create_press_application(series: str) -> ResponseReturnValue:
    """Keep a draft of an outlet."""
    here, asker = guarded_series(), current_principal()
    if not (asker and asker.may(Scope.PRESS, here.id)):
        spend_network("press-draft", request.remote_addr, most=_AN_HOUR, seconds=3600)
    body = sent_body(NewApplication)
    with transaction():
        made = drafts.begin(
            here.id,
            body.outlet_input(),
            submit_id=f"api:{uuid4().hex}",
            language=Language(body.language) if body.language else current_language(),
            source="api",
        )
        for person in body.people:
            drafts.save_person(here.id, made.id, person.person())
    return jsonify(created_answer(made)), 201


@endpoints.get("/series/<series>/press-applications")
@scoped(Scope.PRESS)
@operation(
    Group.PRESS,
    Text("列出采访申请", "List press applications"),
    {200: PressApplicationList},
    query=ApplicationQuery,
    lists=True,
)
def list_press_applications(series: str) -> ResponseReturnValue:
    """What outlets sent in, the earliest first; drafts are nobody's but the outlet's."""
    here, query = guarded_series(), sent_query(ApplicationQuery)
    cursor, limit = cursor_and_limit()
    if cursor is not None and not _is_id(cursor):
        raise unknown_cursor()
    found = listed(
        here.id,
        Filter(tab=Tab.ALL, q=query.q),
        query.state,
        after=UUID(cursor) if cursor else None,
        limit=limit + 1,
    )
    shown = found[:limit]
    following = cursor_for(str(shown[-1].id)) if len(found) > limit else None
    return jsonify({"items": _answers(here.id, shown), "next": following})


@endpoints.get("/press-applications/<uuid:application>")
@scoped(Scope.PRESS)
@operation(
    Group.PRESS, Text("读取采访申请", "Read a press application"), {200: PressApplicationAnswer}
)
def get_press_application(application: UUID) -> ResponseReturnValue:
    """One application with its people."""
    return jsonify(answer_of(reachable(application)))


def reachable(application_id: UUID) -> Application:
    """The application, if the token reaches its series and it was sent in. Raises `NotFound`."""
    return reachable_or_404(application_id, principal().series_ids)


def answer_of(one: Application) -> PressApplicationAnswer:
    """The application as it is now."""
    return _answers(one.series_id, [one])[0]


def _answers(series_id: int, found: Sequence[Application]) -> list[PressApplicationAnswer]:
    slugs = {key: event.slug for key, event in queries.events_by_id(series_id).items()}
    people = people_by_application([one.id for one in found])
    return [
        application_answer(one, people.get(one.id, ()), slugs, one.series.time_zone)
        for one in found
    ]


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
