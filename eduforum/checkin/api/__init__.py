"""The door's API: points, enrolling, the bundle, scans, search.

Scans name what was read in `code`: a ticket's text, or, with `manual: true`, the `code` of a
person that `search` found. The printed 8-letter code is for `search`; as a scan it is unknown.
`direction: undo` names the scan that is taken back in `undoes`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from eduforum.checkin import queries
from eduforum.checkin.api import shapes
from eduforum.checkin.api.answers import (
    Bundle,
    BundleQuery,
    EnrolBody,
    Enrolled,
    FoundList,
    IncidentList,
    NewPoint,
    NewScans,
    PointAnswer,
    PointList,
    ScanResults,
    SearchQuery,
    SettleBody,
    SettledAnswer,
)
from eduforum.checkin.api.programme import next_of
from eduforum.checkin.api.reading import read_point, read_scans, sent_body
from eduforum.checkin.models import Point
from eduforum.checkin.queries import Counts, Position
from eduforum.checkin.rules import BadEnrolCode
from eduforum.checkin.services import (
    Reading,
    Scanner,
    add_point,
    enrol,
    epoch_of,
    note_report,
    record,
    settle_incident,
)
from eduforum.core import clock
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series, principal
from eduforum.events.queries import events_of
from eduforum.tickets.services import keys_of
from eduforum.web.access import Scope, public, scoped
from eduforum.web.idempotency import idempotent
from eduforum.web.limits import TooOften, spend
from eduforum.web.operations import Group, operation
from eduforum.web.packing import packed
from eduforum.web.pagination import cursor_and_limit, cursor_for, cut

endpoints = Blueprint("checkin_api", __name__)

BUNDLE_PAGE = 2000
_OVERLAP = timedelta(seconds=10)
"""How much of the last delta is sent again: a slow change may be committed behind a fast one."""
_NOTHING = UUID(int=0)
_START = datetime(2000, 1, 1, tzinfo=UTC)


@endpoints.get("/series/<series>/points")
@scoped(Scope.DOOR, Scope.MANAGE)
@operation(Group.DOOR, Text("列出签到点", "List the points"), {200: PointList})
def points(series: str) -> ResponseReturnValue:
    """The points of a series with their counts, in their order."""
    found = queries.points_of(guarded_series().id)
    counts = queries.counts_of(found, clock.now())
    slugs, codes = _slugs(), _codes()
    items = [shapes.point_json(p, counts[p.id], slugs, codes) for p in found]
    return jsonify({"items": items, "next": None})


@endpoints.post("/series/<series>/points")
@scoped(Scope.MANAGE)
@operation(
    Group.DOOR,
    Text("添加签到点", "Add a point"),
    {201: PointAnswer},
    body=NewPoint,
    example={"name": {"zh": "二号门", "en": "Gate 2"}, "kind": "zone", "repeat": "reentry"},
)
@idempotent
def make_point(series: str) -> ResponseReturnValue:
    """Add a point."""
    point = add_point(guarded_series().id, read_point(sent_body()))
    return jsonify(shapes.point_json(point, Counts(), _slugs(), _codes())), 201


@endpoints.post("/devices:enrol")
@public
@operation(
    Group.DOOR,
    Text("登记设备", "Enrol a device"),
    {201: Enrolled},
    about=Text(
        "用工作台给出的一次性登记码换取设备令牌，权限为 door。",
        "Turns a one-time code from the desk into the token of a device, with the scope door.",
    ),
    body=EnrolBody,
    refuses=(BadEnrolCode, TooOften),
)
@idempotent
def enrol_device() -> ResponseReturnValue:
    """Turn a one-time code from the desk into a device with its bearer token, told this once."""
    spend("enrol", request.remote_addr or "", most=20, per=timedelta(minutes=10))
    body = sent_body()
    code = body.text("code", most=40, required=True)
    name = body.text("name", most=60, required=True)
    body.refuse_if_wrong()
    device, token = enrol(code, name)
    answer = {
        "id": str(device.id),
        "name": device.name,
        "token": token,
        "supervisor": device.supervisor,
        "series": device.series.slug,
        "series_name": shapes.both(device.series.name),
        "epoch": epoch_of(device.series_id),
    }
    return jsonify(answer), 201


@endpoints.get("/points/<uuid:point>/bundle")
@scoped(Scope.DOOR)
@operation(
    Group.DOOR,
    Text("下载离线数据", "Fetch what a device needs"),
    {200: Bundle},
    about=Text(
        "名单以 serial、放行记录以 id 为键，再次出现的条目取代之前的。more 为 true 时继续下载。",
        "The roster is keyed by serial, admissions by id: an entry that comes again replaces the "
        "one before. While more is true, ask again with cursor.",
    ),
    query=BundleQuery,
)
def bundle(point: UUID) -> ResponseReturnValue:
    """What a device needs to judge at this point without a network; with `cursor`, what is new.

    The roster is keyed by serial and admissions by scan id: an entry that comes again replaces
    the one before. `more` says that the next page waits behind `cursor`.
    """
    place, now = _point(point), clock.now()
    _note_report()
    tickets_from, moves_from = _positions()
    tickets = queries.tickets_after(place.series_id, tickets_from, BUNDLE_PAGE)
    moves = queries.moves_after(place.series_id, moves_from, BUNDLE_PAGE)
    slugs = _slugs(place.series_id)
    live = [t for t in tickets if t.standing in ("valid", "suspended")]
    ended = [t for t in tickets if t.standing not in ("valid", "suspended")]
    reached = (
        _reached(tickets_from, [(ticket.updated_at, ticket.id) for ticket in tickets], now),
        _reached(moves_from, [(move.received_at, move.id) for move in moves], now),
    )
    own = _own_device()
    answer = jsonify(
        {
            "epoch": epoch_of(place.series_id),
            "server_time": now.isoformat(),
            "cursor": cursor_for("|".join(f"{p.at.isoformat()}|{p.id}" for p in reached)),
            "more": BUNDLE_PAGE in (len(tickets), len(moves)),
            "supervisor": own is not None and queries.is_supervisor(own),
            "point": shapes.point_json(
                place, queries.counts_of([place], now)[place.id], slugs, _codes(place.series_id)
            ),
            "series": {"slug": place.series.slug, "number": place.series.number},
            "keys": shapes.keys_json(keys_of(place.series_id)),
            "classes": [shapes.class_json(c) for c in queries.classes_of(place.series_id)],
            "verdicts": shapes.verdicts_json(),
            "programme": [shapes.stop_json(stop) for stop in queries.programme_of(place.series_id)],
            "roster": [shapes.roster_json(ticket, slugs) for ticket in live],
            "revocations": [shapes.revocation_json(ticket) for ticket in ended],
            "admissions": [shapes.move_json(row, own) for row in moves],
            "incidents": [
                shapes.incident_json(told, own)
                for told in (queries.incidents_of(place.series, now, device=own) if own else ())
            ],
        }
    )
    return packed(answer)


@endpoints.post("/points/<uuid:point>/scans")
@scoped(Scope.DOOR)
@operation(
    Group.DOOR,
    Text("上传扫码记录", "Record scans"),
    {200: ScanResults},
    about=Text(
        "逐条返回结果，顺序不变。事实从不拒收：不符的记录标为 quarantined。"
        "参会证上的八位编号只用于查找，作为 code 扫入时为 unknown。",
        "One result for each, in order. Facts are never refused: what does not fit is "
        "quarantined. The 8-letter staff code is for search only; as a scan it is unknown.",
    ),
    body=NewScans,
    example={
        "device_time": "2027-03-15T08:41:07+08:00",
        "scans": [
            {
                "id": "01890a5d-ac96-774b-bcce-b302099a8057",
                "seq": 1,
                "code": "EV1…",
                "direction": "in",
                "scanned_at": "2027-03-15T08:41:06+08:00",
            }
        ],
    },
)
def add_scans(point: UUID) -> ResponseReturnValue:
    """Record scans; one answer for each, in the order sent."""
    place = queries.place_or_404(principal().series_ids, point)
    batch, device_time, epoch = read_scans(sent_body())
    results = record(place, _scanner(batch), batch, device_time=device_time, epoch=epoch or None)
    return jsonify(
        {
            "epoch": place.epoch or epoch_of(place.series_id),
            "server_time": clock.now().isoformat(),
            "results": [
                shapes.result_json(result, place) | next_of(place, results) for result in results
            ],
        }
    )


@endpoints.get("/points/<uuid:point>/search")
@scoped(Scope.DOOR)
@operation(Group.DOOR, Text("查找人员", "Search for a person"), {200: FoundList}, query=SearchQuery)
def search(point: UUID) -> Response:
    """People by name, pinyin, initials, last four digits of the mobile, or staff code."""
    found = queries.search(_point(point).series_id, request.args.get("q", "")[:100])
    return jsonify({"items": [shapes.found_json(ticket) for ticket in found], "next": None})


@endpoints.get("/series/<series>/incidents")
@scoped(Scope.MANAGE)
@operation(
    Group.DOOR,
    Text("列出签到异常", "List incidents at the doors"),
    {200: IncidentList},
    about=Text(
        "由扫码记录推出，处理后仍列出并附说明。",
        "They follow from the scans; a settled one stays, with its note.",
    ),
    lists=True,
)
def incidents(series: str) -> Response:
    """What the scans show to have gone wrong, newest first."""
    found, following = cut(queries.incidents_of(guarded_series(), clock.now()))
    items = [shapes.incident_json(told, None) for told in found]
    return jsonify({"items": items, "next": following})


@endpoints.post("/series/<series>/incidents/<uuid:incident>/settle")
@scoped(Scope.MANAGE)
@operation(
    Group.DOOR,
    Text("处理签到异常", "Settle an incident"),
    {200: SettledAnswer},
    body=SettleBody,
    example={"note": "本人，两处门口各扫一次"},
)
def settle(series: str, incident: UUID) -> ResponseReturnValue:
    """Say how an incident was settled; the first word stands."""
    body = sent_body()
    note = body.text("note", most=500, required=True)
    body.refuse_if_wrong()
    said = settle_incident(guarded_series(), incident, note, clock.now())
    return jsonify(shapes.settled_json(said))


def _point(point_id: UUID) -> Point:
    return queries.point_or_404(principal().series_ids, point_id)


def _own_device() -> UUID | None:
    asker = principal()
    return UUID(asker.id) if asker.kind == "device" else None


def _note_report() -> None:
    """Keep what the device says of itself, for the desk's list of devices."""
    device_id = _own_device()
    unsent = request.args.get("unsent", type=int)
    if device_id is not None and unsent is not None:
        note_report(device_id, unsent=unsent, app=request.args.get("app", ""))


