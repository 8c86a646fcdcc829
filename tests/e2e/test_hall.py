"""The kiosk, walk-ins on a phone, and the code on a room's screen, in a real browser."""

import os
import re
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from eduforum.tickets.qr import png
from tests.e2e.conftest import DESKTOP, QUIET, Site, complaints_of, open_context, sign_in
from tests.e2e.test_accessibility import violations
from tests.e2e.test_door_offline import (
    Server,
    enrolled,
    expect_verdict,
    go_on,
    kept,
    phones,
    server,
    use_scanner,
)
from tests.e2e.test_main_road import SERIES, enrol_code, wait_for

__all__ = ["phones", "server"]

COUNT_PRINTS = "window.prints = 0; window.print = () => { window.prints += 1; }"


def desk(chromium: Browser, site: Site) -> Page:
    page = open_context(chromium, site, viewport=DESKTOP).new_page()
    sign_in(page, site)
    return page


def arrival(server: Server) -> str:
    points = server.call("GET", f"/series/{SERIES}/points")["items"]
    return next(str(point["id"]) for point in points if point["kind"] == "arrival")


def test_a_kiosk_reads_a_scanner_prints_and_goes_back(
    chromium: Browser, site: Site, server: Server
) -> None:
    name = f"样本{uuid4().hex[:4]}"
    _, ticket = server.person(name)
    context = open_context(chromium, site, viewport=DESKTOP)
    context.add_init_script(COUNT_PRINTS)
    page = context.new_page()
    complaints = complaints_of(page)
    page.goto(f"/kiosk/{arrival(server)}")
    page.fill("[name=code]", enrol_code(chromium, site))
    page.fill("[name=name]", "自助机")
    page.click("button[type=submit]")
    expect(page.locator("h1")).to_have_text("自助报到")
    assert violations(page) == []
    page.click("text=没有二维码")
    assert violations(page) == []
    page.fill("[name=name]", name)
    page.fill("[name=last4]", "0000")
    page.click("button[type=submit]")
    expect(page.locator(".errors")).to_contain_text("未找到")
    page.click("text=返回")
    expect(page.locator("h1")).to_have_text("自助报到")
    page.wait_for_load_state("networkidle")
    page.keyboard.type(ticket)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("报到成功", timeout=15_000)
    expect(page.locator(".kiosk__name")).to_contain_text(name)
    page.wait_for_load_state("load")
    assert page.evaluate("window.prints") == 1
    assert violations(page) == []
    sheet = page.pdf(prefer_css_page_size=True)
    assert re.search(rb"/MediaBox \[0 0 255\.\d+ 36[89]\.\d+\]", sheet)  # 90 × 130 mm
    expect(page.locator("h1")).to_have_text("自助报到", timeout=40_000)
    assert complaints == []
    context.close()


