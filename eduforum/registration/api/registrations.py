"""Apply, list and read registrations."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series, principal
from eduforum.registration.api.shapes import (
    Created,
    NewRegistration,
    RegistrationAnswer,
    RegistrationList,
    RegistrationQuery,
    created_answer,
    registration_answer,
)
from eduforum.registration.applying import known_code
from eduforum.registration.models import Registration
from eduforum.registration.queries import Position, listed, reachable_or_404
from eduforum.registration.rules import (
    AlreadyRegistered,
    InvitationNotValid,
    PoolFull,
    RegistrationClosed,
)
from eduforum.registration.services import register
from eduforum.registration.table import Filter, conditions, known_of
from eduforum.web.access import Scope, current_principal, public, scoped
from eduforum.web.idempotency import idempotent
from eduforum.web.limits import TooOften, spend_network
from eduforum.web.operations import Group, operation
from eduforum.web.pagination import cursor_and_limit, cursor_for, unknown_cursor
from eduforum.web.reading import sent_body, sent_query
from eduforum.web.schema import moment

endpoints = Blueprint("registrations_api", __name__)

MOST_A_MINUTE = 600
"""Applications of one network in one minute that need no token."""
_EXAMPLE = {
    "name": "林知夏",
    "organisation": "天津市职业大学",
    "position": "教师",
    "mobile": "139 0000 0123",
    "email": "lin@example.org",
    "category": "observer",
    "events": ["higher-education-forum"],
    "consents": ["privacy"],
}


@endpoints.post("/series/<series>/registrations")
@public
@operation(
    Group.REGISTRATIONS,
    Text("报名", "Register somebody"),
    {201: Created},
    about=Text(
        "无需令牌即可报名公开类别；凭邀请的类别须附 invitation_code。持 manage 令牌时视为工作人员代为报名：各类别均可，无需审核。"
        "already-registered 不返回任何报名信息，本人链接发送至报名时填写的联系方式。",
        "Anyone may register for a public category; one by invitation takes an invitation_code. With manage it is staff who register: any "
        "category, without review. already-registered tells nothing of that registration; the "
        "personal link goes to the contact on file.",
    ),
    body=NewRegistration,
    example=_EXAMPLE,
    refuses=(PoolFull, RegistrationClosed, InvitationNotValid, AlreadyRegistered, TooOften),
    also=(Scope.REGISTER, Scope.MANAGE),
)
@idempotent
def create_registration(series: str) -> ResponseReturnValue:
    """Take an application."""
    found, asker = guarded_series(), current_principal()
    manages = asker is not None and asker.may(Scope.MANAGE, found.id)
    if not manages and not (asker and asker.may(Scope.REGISTER, found.id)):
        spend_network("registrations", request.remote_addr, most=MOST_A_MINUTE, seconds=60)
    wanted = sent_body(NewRegistration).application()
    if wanted.invitation_code:
        known_code(found, wanted.invitation_code)
    made = register(
        found,
        wanted,
        submit_id=uuid4().hex,
        source="api",
        staff=manages,
    )
    return jsonify(created_answer(made)), 201


@endpoints.get("/series/<series>/registrations")
@scoped(Scope.READ, Scope.MANAGE)
@operation(
    Group.REGISTRATIONS,
    Text("列出报名", "List registrations"),
    {200: RegistrationList},
    about=Text(
        "按变动时间排列。同步时以最后一项的 updated_at 作为下次的 updated_since。"
        "手机号和邮箱完整显示需要 manage 或 register；否则部分遮盖，也不能按完整号码查找。",
        "In the order of their last change: to stay in step, ask next time with the updated_at "
        "of the last item as updated_since. Contacts are whole with manage or register; "
        "otherwise they are masked and cannot be searched for as a whole.",
    ),
    query=RegistrationQuery,
    lists=True,
)
def list_registrations(series: str) -> ResponseReturnValue:
    """The registrations of a series that fit the query, the longest unchanged first."""
    found = guarded_series()
    query = sent_query(RegistrationQuery)
    cursor, limit = cursor_and_limit()
    shown = Filter(
        q=query.q,
        categories=_named(query.category),
        events=_named(query.event),
        by_contact=_sees_contacts(found.id),
    )
    wanted = conditions(known_of(found), shown)
    if query.state is not None:
        wanted.append(Registration.state == query.state)
    if query.updated_since is not None:
        wanted.append(Registration.updated_at >= query.updated_since)
    rows = listed(wanted, after=_position(cursor), limit=limit + 1)
    answer: RegistrationList = {
        "items": [answer_of(row) for row in rows[:limit]],
        "next": _cursor(rows[limit - 1]) if len(rows) > limit else None,
    }
    return jsonify(answer)


@endpoints.get("/registrations/<uuid:registration>")
@scoped(Scope.READ, Scope.MANAGE)
@operation(
    Group.REGISTRATIONS, Text("读取一份报名", "Read one registration"), {200: RegistrationAnswer}
)
def get_registration(registration: UUID) -> ResponseReturnValue:
    """One registration in a series that the token reaches."""
    return jsonify(answer_of(reachable_or_404(principal().series_ids, registration)))


def answer_of(registration: Registration) -> RegistrationAnswer:
    """A registration as whoever asks may see it."""
    series_id = registration.series_id
    return registration_answer(
        registration,
        personal=_sees_contacts(series_id),
        with_ticket=principal().may(Scope.MANAGE, series_id),
    )


def _sees_contacts(series_id: int) -> bool:
    asker = principal()
    return asker.may(Scope.MANAGE, series_id) or asker.may(Scope.REGISTER, series_id)


def _named(word: str) -> tuple[str, ...]:
    return (word,) if word else ()


def _cursor(registration: Registration) -> str:
    return cursor_for(f"{moment(registration.updated_at, 'UTC')}|{registration.id}")


def _position(cursor: str | None) -> Position | None:
    if cursor is None:
        return None
    at, _, key = cursor.partition("|")
    try:
        return Position(datetime.fromisoformat(at).astimezone(UTC), UUID(key))
    except (ValueError, OverflowError):
        raise unknown_cursor() from None
