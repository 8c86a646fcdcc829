"""The API of attendance: counts only, nobody by name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, NotRequired, TypedDict

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series
from eduforum.reports.queries import attendance
from eduforum.reports.queries.attendance import Known
from eduforum.reports.rules import Count
from eduforum.web.access import Scope, scoped
from eduforum.web.operations import Group, operation
from eduforum.web.reading import sent_query
from eduforum.web.schema import Both, Id, Slug, both

endpoints = Blueprint("reports_api", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceQuery:
    """Which rows are wanted."""

    by: Annotated[
        Literal["event", "session", "category", "organisation", "delegation"] | None,
        Text(
            "只要这一种统计；不填则为活动、场次、类别三种",
            "Rows of this kind only; without it those of events, sessions and categories",
        ),
    ] = None


class CountAnswer(TypedDict):
    """People: expected = present + on_leave + absent + not_yet."""

    expected: Annotated[
        int, Text("应到：已确认和请假，含现场补报名", "Confirmed or on leave, walk-ins included")
    ]
    present: Annotated[
        int,
        Text("实到：至少放行一次且未撤销", "Let in at least once, and that was not taken back"),
    ]
    on_leave: Annotated[int, Text("请假且未到场", "On leave, and not there all the same")]
    absent: Annotated[int, Text("缺席：结束后仍未到", "Missing once it has ended")]
    not_yet: Annotated[int, Text("未到：结束前尚未到", "Missing, before its end")]


class DelegationRef(TypedDict):
    """A delegation, and the unit it comes from."""

    id: Id
    unit: Annotated[str, Text("单位", "The unit")]


class AttendanceAnswer(CountAnswer):
    """The count of an event; with a further key that of a part of it."""

    event: Slug
    session: NotRequired[Annotated[Id, Text("活动中的一个场次", "A session of the event")]]
    category: NotRequired[Annotated[str, Text("参会类别的 code", "The code of a category")]]
    organisation: NotRequired[
        Annotated[
            Both, Text("单位；没有填写的合为一行", "A unit; those who gave none make one row")
        ]
    ]
    delegation: NotRequired[
        Annotated[
            DelegationRef,
            Text("代表团；不属于代表团的人员不列", "A delegation; people of none have no row"),
        ]
    ]


class WholeAnswer(CountAnswer):
    """The series, each person once; present is whoever was let in anywhere."""

    arrived: Annotated[int, Text("已报到的人数", "How many were scanned at an arrival point")]


class AttendanceList(TypedDict):
    items: list[AttendanceAnswer]
    total: WholeAnswer


@endpoints.get("/series/<series>/attendance")
@scoped(Scope.READ)
@operation(
    Group.REPORTS,
    Text("统计出席", "Count who came"),
    {200: AttendanceList},
    query=AttendanceQuery,
    about=Text(
        "到场优先于请假。活动没有自己的签到点时，以报到为准。已取消的活动不计。",
        "Being there counts for more than leave. Where an event has no point of its own, arrival "
        "counts. Cancelled events are left out.",
    ),
)
def list_attendance(series: str) -> ResponseReturnValue:
    """The counts of a series as they are now, in the order of its schedule."""
    asked = sent_query(AttendanceQuery)
    known = attendance.known_of(guarded_series(), clock.now())
    whole = attendance.whole(known)
    answer: AttendanceList = {
        "items": list(_items(known, asked.by)),
        "total": {**_count(whole.total), "arrived": whole.arrived},
    }
    return jsonify(answer)


def _items(known: Known, by: str | None) -> Iterator[AttendanceAnswer]:
    slugs = {event.id: event.slug for event in known.events}
    if by in (None, "event"):
        for event_id, count in attendance.by_event(known).items():
            yield _row(slugs[event_id], count)
    if by in (None, "session"):
        sessions = attendance.by_session(known)
        for one in known.sessions:
            row = _row(slugs[one.event_id], sessions[one.id])
            row["session"] = str(one.id)
            yield row
    if by in (None, "category"):
        yield from _by_category(known, slugs)
    if by == "organisation":
        yield from _by_organisation(known, slugs)
    if by == "delegation":
        yield from _by_delegation(known, slugs)


def _by_category(known: Known, slugs: Mapping[int, str]) -> Iterator[AttendanceAnswer]:
    counts = attendance.by_event_and_category(known)
    categories = attendance.categories_of(known.series.id)
    for event_id, slug in slugs.items():
        for category in categories.values():
            if count := counts.get((event_id, category.id)):
                row = _row(slug, count)
                row["category"] = category.code
                yield row


def _by_organisation(known: Known, slugs: Mapping[int, str]) -> Iterator[AttendanceAnswer]:
    place = {event_id: place for place, event_id in enumerate(slugs)}
    counts = attendance.by_event_and_unit(known)
    ordered = sorted(counts.items(), key=lambda item: (place[item[0][0]], item[0][1].name.zh))
    for (event_id, unit), count in ordered:
        row = _row(slugs[event_id], count)
        row["organisation"] = both(unit.name)
        yield row


def _by_delegation(known: Known, slugs: Mapping[int, str]) -> Iterator[AttendanceAnswer]:
    counts = attendance.by_event_and_delegation(known)
    parties = attendance.parties_of(known.series.id)
    for event_id, slug in slugs.items():
        for party in parties.values():
            if count := counts.get((event_id, party)):
                row = _row(slug, count)
                row["delegation"] = {"id": str(party.id), "unit": party.unit}
                yield row


def _row(slug: str, count: Count) -> AttendanceAnswer:
    return {
        "event": slug,
        "expected": count.expected,
        "present": count.present,
        "on_leave": count.on_leave,
        "absent": count.absent,
        "not_yet": count.not_yet,
    }


def _count(count: Count) -> CountAnswer:
    return {
        "expected": count.expected,
        "present": count.present,
        "on_leave": count.on_leave,
        "absent": count.absent,
        "not_yet": count.not_yet,
    }
