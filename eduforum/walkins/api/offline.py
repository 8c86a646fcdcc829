"""Walk-ins without a network: tickets signed ahead, forms that come up later, what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypedDict
from uuid import UUID

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from eduforum.checkin.models import Point
from eduforum.checkin.queries import point_or_404
from eduforum.checkin.services import epoch_of
from eduforum.core import clock
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series, principal
from eduforum.registration.rules import PoolFull
from eduforum.tickets import qr
from eduforum.tickets.rules import show_staff_code
from eduforum.walkins import queries, services
from eduforum.walkins.models import OfflineWalkIn
from eduforum.walkins.rules import (
    MOST_FORMS,
    DeviceOnly,
    KnownHere,
    NotConfirmedYet,
    NotForWalkIns,
    Reason,
    SameName,
    Settled,
    SettledBefore,
)
from eduforum.web.access import Scope, scoped
from eduforum.web.operations import Group, operation
from eduforum.web.reading import sent_body, sent_query
from eduforum.web.schema import Both, Id, Items, Line, Moment, Next, both, moment

endpoints = Blueprint("walkins_offline_api", __name__)


class TicketAhead(TypedDict):
    """A ticket that is nobody's yet. `modules`: its QR code, 45 × 45 bits row by row."""

    ticket: str
    staff_code: str
    modules: Annotated[str, Text("Base64，1 为深色", "Base 64; 1 is dark")]


class HeldTickets(TypedDict):
    category: str
    name: Both
    events: list[str]
    tickets: list[TicketAhead]


class HeldList(TypedDict):
    epoch: str
    items: list[HeldTickets]
    next: Next


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenDown:
    """A form that was filled in without a network. The same id again is the same form."""

    id: UUID
    ticket: Annotated[str, Line(400), Text("交给本人的临时证文本", "Of the ticket handed out")]
    taken_at: Annotated[datetime, Text("设备时间", "By the device's clock")]
    name: Annotated[str, Line(120)]
    category: Annotated[str, Line(60)]
    organisation: Annotated[str, Line(120)] = ""
    mobile: Annotated[str, Line(40)] = ""
    consents: Annotated[tuple[str, ...], Items(20)] = ()
    another: bool = False
    language: Literal["zh-Hans", "en"] = "zh-Hans"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenDownForms:
    walk_ins: Annotated[tuple[TakenDown, ...], Items(MOST_FORMS)]
    device_time: datetime | None = None


class TakenIn(TypedDict):
    """What became of one form; `waiting` is for an organiser to decide."""

    id: Id
    state: Settled
    reason: Reason | None
    told: Both | None


class TakenInList(TypedDict):
    epoch: str
    server_time: Moment
    results: list[TakenIn]


class OfflineEntry(TakenIn):
    """A form as the desk lists it. What was typed is there until it is settled."""

    name: str
    organisation: str
    category: str
    taken_at: Moment
    point: Id
    device: str
    staff_code: str
    registration: Id | None
    note: str


class OfflineList(TypedDict):
    items: list[OfflineEntry]
    next: Next


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflineQuery:
    state: Settled | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """accept: register, with what is corrected. merge: it is `registration`. reject: with a note."""

    decision: Literal["accept", "merge", "reject"]
    name: Annotated[str, Line(120)] = ""
    organisation: Annotated[str, Line(120)] = ""
    mobile: Annotated[str, Line(40)] = ""
    another: bool = False
    over: Annotated[bool, Text("名额已满时加一席", "A seat above the size of a full pool")] = False
    registration: UUID | None = None
    note: Annotated[str, Line(500)] = ""


@endpoints.post("/points/<uuid:point>/walk-ins/tickets")
@scoped(Scope.DOOR)
@operation(
    Group.DOOR,
    Text("领取离线补报名用的临时证", "Hold tickets for walk-ins without a network"),
    {200: HeldList},
    about=Text(
        "每个可补报名的类别补足到 50 张，重复请求不会增加。证件由本设备在断网时发出，随后用 offline 上传表单。",
        "Filled up to 50 of each category that takes walk-ins; asked again it is the same. The "
        "device hands them out without a network, and sends the forms to `offline` later.",
    ),
    refuses=(DeviceOnly,),
)
def hold_tickets(point: UUID) -> ResponseReturnValue:
    """Give a device tickets that are signed ahead."""
    place = _point(point)
    held = services.renew_block(place, _device())
    items = [
        {
            "category": one.offer.category.code,
            "name": both(one.offer.category.name),
            "events": [event.slug for event in one.offer.category.events],
            "tickets": [
                {
                    "ticket": ticket.text,
                    "staff_code": show_staff_code(ticket.staff_code),
                    "modules": qr.modules(ticket.text),
                }
                for ticket in one.tickets
            ],
        }
        for one in held
    ]
    return jsonify({"epoch": epoch_of(place.series_id), "items": items, "next": None})


