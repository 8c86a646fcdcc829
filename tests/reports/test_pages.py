"""Overview, reports and audit trail, as people at the desk meet them."""

import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
import time_machine
from sqlalchemy import text

from eduforum.core import audit
from eduforum.core.db import db, transaction
from eduforum.events.models import Series
from eduforum.notices.models import Notice
from eduforum.registration import services
from eduforum.registration.models import Pool
from eduforum.web.access import Role
from tests.factories import make_series
from tests.pages import Browser
from tests.queries import counted
from tests.reports.hall import make_hall

SignIn = Callable[..., None]
LANGUAGES = pytest.mark.parametrize("language", ["zh-Hans", "en"])


def desk(series: Series, rest: str = "/") -> str:
    return f"/desk/s/{series.slug}{rest}"


def queries_of(browser: Browser, address: str) -> int:
    with counted() as statements:
        browser.get(address)
    return len(statements)


def figures(page: str) -> list[int]:
    found = page.partition('class="figures"')[2].partition("</dl>")[0]
    return [int(number) for number in re.findall(r"<dd>(\d+)", found)]


@LANGUAGES
def test_a_fresh_series_says_what_to_do_first(
    browser: Browser, sign_in: SignIn, language: str
) -> None:
    series = make_series()
    sign_in(Role.ORGANISER, series=series)
    page = browser.get(desk(series), query_string={"lang": language}).text
    assert ("安排日程" if language == "zh-Hans" else "Plan the schedule") in page
    assert f"/desk/s/{series.slug}/schedule" in page
    empty = browser.get(desk(series, "/reports"), query_string={"lang": language}).text
    assert ("还没有活动" if language == "zh-Hans" else "There are no events yet") in empty
    trail = browser.get(desk(series, "/audit"), query_string={"lang": language}).text
    assert ("还没有记录" if language == "zh-Hans" else "There is nothing here yet") in trail


@LANGUAGES
def test_the_overview_at_a_glance(browser: Browser, sign_in: SignIn, language: str) -> None:
    hall = make_hall(seats=3)
    there = hall.person("林知夏", unit="天津大学")
    on_leave = hall.person("陈砚秋", unit="天津大学")
    hall.person("周望舒", unit="<b>一所学校</b>")
    services.leave(hall.series.id, on_leave.id)
    hall.scan(there, hall.arrival)
    hall.scan("junk", hall.arrival)
    with transaction():
        db.session.execute(text("UPDATE notices SET state = 'failed', next_attempt_at = NULL"))
    sign_in(Role.ORGANISER, series=hall.series)
    page = browser.get(desk(hall.series), query_string={"lang": language}).text
    assert figures(page) == [3, 1, 1, 0]
    expected = (
        ["次扫码待查", "封通知未送达", "天津大学", "已占"]
        if language == "zh-Hans"
        else ["scan does not fit", "notices failed", "天津大学", "Held"]
    )
    assert [words for words in expected if words not in page] == []
    assert "&lt;b&gt;一所学校&lt;/b&gt;" in page


def test_a_door_sees_figures_and_nobody(browser: Browser, sign_in: SignIn) -> None:
    hall = make_hall()
    hall.scan(hall.person("林知夏", unit="天津大学"), hall.arrival)
    sign_in(Role.DOOR, series=hall.series)
    for address in ("/", "/live", "/reports", "/reports/live"):
        page = browser.get(desk(hall.series, address)).text
        assert "林知夏" not in page
        assert "/registrations" not in page
        assert "天津大学" in page
    browser.get(desk(hall.series, "/audit"), status=404)


def test_the_press_officer_has_the_overview_alone(browser: Browser, sign_in: SignIn) -> None:
    hall = make_hall()
    hall.person()
    sign_in(Role.PRESS_OFFICER, series=hall.series)
    page = browser.get(desk(hall.series)).text
    assert desk(hall.series, "/reports") not in page
    for address in ("/reports", "/reports/live", "/reports/export", "/audit"):
        browser.get(desk(hall.series, address), status=404)


@LANGUAGES
def test_the_report(browser: Browser, sign_in: SignIn, language: str) -> None:
    hall = make_hall()
    there = hall.person("林知夏", *hall.events, unit="天津大学")
    hall.person("陈砚秋", hall.events[0])
    hall.scan(there, hall.arrival)
    hall.scan(there, hall.events[0])
    sign_in(Role.VIEWER, series=hall.series)
    page = browser.get(desk(hall.series, "/reports"), query_string={"lang": language}).text
    assert figures(page) == [2, 1, 0, 1]
    assert "林知夏" not in page
    title = "累计报到人数" if language == "zh-Hans" else "Arrivals on"
    assert f'<title id="curve-t">{"3 月 1 日" if language == "zh-Hans" else ""}{title}' in page
    first = re.search(r"论坛\d+<small.*?</tr>|Forum \d+<small.*?</tr>", page, re.S)
    assert first
    assert re.findall(r'<td class="r(?: late)?">(.*?)<', first[0]) == ["2", "1", "–", "1"]


