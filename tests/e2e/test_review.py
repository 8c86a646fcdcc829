"""A review by keys, the correction on a phone, and a seat from the waiting list taken by mail."""

import re

from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import DESKTOP, Site, open_context, sign_in
from tests.e2e.test_accessibility import fits, violations
from tests.e2e.test_main_road import go_on, wait_for

SERIES = "jjj-2024"


def apply(page: Page, category: str, event: str, name: str, address: str, mobile: str) -> None:
    """The four steps of registering, without a slip."""
    page.goto(f"/s/{SERIES}/register")
    page.check(f"#category-{category}")
    go_on(page)
    page.check(f"#event-{event}")
    go_on(page)
    page.fill("[name=name]", name)
    page.fill("[name=organisation]", "样本学校")
    page.fill("[name=position]", "教师")
    page.fill("[name=mobile]", mobile)
    page.fill("[name=email]", address)
    go_on(page)
    page.check("#consent-privacy")
    page.click(".flow__acts .btn--go")
    page.wait_for_url("**/r/*")


def link_in(site: Site, address: str, subject: str) -> str:
    """The personal link in the letter with that subject, once it has come."""
    letter = wait_for(
        lambda: next((it for it in site.mailbox.to(address) if subject in str(it["Subject"])), None)
    )
    text = letter.get_body(("plain",))
    assert text is not None
    found = re.search(rf"{re.escape(site.url)}/r/\S+", text.get_content())
    assert found
    return found[0]


def test_returned_by_keys_corrected_on_a_phone_and_confirmed(
    phone: Page, site: Site, chromium: Browser
) -> None:
    address = "sample-returned@example.org"
    apply(phone, "expert", "topics", "样本乙", address, "13900000131")
    expect(phone.locator("main")).to_contain_text("报名已提交，正在审核。")

    desk = open_context(chromium, site, viewport=DESKTOP).new_page()
    sign_in(desk, site)
    desk.goto(f"/desk/s/{SERIES}/queue?category=expert")
    bring_up(desk, "样本乙")
    assert violations(desk) == []
    desk.keyboard.press("r")
    desk.keyboard.press("Space")  # the first field is ticked, and asks what is wrong with it
    desk.keyboard.type("请与证件一致。")
    assert violations(desk) == []
    desk.keyboard.press("Control+Enter")
    expect(before_me(desk, "样本乙")).to_have_count(0)

    phone.goto(link_in(site, address, "补充"))
    expect(phone.locator("h1")).to_have_text("请更正 1 处")
    expect(phone.locator(".correct")).to_contain_text("请与证件一致。")
    assert violations(phone) == []
    assert fits(phone)
    phone.fill("[name=name]", "")
    phone.click(".correct__go button")
    expect(phone.locator(".errors")).to_be_visible()
    phone.fill("[name=name]", "样本丙")
    phone.click(".correct__go button")
    expect(phone.locator("main")).to_contain_text("报名已提交，正在审核。")

    desk.reload()
    bring_up(desk, "样本丙")
    desk.keyboard.press("a")
    expect(before_me(desk, "样本丙")).to_have_count(0)
    desk.context.close()
    phone.reload()
    expect(phone.locator(".pass__name")).to_contain_text("样本丙")


def before_me(desk: Page, name: str) -> Locator:
    """The heading of the application that is to be decided, if it is that of `name`."""
    return desk.locator("#queue-name", has_text=name)


def bring_up(desk: Page, name: str) -> None:
    """Leave others for later, by key, until the application of `name` is there."""
    for _ in range(20):
        if before_me(desk, name).count():
            return
        shown = desk.locator("#queue-name").inner_text()
        desk.keyboard.press("n")
        expect(before_me(desk, shown)).to_have_count(0)
    raise AssertionError(f"{name} never came")


def test_an_offer_comes_by_mail_and_is_taken(phone: Page, site: Site, chromium: Browser) -> None:
    desk = open_context(chromium, site, viewport=DESKTOP).new_page()
    sign_in(desk, site)
    desk.goto(f"/desk/s/{SERIES}/settings/categories")
    desk.locator("tr, li, .pool", has_text="旁听").locator("a[href*='/pools/']").first.click()
    size, limit = desk.input_value("[name=size]"), desk.input_value("[name=waiting_limit]")
    pool = desk.url
    set_size(desk, pool, "0", limit)

    address = "sample-waits@example.org"
    apply(phone, "observer", "topics", "样本丁", address, "13900000132")
    expect(phone.locator("main")).to_contain_text("您在候补名单中")
    desk.goto(f"/desk/s/{SERIES}/line")
    expect(desk.locator("main")).to_contain_text("样本丁")
    assert violations(desk) == []

    set_size(desk, pool, size, limit)
    desk.context.close()
    phone.goto(link_in(site, address, "候补席位"))
    assert violations(phone) == []
    phone.click("form[action$='/accept'] button")
    expect(phone.locator(".pass__name")).to_contain_text("样本丁")


def set_size(desk: Page, pool: str, size: str, limit: str) -> None:
    """Change how many seats a pool has, and confirm that it is meant."""
    desk.goto(pool)
    desk.fill("[name=size]", size)
    desk.fill("[name=waiting_limit]", limit)
    desk.click("main form button[type=submit]")
    if desk.locator("[name=sure]").count() and desk.url == pool:
        desk.check("[name=sure]")
        desk.click("main form button[type=submit]")
    desk.wait_for_url(lambda url: url != pool)
