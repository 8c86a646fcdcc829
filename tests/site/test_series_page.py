"""The series page: its schedule, seats, filters, and what is happening now."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from eduforum.core.db import db, transaction
from eduforum.events.models import Event, Region, Series
from eduforum.events.rules import EventState, Field, Kind
from eduforum.registration.models import Category, Pool
from eduforum.registration.rules import Admission
from eduforum.schedule.rules import Part
from eduforum.web.access import Role
from tests.conftest import NOW
from tests.factories import make_category, make_event, make_series
from tests.pages import Browser
from tests.schedule.programmes import make_agreement, make_person, make_plaque, make_session
from tests.site.counting import queries
from tests.site.reading import chinese_in, json_ld, text_of

HOUR = timedelta(hours=1)


@pytest.fixture
def series() -> Series:
    return make_series(slug="jjj")


def change(thing: Event | Series | Category | Pool, **values: object) -> None:
    with transaction():
        for name, value in values.items():
            setattr(thing, name, value)
        db.session.add(thing)


def a_full_day(series: Series) -> list[Event]:
    """A ceremony at nine, and from two o'clock three forums in parallel."""
    signing = make_event(series=series, slug="signing", starts_at=NOW, kind=Kind.SIGNING_CEREMONY)
    forums = []
    for position, field in enumerate(Field):
        forum = make_event(series=series, slug=f"{field}-forum", starts_at=NOW + 5 * HOUR)
        change(forum, field=field, position=position, room=f"第{position + 1}分会场")
        change(forum, room_en=f"Forum room {position + 1}", topics=["新工科教育改革倡议"])
        forums.append(forum)
    make_agreement(
        signing, "新一轮共建协议", ["北京市教育委员会", "天津市教育委员会", "河北省教育厅"]
    )
    make_plaque(signing, "智能供应链产业学院")
    return [signing, *forums]


def test_the_schedule_is_told_by_day_part_and_slot(browser: Browser, series: Series) -> None:
    a_full_day(series)
    page = browser.get("/s/jjj")
    text = text_of(page.text)
    for expected in (
        "3 月 1 日 星期一", "上午", "主会场", "09:00至 11:00", "下午",
        "三个论坛同时举行，请选一个", "14:00至 16:00", "高等教育 论坛", "第1分会场",
        "新一轮共建协议", "三方北京市教育委员会、天津市教育委员会、河北省教育厅",
        "智能供应链产业学院", "新工科教育改革倡议",
    ):  # fmt: skip
        assert expected in text
    assert page.text.count('class="forum forum--') == 3


def test_two_parties_are_called_so(browser: Browser, series: Series) -> None:
    signing = make_event(series=series, starts_at=NOW)
    make_agreement(signing, "合作协议", ["天津市教育委员会", "雄安新区管委会"])
    assert "双方" in text_of(browser.get("/s/jjj").text)
    make_agreement(signing, "四方协议", ["甲", "乙", "丙", "丁"])
    assert "四方" in text_of(browser.get("/s/jjj").text)


def test_the_triad_shows_partners_and_marks_the_host(browser: Browser, series: Series) -> None:
    with transaction():
        for code, mark, zh, en in (
            ("11", "京", "北京市", "Beijing"),
            ("13", "冀", "河北省", "Hebei"),
        ):
            region = Region(code=code, mark=mark, name_zh=zh, name_en=en, position=0)
            db.session.add(region)
    change(series, edition=2027)
    page = browser.get("/s/jjj").text
    assert '<li>京</li><li aria-current="true">津</li><li>冀</li>' in page
    assert "与北京市、河北省轮流主办" in text_of(page)
    change(series, edition=4)  # the fourth forum is no yearly turn
    assert "triad" not in browser.get("/s/jjj").text
    change(series, edition=2027, host="天津市武清区", host_region=None)
    page = browser.get("/s/jjj").text
    assert "triad" not in page
    assert "轮值主办" not in text_of(page)
    assert "主办 天津市武清区" in text_of(page)


def test_sessions_stand_beneath_their_event(browser: Browser, series: Series) -> None:
    forum = make_event(series=series, starts_at=NOW)
    talk = make_session(forum, starts_at=NOW, ends_at=NOW + HOUR, room="第一分会场")
    make_person(talk, "林致远", part=Part.CHAIR, organisation="天津大学")
    make_person(talk, "买买提·吐尔逊", topic="新工科")
    text = text_of(browser.get("/s/jjj").text)
    assert "主旨报告 第一分会场 主持 林致远 天津大学" in text
    assert "主讲 买买提·吐尔逊 新工科" in text


