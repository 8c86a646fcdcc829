"""From a phone that registers to a camera that admits: the main road as people walk it."""

import re
import time
from collections.abc import Callable
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import TypeVar

import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.e2e.conftest import DESKTOP, QUIET, Site, complaints_of, open_context, sign_in

SERIES = "jjj-2024"
NAME, ADDRESS = "林知夏", "linzhixia@example.org"
T = TypeVar("T")


def test_from_a_phone_to_the_camera_at_the_door(
    phone: Page,
    site: Site,
    chromium: Browser,
    playwright: Playwright,
    chromium_path: str,
    tmp_path: Path,
) -> None:
    register(phone)
    expect(phone.locator(".pass img")).to_be_visible()
    page_code = phone.locator(".pass__code b").inner_text().replace(" ", "")

    letter = wait_for(lambda: next(iter(site.mailbox.to(ADDRESS)), None))
    text_part, qr = letter.get_body(("plain",)), inline_png(letter)
    assert text_part is not None
    text = text_part.get_content()
    assert NAME in text
    assert page_code in text.replace(" ", "")
    assert [part.get_filename() for part in letter.iter_attachments()] == ["schedule.ics"]

    link = re.search(rf"{re.escape(site.url)}/r/\S+", text)
    assert link
    phone.goto(link[0])
    expect(phone.locator(".pass__name")).to_have_text(re.compile(NAME))
    found = zxingcpp.read_barcode(Image.open(qr))
    assert found is not None
    assert found.text.startswith("EV1")

    code = enrol_code(chromium, site)
    film = tmp_path / "door.y4m"
    film_of(qr, film)
    door = playwright.chromium.launch(
        executable_path=chromium_path,
        args=[
            *QUIET,
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ],
    )
    page = open_context(door, site, permissions=["camera"]).new_page()
    complaints = complaints_of(page)
    try:
        check_in(page, code)
    finally:
        door.close()
    assert complaints == []

    desk = open_context(chromium, site, viewport=DESKTOP).new_page()
    sign_in(desk, site)
    desk.goto(f"/desk/s/{SERIES}/checkin")
    expect(desk.locator("main")).to_contain_text(NAME)
    desk.context.close()


def register(
    page: Page, *, name: str = NAME, address: str = ADDRESS, mobile: str = "13900000123"
) -> None:
    """Walk the four steps at phone size, with a slip on the way."""
    page.goto(f"/s/{SERIES}/register")
    page.check("#category-observer")
    go_on(page)
    page.check("#event-topics")
    page.check("#event-vocational-education-forum")
    go_on(page)
    page.fill("[name=name]", name)
    page.fill("[name=organisation]", "天津一中")
    page.fill("[name=position]", "教师")
    page.fill("[name=mobile]", mobile[:-1])
    go_on(page)
    expect(page.locator(".errors")).to_contain_text("11 位")
    assert page.input_value("[name=name]") == name
    page.fill("[name=mobile]", mobile)
    page.fill("[name=email]", address)
    go_on(page)
    expect(page.locator("main")).to_contain_text("天津市第一中学")
    page.check("#consent-privacy")
    page.click(".flow__acts .btn--go")
    page.wait_for_url("**/r/*")


def go_on(page: Page) -> None:
    page.click(".flow__acts .btn--go")


def enrol_code(chromium: Browser, site: Site) -> str:
    """What an organiser reads out for a new device."""
    desk = open_context(chromium, site, viewport=DESKTOP).new_page()
    sign_in(desk, site)
    desk.goto(f"/desk/s/{SERIES}/checkin")
    desk.click("form[action$='enrol-code'] button, form[action*=enrol] button")
    code = desk.locator("#enrol-code").inner_text().replace(" ", "")
    desk.context.close()
    return code


def check_in(page: Page, code: str) -> None:
    """Enrol, choose the arrival desk and let the camera see the ticket, twice."""
    page.goto("/door/")
    page.fill("#enrol-code", code)
    page.fill("#enrol-name", "A 门")
    page.click("#enrol-form button[type=submit]")
    page.locator("#points button, #points a").first.click()
    expect(page.locator("#verdict")).to_have_class(re.compile("verdict--ok"), timeout=30_000)
    expect(page.locator("#name")).to_have_text(re.compile(NAME))
    expect(page.locator("#verdict")).to_be_hidden(timeout=10_000)
    # A code that stays before the camera is read once. Afterwards the app is at its point again,
    # and may have judged the ticket before anybody looks.
    page.reload()
    expect(page.locator("#verdict")).to_have_class(re.compile("verdict--wait"), timeout=30_000)


def inline_png(letter: EmailMessage) -> BytesIO:
    """The QR that the letter shows."""
    png = next(part for part in letter.walk() if part.get_content_type() == "image/png")
    return BytesIO(png.get_content())


def film_of(picture: BytesIO, film: Path) -> None:
    """A film for Chromium's pretended camera (YUV4MPEG2): the QR held before a grey wall."""
    width, height = 640, 480
    frame = Image.new("L", (width, height), 128)
    code = Image.open(picture).convert("L").resize((400, 400), Image.Resampling.NEAREST)
    frame.paste(code, ((width - 400) // 2, (height - 400) // 2))
    colour = bytes([128]) * (width * height // 2)
    head = f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode()
    film.write_bytes(head + (b"FRAME\n" + frame.tobytes() + colour) * 10)


def wait_for(look: Callable[[], T | None], seconds: float = 20) -> T:
    """What `look` finds, as soon as it finds something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (found := look()) is not None:
            return found
        time.sleep(0.1)
    raise AssertionError("nothing came")
