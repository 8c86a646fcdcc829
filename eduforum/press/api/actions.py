"""What programs of the press office, or of an outlet through it, do to an application."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.press import queries
from eduforum.press.api.applications import answer_of, reachable
from eduforum.press.api.shapes import Code, Granted, PressApplicationAnswer
from eduforum.press.models import Application
from eduforum.press.rules import Item, Reason, VerifyMethod, Zone
from eduforum.press.rules.decisions import (
    AlreadyAccredited,
    CheckNotClear,
    NoMoreRounds,
    OutletNotVerified,
)
from eduforum.press.rules.forms import Incomplete, PressClosed, TooManyPeople
from eduforum.press.rules.ranking import PlacesFull
from eduforum.press.rules.states import NotYours, TransitionNotAllowed
from eduforum.press.services import answers, decide, drafts, review
from eduforum.press.services.admission import HasTicket
from eduforum.press.services.inputs import Asked, Grant
from eduforum.web.access import Scope, scoped
from eduforum.web.operations import Group, operation
from eduforum.web.reading import sent_body
from eduforum.web.schema import Items, Line, Prose

endpoints = Blueprint("press_actions_api", __name__)

DONE = {200: PressApplicationAnswer}
_STEP = (TransitionNotAllowed, NotYours)
_MOST = 1000
_AT = "/press-applications/<uuid:application>"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoFields:
    """An empty object; the body may also be left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """consents: what everybody of the staff was told of and agrees to, `privacy` and `id`."""

    consents: Annotated[tuple[Code, ...], Items(10)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedItem:
    item: Item
    person: UUID | None = None
    note: Annotated[str, Prose(300)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What more is asked for, and until when."""

    items: Annotated[tuple[AskedItem, ...], Items(100, least=1)]
    answer_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify:
    """method: how it was made sure; not needed once the outlet is verified."""

    method: VerifyMethod | None = None
    note: Annotated[str, Prose(_MOST)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedPerson:
    person: UUID
    reason: Annotated[str, Line(300, least=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve:
    """Who comes, who does not; who is in neither list is put on hold."""

    grants: Annotated[tuple[Granted, ...], Items(20, least=1)]
    refused: Annotated[tuple[RefusedPerson, ...], Items(20)] = ()
    note: Annotated[str, Prose(_MOST)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    note: Annotated[str, Prose(_MOST)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """reason is told to the outlet; note stays in the office."""

    reason_code: Reason
    reason: Annotated[str, Prose(_MOST)] = ""
    note: Annotated[str, Prose(_MOST)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    grounds: Annotated[str, Line(_MOST, least=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is said to the outlet about its appeal."""

    answer: Annotated[str, Line(_MOST, least=1)]


@endpoints.post(f"{_AT}/submit")
@scoped(Scope.PRESS)
@operation(Group.PRESS, Text("提交", "Send in"), DONE, body=Submit, example={"consents": ["privacy", "id"]},
           refuses=(*_STEP, Incomplete, PressClosed, TooManyPeople))  # fmt: skip
def submit_press_application(application: UUID) -> ResponseReturnValue:
    """Send in a draft for its outlet."""
    body = sent_body(Submit)
    return _done(application, lambda one: drafts.submit(one.series_id, one.id, body.consents))


@endpoints.post(f"{_AT}/screen")
@scoped(Scope.PRESS)
@operation(Group.PRESS, Text("开始审查", "Begin the review"), DONE, body=NoFields, body_optional=True,
           refuses=_STEP)  # fmt: skip
def screen_press_application(application: UUID) -> ResponseReturnValue:
    """Take an application up."""
    return _done(application, lambda one: review.screen(one.series_id, one.id))


@endpoints.post(f"{_AT}/ask")
@scoped(Scope.PRESS)
@operation(
    Group.PRESS, Text("要求补充", "Ask for more"), DONE, body=Ask, refuses=(*_STEP, NoMoreRounds),
    example={
        "items": [{"item": "letter_sealed", "note": "未见公章。"}],
        "answer_by": "2026-11-20T18:00:00+08:00",
    },
)  # fmt: skip
def ask_press_application(application: UUID) -> ResponseReturnValue:
    """Ask the outlet for more, item by item; three times at most."""
    body = sent_body(Ask)
    items = [Asked(item=one.item, person=one.person, note=one.note) for one in body.items]
    return _done(application, lambda one: review.ask(one.series_id, one.id, items, body.answer_by))


@endpoints.post(f"{_AT}/answer")
@scoped(Scope.PRESS)
@operation(Group.PRESS, Text("提交补充", "Answer"), DONE, body=NoFields, body_optional=True,
           refuses=_STEP)  # fmt: skip
def answer_press_application(application: UUID) -> ResponseReturnValue:
    """Send the answer of the outlet; files and fields were changed on its page."""
    return _done(application, lambda one: answers.answer(one.series_id, one.id))


@endpoints.post(f"{_AT}/verify_outlet")
@scoped(Scope.PRESS)
@operation(Group.PRESS, Text("核实单位", "Verify the outlet"), DONE, body=Verify,
           example={"method": "call_back"}, refuses=_STEP)  # fmt: skip
def verify_press_outlet(application: UUID) -> ResponseReturnValue:
    """The outlet is what it says."""
    body = sent_body(Verify)
    return _done(
        application,
        lambda one: review.verify_outlet(one.series_id, one.id, body.method, body.note),
    )


@endpoints.post(f"{_AT}/approve")
@scoped(Scope.PRESS)
@operation(
    Group.PRESS, Text("批准", "Approve"), DONE, body=Approve,
    refuses=(*_STEP, OutletNotVerified, PlacesFull, CheckNotClear, AlreadyAccredited, HasTicket),
    example={
        "grants": [
            {
                "person": "01890a5d-ac96-774b-bcce-b302099a8057",
                "zones": ["A", "B"],
                "events": ["signing"],
                "valid_from": "2026-11-28T00:00:00+08:00",
                "valid_until": "2026-11-29T00:00:00+08:00",
            }
        ]
    },
)  # fmt: skip
def approve_press_application(application: UUID) -> ResponseReturnValue:
    """Let people come; zones C and F wait for a second officer."""
    body = sent_body(Approve)

    def act(one: Application) -> Application:
        known = {event.slug: key for key, event in queries.events_by_id(one.series_id).items()}
        return decide.approve(
            one.series_id,
            one.id,
            {given.person: _grant(given, known) for given in body.grants},
            refused={given.person: given.reason for given in body.refused},
            note=body.note,
        )

    return _done(application, act)


@endpoints.post(f"{_AT}/hold")
@scoped(Scope.PRESS)
@operation(Group.PRESS, Text("列为待定", "Put on hold"), DONE, body=Hold,
           refuses=(*_STEP, OutletNotVerified))  # fmt: skip
def hold_press_application(application: UUID) -> ResponseReturnValue:
    """All its people wait for a place."""
    body = sent_body(Hold)
    return _done(application, lambda one: decide.hold(one.series_id, one.id, note=body.note))


@endpoints.post(f"{_AT}/reject")
@scoped(Scope.PRESS)
@operation(Group.PRESS, Text("不予批准", "Reject"), DONE, body=Reject,
           example={"reason_code": "letter"}, refuses=_STEP)  # fmt: skip
def reject_press_application(application: UUID) -> ResponseReturnValue:
    """Say no, with a reason."""
    body = sent_body(Reject)
    return _done(
        application,
        lambda one: decide.reject(
            one.series_id, one.id, body.reason_code.value, body.reason, note=body.note
        ),
    )


@endpoints.post(f"{_AT}/appeal")
@scoped(Scope.PRESS)
@operation(Group.PRESS, Text("申请复核", "Appeal"), DONE, body=Grounds,
           example={"grounds": "公章在附件第二页。"}, refuses=_STEP)  # fmt: skip
def appeal_press_application(application: UUID) -> ResponseReturnValue:
    """Ask another officer to look at a rejection; once."""
    body = sent_body(Grounds)
    return _done(application, lambda one: answers.appeal(one.series_id, one.id, body.grounds))


@endpoints.post(f"{_AT}/<any(uphold, overturn):finding>")
@scoped(Scope.PRESS)
@operation(Group.PRESS, Text("复核", "Settle the appeal"), DONE, body=Finding,
           example={"answer": "公章确在第二页。"}, refuses=_STEP)  # fmt: skip
def settle_press_appeal(
    application: UUID, finding: Literal["uphold", "overturn"]
) -> ResponseReturnValue:
    """Another officer than the one who rejected upholds or overturns."""
    settle = decide.uphold if finding == "uphold" else decide.overturn
    body = sent_body(Finding)
    return _done(application, lambda one: settle(one.series_id, one.id, body.answer))


@endpoints.post(f"{_AT}/withdraw")
@scoped(Scope.PRESS)
@operation(Group.PRESS, Text("撤回", "Withdraw"), DONE, body=NoFields, body_optional=True,
           refuses=_STEP)  # fmt: skip
def withdraw_press_application(application: UUID) -> ResponseReturnValue:
    """Take an application back for its outlet; passes end."""
    return _done(application, lambda one: drafts.withdraw(one.series_id, one.id))


def _done(application_id: UUID, act: Callable[[Application], object]) -> ResponseReturnValue:
    one = reachable(application_id)
    act(one)
    return jsonify(answer_of(reachable(application_id)))


def _grant(given: Granted, known: Mapping[str, int]) -> Grant:
    unknown = [slug for slug in given.events if slug not in known]
    if unknown:
        sentence = Text("没有这项活动：{slug}。", "There is no such event: {slug}.")
        filled = sentence.fill(slug=unknown[0])
        raise BadInput(filled, {"grants": [filled]})
    return Grant(
        zones=tuple(Zone(zone) for zone in given.zones),
        events=tuple(known[slug] for slug in given.events),
        valid_from=given.valid_from,
        valid_until=given.valid_until,
    )
