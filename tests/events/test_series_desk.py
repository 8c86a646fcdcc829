"""Series at the desk: made, changed, published; and the names by which units are found."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from eduforum.core import clock
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db, transaction
from eduforum.events import services
from eduforum.events.models import Region, Series
from eduforum.events.queries import is_used, series_by_slug
from eduforum.events.services import SeriesInput
from eduforum.web.access import Role
from tests.factories import make_event, make_series
from tests.pages import Browser

SignIn = Callable[..., None]
PAGE = "/desk/s/jjj/settings"


@pytest.fixture
def series(app: Flask) -> Series:
    return make_series(slug="jjj")


def filled(**other: str) -> dict[str, str]:
    return {
        "name_zh": "京津冀教育协同发展系列主场活动",
        "name_en": "Host-city events",
        "edition": "2027",
        "host": "北京市",
        "host_en": "Beijing",
        "host_region_code": "12",
        "time_zone": "Asia/Shanghai",
        **other,
    }


def reread(slug: str = "jjj") -> Series:
    db.session.expire_all()
    series = series_by_slug(slug)
    assert series is not None
    return series


@pytest.mark.usefixtures("series")
def test_an_admin_makes_a_series(browser: Browser, sign_in: SignIn) -> None:
    sign_in(Role.ADMIN)
    browser.get("/desk/new-series")

    answer = browser.post("/desk/new-series", filled(slug="jjj-2028", sample="y"))

    assert answer.location.endswith("/desk/s/jjj-2028/settings")
    made = reread("jjj-2028")
    assert (made.name_en, made.edition, made.host_region_code) == ("Host-city events", 2027, "12")
    assert (made.published, made.sample) == (False, True)
    assert made.number == reread().number + 1
    assert "未发布" in browser.get(answer.location).text


@pytest.mark.usefixtures("series")
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"slug": "jjj"}, "这个网址已被使用，请换一个。"),
        ({"slug": "../etc"}, "请用小写字母、数字和连字符，如 jjj-2025，最多 60 个字符。"),
        ({"slug": "x" * 61}, "请用小写字母、数字和连字符，如 jjj-2025，最多 60 个字符。"),
        ({"name_zh": ""}, "请填写中文名称。"),
        ({"edition": "第四届"}, "请填写整数，如 300。"),
        ({"time_zone": "Asia/Tianjin"}, "没有这个时区。"),
        ({"time_zone": "../../etc/passwd"}, "没有这个时区。"),
        ({"host_region_code": "99"}, "请从列表中选择。"),
    ],
)
def test_bad_input_gets_a_sentence_and_is_kept(
    browser: Browser, sign_in: SignIn, wrong: dict[str, str], sentence: str
) -> None:
    sign_in(Role.ADMIN)

    answer = browser.post("/desk/new-series", filled(**{"slug": "new", **wrong}), status=422)

    assert answer.text.count(sentence) == 2
    assert 'value="Host-city events"' in answer.text
    assert len(db.session.scalars(select(Series)).all()) == 1


def test_an_organiser_edits_and_publishes(
    browser: Browser, sign_in: SignIn, series: Series
) -> None:
    sign_in(Role.ORGANISER, series=series)
    for language in ("zh-Hans", "en"):
        browser.get(f"{PAGE}?lang={language}")
        browser.get(f"{PAGE}/series?lang={language}")

    browser.post(f"{PAGE}/series?lang=zh-Hans", filled(host_region_code=""))
    assert (reread().host, reread().host_region_code, reread().edition) == ("北京市", None, 2027)
    browser.post(f"{PAGE}/unpublish")
    assert reread().published is False
    browser.post(f"{PAGE}/publish")
    assert reread().published is True

    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [e.action for e in entries] == ["series.edit", "series.unpublish", "series.publish"]
    assert (entries[0].before["host"], entries[0].after["host"]) == ("天津市", "北京市")


def test_nothing_changed_is_said_and_not_recorded(
    browser: Browser, sign_in: SignIn, series: Series
) -> None:
    sign_in(Role.ORGANISER, series=series)
    browser.post(f"{PAGE}/series", filled())
    browser.post(f"{PAGE}/series", filled())

    assert "没有改动。" in browser.get(PAGE).text
    assert len(db.session.scalars(select(AuditEntry)).all()) == 1


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.DOOR, Role.VIEWER, Role.PRESS_OFFICER])
def test_settings_are_for_organisers(
    browser: Browser, sign_in: SignIn, series: Series, role: Role
) -> None:
    sign_in(role, series=series)
    for path in (PAGE, f"{PAGE}/series", "/desk/new-series"):
        browser.get(path, status=404)
    for path in (f"{PAGE}/series", f"{PAGE}/publish", f"{PAGE}/unpublish"):
        browser.post(path, filled(), status=404)
    assert reread().host == "天津市"


def test_an_organiser_makes_no_series(browser: Browser, sign_in: SignIn, series: Series) -> None:
    sign_in(Role.ORGANISER, series=series)
    browser.get("/desk/new-series", status=404)


def test_numbers_are_given_in_turn_and_stay(series: Series) -> None:
    given = SeriesInput(name_zh="样本系列")
    numbers = [services.create_series(slug, given).number for slug in ("a", "b")]
    services.edit_series(series.id, given)

    assert numbers == [series.number + 1, series.number + 2]


def test_a_row_is_used_when_another_table_points_at_it(series: Series) -> None:
    region = db.session.get(Region, "12")
    assert region is not None
    assert is_used(region)
    with transaction():
        alone = Region(code="99", name_zh="样本", mark="样", position=9)
        db.session.add(alone)
    assert not is_used(alone)
    event = make_event(series=series, starts_at=clock.now() + timedelta(days=1))
    assert is_used(event)
    assert not is_used(event, besides=("sessions", "category_events"))
