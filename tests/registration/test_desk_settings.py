"""Categories and pools at the desk."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from eduforum.core.audit import AuditEntry
from eduforum.core.db import db
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Text
from eduforum.events.models import Event, Series
from eduforum.events.rules import InUse, Mode
from eduforum.registration import services
from eduforum.registration.models import Category, Pool
from eduforum.registration.rules import Admission
from eduforum.registration.services import pools
from eduforum.registration.services.pools import PoolInput
from eduforum.web.access import Role
from tests.factories import make_category, make_event, make_series
from tests.pages import Browser
from tests.registration.desk import apply, state_of

SignIn = Callable[..., None]


@pytest.fixture
def series(app: Flask, sign_in: SignIn) -> Series:
    series = make_series()
    sign_in(Role.ORGANISER, series=series)
    return series


@pytest.fixture
def event(series: Series) -> Event:
    return make_event(series=series)


def at(series: Series, more: str = "") -> str:
    return f"/desk/s/{series.slug}/settings/categories{more}"


def category_form(event: Event, **more: object) -> dict[str, object]:
    return {
        "code": "expert",
        "name_zh": "专家",
        "name_en": "Expert",
        "admission": "by_approval",
        "opens_at": "2027-03-01T09:00",
        "closes_at": "2027-03-14T18:00",
        "edit_until": "2027-03-14T18:00",
        "offer_hours": "24",
        "events": [str(event.id)],
        "pending_holds": "y",
    } | more


def only_category() -> Category:
    found = select(Category).execution_options(populate_existing=True)
    return db.session.scalars(found).one()


def only_pool() -> Pool:
    return db.session.scalars(select(Pool).execution_options(populate_existing=True)).one()


def test_a_category_from_nothing_to_a_change(
    browser: Browser, series: Series, event: Event
) -> None:
    assert "还没有参会类别" in browser.get(at(series)).text
    assert "2027-03-15T09:00" in browser.get(at(series, "/new")).text
    browser.post(at(series, "/new"), category_form(event), status=303)
    made = only_category()
    assert made.closes_at == datetime(2027, 3, 14, 10, tzinfo=UTC)
    assert (made.admission, made.offer_hours, made.pending_holds, made.ticket_class) == (
        Admission.BY_APPROVAL,
        24,
        True,
        1,
    )
    assert [one.id for one in made.events] == [event.id]
    url = at(series, f"/{made.id}")
    assert "2027-03-14T18:00" in browser.get(url).text
    changed = category_form(event, name_zh="评审专家", code="other", guardian_consent="y")
    browser.post(url, changed, status=303)
    made = only_category()
    assert (made.name_zh, made.code, made.guardian_consent) == ("评审专家", "expert", True)
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert entry.before == {"name_zh": "专家", "guardian_consent": False}
    page = browser.get(f"{at(series)}?lang=en").text
    assert "Expert" in page
    assert "The category is saved." in page or "类别已保存" in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"code": ""}, "请填写代码"),
        ({"code": "专家"}, "请用小写字母、数字和连字符"),
        ({"name_zh": ""}, "请填写中文名称。"),
        ({"admission": "nonsense"}, "请选择准入方式。"),
        ({"closes_at": "2027-02-01T09:00"}, "截止时间须晚于开放时间。"),
        ({"opens_at": "soon"}, "请按 2026-11-28 09:00 的形式填写日期和时间。"),
        ({"offer_hours": "0"}, "请填写 1 至 720 的整数。"),
        ({"offer_hours": "x"}, "请填写 0 至 720 的整数。"),
        ({"events": []}, "请至少选择一项活动。"),
        ({"events": ["999"]}, "请至少选择一项活动。"),
    ],
)
def test_mistakes_in_a_category(
    browser: Browser, series: Series, event: Event, wrong: dict[str, object], sentence: str
) -> None:
    sent = category_form(event, name_en="Kept as typed") | wrong
    page = browser.post(at(series, "/new"), sent, status=422).text
    assert sentence in page
    assert "Kept as typed" in page
    assert db.session.scalars(select(Category)).all() == []


def test_codes_are_unique_in_a_series(browser: Browser, series: Series, event: Event) -> None:
    browser.post(at(series, "/new"), category_form(event), status=303)
    told = browser.post(at(series, "/new"), category_form(event), status=422).text
    assert "已有类别使用这个代码。" in told


def test_only_an_unused_category_is_deleted(browser: Browser, series: Series, event: Event) -> None:
    category = make_category(event, seats=None)
    used = make_category(event, seats=None)
    apply(used)
    for one in (category, used):
        browser.post(at(series, f"/{one.id}/delete"), status=303)
    assert [one.id for one in db.session.scalars(select(Category))] == [used.id]
    assert "不能删除" in browser.get(at(series)).text


def test_a_new_pool_counts_who_is_there(browser: Browser, series: Series, event: Event) -> None:
    category = make_category(event, admission=Admission.BY_APPROVAL, seats=None)
    people = [apply(category, name) for name in ("甲甲", "乙乙", "丙丙")]
    services.withdraw(series.id, people[0].id)
    form = browser.get(at(series, f"/pools/new?category={category.id}")).text
    assert f'<option selected value="{category.id}">' in form
    sent = {
        "name_zh": "专家席",
        "category": str(category.id),
        "place": f"event:{event.id}",
        "mode": "",
        "size": "1",
        "waiting_limit": "5",
    }
    browser.post(at(series, "/pools/new"), sent, status=303)
    pool = only_pool()
    assert (pool.held, pool.size, pool.grandfathered, pool.waiting_limit) == (2, 1, 1, 5)
    page = browser.get(at(series)).text
    assert "已新建名额池，现有 2 人计入。" in page
    assert "超出 1，保留" in page
    assert "范围相同" in browser.post(at(series, "/pools/new"), sent, status=422).text
    assert apply(category, "丁丁").state.value == "waitlisted"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name_zh": ""}, "请填写中文名称。"),
        ({"size": ""}, "请填写席位数。"),
        ({"size": "-1"}, "请填写 0 至 1000000 的整数。"),
        ({"size": "many"}, "请填写 0 至 1000000 的整数。"),
        ({"waiting_limit": "x"}, "请填写 0 至 1000000 的整数。"),
        (
            {"category": "", "place": "", "mode": ""},
            "请选择类别、活动、参加方式、代表团或表单选项，至少一项。",
        ),
        ({"place": "event:999"}, "请选择活动或场次。"),
        ({"category": "999"}, "请选择类别。"),
        ({"mode": "hybrid"}, "请选择参加方式。"),
    ],
)
def test_mistakes_in_a_pool(
    browser: Browser, series: Series, event: Event, wrong: dict[str, object], sentence: str
) -> None:
    sent = {"name_zh": "席", "name_en": "Kept", "place": f"event:{event.id}", "size": "5"} | wrong
    page = browser.post(at(series, "/pools/new"), sent, status=422).text
    assert sentence in page
    assert "Kept" in page
    assert db.session.scalars(select(Pool)).all() == []


def test_lowering_warns_with_the_number_and_raising_serves_the_line(
    browser: Browser, series: Series, event: Event
) -> None:
    category = make_category(event, seats=2)
    people = [apply(category, name) for name in ("甲甲", "乙乙", "丙丙")]
    assert state_of(people[2]) == "waitlisted"
    url = at(series, f"/pools/{only_pool().id}")
    browser.get(url)
    sent = {"name_zh": "旁听席", "name_en": "", "size": "1", "waiting_limit": ""}
    warned = browser.post(url, sent, status=422).text
    assert "已有 2 人占有席位，多于 1。" in warned
    assert 'name="sure"' in warned
    assert only_pool().size == 2
    browser.post(url, sent | {"sure": "y"}, status=303)
    assert (only_pool().size, only_pool().held, only_pool().grandfathered) == (1, 2, 1)
    browser.post(url, sent | {"size": "3"}, status=303)
    assert state_of(people[2]) == "offered"
    assert "已向 1 位候补人员发出席位" in browser.get(at(series)).text


def test_only_an_empty_pool_is_deleted(browser: Browser, series: Series, event: Event) -> None:
    category = make_category(event, seats=5)
    pool = only_pool()
    apply(category)
    url = at(series, f"/pools/{pool.id}/delete")
    browser.post(url, status=303)
    assert "已有 1 人占有席位或候补，不能删除。" in browser.get(at(series)).text
    with pytest.raises(InUse):
        pools.delete_pool(series.id, pool.id)
    other = pools.create_pool(series.id, PoolInput(name_zh="线上", mode=Mode.ONLINE, size=3))
    browser.post(at(series, f"/pools/{other.id}/delete"), status=303)
    assert only_pool().id == pool.id


def test_pending_people_begin_and_cease_to_hold(
    browser: Browser, series: Series, event: Event
) -> None:
    category = make_category(event, admission=Admission.BY_APPROVAL, seats=1, pending_holds=False)
    for name in ("甲甲", "乙乙"):
        apply(category, name)
    assert only_pool().held == 0
    url = at(series, f"/{category.id}")
    browser.post(url, category_form(event), status=303)
    assert (only_pool().held, only_pool().grandfathered) == (2, 1)
    without = {name: value for name, value in category_form(event).items()
               if name != "pending_holds"}  # fmt: skip
    browser.post(url, without, status=303)
    assert (only_pool().held, only_pool().grandfathered) == (0, 0)


def test_things_of_another_series_are_not_there(
    browser: Browser, series: Series, event: Event
) -> None:
    stranger = make_category(make_event())
    pool = only_pool()
    for path in (f"/{stranger.id}", f"/pools/{pool.id}"):
        browser.get(at(series, path), status=404)
        browser.post(at(series, f"{path}/delete"), status=404)
    with pytest.raises(NotFound):
        pools.edit_pool(series.id, pool.id, Text("席", "Seats"), 1, None)
    with pytest.raises(NotFound):
        pools.create_pool(series.id, PoolInput(name_zh="席", category_id=stranger.id, size=1))
    with pytest.raises(BadInput):
        pools.create_pool(series.id, PoolInput(name_zh="席", event_id=event.id, size=-1))


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.VIEWER, Role.DOOR])
def test_only_organisers(browser: Browser, app: Flask, sign_in: SignIn, role: Role) -> None:
    series = make_series()
    sign_in(role, series=series)
    for path in ("", "/new", "/pools/new"):
        browser.get(at(series, path), status=404)