def film_of(text: str, path: Path) -> Path:
    """A film for the camera (YUV4MPEG2): one code, held still."""
    width, height = 640, 480
    frame = Image.new("L", (width, height), 200)
    code = Image.open(BytesIO(png(text, 7)))
    frame.paste(code, ((width - code.width) // 2, (height - code.height) // 2))
    grey = bytes([128]) * (width * height // 2)
    with path.open("wb") as film:
        film.write(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode())
        for _ in range(10):
            film.write(b"FRAME\n" + frame.tobytes() + grey)
    return path


def test_a_kiosk_sees_a_ticket_and_prints_a_label_in_large_type(
    playwright: Playwright,
    chromium: Browser,
    chromium_path: str,
    site: Site,
    server: Server,
    tmp_path: Path,
) -> None:
    name = f"样本{uuid4().hex[:4]}"
    _, ticket = server.person(name)
    film = film_of(ticket, tmp_path / "ticket.y4m")
    browser = playwright.chromium.launch(
        executable_path=chromium_path,
        args=[
            *QUIET, "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ],
    )  # fmt: skip
    page = open_context(browser, site, viewport=DESKTOP).new_page()
    page.add_init_script(COUNT_PRINTS)
    complaints = complaints_of(page)
    page.goto(f"/kiosk/{arrival(server)}")
    page.fill("[name=code]", enrol_code(chromium, site))
    page.fill("[name=name]", "自助机")
    page.select_option("[name=paper]", "label")
    page.click("button[type=submit]")
    expect(page.locator("h1")).to_have_text("报到成功", timeout=30_000)  # by the camera alone
    expect(page.locator(".kiosk__name")).to_contain_text(name)
    expect(page.get_by_role("alert")).to_contain_text("报到成功")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert violations(page) == []
    shoot(page, "kiosk-200")
    page.evaluate("document.documentElement.style.fontSize = ''")
    sheet = page.pdf(prefer_css_page_size=True)
    if shots := os.environ.get("EDUFORUM_SHOTS"):
        (Path(shots) / "label.pdf").write_bytes(sheet)
    assert re.search(rb"/MediaBox \[0 0 22[67]\.\d+ 14[12]\.\d+\]", sheet)  # 80 × 50 mm
    assert sheet.count(b"/Type /Page\n") + sheet.count(b"/Type /Page ") <= 1
    assert complaints == []
    browser.close()


def test_a_walk_in_on_a_phone_gets_a_ticket_that_opens_the_door(
    chromium: Browser, site: Site, server: Server
) -> None:
    office = desk(chromium, site)
    office.goto(f"/desk/s/{SERIES}/walk-ins/categories")
    for box in office.locator("[name=categories]").all():
        box.check()
    office.click("main form button[type=submit]")
    context = open_context(chromium, site)
    phone = context.new_page()
    complaints = complaints_of(phone)
    phone.goto("/door/")
    phone.fill("#enrol-code", enrol_code(chromium, site))
    phone.fill("#enrol-name", "B 门")
    phone.click("#enrol-form button[type=submit]")
    phone.locator("#points button", has_text="报到").first.click()
    phone.click("#open-walkin")
    name = f"样本{uuid4().hex[:4]}"
    phone.fill("#walkin-name", name)
    phone.click("#walkin-send")
    expect(phone.locator("#walkin-error")).to_contain_text("同意")
    phone.check("#walkin-told")
    assert violations(phone) == []
    phone.click("#walkin-send")
    expect(phone.locator("#walkin-who")).to_have_text(name)
    assert violations(phone) == []
    phone.click("#walkin-in")
    expect(phone.locator("#verdict")).to_have_class(re.compile("verdict--ok"), timeout=15_000)
    expect(phone.locator("#name")).to_have_text(name)
    assert complaints == []
    context.close()
    office.context.close()


def test_a_walk_in_without_a_network_is_registered_when_it_is_back(
    chromium: Browser, site: Site, server: Server, phones: list[BrowserContext]
) -> None:
    office = desk(chromium, site)
    office.goto(f"/desk/s/{SERIES}/walk-ins/categories")
    for box in office.locator("[name=categories]").all():
        box.check()
    office.click("main form button[type=submit]")
    gate = enrolled(phones, chromium, site, "H 门")
    other = enrolled(phones, chromium, site, "I 门")
    complaints = complaints_of(gate)
    wait_for(lambda: True if kept(gate, "ahead") else None)
    name, mobile = f"样本{uuid4().hex[:4]}", f"139{uuid4().int % 10**8:08}"
    for page in (gate, other):
        page.context.set_offline(True)
    gate.reload()  # cold: the phone was restarted in flight mode
    expect(gate.locator("#scan")).to_be_visible()

    def take_down(mobile: str) -> None:
        gate.click("#open-walkin")
        gate.fill("#walkin-name", name)
        gate.fill("#walkin-mobile", mobile)
        gate.select_option("#walkin-category", "observer")
        gate.check("#walkin-told")
        gate.click("#walkin-send")

    take_down(mobile)
    expect(gate.locator("#walkin-who")).to_have_text(name)
    expect(gate.locator("#walkin-provisional")).to_be_visible()
    assert violations(gate) == []
    shoot(gate, "walkin-offline")
    ticket = read_qr(gate)
    gate.click("#walkin-in")
    expect_verdict(gate, "ok", "请进，已报到", name)
    expect(gate.locator("#net-unsent")).to_have_text("待上传 2")
    go_on(gate)
    use_scanner(other, ticket)
    expect_verdict(other, "wait", "请进，临时证")
    assert violations(other) == []
    shoot(other, "walkin-provisional")
    go_on(other)
    use_scanner(other, ticket)
    expect_verdict(other, "wait", "已报到过")
    take_down(mobile)
    expect(gate.locator("#walkin-same button")).to_have_count(1)  # he is known here already
    gate.check("#walkin-another")
    gate.click("#walkin-send")
    expect(gate.locator("#walkin-who")).to_have_text(name)
    gate.keyboard.press("Escape")

    for page in (gate, other):
        page.context.set_offline(False)
    expect(gate.locator("#net-unsent")).to_have_text("", timeout=20_000)
    expect(other.locator("#net-unsent")).to_have_text("", timeout=20_000)
    expect(gate.locator("#alarm")).to_contain_text(name, timeout=15_000)  # let in at both gates
    office.goto(f"/desk/s/{SERIES}/registrations?q={name}")
    expect(office.locator("main")).to_contain_text("已确认")
    office.goto(f"/desk/s/{SERIES}/walk-ins/reconcile")
    assert violations(office) == []
    office.locator("li", has_text="本人已报名").get_by_role("link", name=name).click()
    assert violations(office) == []
    shoot(office, "walkin-decide")
    office.locator("li", has_text=name).get_by_role("button").click()
    expect(office.locator("main")).to_contain_text("已并入")
    shoot(office, "walkin-reconcile")
    go_on_if_asked(other)
    use_scanner(other, ticket)
    expect_verdict(other, "bad", "此证已作废")  # the later one took its place
    assert complaints == []
    office.context.close()


def shoot(page: Page, name: str) -> None:
    if shots := os.environ.get("EDUFORUM_SHOTS"):
        page.screenshot(path=f"{shots}/{name}.png", full_page=True)


def read_qr(page: Page) -> str:
    """What a camera would read from the ticket on the screen."""
    picture = Image.open(BytesIO(page.locator("#walkin-qr").screenshot()))
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)


def go_on_if_asked(page: Page) -> None:
    if page.locator("#answer").is_visible():
        go_on(page)


def test_the_code_of_a_screen_checks_in_whoever_opened_their_page(
    chromium: Browser, site: Site, server: Server
) -> None:
    office = desk(chromium, site)
    office.goto(f"/desk/s/{SERIES}/screens")
    office.select_option("[name=event]", "topics")
    point = office.locator("[name=point] option").nth(1).get_attribute("value")
    office.select_option("[name=point]", point)
    office.click("main form button[type=submit]")
    link = office.locator(".link-text").first.inner_text()
    screen_context = open_context(chromium, site, viewport={"width": 1920, "height": 1080})
    screen = screen_context.new_page()
    complaints = complaints_of(screen)
    screen.goto(link[link.index("/screen/") :])
    first = screen.locator("[data-code]").get_attribute("src")
    assert violations(screen) == []
    expect(screen.locator("[data-code]")).not_to_have_attribute("src", first or "", timeout=60_000)
    assert screen.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
    screen_context.set_offline(True)
    expect(screen.locator("#state")).to_contain_text("网络中断", timeout=90_000)
    expect(screen.locator("[data-code]")).to_be_hidden(timeout=60_000)
    screen_context.set_offline(False)
    expect(screen.locator("#state")).to_be_hidden(timeout=60_000)
    expect(screen.locator("[data-code]")).to_be_visible(timeout=60_000)
    assert complaints == []
    screen_context.close()
    office.context.close()
