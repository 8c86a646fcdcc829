"""Questions: an organiser builds them, a phone shows and hides them, the server drops what is hidden."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import DESKTOP, Site, complaints_of, open_context, sign_in
from tests.e2e.test_accessibility import fits, violations
from tests.e2e.test_main_road import go_on

S = "jjj-2024"
NAME = "方知行"


@pytest.fixture
def desk(chromium: Browser, site: Site) -> Iterator[Page]:
    context = open_context(chromium, site, viewport=DESKTOP)
    page = context.new_page()
    complaints = complaints_of(page)
    sign_in(page, site)
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def form(desk: Page) -> Iterator[str]:
    """The address of a form that the category `observer` asks; it asks nothing afterwards."""
    address = build(desk)
    choose(desk, "旅程")
    yield address
    choose(desk, "不另外询问")


def build(desk: Page) -> str:
    desk.goto(f"/desk/s/{S}/settings/forms")
    desk.fill("#name_zh", "旅程")
    desk.get_by_role("button", name="新建表单").click()
    address = desk.url.split("#")[0]
    desk.get_by_role("link", name="单选").click()
    desk.fill("#zh", "如何到达")
    desk.fill("#en", "How will you come")
    for n, (zh, en) in enumerate((("火车", "Train"), ("自驾", "Car")), 1):
        desk.get_by_label(f"选项 {n}，中文").fill(zh)
        desk.get_by_label(f"选项 {n}，英文").fill(en)
    desk.check("#required")
    desk.get_by_role("button", name="保存问题").click()
    desk.get_by_role("link", name="一行文字").click()
    desk.fill("#zh", "车牌号")
    desk.fill("#en", "Plate number")
    desk.check("#required")
    desk.get_by_label("条件 1", exact=True).select_option(label="“如何到达”等于自驾")
    assert violations(desk) == []
    desk.get_by_role("button", name="保存问题").click()
    assert violations(desk) == []
    desk.get_by_role("button", name="发布新版本").click()
    expect(desk.get_by_text("已发布。今后的报名按新版本填写。")).to_be_visible()
    return address


def choose(desk: Page, form: str) -> None:
    desk.goto(f"/desk/s/{S}/settings/categories")
    desk.locator(".setlist li", has_text="observer").get_by_role("link").first.click()
    desk.select_option("#form_id", label=form)
    desk.get_by_role("button", name="保存类别").click()
    expect(desk.get_by_text("类别已保存。")).to_be_visible()


def test_a_condition_shows_and_hides_questions_and_the_server_drops_what_is_hidden(
    phone: Page, desk: Page, form: str
) -> None:
    phone.goto(f"/s/{S}/register")
    phone.check("#category-observer")
    go_on(phone)
    phone.check("#event-basic-education-forum")
    go_on(phone)
    phone.fill("#name", NAME)
    phone.fill("#mobile", "13900000177")
    go_on(phone)
    coming, plate = phone.locator("[data-ask=how_will_you_come]"), phone.locator("[data-kind=text]")
    expect(coming).to_be_visible()
    expect(plate).to_be_hidden()
    assert violations(phone) == []

    phone.get_by_label("自驾").check()
    expect(plate).to_be_visible()
    go_on(phone)
    expect(phone.get_by_role("alert")).to_contain_text("请填写“车牌号”。")
    expect(phone.get_by_label("自驾")).to_be_checked()
    assert violations(phone) == []
    assert fits(phone)
    phone.get_by_label("车牌号").fill("津A12345")

    # Changed their mind: the field goes with its answer still in it, and is sent all the same.
    phone.get_by_label("火车").check()
    expect(plate).to_be_hidden()
    assert phone.locator("[data-kind=text] input").input_value() == "津A12345"
    with phone.expect_request(lambda request: request.method == "POST") as sent:
        go_on(phone)
    assert "津A12345" in (sent.value.post_data_buffer or b"").decode()
    expect(phone.get_by_role("heading", name="核对后提交")).to_be_visible()
    expect(phone.locator(".review", has_text="如何到达")).to_contain_text("火车")
    expect(phone.locator("main")).not_to_contain_text("车牌号")
    phone.check("#consent-privacy")
    go_on(phone)
    phone.wait_for_url("**/r/**")

    desk.goto(f"/desk/s/{S}/registrations?q={NAME}")
    desk.get_by_role("link", name=NAME).first.click()
    detail = desk.locator("dl.kv", has_text="如何到达")
    expect(detail).to_contain_text("火车")
    expect(desk.locator("main, aside").last).not_to_contain_text("津A12345")


def test_questions_are_put_in_order_by_keyboard_and_by_drag(desk: Page, form: str) -> None:
    desk.goto(form)
    desk.locator("#q-plate_number").focus()
    desk.keyboard.press("Alt+ArrowUp")
    expect(desk.get_by_text("顺序已保存。")).to_be_visible()
    assert order(desk) == ["q-plate_number", "q-how_will_you_come"]
    grip = desk.locator("#q-plate_number [data-grip]")
    expect(grip).to_be_visible()
    grip.drag_to(desk.locator("#q-how_will_you_come"), target_position={"x": 60, "y": 60})
    expect(desk.get_by_text("顺序已保存。")).to_be_visible()
    assert order(desk) == ["q-how_will_you_come", "q-plate_number"]


def order(desk: Page) -> list[str]:
    return [row.get_attribute("id") or "" for row in desk.locator("[data-question]").all()]


def test_the_preview_follows_conditions_in_both_languages(desk: Page, form: str) -> None:
    desk.goto(f"{form}/preview")
    for answer, question in (("自驾", "车牌号"), ("Car", "Plate number")):
        expect(desk.get_by_label(question)).to_be_hidden()
        desk.get_by_label(answer, exact=True).check()
        expect(desk.get_by_label(question)).to_be_visible()
    assert violations(desk) == []
    desk.get_by_role("link", name="电脑").click()
    expect(desk.locator(".shown--desktop")).to_be_visible()
    assert re.search("size=desktop", desk.url)


def test_a_draft_stays_on_the_phone_and_goes_after_submitting(phone: Page) -> None:
    phone.goto(f"/s/{S}/register")
    phone.check("#category-observer")
    go_on(phone)
    phone.check("#event-basic-education-forum")
    go_on(phone)
    phone.fill("#name", "程又青")
    phone.fill("#mobile", "13900000178")
    phone.wait_for_timeout(600)
    kept = phone.evaluate(f"localStorage.getItem('register:{S}')")
    assert "程又青" in kept
    assert "consents" not in kept
    phone.evaluate(
        f"""() => {{ const kept = JSON.parse(localStorage.getItem('register:{S}'));
        kept.at -= 4 * 86400000; localStorage.setItem('register:{S}', JSON.stringify(kept)); }}"""
    )
    phone.goto(f"/s/{S}/register")
    assert phone.locator("[data-restored]").is_hidden()
