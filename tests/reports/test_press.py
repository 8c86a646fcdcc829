"""The press in figures: who applied, who may come, who came, and how long decisions took."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import openpyxl
from flask import Flask

from eduforum.checkin.rules import PointKind
from eduforum.core import clock as core_clock
from eduforum.core.db import db, transaction
from eduforum.press.models import Application
from eduforum.press.rules import JobRole, OutletType, Zone
from eduforum.press.services import answers, decide, drafts, passes
from eduforum.press.services.passes import Handover
from eduforum.reports.press_rules import Course, speed_of
from eduforum.reports.queries.press import figures_of
from eduforum.web.access import Role
from tests.pages import Browser
from tests.press.outlets import House, as_, ids, people
from tests.queries import counted
from tests.reports.hall import _record, make_point

ONE = "user:1"
BEGIN = datetime(2027, 3, 1, tzinfo=UTC)


def approved(house: House, names: list[str], *zones: Zone, **more: object) -> Application:
    application = house.verified(names, **more)
    with as_(ONE):
        decide.approve(
            house.id, application.id, {p.id: house.grant(*zones) for p in people(application)}
        )
    return application


def sent_at(application: Application, hours: float, decided: float | None = None) -> None:
    """How many hours ago it was sent in, and how many later it was decided."""
    with transaction():
        one = db.session.get(Application, application.id)
        assert one
        one.submitted_at = core_clock.now() - timedelta(hours=hours)
        if decided is not None:
            one.decided_at = one.submitted_at + timedelta(hours=decided)


def press_day(house: House) -> None:
    """Seven outlets: three approved, one of them with everything; held, rejected, open, taken back."""
    first = approved(house, ["苏沐辰", "白予安", "顾清和"])
    second = approved(
        house, ["沈听澜"], Zone.PUBLIC, outlet="渤海晨报", outlet_type=OutletType.TRADE
    )
    lost = approved(house, ["陆星野"], outlet="冀中新闻网")
    held = house.verified(["安书瑶"], outlet="海滨青年网")
    rejected = house.rejected(outlet="长芦生活报")
    gone = house.submitted(["耿修远"], outlet="京东晚刊")
    waiting = house.submitted(["冯子衿", "冯若曦"], outlet="港岛清晨报")
    house.draft(outlet="未提交")
    with as_(ONE):
        decide.hold(house.id, held.id)
        passes.print_cards(house.id, [*ids(first), *ids(lost)])
        for one in (*ids(first)[:2], *ids(lost)):
            passes.collect(house.id, one, Handover(id_type="passport", id_last4="0001"))
    arrival = make_point(house.series, PointKind.ARRIVAL, [])
    for person in (*people(first)[:1], *people(lost), *people(second)):
        assert person.ticket
        _record(arrival, text=person.ticket.text)
    with as_(ONE):  # came, then lost the card: the scan of the old ticket still counts
        passes.lose(house.id, ids(lost)[0])
        passes.reissue(house.id, ids(lost)[0])
    with as_("public"):
        drafts.withdraw(house.id, gone.id)
        answers.appeal(house.id, rejected.id, "公章在第二页。")
    for application, hours, decided in (
        (first, 50, 10.0), (second, 50, 20), (lost, 50, 40), (held, 50, 0.5), (waiting, 30, None),
    ):  # fmt: skip
        sent_at(application, hours, decided)


def test_the_numbers_fit_together(
    app: Flask, browser: Browser, sign_in: Callable[..., None]
) -> None:
    house = House()
    sign_in(Role.PRESS_OFFICER, series=house.series)
    report = f"/desk/s/{house.series.slug}/press/report"
    assert "还没有采访申请" in browser.get(report).text
    press_day(house)
    found = figures_of(house.series, core_clock.now())
    total = found.total
    assert (total.applied, total.granted, total.held, total.refused, total.waiting) == (
        10,
        5,
        1,
        1,
        2,
    )
    assert (total.withdrawn, total.collected, total.admitted) == (1, 3, 3)
    for table in (found.outlets, found.types, found.roles):
        assert sum(table.values(), type(total)()) == total
    assert found.types[OutletType.TRADE].granted == 1
    assert found.roles[JobRole.PHOTO] == total
    assert {zone: count.granted for zone, count in found.zones.items()} == {
        Zone.PUBLIC: 5, Zone.STAND: 4,
    }  # fmt: skip
    speed = found.speed
    assert (speed.decided, speed.open) == (4, 2)
    assert speed.median == timedelta(hours=10)
    assert speed.p90 == timedelta(hours=40)
    assert speed.longest == timedelta(hours=30)
    assert found.oldest
    assert found.oldest[1].zh == "港岛清晨报"

    page = browser.get(report).text
    assert "渤海晨报" in page
    assert "10.0 小时" in page
    assert "未提交" not in page
    answer = browser.get(f"{report}/export")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    answer.close()
    assert book.sheetnames == ["单位", "媒体类别", "岗位", "区域", "决定用时"]
    for name in ("单位", "媒体类别", "岗位"):
        rows = [row[-8:] for row in book[name].iter_rows(min_row=2, values_only=True)]
        assert rows[-1] == (10, 5, 1, 1, 2, 1, 3, 3)
        assert tuple(map(sum, zip(*rows[:-1], strict=True))) == rows[-1]

    with counted() as few:
        figures_of(house.series, core_clock.now())
    for n in range(4):
        approved(house, ["白予安", "顾清和"], outlet=f"乙报{n}")
    with counted() as many:
        figures_of(house.series, core_clock.now())
    assert len(many) == len(few) <= 6


def test_ranks_are_real_values_and_nothing_is_measured_of_nothing() -> None:
    nothing = speed_of([], BEGIN)
    assert (nothing.decided, nothing.median, nothing.p90, nothing.longest) == (0, None, None, None)
    courses = [Course(BEGIN, BEGIN + timedelta(hours=n)) for n in range(1, 11)]
    found = speed_of([*courses, Course(BEGIN, None)], BEGIN + timedelta(days=3))
    assert (found.median, found.p90) == (timedelta(hours=5), timedelta(hours=9))
    assert (found.open, found.longest) == (1, timedelta(days=3))
