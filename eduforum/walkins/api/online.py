"""The door's API for walk-ins: what may be chosen at a point, and one more person with a ticket."""

from dataclasses import dataclass
from typing import Annotated, TypedDict
from uuid import UUID

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from eduforum.checkin.models import Point
from eduforum.checkin.queries import point_or_404
from eduforum.checkin.services import PICKED
from eduforum.core import clock
from eduforum.core.contacts import parse_mobile
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text, current_language
from eduforum.events.access import principal
from eduforum.registration.rules import PoolFull
from eduforum.tickets import qr
from eduforum.tickets.rules import show_staff_code
from eduforum.walkins import queries, services
from eduforum.walkins.rules import KnownHere, NotForWalkIns, SameName
from eduforum.web.access import Scope, scoped
from eduforum.web.idempotency import idempotent
from eduforum.web.operations import Group, operation
from eduforum.web.reading import sent_body
from eduforum.web.schema import Both, Id, Line, Next

endpoints = Blueprint("walkins_api", __name__)


class WalkInOffer(TypedDict):
    """A category that takes walk-ins at a point; `free` is null without a limit."""

    category: str
    name: Both
    events: list[str]
    free: int | None


class WalkInOffers(TypedDict):
    items: list[WalkInOffer]
    next: Next


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWalkIn:
    """Somebody at the door. `id` is chosen by the device: sent again, it is the same person."""

    id: UUID
    name: Annotated[str, Line(120, least=1)]
    category: Annotated[str, Line(60, least=1)]
    organisation: Annotated[str, Line(120)] = ""
    mobile: Annotated[str, Line(40)] = ""
    consents: Annotated[tuple[str, ...], Text("须含 privacy", "Must hold privacy")] = ()
    another: Annotated[
        bool, Text("已核对，与同名人员不是同一人", "Checked: none of those of the same name")
    ] = False


class WalkIn(TypedDict):
    """The new ticket: `ticket` is its text, `qr` an SVG, `code` what a scan with `manual` sends."""

    id: Id
    name: str
    unit: str
    category: Both
    ticket: str
    staff_code: str
    qr: str
    code: str


@endpoints.get("/points/<uuid:point>/walk-ins/offers")
@scoped(Scope.DOOR)
@operation(Group.DOOR, Text("可现场补报名的类别", "What walk-ins may choose"), {200: WalkInOffers})
def offers(point: UUID) -> ResponseReturnValue:
    """The categories that take walk-ins here, with the seats that are left."""
    place = _point(point)
    items = [
        {
            "category": one.category.code,
            "name": _both(one.category.name),
            "events": [event.slug for event in one.events],
            "free": one.free,
        }
        for one in queries.offers(place.series, clock.now(), place)
    ]
    return jsonify({"items": items, "next": None})


@endpoints.post("/points/<uuid:point>/walk-ins")
@scoped(Scope.DOOR)
@operation(
    Group.DOOR,
    Text("现场补报名", "Register a walk-in"),
    {201: WalkIn},
    about=Text(
        "立即确认并出证；名额与其他报名一同计算，不进入候补。",
        "Confirmed at once, with a ticket; seats are counted with all others, nobody is put in line.",
    ),
    body=NewWalkIn,
    example={
        "id": "01890a5d-ac96-774b-bcce-b302099a8057",
        "name": "样本甲",
        "category": "observer",
        "consents": ["privacy"],
    },
    refuses=(NotForWalkIns, SameName, KnownHere, PoolFull),
)
@idempotent
def add_walk_in(point: UUID) -> ResponseReturnValue:
    """Register somebody at the door and answer with the ticket."""
    place, body = _point(point), sent_body(NewWalkIn)
    if "privacy" not in body.consents:
        sentence = Text("请先取得本人同意。", "The person has to agree first.")
        raise BadInput(sentence, {"consents": [sentence]})
    made = services.admit(
        place.series,
        services.Newcomer(
            name=body.name,
            category=body.category,
            organisation=body.organisation,
            mobile=_mobile(body.mobile),
            language=current_language().value,
            another=body.another,
        ),
        submit_id=f"walk-in:{body.id}",
        point=place,
    )
    ticket = made.ticket
    assert ticket is not None
    return jsonify(
        {
            "id": str(made.id),
            "name": ticket.holder,
            "unit": ticket.unit,
            "category": _both(made.category.name),
            "ticket": ticket.text,
            "staff_code": show_staff_code(ticket.staff_code),
            "qr": qr.svg(ticket.text),
            "code": f"{PICKED}{ticket.id}",
        }
    ), 201


def _point(point_id: UUID) -> Point:
    return point_or_404(principal().series_ids, point_id)


def _mobile(typed: str) -> str:
    if not typed:
        return ""
    try:
        return parse_mobile(typed)
    except BadInput as bad:
        raise BadInput(bad.sentence, {"mobile": [bad.sentence]}) from None


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