def test_english_pages_hold_no_unmarked_chinese(browser: Browser, series: Series) -> None:
    events = a_full_day(series)
    make_category(*events)
    talk = make_session(events[1], starts_at=NOW + 5 * HOUR, ends_at=NOW + 6 * HOUR)
    make_person(talk, "林致远", organisation="天津大学")
    for url in ("/", "/s/jjj", "/s/jjj/e/signing", "/s/jjj/e/higher-forum", "/privacy"):
        page = browser.get(f"{url}?lang=en").text
        assert '<html lang="en">' in page
        assert chinese_in(page) == []


def test_a_filter_shows_one_track(browser: Browser, series: Series) -> None:
    a_full_day(series)
    everything = text_of(browser.get("/s/jjj").text)
    assert "全部全体活动高等教育职业教育基础教育" in everything
    page = browser.get("/s/jjj?track=vocational").text
    assert 'track=vocational#schedule" aria-current="true"' in page
    assert 'class="forum' not in page, "one event is not parallel to others"
    assert "e/vocational-forum" in page
    assert "/e/signing" not in page.split('id="schedule"')[1]
    assert text_of(browser.get("/s/jjj?track=nothing").text) == everything


def test_now_and_next_follow_the_clock(
    browser: Browser, series: Series, clock: time_machine.Traveller
) -> None:
    signing = a_full_day(series)[0]
    clock.move_to(NOW - 24 * HOUR)
    assert "nownext" not in browser.get("/s/jjj").text
    clock.move_to(NOW - HOUR)
    assert "正在进行" not in text_of(browser.get("/s/jjj").text)
    assert f"接下来 {signing.name} 主会场，09:00 开始" in text_of(browser.get("/s/jjj").text)
    clock.move_to(NOW + timedelta(minutes=92))
    page = browser.get("/s/jjj").text
    assert f"正在进行 {signing.name} 主会场，至 11:00，还有 28 分钟" in text_of(page)
    assert text_of(page).count("14:00 开始") == 3
    assert 'aria-current="time"' in page
    clock.move_to(NOW + 3 * HOUR)
    assert "已结束" in text_of(browser.get("/s/jjj").text)
    clock.move_to(NOW + 8 * HOUR)
    assert "nownext" not in browser.get("/s/jjj").text


def test_cancelled_events_are_marked_and_never_now(browser: Browser, series: Series) -> None:
    event = make_event(series=series, starts_at=NOW - HOUR)
    make_category(event)
    change(event, state=EventState.CANCELLED)
    text = text_of(browser.get("/s/jjj").text)
    assert "已取消" in text
    assert "正在进行" not in text
    assert "还剩" not in text


def test_seats_are_told_as_they_are(browser: Browser, series: Series) -> None:
    event = make_event(series=series)
    category = make_category(event, seats=12, line=5)
    pool = db.session.query(Pool).filter_by(category=category).one()
    assert "旁听：还剩 12 席报名" in text_of(browser.get("/s/jjj").text)
    change(pool, held=12, waiting=3)
    assert "旁听：已满，候补 3 人排队候补" in text_of(browser.get("/s/jjj").text)
    change(pool, held=12, waiting=5)
    assert "旁听：名额已满" in text_of(browser.get("/s/jjj").text)
    assert "排队候补" not in text_of(browser.get("/s/jjj").text)


def test_the_least_of_all_pools_counts(browser: Browser, series: Series) -> None:
    event = make_event(series=series)
    make_category(event, seats=12)
    with transaction():
        pool = Pool(series_id=series.id, event=event, name_zh="全场", size=300, held=293)
        db.session.add(pool)
    assert "旁听：还剩 7 席" in text_of(browser.get("/s/jjj").text)


def test_registration_windows_are_told_in_words(
    browser: Browser, series: Series, clock: time_machine.Traveller
) -> None:
    event = make_event(series=series, starts_at=NOW + 240 * HOUR)
    category = make_category(event, closes_at=NOW + 48 * HOUR)
    text = text_of(browser.get("/s/jjj").text)
    assert "报名 至3 月 3 日 09:00 旁听可在线报名" in text
    assert "在线报名" in text
    clock.move_to(NOW + 47 * HOUR)
    assert "至今日 09:00" in text_of(browser.get("/s/jjj").text)
    clock.move_to(NOW + 48 * HOUR)
    assert "报名 已截止" in text_of(browser.get("/s/jjj").text)
    change(category, opens_at=NOW + 50 * HOUR, closes_at=NOW + 60 * HOUR)
    assert "报名 今日 11:00 开始" in text_of(browser.get("/s/jjj").text)


