"""The overview: how many, who is missing, what waits for me, what went wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.dates import moment_text
from eduforum.core.i18n import Text, plural
from eduforum.events.access import guarded_series
from eduforum.events.models import Event, Series
from eduforum.registration.models import Pool
from eduforum.reports.desk.frame import EVERYBODY, etag, holds, live, pages
from eduforum.reports.desk.reports import curve_of, usual_day
from eduforum.reports.queries import attendance
from eduforum.reports.queries import overview as read
from eduforum.reports.queries.attendance import Known
from eduforum.reports.queries.overview import Waiting
from eduforum.reports.rules import Count, all_of
from eduforum.web.access import Role, requires

MOST_UNITS = 10
_AT_REGISTRATIONS = (Role.ORGANISER, Role.REGISTRAR, Role.VIEWER)
_AT_NOTICES = (Role.ORGANISER, Role.REGISTRAR)
_AT_THE_DOOR = (Role.ORGANISER, Role.DOOR, Role.VIEWER)
_NEXT = 3


@dataclass(frozen=True, slots=True)
class Todo:
    """Something that waits: how many, what, more about it, where to go. Tones: bad, wait, ""."""

    tone: str
    number: int
    what: Text
    more: Text | None
    url: str
    action: Text


@dataclass(frozen=True, slots=True)
class Step:
    """What a fresh series needs, in order; url: where, for who may do it."""

    is_done: bool
    what: Text
    more: Text
    url: str | None


@dataclass(frozen=True, slots=True)
class OnProgramme:
    """An event that runs or comes next, with who is there."""

    event: Event
    is_running: bool
    count: Count


@pages.get("/desk/s/<series>/")
@requires(*EVERYBODY)
def overview(series: str) -> ResponseReturnValue:
    tag = etag()
    return render_template("reports/overview.html", etag=tag, **_board())


@pages.get("/desk/s/<series>/live")
@requires(*EVERYBODY)
def overview_live(series: str) -> ResponseReturnValue:
    """The figures alone, for the page that stays open."""
    return live(lambda: render_template("reports/_board.html", **_board()))


def _board() -> dict[str, Any]:
    here, now = guarded_series(), clock.now()
    known = attendance.known_of(here, now)
    waits = read.waiting(here.id, now)
    whole = attendance.whole(known)
    units = list(whole.units.items())
    first = units[:MOST_UNITS]
    day = usual_day(known)
    return {
        "known": known,
        "now": now,
        "waits": waits,
        "whole": whole,
        "units": first,
        "unit_total": len(units),
        "of_units": all_of((count for _, count in first), is_over=known.is_over),
        "todos": _todos(here, waits, now),
        "curve": curve_of(known, day) if day else None,
        "programme": _programme(known),
        "uses": read.uses_of(here.id),
        "devices": read.devices_in_use(here.id),
        "pools": _pools(read.pools_with_names(here.id)),
        "steps": _steps(known) if not waits.registered else [],
        "shows_people": holds(*_AT_REGISTRATIONS),
        "shows_door": holds(*_AT_THE_DOOR),
        "shows_reports": holds(*_AT_THE_DOOR, Role.REGISTRAR),
        "submitted_for": _age(now - waits.submitted_since) if waits.submitted_since else None,
    }


def _programme(known: Known) -> list[OnProgramme]:
    """What runs now, and what begins next."""
    running = [e for e in known.events if e.starts_at <= known.now < e.ends_at]
    coming = [e for e in known.events if e.starts_at > known.now]
    counts = attendance.by_event(known) if running or coming else {}
    shown = [*running, *coming[: max(0, _NEXT - len(running))]]
    return [OnProgramme(event, event in running, counts[event.id]) for event in shown]


def _todos(here: Series, waits: Waiting, now: datetime) -> list[Todo]:
    """What waits for whoever asks: bad things first, nothing that he cannot open."""
    found: list[Todo] = []
    if holds(*_AT_THE_DOOR):
        found += _at_the_door(here, waits)
    if holds(*_AT_NOTICES):
        found += _at_notices(here, waits)
    if holds(*_AT_REGISTRATIONS):
        found += _at_registrations(here, waits, now)
    return found


def _at_the_door(here: Series, waits: Waiting) -> list[Todo]:
    if not waits.unknown_scans or waits.unknown_scan_at is None:
        return []
    when = moment_text(waits.unknown_scan_at, here.time_zone)
    return [
        Todo(
            "bad",
            waits.unknown_scans,
            plural(waits.unknown_scans, "次扫码待查", "scan does not fit", "scans do not fit"),
            Text(f"最近一次在 {when.zh}，不计入签到", f"The last one on {when.en}; none counts"),
            url_for("checkin_desk.checkin", series=here.slug, _anchor="quarantine-t"),
            Text("核对", "Look"),
        )
    ]


def _at_notices(here: Series, waits: Waiting) -> list[Todo]:
    if not waits.failed_notices:
        return []
    return [
        Todo(
            "bad",
            waits.failed_notices,
            plural(waits.failed_notices, "封通知未送达", "notice failed", "notices failed"),
            Text("收件地址有误或被拒收", "The address is wrong, or it was refused"),
            url_for("notices_desk.notices", series=here.slug, state="failed"),
            Text("查看", "Look"),
        )
    ]


def _at_registrations(here: Series, waits: Waiting, now: datetime) -> list[Todo]:
    def url(state: str) -> str:
        return url_for("registration_desk.registrations", series=here.slug, state=state)

    found: list[Todo] = []
    if waits.submitted and waits.submitted_since:
        age = _age(now - waits.submitted_since)
        more = Text(f"最早一份已等 {age.zh}", f"The oldest has waited {age.en}")
        what = plural(waits.submitted, "份报名待审核", "registration to review", "registrations to review")  # fmt: skip
        found.append(Todo("wait", waits.submitted, what, more, url("submitted"),
                          Text("审核", "Review")))  # fmt: skip
    if waits.offered and waits.offer_ends:
        when = moment_text(waits.offer_ends, here.time_zone)
        more = Text(f"最早一席 {when.zh} 到期", f"The first offer ends on {when.en}")
        what = plural(waits.offered, "个候补席位待本人确认", "offered seat to be accepted", "offered seats to be accepted")  # fmt: skip
        found.append(Todo("", waits.offered, what, more, url("offered"), Text("查看", "Look")))
    if waits.returned:
        more = plural(waits.overdue, "其中 {n} 份已过答复期限", "{n} of them past its deadline",
                      "{n} of them past their deadline")  # fmt: skip
        what = plural(waits.returned, "份退回后尚未补充", "returned, not answered yet", "returned, not answered yet")  # fmt: skip
        found.append(Todo("wait" if waits.overdue else "", waits.returned, what,
                          more if waits.overdue else None, url("returned"),
                          Text("催办", "Follow up")))  # fmt: skip
    return found


def _pools(pools: Sequence[Pool]) -> list[tuple[Text, list[Pool]]]:
    """The pools by what they seat: events first, in the order of the schedule."""
    groups: list[tuple[Text, Callable[[Pool], bool]]] = [
        (Text("各活动", "Events"), lambda p: p.event is not None and not p.session),
        (Text("各场次", "Sessions"), lambda p: p.session is not None),
        (Text("各类别", "Categories"), lambda p: not p.event and not p.session and p.category is not None),
        (Text("全部人员", "Everybody"), lambda p: not (p.event or p.session or p.category)),
    ]  # fmt: skip
    ordered = sorted(pools, key=_pool_place)
    found = [(name, [pool for pool in ordered if belongs(pool)]) for name, belongs in groups]
    return [(name, members) for name, members in found if members]


def _pool_place(pool: Pool) -> tuple[float, int, int]:
    begins = pool.event.starts_at.timestamp() if pool.event else 0.0
    return begins, pool.category.position if pool.category else 0, pool.id


def _steps(known: Known) -> list[Step]:
    """What to do first, while nobody has registered."""
    here = known.series
    may = holds(Role.ORGANISER)

    def url(endpoint: str) -> str | None:
        return url_for(endpoint, series=here.slug) if may else None

    return [
        Step(
            bool(known.events),
            Text("安排日程", "Plan the schedule"),
            Text("新建活动，填写时间和会场。", "Make events with their times and rooms."),
            url("schedule_desk.schedule"),
        ),
        Step(
            read.has_categories(here.id),
            Text("设置参会类别和名额", "Set up categories and seats"),
            Text("谁可以报名、何时报名、各有多少席位。", "Who registers, when, and for how many seats."),
            url("registration_settings.categories"),
        ),
        Step(
            here.published,
            Text("发布", "Publish"),
            Text("发布后公众可以看到日程并报名。", "Then everybody sees the schedule and registers."),
            url("events_desk.settings"),
        ),
        Step(
            bool(read.devices_in_use(here.id).number),
            Text("登记签到设备", "Enrol devices for the door"),
            Text("用手机扫描登记码即可签到。", "A phone becomes a scanner by scanning a code."),
            url("checkin_desk.checkin"),
        ),
    ]  # fmt: skip


def _age(span: timedelta) -> Text:
    """How long, in its two largest units: 1 天 19 小时."""
    minutes = int(span.total_seconds() // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return _joined(
            plural(days, "{n} 天", "{n} day", "{n} days"),
            plural(hours, "{n} 小时", "{n} hour", "{n} hours") if hours else None,
        )
    if hours:
        rest = minutes % 60
        return _joined(
            plural(hours, "{n} 小时", "{n} hour", "{n} hours"),
            plural(rest, "{n} 分钟", "{n} minute", "{n} minutes") if rest else None,
        )
    return plural(minutes, "{n} 分钟", "{n} minute", "{n} minutes")


def _joined(first: Text, second: Text | None) -> Text:
    return Text(f"{first.zh} {second.zh}", f"{first.en} {second.en}") if second else first
