"""After the event: what was published, the letter of thanks; and the contacts, by right."""

import re
from datetime import date

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.core import audit, clock
from eduforum.core.dates import local
from eduforum.core.db import transaction
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Language, Text, plural, t
from eduforum.events.access import guarded_series, principal
from eduforum.events.models import Series
from eduforum.files import xlsx
from eduforum.files.columns import Column
from eduforum.press import coverage_queries, queries
from eduforum.press.desk.frame import ACTORS, pages, told
from eduforum.press.forms.coverage import WhyForm
from eduforum.press.models import Application, CoverageLink, PressPerson
from eduforum.press.rules.coverage import MEDIUM_NAMES, NotOverYet, NumberChanged
from eduforum.press.rules.words import OUTLET_TYPE_NAMES, ROLE_NAMES
from eduforum.press.services import coverage as service
from eduforum.tickets.rules import show_staff_code
from eduforum.web.access import Role, requires
from eduforum.web.pagination import PAGE_SIZE, Page, page_number

_NUMBER = re.compile("[0-9]{1,6}")
_LANGUAGES = {Language.ZH: Text("中文", "Chinese"), Language.EN: Text("英文", "English")}
_SERIES = Text("整个系列活动", "The series as a whole")
_LINKS: tuple[Column[CoverageLink], ...] = (
    Column("outlet", Text("媒体", "Outlet"), lambda one: one.application.outlet_text, 24),
    Column("title", Text("标题", "Title"), lambda one: one.title, 40),
    Column("medium", Text("媒介", "Medium"), lambda one: MEDIUM_NAMES[one.medium]),
    Column("published_on", Text("发布日期", "Published on"), lambda one: _day(one.published_on)),
    Column("event", Text("报道的活动", "About"), lambda one: one.event.name if one.event else _SERIES, 28),
    Column("url", Text("网址", "Web address"), lambda one: one.url, 60),
)  # fmt: skip
_FOCAL: tuple[Column[Application], ...] = (
    Column("outlet", Text("单位", "Outlet"), lambda one: one.outlet_text, 24),
    Column("type", Text("类别", "Kind"), lambda one: OUTLET_TYPE_NAMES[one.outlet_type]),
    Column("name", Text("联络人", "Focal person"), lambda one: one.focal_name),
    Column("mobile", Text("手机号", "Mobile number"), lambda one: one.focal_mobile, 18),
    Column("email", Text("电子邮箱", "E-mail"), lambda one: one.focal_email, 28),
    Column("language", Text("语言", "Language"), lambda one: _LANGUAGES[Language(one.language)]),
)
_STAFF: tuple[Column[PressPerson], ...] = (
    Column("outlet", Text("单位", "Outlet"), lambda one: one.application.outlet_text, 24),
    Column("name", Text("姓名", "Name"), lambda one: one.name),
    Column("role", Text("岗位", "Role"), lambda one: ROLE_NAMES[one.role]),
    Column("mobile", Text("手机号", "Mobile number"), lambda one: one.mobile, 18),
    Column("email", Text("电子邮箱", "E-mail"), lambda one: one.email, 28),
    Column("number", Text("采访证编号", "Card number"),
           lambda one: show_staff_code(one.ticket.staff_code) if one.ticket else ""),
)  # fmt: skip


@pages.get("/coverage")
@requires(*ACTORS)
def coverage(series: str) -> ResponseReturnValue:
    """Who published what, counted by outlet and by event."""
    here, number = guarded_series(), page_number()
    total = coverage_queries.count_of(here.id)
    items = coverage_queries.page_of(here.id, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    by_event = coverage_queries.counts_by_event(here.id)
    events = queries.events_by_id(here.id)
    named = [(events[key].name if key else _SERIES, n) for key, n in by_event.items()]
    return render_template(
        "press/desk_coverage.html",
        page=Page(items, number, PAGE_SIZE, total),
        outlets=coverage_queries.counts_by_outlet(here.id),
        by_event=sorted(named, key=lambda line: -line[1]),
        medium_names=MEDIUM_NAMES,
        waiting=len(coverage_queries.to_be_thanked(here.id)),
        may_export=_may_export(),
    )


@pages.get("/coverage/export")
@requires(*ACTORS)
def export_coverage(series: str) -> ResponseReturnValue:
    """The links as a workbook: what was published, nobody's personal data."""
    here = guarded_series()
    sheet = xlsx.Sheet(Text("报道", "Coverage"), _LINKS, coverage_queries.all_of(here.id), True)
    return xlsx.send(_file(here, t("报道", "coverage")), [sheet])


@pages.route("/coverage/thanks", methods=["GET", "POST"])
@requires(*ACTORS)
def thanks(series: str) -> ResponseReturnValue:
    """How many outlets are thanked, and how it reads; POST thanks so many and no other number."""
    here = guarded_series()
    if request.method == "GET":
        return _question(here)
    seen = request.form.get("count", "")
    try:
        count = service.thank(here.id, int(seen) if _NUMBER.fullmatch(seen) else -1)
    except NumberChanged as refusal:
        return _question(here, [refusal.sentence]), 409
    except Refusal as refusal:
        told(refusal.sentence, "bad")
    else:
        told(
            plural(
                count, "已向 {n} 家媒体致谢。", "{n} outlet is thanked.", "{n} outlets are thanked."
            )
        )
    return redirect(url_for(".coverage", series=here.slug), 303)


@pages.route("/contacts", methods=["GET", "POST"])
@requires(Role.PRESS_OFFICER)
def contacts(series: str) -> ResponseReturnValue:
    """The contacts of approved outlets as a workbook; what for is on record before it is made."""
    here, form = guarded_series(), WhyForm()
    focal, staff = coverage_queries.contacts(here.id), coverage_queries.reporters(here.id)
    if not form.validate_on_submit():
        page = render_template(
            "press/desk_contacts.html", form=form, outlets=len(focal), people=len(staff)
        )
        return page, 422 if form.is_submitted() else 200
    with transaction():
        audit.record(
            "press_contacts.export",
            f"series:{here.id}",
            series_id=here.id,
            after={
                "reason": form.reason.data,
                "count": len(focal) + len(staff),
                "columns": [one.key for one in _FOCAL] + [one.key for one in _STAFF],
            },
        )
    here = guarded_series()
    sheets = [
        xlsx.Sheet(Text("联络人", "Focal persons"), _FOCAL, coverage_queries.contacts(here.id), True),
        xlsx.Sheet(Text("采访人员", "Reporters"), _STAFF, coverage_queries.reporters(here.id), True),
    ]  # fmt: skip
    return xlsx.send(_file(here, t("媒体联系表", "press-contacts")), sheets)


def _question(here: Series, also: list[Text] | None = None) -> str:
    waiting = coverage_queries.to_be_thanked(here.id)
    over = True
    try:
        service.check_over(here.id)
    except NotOverYet:
        over = False
    return render_template("press/desk_thanks.html", count=len(waiting), also=also or [], over=over)


def _may_export() -> bool:
    return principal().has_role(guarded_series().id, Role.PRESS_OFFICER)


def _day(day: date) -> str:
    return day.isoformat()


def _file(here: Series, title: str) -> str:
    return f"{title}-{here.slug}-{local(clock.now(), here.time_zone):%Y%m%d-%H%M}.xlsx"
