"""The list of series, the event page, the privacy notice; what may be kept and by whom."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from eduforum.core.db import db, transaction
from eduforum.events.models import Event, Series
from eduforum.events.rules import EventState, Mode
from eduforum.registration.rules import Admission
from eduforum.web.access import Role
from tests.conftest import NOW
from tests.factories import make_category, make_event, make_series
from tests.pages import Browser
from tests.site.reading import json_ld, text_of

DAY = timedelta(days=1)


def change(thing: Event | Series, **values: object) -> None:
    with transaction():
        for name, value in values.items():
            setattr(thing, name, value)
        db.session.add(thing)


def test_the_list_begins_with_the_next_series(
    browser: Browser, clock: time_machine.Traveller
) -> None:
    for slug, days in (("late", 30), ("soon", 3), ("past", -9)):
        series = make_series(slug=slug)
        change(series, name_zh=f"系列{slug}")
        make_event(series=series, starts_at=NOW + days * DAY)
    make_series(slug="hidden", published=False)
    make_series(slug="empty")
    page = browser.get("/").text
    order = [page.index(f'/s/{slug}">') for slug in ("soon", "late", "empty", "past")]
    assert order == sorted(order)
    assert "/s/hidden" not in page
    assert text_of(page).count("即将举行") == 1
    assert "2027 年 3 月 4 日" in text_of(page)
    clock.move_to(NOW + 3 * DAY)
    assert "正在举行" in text_of(browser.get("/").text)


def test_an_empty_site_says_so(browser: Browser) -> None:
    assert "暂无公开的系列活动" in text_of(browser.get("/").text)


def test_the_event_page_tells_all_about_it(browser: Browser) -> None:
    series = make_series(slug="jjj")
    make_event(series=series, slug="first", starts_at=NOW + DAY)
    event = make_event(series=series, slug="talk", starts_at=NOW + 2 * DAY, mode=Mode.HYBRID)
    make_event(series=series, slug="last", starts_at=NOW + 3 * DAY)
    change(event, description_zh="请提前 15 分钟入场。", description_en="Please come early.")
    make_category(event, seats=12)
    make_category(event, admission=Admission.BY_INVITATION)
    page = browser.get("/s/jjj/e/talk")
    text = text_of(page.text)
    for expected in (
        "2027 年 3 月 3 日 星期三", "09:00 至 11:00 北京时间", "主会场", "现场与线上",
        "请提前 15 分钟入场。", "还剩 12 席", "由主办方邀请", "报名参加", "加入日历",
        "上一场，3 月 2 日 09:00", "下一场，3 月 4 日 09:00",
    ):  # fmt: skip
        assert expected in text, expected
    assert 'href="/s/jjj/e/first" rel="prev"' in page.text
    assert 'href="/s/jjj/e/last" rel="next"' in page.text
    data = json_ld(page.text)
    assert data["superEvent"]["url"] == "https://forum.example.org/s/jjj"
    assert data["eventAttendanceMode"].endswith("MixedEventAttendanceMode")
    assert [place["@type"] for place in data["location"]] == ["Place", "VirtualLocation"]
    assert "Please come early." in text_of(browser.get("/s/jjj/e/talk?lang=en").text)


def test_a_cancelled_event_says_so_and_takes_nobody(browser: Browser) -> None:
    event = make_event(series=make_series(slug="jjj"), slug="talk")
    make_category(event)
    change(event, state=EventState.CANCELLED)
    text = text_of(browser.get("/s/jjj/e/talk").text)
    assert "本活动已取消。" in text
    assert "报名参加" not in text
    assert "加入日历" not in text


def test_an_event_is_found_in_its_own_series_only(browser: Browser) -> None:
    make_event(series=make_series(slug="a"), slug="talk")
    make_series(slug="b")
    browser.get("/s/a/e/talk")
    browser.get("/s/b/e/talk", status=404)
    browser.get("/s/b/e/talk/event.ics", status=404)


def test_times_are_those_of_the_series(browser: Browser) -> None:
    series = make_series(slug="ny")
    change(series, time_zone="America/New_York")
    make_event(series=series, slug="talk", starts_at=NOW, hours=24)
    text = text_of(browser.get("/s/ny/e/talk").text)
    assert "2027 年 2 月 28 日 星期日" in text
    assert "20:00 至 3 月 1 日 20:00 America/New_York 时间" in text
    assert "北京时间" not in browser.get("/s/ny").text


def test_the_privacy_notice_stands_in_both_languages(browser: Browser) -> None:
    assert "180 天" in text_of(browser.get("/privacy").text)
    assert "180 days" in text_of(browser.get("/privacy?lang=en").text)


PAGES = ("/", "/s/jjj", "/s/jjj/e/talk", "/s/jjj/schedule.ics", "/s/jjj/e/talk/event.ics",
         "/api/v1/series/jjj/schedule.ics", "/api/v1/series/jjj/schedule.xml",
         "/api/v1/series/jjj/schedule.json", "/privacy")  # fmt: skip


@pytest.mark.parametrize("url", PAGES)
def test_public_answers_are_asked_for_again_and_answer_304(browser: Browser, url: str) -> None:
    event = make_event(series=make_series(slug="jjj"), slug="talk")
    first = browser.get(url)
    assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert {"Accept-Language", "Cookie"} <= set(first.headers["Vary"].split(", "))
    tag = first.headers["ETag"]
    assert tag.startswith('"'), "strong"
    again = browser.get(url, status=304, headers={"If-None-Match": tag})
    assert again.data == b""
    assert again.headers["ETag"] == tag
    if "/s/" in url or "api" in url:
        change(event, name_zh="换了名字", updated_at=NOW + DAY)
        assert browser.get(url, headers={"If-None-Match": tag}).headers["ETag"] != tag


@pytest.mark.parametrize("url", [url for url in PAGES if not url.startswith("/api/")])
def test_nothing_is_kept_for_people_who_are_signed_in(
    browser: Browser, sign_in: Callable[..., None], url: str
) -> None:
    series = make_series(slug="jjj")
    make_event(series=series, slug="talk")
    sign_in(Role.VIEWER, series=series)
    answer = browser.get(url)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


def test_what_was_just_done_is_told_once_and_not_kept(browser: Browser) -> None:
    make_series(slug="jjj")
    with browser.client.session_transaction(base_url="https://forum.example.org") as session:
        session["_flashes"] = [("ok", "已取消报名。")]
    told = browser.get("/s/jjj")
    assert "已取消报名。" in told.text
    assert told.headers["Cache-Control"] == "no-store"
    assert "已取消报名。" not in browser.get("/s/jjj").text


def test_an_answer_that_sets_the_language_is_private(browser: Browser) -> None:
    make_series(slug="jjj")
    answer = browser.get("/s/jjj?lang=en")
    assert "lang=en" in answer.headers["Set-Cookie"]
    assert answer.headers["Cache-Control"] == "private, max-age=0, must-revalidate"


def test_wechat_is_told_to_open_a_browser_for_files(browser: Browser) -> None:
    make_event(series=make_series(slug="jjj"), slug="talk")
    wechat = {"User-Agent": "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 MicroMessenger/8.0.50"}
    for url in ("/s/jjj", "/s/jjj/e/talk"):
        page = browser.get(f"{url}?lang=zh-Hans", headers=wechat)
        assert "请在浏览器中打开" in page.text
        assert "private" in page.headers["Cache-Control"]
        english = browser.get(f"{url}?lang=en", headers=wechat)
        assert "Please open this page in a browser" in english.text
        assert "浏览器" not in browser.get(f"{url}?lang=zh-Hans").text
