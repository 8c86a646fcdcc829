"""What organisers' programs do to a registration; the same changes as at the desk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from eduforum.core.i18n import Text
from eduforum.events.access import principal
from eduforum.registration import services
from eduforum.registration.api.registrations import answer_of
from eduforum.registration.api.shapes import RegistrationAnswer, Substitute
from eduforum.registration.models import Registration
from eduforum.registration.queries import reachable_or_404
from eduforum.registration.rules import AlreadyRegistered, PoolFull, TransitionNotAllowed
from eduforum.registration.services.decide import OfferEnded
from eduforum.registration.services.lines import MOST_PRIORITY
from eduforum.web.access import Scope, scoped
from eduforum.web.operations import Group, operation
from eduforum.web.reading import sent_body
from eduforum.web.schema import Items, Like, Line, Prose, Whole

endpoints = Blueprint("registration_actions_api", __name__)

DONE = {200: RegistrationAnswer}
MOST_REASON = 500
ReasonCode = Literal["category", "full", "incomplete", "duplicate", "other"]
MOST_NOTE = 200
Returnable = Annotated[
    str,
    Like(
        r"name|organisation|position|mobile|email|events|answers\.[a-z][a-z0-9_]*",
        Text(
            "请填写可更正的栏目名，如 name 或 answers.<问题>。",
            "Must name a field that can be corrected, such as name or answers.<question>.",
        ),
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """An empty object; the body may also be left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline:
    """Why the answer is no; the person is told."""

    reason_code: ReasonCode
    reason: Annotated[str, Prose(MOST_REASON), Text("补充说明", "More words")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """What is to be corrected, and until when; the person is told."""

    fields: Annotated[tuple[Returnable, ...], Items(20)] = ()
    notes: Annotated[
        Mapping[Returnable, Annotated[str, Line(MOST_NOTE)]],
        Items(20),
        Text("各栏目的问题", "What is wrong, by field"),
    ] = field(default_factory=dict)
    reason: Annotated[
        str,
        Prose(MOST_REASON),
        Text(
            "总体说明；每个栏目都有 notes 时可省略",
            "About all of it; may be left out when every field has its note",
        ),
    ] = ""
    answer_by: Annotated[datetime | None, Text("默认三天后", "In three days by default")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why the order of the line is changed; kept in the audit trail."""

    reason: Annotated[str, Prose(MOST_REASON)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prioritise:
    """A place in line: higher priorities come first, equal ones by time."""

    priority: Annotated[int, Whole(-MOST_PRIORITY, MOST_PRIORITY)]
    reason: Annotated[str, Prose(MOST_REASON)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    """Why the organiser cancels; the reason is mailed."""

    reason: Annotated[str, Prose(MOST_REASON)]


@endpoints.post("/registrations/<uuid:registration>/approve")
@scoped(Scope.MANAGE)
@operation(
    Group.REGISTRATIONS,
    Text("通过", "Approve"),
    DONE,
    body=Nothing,
    body_optional=True,
    refuses=(TransitionNotAllowed, PoolFull),
)
def approve_registration(registration: UUID) -> ResponseReturnValue:
    """Confirm an application that is under review."""
    return _done(services.approve, registration)


@endpoints.post("/registrations/<uuid:registration>/decline")
@scoped(Scope.MANAGE)
@operation(
    Group.REGISTRATIONS,
    Text("不通过", "Decline"),
    DONE,
    body=Decline,
    example={"reason_code": "full"},
    refuses=(TransitionNotAllowed,),
)
def decline_registration(registration: UUID) -> ResponseReturnValue:
    """Say no, with a reason."""
    body = sent_body(Decline)
    return _done(services.decline, registration, body.reason_code, body.reason)


@endpoints.post("/registrations/<uuid:registration>/return")
@scoped(Scope.MANAGE)
@operation(
    Group.REGISTRATIONS,
    Text("退回补充", "Return for correction"),
    DONE,
    body=Return,
    example={"fields": ["organisation"], "notes": {"organisation": "请填写单位全称。"}},
    refuses=(TransitionNotAllowed,),
)
def return_registration(registration: UUID) -> ResponseReturnValue:
    """Ask the person to correct fields."""
    body = sent_body(Return)
    return _done(
        services.return_, registration, body.fields, body.reason, body.answer_by, body.notes
    )


@endpoints.post("/registrations/<uuid:registration>/withdraw")
@scoped(Scope.MANAGE)
@operation(
    Group.REGISTRATIONS,
    Text("代本人取消报名", "Withdraw for the person"),
    DONE,
    body=Nothing,
    body_optional=True,
    refuses=(TransitionNotAllowed,),
)
def withdraw_registration(registration: UUID) -> ResponseReturnValue:
    """Give the registration up in the person's name."""
    return _done(services.withdraw, registration)


@endpoints.post("/registrations/<uuid:registration>/cancel")
@scoped(Scope.MANAGE)
@operation(
    Group.REGISTRATIONS,
    Text("主办方取消", "Cancel as the organiser"),
    DONE,
    body=Cancel,
    example={"reason": "论坛改期。"},
    refuses=(TransitionNotAllowed,),
)
def cancel_registration(registration: UUID) -> ResponseReturnValue:
    """Cancel it; the reason is mailed."""
    return _done(services.cancel, registration, sent_body(Cancel).reason)


@endpoints.post("/registrations/<uuid:registration>/leave")
@scoped(Scope.MANAGE)
@operation(
    Group.REGISTRATIONS,
    Text("请假", "Ask leave"),
    DONE,
    about=Text("席位让出，参会证暂停使用。", "The seat goes on, the ticket is suspended."),
    body=Nothing,
    body_optional=True,
    refuses=(TransitionNotAllowed,),
)
def leave_registration(registration: UUID) -> ResponseReturnValue:
    """Note that the person does not come."""
    return _done(services.leave, registration)


@endpoints.post("/registrations/<uuid:registration>/substitute")
@scoped(Scope.MANAGE)
@operation(
    Group.REGISTRATIONS,
    Text("换人", "Send somebody else"),
    DONE,
    about=Text(
        "席位转给新人，原参会证作废，两人都会收到通知。返回新人的报名。",
        "The seat goes to the newcomer, the old ticket is void, both are told. Answers with the "
        "newcomer’s registration.",
    ),
    body=Substitute,
    example={"name": "陈砚秋", "mobile": "13900000002"},
    refuses=(TransitionNotAllowed, PoolFull, AlreadyRegistered),
)
def substitute_registration(registration: UUID) -> ResponseReturnValue:
    """Give a person's seat, events and sessions to somebody else."""
    body = sent_body(Substitute)
    newcomer = services.Newcomer(
        name=body.name,
        organisation=body.organisation,
        position=body.position,
        mobile=body.mobile,
        email=body.email,
    )
    series_ids = principal().series_ids
    found = reachable_or_404(series_ids, registration)
    fresh = services.substitute(found.series_id, registration, newcomer, staff=True)
    return jsonify(answer_of(reachable_or_404(series_ids, fresh.id)))


@endpoints.post("/registrations/<uuid:registration>/come_back")
@scoped(Scope.MANAGE)
@operation(
    Group.REGISTRATIONS,
    Text("销假", "Come back from leave"),
    DONE,
    about=Text("有空余席位时恢复。", "If a seat is free."),
    body=Nothing,
    body_optional=True,
    refuses=(TransitionNotAllowed, PoolFull),
)
def come_back_registration(registration: UUID) -> ResponseReturnValue:
    """Note that the person comes after all."""
    return _done(services.come_back, registration)


@endpoints.post("/registrations/<uuid:registration>/reopen")
@scoped(Scope.MANAGE)
@operation(
    Group.REGISTRATIONS,
    Text("重新审核", "Review again"),
    DONE,
    body=Nothing,
    body_optional=True,
    refuses=(TransitionNotAllowed, PoolFull),
)
def reopen_registration(registration: UUID) -> ResponseReturnValue:
    """Review a declined application again."""
    return _done(services.reopen, registration)


@endpoints.post("/registrations/<uuid:registration>/accept")
@scoped(Scope.MANAGE)
@operation(
    Group.REGISTRATIONS,
    Text("代本人接受候补席位", "Accept an offered seat for the person"),
    DONE,
    body=Nothing,
    body_optional=True,
    refuses=(TransitionNotAllowed, OfferEnded),
)
def accept_registration(registration: UUID) -> ResponseReturnValue:
    """Take the seat that was offered."""
    return _done(services.accept, registration)


@endpoints.post("/registrations/<uuid:registration>/prioritise")
@scoped(Scope.MANAGE)
@operation(
    Group.REGISTRATIONS,
    Text("调整候补顺序", "Move in line"),
    DONE,
    about=Text("排到后面的，将通知本人。", "Somebody who is moved down is told."),
    body=Prioritise,
    example={"priority": 1, "reason": "特邀嘉宾随行人员。"},
    refuses=(TransitionNotAllowed,),
)
def prioritise_registration(registration: UUID) -> ResponseReturnValue:
    """Give somebody who waits another priority."""
    body = sent_body(Prioritise)
    return _done(services.prioritise, registration, body.priority, body.reason)


@endpoints.post("/registrations/<uuid:registration>/skip")
@scoped(Scope.MANAGE)
@operation(
    Group.REGISTRATIONS,
    Text("跳过候补", "Skip in line"),
    DONE,
    about=Text(
        "排到现有候补人员之后，并通知本人。", "Behind all who wait now; the person is told."
    ),
    body=Reason,
    example={"reason": "同一单位已有代表参加。"},
    refuses=(TransitionNotAllowed,),
)
def skip_registration(registration: UUID) -> ResponseReturnValue:
    """Move somebody to the end of the line."""
    return _done(services.skip, registration, sent_body(Reason).reason)


@endpoints.post("/registrations/<uuid:registration>/enqueue")
@scoped(Scope.MANAGE)
@operation(
    Group.REGISTRATIONS,
    Text("加入候补", "Put in line"),
    DONE,
    about=Text(
        "用于已结束的报名；不受候补上限限制。",
        "For a registration that ended; even where the line is full.",
    ),
    body=Reason,
    example={"reason": "本人来电，请求继续候补。"},
    refuses=(TransitionNotAllowed, AlreadyRegistered),
)
def enqueue_registration(registration: UUID) -> ResponseReturnValue:
    """Put somebody whose registration ended into the line."""
    return _done(services.enqueue, registration, sent_body(Reason).reason)


def _done(
    change: Callable[..., Registration], registration_id: UUID, *arguments: object
) -> ResponseReturnValue:
    """Make one change and answer with what is true then. Raises `NotFound`."""
    series_ids = principal().series_ids
    found = reachable_or_404(series_ids, registration_id)
    if not arguments:
        sent_body(Nothing, optional=True)
    change(found.series_id, registration_id, *arguments)
    return jsonify(answer_of(reachable_or_404(series_ids, registration_id)))
