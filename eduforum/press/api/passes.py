"""What programs of the press office do with cards: print, hand out, replace, suspend, revoke."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from eduforum.core.i18n import Text
from eduforum.core.id_numbers import IdType
from eduforum.press import queries
from eduforum.press.api.applications import answer_of, reachable
from eduforum.press.api.shapes import PressApplicationAnswer
from eduforum.press.models import Application
from eduforum.press.rules.states import NotYours, TransitionNotAllowed
from eduforum.press.services import passes
from eduforum.press.services.passes import Handover, NothingToPrint
from eduforum.web.access import Scope, scoped
from eduforum.web.operations import Group, operation
from eduforum.web.reading import sent_body
from eduforum.web.schema import Items, Line

endpoints = Blueprint("press_passes_api", __name__)

_DONE = {200: PressApplicationAnswer}
_STEP = (TransitionNotAllowed, NotYours)
_AT = "/press-applications/<uuid:application>"
_PERSON = "01890a5d-ac96-774b-bcce-b302099a8057"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToPrint:
    """Whose cards; none: those of this application that wait."""

    people: Annotated[tuple[UUID, ...], Items(20)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """Which document was seen. taken_by: a proxy, who showed a letter of the outlet."""

    person: UUID
    id_type: IdType
    id_last4: Annotated[str, Line(4, least=4)]
    taken_by: Annotated[str, Line(120)] = ""
    letter: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OnePass:
    person: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonedPass:
    """reason is told to the outlet."""

    person: UUID
    reason: Annotated[str, Line(200, least=1)]


@endpoints.post(f"{_AT}/print")
@scoped(Scope.PRESS)
@operation(Group.PRESS, Text("制证", "Print cards"), _DONE, body=ToPrint, body_optional=True,
           refuses=(*_STEP, NothingToPrint))  # fmt: skip
def print_press_cards(application: UUID) -> ResponseReturnValue:
    """Print cards as one numbered run; the PDF is fetched at the desk."""
    body, one = sent_body(ToPrint, optional=True), reachable(application)
    mine = [person.id for person in queries.people_of(one.id)]
    chosen = [key for key in mine if key in body.people] if body.people else mine
    passes.print_cards(one.series_id, chosen)
    return jsonify(answer_of(reachable(application)))


@endpoints.post(f"{_AT}/collect")
@scoped(Scope.PRESS)
@operation(Group.PRESS, Text("领证", "Hand out a card"), _DONE, body=Collected, refuses=_STEP,
           example={"person": _PERSON, "id_type": "passport", "id_last4": "0123"})  # fmt: skip
def collect_press_card(application: UUID) -> ResponseReturnValue:
    """Note who took a card, and which document was seen."""
    body = sent_body(Collected)
    given = Handover(
        id_type=body.id_type.value,
        id_last4=body.id_last4,
        taken_by=body.taken_by,
        letter=body.letter,
    )
    return _done(
        application, body.person, lambda one: passes.collect(one.series_id, body.person, given)
    )


@endpoints.post(f"{_AT}/reissue")
@scoped(Scope.PRESS)
@operation(Group.PRESS, Text("挂失补发", "Replace a lost card"), _DONE, body=OnePass, refuses=_STEP,
           example={"person": _PERSON})  # fmt: skip
def reissue_press_card(application: UUID) -> ResponseReturnValue:
    """The old card is void first, unless it is already; then there is a new number to print."""
    body = sent_body(OnePass)
    return _done(application, body.person, lambda one: passes.replace(one.series_id, body.person))


@endpoints.post(f"{_AT}/suspend")
@scoped(Scope.PRESS)
@operation(Group.PRESS, Text("暂停", "Suspend a pass"), _DONE, body=ReasonedPass, refuses=_STEP,
           example={"person": _PERSON, "reason": "证件与本人不符。"})  # fmt: skip
def suspend_press_pass(application: UUID) -> ResponseReturnValue:
    """Admit nobody with this pass for now."""
    body = sent_body(ReasonedPass)
    return _done(
        application,
        body.person,
        lambda one: passes.suspend(one.series_id, body.person, body.reason),
    )


@endpoints.post(f"{_AT}/revoke")
@scoped(Scope.PRESS)
@operation(Group.PRESS, Text("撤销", "Revoke a pass"), _DONE, body=ReasonedPass, refuses=_STEP,
           example={"person": _PERSON, "reason": "转借他人使用。"})  # fmt: skip
def revoke_press_pass(application: UUID) -> ResponseReturnValue:
    """End a pass for good."""
    body = sent_body(ReasonedPass)
    return _done(
        application,
        body.person,
        lambda one: passes.revoke(one.series_id, body.person, body.reason),
    )


def _done(
    application_id: UUID, person_id: UUID, act: Callable[[Application], object]
) -> ResponseReturnValue:
    """Raises `NotFound` for somebody of another application."""
    one = reachable(application_id)
    queries.person_or_404(one.series_id, one.id, person_id)
    act(one)
    return jsonify(answer_of(reachable(application_id)))
