"""WCAG 2.2 AA by axe on every page, in both languages, on a phone and on a desktop."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import DESKTOP, PHONE, Site, complaints_of, open_context, sign_in
from tests.e2e.test_main_road import go_on, register

S = "jjj-2024"
PUBLIC = (
    "/", f"/s/{S}", "/s/jinxiong-4", "/s/tongwulang", f"/s/{S}/e/signing",
    f"/s/{S}/e/vocational-education-forum", f"/s/{S}/register", "/find", "/privacy",
    f"/s/{S}/press/room", f"/s/{S}/press", f"/s/{S}/press/status", "/p/nothing",
    "/desk/sign-in", "/door/", "/kiosk/01890a5d-ac96-774b-bcce-b302099a8057", "/here/nothing", "/nowhere", "/api/v1/docs",
)  # fmt: skip
DESK = (
    "/desk/", f"/desk/s/{S}/", f"/desk/s/{S}/schedule", f"/desk/s/{S}/registrations",
    f"/desk/s/{S}/checkin", f"/desk/s/{S}/checkin/incidents", f"/desk/s/{S}/checkin/simulate",
    f"/desk/s/{S}/checkin/inside", f"/desk/s/{S}/checkin/gates", f"/desk/s/{S}/checkin/incidents?list=strays",
    f"/desk/s/{S}/checkin/points/new", f"/desk/s/{S}/screens", f"/desk/s/{S}/walk-ins",
    f"/desk/s/{S}/walk-ins/categories", f"/desk/s/{S}/walk-ins/reconcile", f"/screen/signing?series={S}", f"/desk/s/{S}/notices",
    f"/desk/s/{S}/reports", f"/desk/s/{S}/audit",
    f"/desk/s/{S}/settings", f"/desk/s/{S}/settings/people", f"/desk/s/{S}/settings/categories",
    f"/desk/s/{S}/queue", f"/desk/s/{S}/line", f"/desk/s/{S}/registrations/new", f"/desk/s/{S}/settings/forms",
    f"/desk/s/{S}/press", f"/desk/s/{S}/press?tab=all", f"/desk/s/{S}/press/held", f"/desk/s/{S}/press/settings", f"/desk/s/{S}/press/report",
    f"/desk/s/{S}/press/passes", f"/desk/s/{S}/press/passes/runs", f"/desk/s/{S}/press/passes/pool",
    f"/desk/s/{S}/press/interviews", f"/desk/s/{S}/press/interviews?tab=agreed",
    f"/desk/s/{S}/press/coverage", f"/desk/s/{S}/press/coverage/thanks", f"/desk/s/{S}/press/contacts",
    f"/desk/s/{S}/press-room", f"/desk/s/{S}/press-room/new",
    f"/desk/s/{S}/imports", f"/desk/s/{S}/settings/privacy", f"/desk/s/{S}/delegations",
    f"/desk/s/{S}/announcements", f"/desk/s/{S}/announcements/new/announcement",
    f"/desk/s/{S}/announcements/new/reminder",
)  # fmt: skip
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (tags) => {
  const result = await axe.run(document, {runOnly: {type: 'tag', values: tags}});
  return result.violations.map(v => `${v.id}: ${v.nodes.map(n => n.html.slice(0, 160)).join(' | ')}`);
}"""


def violations(page: Page) -> list[str]:
    """What axe has against the page as it stands."""
    page.evaluate(AXE_FILE_PATH.read_text())
    found: list[str] = page.evaluate(RUN, RULES)
    return found


@pytest.fixture(
    params=[(PHONE, "zh-CN"), (DESKTOP, "en")], ids=["phone-zh", "desktop-en"], scope="module"
)
def visitor(request: pytest.FixtureRequest, chromium: Browser, site: Site) -> Iterator[Page]:
    """A person on a phone in Chinese, and one at a desktop in English."""
    viewport, locale = request.param
    context = open_context(chromium, site, viewport=viewport, locale=locale)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def organiser(visitor: Page, site: Site) -> Page:
    sign_in(visitor, site)
    return visitor


@pytest.mark.parametrize("path", PUBLIC)
def test_public_page(visitor: Page, path: str) -> None:
    complaints = complaints_of(visitor)
    visitor.goto(path)
    assert violations(visitor) == []
    assert complaints == []
    assert fits(visitor)


def test_the_steps_of_registering_and_the_ticket(phone: Page) -> None:
    phone.goto(f"/s/{S}/register")
    phone.check("#category-observer")
    go_on(phone)
    assert violations(phone) == []
    phone.check("#event-basic-education-forum")
    go_on(phone)
    go_on(phone)  # nothing filled in: the page with its errors
    assert violations(phone) == []
    assert "/register" in phone.url
    phone.evaluate("localStorage.clear()")
    register(phone, name="样本甲", address="sample-a@example.org", mobile="13900000124")
    assert violations(phone) == []
    assert fits(phone)


@pytest.mark.parametrize("path", DESK)
def test_desk_page(organiser: Page, path: str) -> None:
    complaints = complaints_of(organiser)
    answer = organiser.goto(path)
    assert answer is not None
    assert answer.status == 200
    assert violations(organiser) == []
    assert complaints == []
    assert fits(organiser)


def test_what_an_import_found(organiser: Page) -> None:
    """A list with a row to be corrected, and one that is ready."""
    for line, words in (("样本甲,123", "problems.xlsx"), ("样本乙,13900000456", "/commit")):
        organiser.goto(f"/desk/s/{S}/imports")
        organiser.set_input_files(
            "[name=file]",
            {"name": "list.csv", "mimeType": "text/csv", "buffer": f"姓名,手机\n{line}\n".encode()},
        )
        organiser.select_option("[name=category]", "observer")
        organiser.check("[name=events][value=basic-education-forum]")
        organiser.click("main form[enctype] button[type=submit]")
        organiser.wait_for_url("**/imports/*-*")
        assert words in organiser.content()
        assert violations(organiser) == []
        assert fits(organiser)


def test_what_is_asked_before_a_letter_goes_to_many(organiser: Page) -> None:
    organiser.goto(f"/desk/s/{S}/announcements/new/announcement")
    organiser.fill("[name=subject_zh]", "场地调整（样本）")
    organiser.fill("[name=subject_en]", "Another entrance (sample)")
    organiser.fill("[name=body_zh]", "请从东门入场。")
    organiser.fill("[name=body_en]", "Please use the east gate.")
    organiser.click("main .sheet__acts button[type=submit]")
    organiser.wait_for_url("**/announcements/*-*")
    for path in ("", "/send"):
        answer = organiser.goto(organiser.url.split("?")[0] + path)
        assert answer is not None
        assert answer.status == 200
        assert violations(organiser) == []
        assert fits(organiser)


def fits(page: Page) -> bool:
    """Nothing makes the page wider than the screen."""
    wide: bool = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    return wide