def _scanner(batch: Sequence[Reading]) -> Scanner:
    """Who sends; its right as a supervisor is looked up when it claims one. Of tokens those that
    may manage the series have it."""
    asker, device_id = principal(), _own_device()
    if device_id is None:
        return Scanner(f"{asker.kind}:{asker.id}", supervisor=Scope.MANAGE in asker.scopes)
    claims = any(one.override or one.undoes for one in batch)
    right = claims and queries.is_supervisor(device_id)
    return Scanner(asker.name, device_id, since=asker.since, supervisor=right)


def _slugs(series_id: int | None = None) -> dict[int, str]:
    events = events_of(guarded_series().id if series_id is None else series_id)
    return {event.id: event.slug for event in events}


def _codes(series_id: int | None = None) -> dict[int, str]:
    categories = queries.classes_of(guarded_series().id if series_id is None else series_id)
    return {category.ticket_class: category.code for category in categories}


def _positions() -> tuple[Position, Position]:
    """How far the device has read tickets and moves. Raises `BadInput` for a made-up cursor."""
    text, _ = cursor_and_limit()
    if text is None:
        return Position(_START, _NOTHING), Position(_START, _NOTHING)
    try:
        parts = text.split("|")
        first, second = (
            Position(datetime.fromisoformat(at).astimezone(UTC), UUID(key))
            for at, key in (parts[:2], parts[2:])
        )
    except (ValueError, OverflowError):
        sentence = Text("cursor 无法识别。", "cursor is not one that this list gave out.")
        raise BadInput(sentence, {"cursor": [sentence]}) from None
    return first, second


def _reached(start: Position, rows: Sequence[tuple[datetime, UUID]], now: datetime) -> Position:
    """Where the next page begins: behind the last row, but, caught up, never in the last seconds."""
    reached = Position(*rows[-1]) if rows else start
    if len(rows) == BUNDLE_PAGE or reached.at <= now - _OVERLAP:
        return reached
    return Position(now - _OVERLAP, _NOTHING)