def test_who_can_attend_says_how(browser: Browser, series: Series) -> None:
    events = a_full_day(series)
    make_category(*events, code="delegate", admission=Admission.BY_DELEGATION)
    make_category(*events[1:], code="expert", admission=Admission.BY_APPROVAL)
    text = text_of(browser.get("/s/jjj").text)
    assert "旁听 全部活动 由所在单位报送名单" in text
    assert "旁听 三个论坛 在线报名，审核后确认" in text


def test_an_unpublished_series_is_for_its_own_people(
    browser: Browser, sign_in: Callable[..., None]
) -> None:
    series = make_series(slug="later", published=False)
    event = make_event(series=series, slug="talk")
    urls = ("/s/later", f"/s/later/e/{event.slug}", "/s/later/schedule.ics")
    for url in urls:
        browser.get(url, status=404)
    assert "/s/later" not in browser.get("/").text
    sign_in(Role.VIEWER, series=series)
    for url in urls:
        assert browser.get(url).headers["Cache-Control"] == "no-store"


def test_pages_take_few_queries_whatever_the_size(
    browser: Browser, sign_in: Callable[..., None]
) -> None:
    for slug, size in (("small", 3), ("large", 45)):
        series = make_series(slug=slug)
        for n in range(size):
            event = make_event(series=series, slug=f"e{n}", starts_at=NOW + n // 3 * 3 * HOUR)
            make_category(event, code=f"c{n}")
            make_agreement(event, "协议", [f"甲{slug}{n}", f"乙{slug}{n}"])
            make_person(make_session(event, starts_at=NOW, ends_at=NOW + HOUR, room=f"R{n}"), "林")
    for page in ("", "/e/e1"):
        counted = [_count(browser, f"/s/{slug}{page}") for slug in ("small", "large")]
        assert counted[0] == counted[1]
        assert counted[0] <= 12
    assert _count(browser, "/") <= 5
    sign_in(Role.ORGANISER, series=series)
    assert _count(browser, "/s/large") <= 12


def _count(browser: Browser, url: str) -> int:
    db.session.expire_all()
    with queries() as sent:
        browser.get(url)
    return len(sent)


def test_a_first_view_of_45_events_is_small(browser: Browser, series: Series) -> None:
    events = [make_event(series=series, starts_at=NOW + n // 3 * 3 * HOUR) for n in range(45)]
    make_category(*events)
    page = browser.get("/s/jjj")
    assets = set(re.findall(r'"(/assets/[^"]+)"', page.text))
    weight = len(page.data) + sum(len(browser.get(url).data) for url in assets)
    assert weight <= 150_000


def test_search_engines_are_told_the_events(browser: Browser, series: Series) -> None:
    signing, *_ = a_full_day(series)
    change(signing, state=EventState.CANCELLED)
    data = json_ld(browser.get("/s/jjj").text)
    assert data["@type"] == "EventSeries"
    assert data["organizer"]["name"] == "天津市"
    assert len(data["subEvent"]) == 4
    first = data["subEvent"][0]
    assert first["name"] == str(signing.name)
    assert first["startDate"] == "2027-03-01T09:00:00+08:00"
    assert first["location"] == {"@type": "Place", "name": "主会场", "address": "天津市"}
    assert first["eventAttendanceMode"] == "https://schema.org/OfflineEventAttendanceMode"
    assert first["eventStatus"] == "https://schema.org/EventCancelled"


def test_names_cannot_leave_their_place(browser: Browser, series: Series) -> None:
    payload = "</script><script>alert(1)</script>{{7*7}}'\"><img src=x onerror=alert(2)>"
    event = make_event(series=series, slug="bad", starts_at=NOW)
    change(event, name_zh=payload, name_en=payload, room=payload, topics=[payload])
    change(event, description_zh=payload, said=payload)
    change(series, name_zh=payload, name_en=payload, host=payload)
    make_person(make_session(event, starts_at=NOW, ends_at=NOW + HOUR), payload, topic=payload)
    for url in ("/", "/s/jjj", "/s/jjj/e/bad"):
        for language in ("zh-Hans", "en"):
            page = browser.get(f"{url}?lang={language}").text
            assert "<script>alert" not in page
            assert "<img src=x" not in page
            assert payload in text_of(page)
    assert json_ld(browser.get("/s/jjj/e/bad").text)["name"] == payload