def test_a_page_that_stays_open_is_told_only_what_is_new(
    browser: Browser, sign_in: SignIn, clock: time_machine.Traveller
) -> None:
    hall = make_hall()
    person = hall.person()
    sign_in(Role.ORGANISER, series=hall.series)
    for address in ("/", "/reports"):
        page = browser.get(desk(hall.series, address)).text
        tag = re.search(r'data-etag="(\w+)"', page)
        asked = re.search(r'data-hx-get="(.*?)"', page)
        assert tag
        assert asked
        known = {"If-None-Match": f'"{tag[1]}"'}
        browser.get(asked[1], status=304, headers=known)
        scan = hall.scan(person, hall.arrival)
        fresh = browser.get(asked[1], headers=known)
        assert fresh.headers["ETag"] != f'"{tag[1]}"'
        assert fresh.headers["Cache-Control"] == "no-store"
        assert figures(fresh.text)[1] == 1
        assert "<html" not in fresh.text
        browser.get(asked[1], status=304, headers={"If-None-Match": fresh.headers["ETag"]})
        hall.undo(scan, hall.arrival)
        clock.shift(10)
        assert figures(browser.get(asked[1]).text)[1] == 0


def test_asking_all_at_once_counts_once(browser: Browser, sign_in: SignIn) -> None:
    hall = make_hall()
    hall.person()
    sign_in(Role.ORGANISER, series=hall.series)
    address = desk(hall.series, "/live")
    assert queries_of(browser, address) > 2 * queries_of(browser, address)


def test_the_day_of_the_curve(browser: Browser, sign_in: SignIn) -> None:
    hall = make_hall()
    with transaction():
        moved = db.session.merge(hall.events[1])
        moved.starts_at, moved.ends_at = (
            at.replace(day=3) for at in (moved.starts_at, moved.ends_at)
        )
    sign_in(Role.ORGANISER, series=hall.series)
    page = browser.get(desk(hall.series, "/reports")).text
    assert "3 月 1 日累计报到人数" in page
    assert "?day=2027-03-03" in page
    other = browser.get(desk(hall.series, "/reports"), query_string={"day": "2027-03-03"}).text
    assert "3 月 3 日累计报到人数" in other
    wrong = browser.get(desk(hall.series, "/reports"), query_string={"day": "<b>"}).text
    assert "3 月 1 日累计报到人数" in wrong


def test_the_workbook(browser: Browser, sign_in: SignIn) -> None:
    hall = make_hall()
    there = hall.person("林知夏", hall.events[0], unit="=HYPERLINK(1)")
    hall.person("陈砚秋", *hall.events)
    hall.scan(there, hall.arrival)
    hall.scan(there, hall.events[0])
    sign_in(Role.DOOR, series=hall.series)
    answer = browser.get(desk(hall.series, "/reports/export"))
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    answer.close()
    assert book.sheetnames == ["活动", "类别", "活动与类别", "单位", "报到"]
    events = list(book["活动"].values)
    assert events[0] == ("活动", "时间", "应到", "实到", "请假", "未到", "缺席")
    assert events[1][1:] == ("2027-03-01 10:00–12:00", 2, 1, 0, 1, 0)
    units = list(book["单位"].values)[1:]
    assert sorted(units) == [("=HYPERLINK(1)", 1, 1, 0, 0, 0), ("未填单位", 1, 0, 0, 1, 0)]
    assert [cell.data_type for cell in book["单位"]["A"]] == ["s", "s", "s"]
    assert list(book["报到"].values)[1:] == [("2027 年 3 月 1 日", "09:05", 1)]


def test_the_same_queries_whatever_the_number(
    browser: Browser, sign_in: SignIn, clock: time_machine.Traveller
) -> None:
    hall = make_hall()
    hall.scan(hall.person(unit="天津大学"), hall.arrival)
    sign_in(Role.ORGANISER, series=hall.series)
    addresses = [desk(hall.series, rest) for rest in ("/", "/live", "/reports", "/audit")]
    for address in addresses:
        browser.get(address)
    clock.shift(10)
    few = [queries_of(browser, address) for address in addresses]
    assert max(few) <= 25
    for number in range(12):
        with audit.acting_as("system"):
            person = hall.person(f"林{number}", *hall.events, unit=f"单位{number}")
        hall.scan(person, hall.arrival)
        hall.scan(person, hall.events[0])
    clock.shift(10)
    many = [queries_of(browser, address) for address in addresses]
    assert many == few


