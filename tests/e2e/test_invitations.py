"""Guests are invited by mail and answer on a phone; a code lets in two and refuses the third."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import DESKTOP, PHONE, Site, complaints_of, open_context, sign_in
from tests.e2e.test_accessibility import fits, violations
from tests.e2e.test_main_road import go_on, wait_for

SERIES = "jjj-2024"
DESK = f"/desk/s/{SERIES}/invitations"
EVENT = "京津冀教育协同发展专项规划研究课题发布"


def invite(desk: Page, name: str, address: str) -> None:
    """One guest, with a seat kept; axe sees the pages."""
    desk.goto(f"{DESK}/new")
    desk.fill("[name=name]", name)
    desk.fill("[name=organisation]", "样本大学")
    desk.fill("[name=position]", "教授")
    desk.fill("[name=email]", address)
    desk.select_option("[name=category]", label="嘉宾")
    desk.check("[name=skip_approval]")
    desk.check(f"text={EVENT}")
    desk.fill(
        "[name=release_at]", desk.evaluate("new Date(Date.now()+2*864e5).toISOString().slice(0,16)")
    )
    assert violations(desk) == []
    desk.click(".sheet__acts .btn--go")
    expect(desk.locator(".flash").first).to_contain_text("邀请信已发出")
    assert violations(desk) == []


def link_in(site: Site, address: str, subject: str) -> str:
    """The guest's link in the letter with that subject, once it has come."""
    letter = wait_for(
        lambda: next((it for it in site.mailbox.to(address) if subject in str(it["Subject"])), None)
    )
    text = letter.get_body(("plain",))
    assert text is not None
    found = re.search(rf"{re.escape(site.url)}/i/\S+", text.get_content())
    assert found
    return found[0]


@pytest.fixture
def desk(chromium: Browser, site: Site):  # type: ignore[no-untyped-def]
    context = open_context(chromium, site, viewport=DESKTOP)
    page = context.new_page()
    complaints = complaints_of(page)
    sign_in(page, site)
    yield page
    context.close()
    assert complaints == []


def test_yes_on_a_phone_gives_a_ticket_and_no_gives_the_seat_back(
    phone: Page, desk: Page, site: Site
) -> None:
    invite(desk, "样本嘉宾甲", "guest-yes@example.org")
    invite(desk, "样本嘉宾乙", "guest-no@example.org")

    phone.goto(link_in(site, "guest-yes@example.org", "诚邀您参加"))
    expect(phone.locator("h1")).to_contain_text("诚邀您参加")
    expect(phone.locator("main")).to_contain_text("为您预留席位")
    assert violations(phone) == []
    assert fits(phone)
    phone.click("text=接受邀请，填写报名")
    expect(phone.locator("#event-topics")).to_be_checked()
    assert violations(phone) == []
    go_on(phone)
    expect(phone.locator("[name=name]")).to_have_value("样本嘉宾甲")
    expect(phone.locator("[name=email]")).to_have_value("guest-yes@example.org")
    go_on(phone)
    phone.check("#consent-privacy")
    phone.click(".flow__acts .btn--go")
    phone.wait_for_url("**/r/*")
    expect(phone.locator(".pass__name")).to_contain_text("样本嘉宾甲")
    assert wait_for(
        lambda: next(
            (
                it
                for it in site.mailbox.to("guest-yes@example.org")
                if "已确认" in str(it["Subject"])
            ),
            None,
        )
    )

    no = link_in(site, "guest-no@example.org", "诚邀您参加")
    desk.goto(DESK)
    desk.click("a:has-text('样本嘉宾乙')")
    expect(desk.locator(".kv")).to_contain_text(EVENT)
    phone.goto(no)
    phone.click(".invite__acts >> text=不能参加")
    assert violations(phone) == []
    assert fits(phone)
    phone.click(".flow__acts .btn--bad")
    expect(phone.locator("main")).to_contain_text("您已答复不能参加")
    assert violations(phone) == []
    desk.reload()
    expect(desk.locator(".main__head .tag")).to_have_text("不参加")
    expect(desk.locator(".kv")).not_to_contain_text(EVENT)

    phone.click("text=请他人代为参加")
    assert violations(phone) == []
    phone.fill("[name=name]", "样本嘉宾丙")
    phone.fill("[name=email]", "guest-instead@example.org")
    phone.click(".flow__acts .btn--go")
    expect(phone.locator("main")).to_contain_text("您已请样本嘉宾丙代为参加")
    assert violations(phone) == []
    assert fits(phone)
    phone.goto(link_in(site, "guest-instead@example.org", "诚邀您参加"))
    expect(phone.locator("main")).to_contain_text("样本嘉宾乙")


def test_a_code_for_two_refuses_the_third_in_clear_words(
    chromium: Browser, desk: Page, site: Site
) -> None:
    desk.goto(f"{DESK}/code")
    desk.fill("[name=code]", "e2e-liang")
    desk.fill("[name=uses]", "2")
    desk.select_option("[name=category]", label="嘉宾")
    desk.check("[name=skip_approval]")
    assert violations(desk) == []
    desk.click(".sheet__acts .btn--go")
    expect(desk.locator("h1")).to_have_text("E2E-LIANG")
    for number in range(3):
        page = open_context(chromium, site, viewport=PHONE).new_page()
        page.goto(f"/s/{SERIES}/register")
        page.click("details.code summary")
        assert violations(page) == []
        page.fill("#invitation_code", "e2e-liang")
        go_on(page)
        if number == 2:
            expect(page.locator("#invitation_code-e")).to_contain_text("邀请已使用")
            assert violations(page) == []
            assert fits(page)
            break
        page.check("#event-topics")
        go_on(page)
        page.fill("[name=name]", f"样本持码{'甲乙'[number]}")
        page.fill("[name=organisation]", "样本企业")
        page.fill("[name=position]", "经理")
        page.fill("[name=email]", f"code-{number}@example.org")
        go_on(page)
        page.check("#consent-privacy")
        page.click(".flow__acts .btn--go")
        page.wait_for_url("**/r/*")
        page.context.close()
    desk.reload()
    expect(desk.locator(".main__head .tag")).to_have_text("已用完")
    expect(desk.locator("main")).to_contain_text("样本持码乙")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_of_the_desk(
    chromium: Browser, site: Site, size: dict[str, int], language: str
) -> None:
    page = open_context(chromium, site, viewport=size, locale=language).new_page()
    sign_in(page, site)
    for rest in ("", "/new", "/code", "/import", "/remind", "?show=gone&q=nobody"):
        page.goto(f"{DESK}{rest}")
        assert violations(page) == []
        assert fits(page)
    page.goto(f"{DESK}/import")
    page.fill(
        "[name=pasted]",
        f"姓名\t邮箱\n样本丁{language}{size['width']}\tding@example.org\n样本戊\tx@",
    )
    page.click("[value=check]")
    expect(page.locator(".imp .tag--bad")).to_have_count(1)
    assert violations(page) == []
    assert fits(page)
    page.goto("/i/AAAA.BBBB")
    assert violations(page) == []
    page.context.close()