@endpoints.post("/points/<uuid:point>/walk-ins/offline")
@scoped(Scope.DOOR)
@operation(
    Group.DOOR,
    Text("上传离线补报名", "Send walk-ins that were taken down without a network"),
    {200: TakenInList},
    about=Text(
        "逐条返回结果，顺序不变，从不拒收：不能直接登记的留待主办方决定。",
        "One result for each, in order; nothing is refused: what cannot be registered waits for "
        "an organiser.",
    ),
    body=TakenDownForms,
    example={
        "walk_ins": [
            {
                "id": "01890a5d-ac96-774b-bcce-b302099a8057",
                "ticket": "EV1…",
                "taken_at": "2027-03-15T08:41:06+08:00",
                "name": "样本甲",
                "category": "observer",
                "consents": ["privacy"],
            }
        ]
    },
    refuses=(DeviceOnly,),
)
def send_offline(point: UUID) -> ResponseReturnValue:
    """Take in what a device took down."""
    place, device_id, body = _point(point), _device(), sent_body(TakenDownForms)
    forms = [
        services.Form(
            id=one.id, ticket=one.ticket, taken_at=one.taken_at, name=one.name,
            category=one.category, organisation=one.organisation, mobile=one.mobile,
            consents=one.consents, another=one.another, language=one.language,
        )
        for one in body.walk_ins
    ]  # fmt: skip
    kept = services.take_in(place, device_id, forms, body.device_time)
    return jsonify(
        {
            "epoch": epoch_of(place.series_id),
            "server_time": clock.now().isoformat(),
            "results": [_taken_in(one) for one in kept],
        }
    )


@endpoints.get("/series/<series>/walk-ins/offline")
@scoped(Scope.MANAGE)
@operation(
    Group.DOOR,
    Text("列出离线补报名", "List walk-ins that were taken down without a network"),
    {200: OfflineList},
    query=OfflineQuery,
)
def list_offline(series: str) -> ResponseReturnValue:
    """What devices took down, and what became of it; those that wait first."""
    here = guarded_series()
    found = queries.offline_of(here.id, sent_query(OfflineQuery).state)
    return jsonify({"items": [_entry(one, here.time_zone) for one in found], "next": None})


@endpoints.post("/series/<series>/walk-ins/offline/<uuid:walk_in>/settle")
@scoped(Scope.MANAGE)
@operation(
    Group.DOOR,
    Text("决定一条离线补报名", "Decide on a walk-in that waits"),
    {200: OfflineEntry},
    body=Decision,
    example={"decision": "accept", "name": "样本甲", "over": True},
    refuses=(SettledBefore, NotConfirmedYet, NotForWalkIns, SameName, KnownHere, PoolFull),
)
def decide_walk_in(series: str, walk_in: UUID) -> ResponseReturnValue:
    """Accept, merge or reject a form that waits."""
    here, body = guarded_series(), sent_body(Decision)
    _decide(here.id, walk_in, body)
    return jsonify(_entry(queries.offline_or_404(here.id, walk_in), here.time_zone))


def _decide(series_id: int, walk_in: UUID, body: Decision) -> None:
    if body.decision == "reject":
        services.reject(series_id, walk_in, body.note)
    elif body.decision == "merge":
        if body.registration is None:
            sentence = Text("请写明并入的报名。", "Name the registration.")
            raise BadInput(sentence, {"registration": [sentence]})
        services.merge(series_id, walk_in, body.registration)
    else:
        kept = queries.offline_or_404(series_id, walk_in)
        mended = services.Mended(
            name=body.name or kept.name,
            organisation=body.organisation or kept.organisation,
            mobile=body.mobile or kept.mobile,
            another=body.another,
            over=body.over,
        )
        services.accept(series_id, walk_in, mended)


def _taken_in(kept: OfflineWalkIn) -> TakenIn:
    waiting = kept.settled is Settled.WAITING
    return {
        "id": str(kept.id),
        "state": kept.settled,
        "reason": kept.reason if waiting else None,
        "told": _told(kept.told) if waiting and kept.told else None,
    }


def _told(said: Mapping[str, str]) -> Both:
    return {"zh": said["zh"], "en": said["en"]}


def _entry(kept: OfflineWalkIn, zone: str) -> OfflineEntry:
    return {
        **_taken_in(kept),
        "name": kept.name,
        "organisation": kept.organisation,
        "category": kept.category,
        "taken_at": moment(kept.taken_at, zone),
        "point": str(kept.point_id),
        "device": kept.device.name,
        "staff_code": show_staff_code(kept.ticket.staff_code) if kept.ticket else "",
        "registration": str(kept.registration_id) if kept.registration_id else None,
        "note": kept.note,
    }


def _point(point_id: UUID) -> Point:
    return point_or_404(principal().series_ids, point_id)


def _device() -> UUID:
    asker = principal()
    if asker.kind != "device":
        raise DeviceOnly
    return UUID(asker.id)