def test_the_audit_trail_in_words(browser: Browser, sign_in: SignIn) -> None:
    hall = make_hall()
    with audit.acting_as("public"):
        person = hall.person("<i>林知夏</i>")
    other = hall.person("陈砚秋")
    with audit.acting_as("system"):
        services.leave(hall.series.id, person.id)
    pool = db.session.query(Pool).filter_by(series_id=hall.series.id).one()
    services.resize_pool(hall.series.id, pool.id, 7, None)
    stranger = make_hall().person("别的系列的人")
    sign_in(Role.ORGANISER, series=hall.series)

    def trail(**query: str) -> str:
        return browser.get(desk(hall.series, "/audit"), query_string=query).text

    page = trail()
    for words in ("提交报名", "请假", "<del>已确认</del> <ins>请假</ins>", "调整名额",
                  "<del>100</del> <ins>7</ins>", "本人", "&lt;i&gt;林知夏"):  # fmt: skip
        assert words in page
    assert "别的系列的人" not in page

    def rows(page: str) -> list[str]:
        return re.findall(r'<tr><th scope="row">(.*?)</th>', page)

    assert rows(trail(action="pool.resize")) == ["调整名额"]
    assert rows(trail(actor="public")) == ["提交报名"]
    assert rows(trail(subject=f"registration:{person.id}")) == ["请假", "提交报名"]
    assert rows(trail(subject="pool")) == ["调整名额"]
    assert len(rows(trail(**{"from": "2027-03-01", "to": "2027-03-01"}))) == 4
    assert rows(trail(**{"from": "2027-03-02"})) == []
    assert rows(trail(to="2027-02-28")) == []
    assert len(rows(trail(**{"from": "yesterday", "page": "99"}))) == 4
    foreign = trail(subject=f"registration:{stranger.id}")
    assert rows(foreign) == []
    assert "别的系列的人" not in foreign
    assert f"registration%3A{other.id}" in page or f"registration:{other.id}" in page
    assert "Asked leave" in trail(lang="en")


def test_every_action_has_words(browser: Browser, sign_in: SignIn) -> None:
    """An action that nobody put into words shows as it is, and breaks nothing."""
    series = make_series()
    values: dict[str, Any] = {
        "odd": None,
        "list": [1, {"a": True}],
        "at_last": "not a time",
        "x_at": "?",
    }
    with transaction():
        audit.record("moon.land", "moon:1", series_id=series.id, before=values, after={"odd": "x"})
        audit.record("scan.undo", "scan:not-an-id", series_id=series.id)
    sign_in(Role.ORGANISER, series=series)
    page = browser.get(desk(series, "/audit")).text
    assert "moon.land" in page
    assert "撤销扫码" in page


def test_pages_of_the_trail(browser: Browser, sign_in: SignIn) -> None:
    series = make_series()
    with transaction():
        for number in range(51):
            audit.record("event.edit", f"event:{number}", series_id=series.id)
    sign_in(Role.ORGANISER, series=series)
    first = browser.get(desk(series, "/audit")).text
    assert first.count('<tr><th scope="row">') == 50
    last = browser.get(desk(series, "/audit"), query_string={"page": "2"}).text
    assert last.count('<tr><th scope="row">') == 1


def test_the_rail_marks_one_page(browser: Browser, sign_in: SignIn) -> None:
    series = make_series()
    sign_in(Role.ORGANISER, series=series)
    for rest, label in (("/", "总览"), ("/reports", "报表"), ("/audit", "记录")):
        page = browser.get(desk(series, rest)).text
        assert set(re.findall(r'aria-current="page">(.*?)<', page)) == {label}


def test_nothing_is_stored_by_looking(browser: Browser, sign_in: SignIn) -> None:
    hall = make_hall()
    hall.person()
    sign_in(Role.ORGANISER, series=hall.series)
    before = db.session.query(audit.AuditEntry).count(), db.session.query(Notice).count()
    for rest in ("/", "/live", "/reports", "/reports/live", "/reports/export", "/audit"):
        browser.get(desk(hall.series, rest)).close()
    assert (db.session.query(audit.AuditEntry).count(), db.session.query(Notice).count()) == before
