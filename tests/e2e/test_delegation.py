"""A liaison at a desktop pastes rows from a spreadsheet and corrects the wrong ones; on a phone he
fills in one person at a time."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import DESKTOP, PHONE, Site, complaints_of, open_context, sign_in
from tests.e2e.test_accessibility import fits, violations

DESK = "/desk/s/jjj-2024/delegations"
PASTE = """(text) => {
  const data = new DataTransfer();
  data.setData('text/plain', text);
  document.activeElement.dispatchEvent(
    new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
}"""


def make_delegation(chromium: Browser, site: Site, unit: str) -> str:
    """An organiser makes a delegation and copies the liaison's link; axe sees the desk's pages."""
    desk = open_context(chromium, site, viewport=DESKTOP).new_page()
    complaints = complaints_of(desk)
    sign_in(desk, site)
    desk.goto(f"{DESK}/new")
    desk.fill("[name=unit]", unit)
    desk.fill("[name=liaison_name]", "江屿白")
    desk.fill("[name=liaison_email]", "liaison-e2e@example.org")
    desk.fill("[name=q-any-any]", "30")
    assert violations(desk) == []
    desk.click(".sheet__acts .btn--go")
    desk.click("form[action$='/link'] button")
    text = desk.locator("#for-liaison").input_value()
    assert violations(desk) == []
    desk.goto(DESK)
    expect(desk.locator("main")).to_contain_text(unit)
    assert violations(desk) == []
    assert fits(desk)
    desk.goto(f"{DESK}/import")
    assert violations(desk) == []
    desk.context.close()
    assert complaints == []
    found = re.search(r"(/d/\S+)", text)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def link(chromium: Browser, site: Site) -> str:
    return make_delegation(chromium, site, "天津职业技术师范大学")


@pytest.fixture
def desktop(chromium: Browser, site: Site) -> Iterator[Page]:
    context = open_context(chromium, site, viewport=DESKTOP)
    page = context.new_page()
    complaints = complaints_of(page)
    yield page
    context.close()
    assert complaints == []


def test_twenty_rows_are_pasted_three_corrected_and_all_submitted(
    desktop: Page, link: str, site: Site
) -> None:
    page = desktop
    page.goto(link)
    rows = [
        [f"样本{chr(0x7532 + n)}", "教师", f"139000010{n:02d}", "职业教育工作交流论坛"]
        for n in range(20)
    ]
    rows[4][2] = "1390000"
    rows[9][0] = "样本9号"
    rows[14][3] = "学前教育论坛"
    page.locator("tr[data-blank] td.w--name input").first.focus()
    page.evaluate(PASTE, "\r\n".join("\t".join(row) for row in rows) + "\r\n")
    expect(page.locator(".flash").first).to_contain_text("已粘贴 20 行")
    expect(page.locator(".errors")).to_contain_text("有 3 行需要更正")
    assert violations(page) == []
    assert fits(page)

    page.fill("#r5 td.w--mobile input", "13900001004")
    page.locator("#r5 td.w--mobile input").press("ArrowDown")
    expect(page.locator("#r6 td.w--mobile input")).to_be_focused()
    page.fill("#r10 td.w--name input", "样本戊")
    page.click("[value=submit]")
    expect(page.locator(".flashes")).to_contain_text("已提交 19 人")
    expect(page.locator(".flashes")).to_contain_text("另有 1 行需要更正")
    wrong = page.locator("tr:has(.tag--bad)")
    expect(wrong).to_have_count(1)
    wrong.locator("td.w--slot select").select_option(label="基础教育工作交流论坛")
    page.click("[value=submit]")
    expect(page.locator(".flashes")).to_contain_text("已提交 1 人")
    expect(page.locator(".quota")).to_contain_text("20")
    expect(page.locator("tr .tag--wait")).to_have_count(20)
    assert violations(page) == []


def test_on_a_phone_one_person_at_a_time(phone: Page, chromium: Browser, site: Site) -> None:
    link = make_delegation(chromium, site, "天津科技大学")
    phone.goto(link)
    assert violations(phone) == []
    assert fits(phone)
    phone.click("text=添加人员")
    phone.fill("[name=name]", "林知夏")
    phone.fill("[name=mobile]", "1390000")
    phone.check("text=职业教育工作交流论坛")
    assert violations(phone) == []
    phone.click("[value=save]")
    expect(phone.locator(".errors")).to_contain_text("请填写 11 位手机号")
    phone.click(".sum a")
    expect(phone.locator("#mobile-e")).to_contain_text("11 位")
    phone.fill("[name=mobile]", "13900000125")
    phone.click("[value=save]")
    phone.click("[value=submit]")
    expect(phone.locator(".flashes")).to_contain_text("已提交 1 人")
    phone.click("td.who a")
    expect(phone.locator("#for-person")).to_have_value(re.compile("/r/"))
    assert violations(phone) == []
    assert fits(phone)
    phone.click("text=换人")
    assert violations(phone) == []
    phone.fill("[name=name]", "陈砚秋")
    phone.click(".flow__acts .btn--go")
    expect(phone.locator("h1")).to_contain_text("陈砚秋")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_pages_without_a_link_in_english(
    chromium: Browser, site: Site, size: dict[str, int]
) -> None:
    page = open_context(chromium, site, viewport=size, locale="en").new_page()
    for path in ("/d/", "/d/AAAA.BBBB"):
        page.goto(path)
        assert violations(page) == []
        assert fits(page)
    page.context.close()
