"""Outlets apply on a phone and from abroad: one is asked for more, one is rejected and appeals; cards
are printed, handed out, lost and replaced, and tried at the doors."""

import json
import re
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.e2e.conftest import DESKTOP, Site, open_context, sign_in
from tests.e2e.test_accessibility import fits, violations
from tests.e2e.test_main_road import wait_for
from tests.files.uploads import PDF, picture
from tests.running import command

SERIES = "jjj-2024"
PDF_FILE: FilePayload = {"name": "派遣函.pdf", "mimeType": "application/pdf", "buffer": PDF}
PHOTO: FilePayload = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": picture(1200, 1000)}
PASSWORD = "样本密码，足够长的一句话"


def apply(page: Page, outlet: str, address: str, name: str, number: str) -> str:
    """From the first field to the receipt; returns the address of the application."""
    page.goto(f"/s/{SERIES}/press")
    page.fill("[name=outlet]", outlet)
    page.select_option("[name=outlet_type]", "local")
    page.fill("[name=focal_name]", "江晚照")
    page.fill("[name=focal_mobile]", "13800000456")
    page.fill("[name=focal_email]", address)
    page.click(".flow__acts .btn--go")
    page.wait_for_url("**/p/*")
    mine = page.url
    page.set_input_files("#letter-file", files=[PDF_FILE])
    page.click("#letter .upload__form button")
    expect(page.locator("#letter .upload")).to_contain_text("派遣函.pdf")
    page.click("#people .btn")
    page.fill("[name=name]", name)
    page.select_option("[name=role]", "photo")
    page.fill("[name=press_card]", "K00000021")
    page.select_option("[name=id_type]", "passport")
    page.fill("[name=id_number]", number)
    page.check("#event-signing")
    page.set_input_files("#photo", files=[PHOTO])
    expect(page.locator("dialog.crop")).to_be_visible()
    page.keyboard.press("ArrowRight")
    assert violations(page) == []
    page.click("dialog.crop .btn--go")
    expect(page.locator(".cropped")).to_be_visible()
    assert violations(page) == []
    assert fits(page)
    page.click("form .flow__acts .btn--go")
    expect(page.locator(".person .tag--ok")).to_be_visible()
    assert violations(page) == []
    assert fits(page)
    page.check("#agree_privacy")
    page.check("#agree_id")
    page.click("form[action$=submit] .btn--go")
    expect(page.locator("main")).to_contain_text("待审查")
    assert violations(page) == []
    return mine


def open_desk(page: Page, outlet: str) -> None:
    """The application of this outlet, whatever state it is in."""
    page.goto(f"/desk/s/{SERIES}/press?tab=all&q={outlet}")
    page.click(f"tbody a:has-text('{outlet}')")
    expect(page.locator("h1")).to_contain_text(outlet)


def test_asked_for_more_on_a_phone_and_approved(phone: Page, site: Site, chromium: Browser) -> None:
    outlet = "样本观察报"
    mine = apply(phone, outlet, "sample-press@example.org", "样本记者甲", "E00000101")

    desk = open_context(chromium, site, viewport=DESKTOP).new_page()
    sign_in(desk, site)
    desk.goto(f"/desk/s/{SERIES}/press")
    assert violations(desk) == []
    open_desk(desk, outlet)
    desk.click("form[action$='/screen'] button")
    expect(desk.locator(".flash--ok")).to_be_visible()
    desk.click("#ask > summary")
    desk.check("[id^=ask-photo-]")
    desk.fill("[id^=note-photo-]", "背景不是纯色")
    until = datetime.now(UTC) + timedelta(days=2)
    desk.fill("[name=answer_by]", f"{until:%Y-%m-%dT%H:%M}")
    assert violations(desk) == []
    desk.click("form[action$='/ask'] .btn--go")
    expect(desk.locator("h1 ~ .tag, .main__head .tag").first).to_contain_text("待补充")

    wait_for(
        lambda: next(
            (
                it
                for it in site.mailbox.to("sample-press@example.org")
                if "请补充采访申请材料" in str(it["Subject"])
            ),
            None,
        )
    )
    phone.goto(mine)
    phone.click(".note .btn--go")
    expect(phone.locator(".ask-item")).to_contain_text("背景不是纯色")
    assert violations(phone) == []
    assert fits(phone)
    phone.set_input_files("[id^=file-]", files=[PHOTO])
    phone.click("dialog.crop .btn--go")
    expect(phone.locator(".cropped")).to_be_visible()
    phone.click("form .flow__acts .btn--go")
    expect(phone.locator("main")).to_contain_text("审查中")

    open_desk(desk, outlet)
    expect(desk.locator(".changes").first).to_contain_text("照片")
    desk.select_option("[name=method]", "call_back")
    desk.click("form[action$='/verify_outlet'] .btn--go")
    desk.click("form[action$='/approve'] .btn--go")
    expect(desk.locator(".main__head .tag").first).to_contain_text("已通过")
    phone.reload()
    expect(phone.locator("main")).to_contain_text("可进入：")
    assert violations(phone) == []


def test_rejected_appealed_and_overturned_by_another_officer(
    phone: Page, site: Site, chromium: Browser
) -> None:
    outlet = "样本新声网"
    mine = apply(phone, outlet, "sample-appeal@example.org", "样本记者乙", "E00000102")
    first = open_context(chromium, site, viewport=DESKTOP).new_page()
    sign_in(first, site)
    open_desk(first, outlet)
    first.click("form[action$='/screen'] button")
    first.click("#reject > summary")
    first.select_option("[name=reason_code]", "letter")
    first.fill("#reject-note", "电话未接通")
    first.click("form[action$='/reject'] .btn--bad")
    expect(first.locator(".main__head .tag").first).to_contain_text("未通过")

    phone.goto(mine)
    expect(phone.locator("main")).to_contain_text("派遣函不符合要求")
    expect(phone.locator("main")).not_to_contain_text("电话未接通")
    phone.click("a[href$='/appeal']")
    phone.fill("[name=grounds]", "公章在派遣函第二页。")
    assert violations(phone) == []
    phone.click("form .btn--go")
    expect(phone.locator("main")).to_contain_text("复核中")
    open_desk(first, outlet)
    expect(first.locator("main")).to_contain_text("须由另一位媒体管理人员办理")
    expect(first.locator("#finding")).to_have_count(0)

    second = another_officer(first, site, chromium)
    open_desk(second, outlet)
    second.fill("#finding textarea", "公章确在第二页。")
    second.click("#finding button[value=overturn]")
    expect(second.locator(".main__head .tag").first).to_contain_text("复核改判")
    phone.goto(mine)
    expect(phone.locator("main")).to_contain_text("公章确在第二页。")
    second.select_option("[name=method]", "letter")
    second.click("form[action$='/verify_outlet'] .btn--go")
    second.check("[name^=zones-][value=C]")
    second.click("form[action$='/approve'] .btn--go")
    expect(second.locator(".main__head .tag").first).to_contain_text("已通过")
    open_desk(first, outlet)
    first.click("form[action$='/agree'] button")
    expect(first.locator("form[action$='/agree']")).to_have_count(0)
    zone_c_opens_tomorrow(first, "样本记者乙")
    gate = Gate.enrolled(site, zones=["C"])
    assert gate.verdict(ticket_of(site, "样本记者乙")) == "too_early"


def zone_c_opens_tomorrow(desk: Page, name: str) -> None:
    """A time at the stage, with this person in it."""
    desk.goto(f"/desk/s/{SERIES}/press/passes/pool")
    begin = datetime.now(UTC) + timedelta(days=1)
    desk.select_option("[name=event]", "signing")
    desk.fill("[name=starts_at]", f"{begin:%Y-%m-%dT%H:%M}")
    desk.fill("[name=ends_at]", f"{begin + timedelta(minutes=15):%Y-%m-%dT%H:%M}")
    desk.fill("[name=places]", "4")
    desk.fill("[name=meeting_zh]", "东门")
    desk.fill("[name=escort]", "样本引导员")
    desk.click("#new-t ~ form button[type=submit]")
    desk.check(f"label:has-text('{name}') input")
    assert violations(desk) == []
    desk.click("form:has(fieldset input:checked) button[type=submit]")
    expect(desk.locator("dl.kv").first).to_contain_text("1 / 4")


def test_from_abroad_to_a_card_that_is_replaced_and_refused_at_the_door(
    site: Site, chromium: Browser
) -> None:
    """In English on a desktop; printed, collected by proxy, lost, reissued; the old one is refused."""
    outlet = "Sample Harbour Ledger"
    page = open_context(chromium, site, viewport=DESKTOP, locale="en").new_page()
    page.goto(f"/s/{SERIES}/press?lang=en")
    page.fill("[name=outlet]", outlet)
    page.select_option("[name=outlet_type]", "foreign")
    page.fill("[name=focal_name]", "Sample Focal")
    page.fill("[name=focal_mobile]", "+33612345678")
    page.fill("[name=focal_email]", "sample-foreign@example.org")
    page.click(".flow__acts .btn--go")
    page.wait_for_url("**/p/*")
    for part in ("letter", "customs"):
        page.set_input_files(f"#{part}-file", files=[PDF_FILE])
        page.click(f"#{part} .upload__form button")
        expect(page.locator(f"#{part} .upload")).to_be_visible()
    for name, role, number in (
        ("Sample One", "text", "E00000201"),
        ("Sample Two", "camera", "E00000202"),
    ):
        page.click("#people .btn")
        page.fill("[name=name]", name)
        page.select_option("[name=role]", role)
        page.fill("[name=id_number]", number)
        page.fill("[name=nationality]", "Sampleland")
        page.select_option("[name=visa]", "j2")
        page.check("#event-signing")
        page.fill("[name='equipment-0-name']", "Camera")
        page.set_input_files("#photo", files=[PHOTO])
        page.click("dialog.crop .btn--go")
        expect(page.locator(".cropped")).to_be_visible()
        page.click("form .flow__acts .btn--go")
        expect(page.locator(".person .tag--ok").last).to_be_visible()
    assert violations(page) == []
    page.check("#agree_privacy")
    page.check("#agree_id")
    page.click("form[action$=submit] .btn--go")
    expect(page.locator("main")).to_contain_text("Received")

    desk = open_context(chromium, site, viewport=DESKTOP).new_page()
    sign_in(desk, site)
    open_desk(desk, outlet)
    desk.click("form[action$='/screen'] button")
    desk.select_option("[name=method]", "foreign_office")
    desk.click("form[action$='/verify_outlet'] .btn--go")
    desk.locator("[name^=zones-][value=C]").last.check()
    desk.click("form[action$='/approve'] .btn--go")
    expect(desk.locator(".main__head .tag").first).to_contain_text("已通过")

    def to_pass(name: str) -> None:
        desk.goto(f"/desk/s/{SERIES}/press/passes?q={name}")
        desk.click(f"tbody a:has-text('{name}')")
        expect(desk.locator("h1")).to_contain_text(name)

    desk.goto(f"/desk/s/{SERIES}/press/passes?q={outlet}")
    for box in desk.locator("[name=person]").all():
        box.check()
    desk.click("#chosen > p .btn")
    address = desk.locator("a[href$='cards.pdf']").first.get_attribute("href") or ""
    assert desk.request.get(address).body().startswith(b"%PDF-")
    to_pass("Sample One")
    desk.select_option("[name=id_type]", "passport")
    desk.fill("[name=id_last4]", "0201")
    desk.click("details.more > summary")
    desk.fill("[name=taken_by]", "Sample Focal")
    desk.check("[name=letter]")
    assert violations(desk) == []
    desk.click("form .sheet__acts .btn")
    expect(desk.locator(".main__head .tag").first).to_contain_text("已领证")

    old, gate = ticket_of(site, "Sample One"), Gate.enrolled(site, zones=[])
    assert gate.verdict(old) == "admitted"
    desk.click("form[action$='/lose'] button")
    expect(desk.locator(".main__head .tag").first).to_contain_text("已挂失")
    desk.click("form[action$='/reissue'] button")
    expect(desk.locator(".main__head .tag").first).to_contain_text("已补发")
    assert gate.verdict(old) == "revoked"
    assert gate.verdict(ticket_of(site, "Sample One")) == "admitted"
    page.reload()
    expect(page.locator("main")).to_contain_text("Reissued, to be printed")


@dataclass
class Gate:
    """A device at a point of its own, speaking as the door's app does."""

    url: str
    token: str
    point: str
    epoch: str = ""
    scans: int = 0

    @classmethod
    def enrolled(cls, site: Site, zones: list[str]) -> "Gate":
        said = command(site.server.env, "tokens", "add", "--scope", "manage", "--series", SERIES)
        token = re.search(r"\bef\w_\S+", said)
        code = re.search(
            r"type (\S+)", command(site.server.env, "devices", "enrol", "--series", SERIES)
        )
        assert token
        assert code
        gate = cls(f"{site.url}/api/v1", token[0], "")
        name = {"zh": "样本门", "en": "Sample gate"}
        body = {"name": name, "kind": "zone" if zones else "arrival", "zones": zones, "events": []}
        gate.point = gate.call("POST", f"/series/{SERIES}/points", body)["id"]
        gate.token = gate.call("POST", "/devices:enrol", {"code": code[1], "name": "样本设备"})[
            "token"
        ]
        gate.epoch = gate.call("GET", f"/points/{gate.point}/bundle")["epoch"]
        return gate

    def call(self, method: str, path: str, body: Any = None) -> Any:
        head = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json",
                "Idempotency-Key": str(uuid4())}  # fmt: skip
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}{path}", method=method, data=data, headers=head)
        with urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())

    def verdict(self, code: str) -> str:
        self.scans += 1
        now = datetime.now(UTC).isoformat()
        scan = {"id": str(uuid4()), "seq": self.scans, "code": code, "direction": "in", "scanned_at": now}  # fmt: skip
        body = {"epoch": self.epoch, "device_time": now, "scans": [scan]}
        return str(self.call("POST", f"/points/{self.point}/scans", body)["results"][0]["verdict"])


def ticket_of(site: Site, name: str) -> str:
    """What the QR on the last card of this person says."""
    with sqlite3.connect(Path(site.server.env["EDUFORUM_DATA_DIR"]) / "eduforum.sqlite3") as file:
        query = "SELECT text FROM tickets WHERE holder = ? ORDER BY id DESC"
        return str(file.execute(query, (name,)).fetchone()[0])


def another_officer(admin: Page, site: Site, chromium: Browser) -> Page:
    """A press officer of the series, invited by mail."""
    address = "press-officer@example.org"
    admin.goto(f"/desk/s/{SERIES}/settings/people")
    admin.fill("[name=email]", address)
    admin.check("[name=role][value=press_officer]")
    admin.click("fieldset#role ~ .flow__acts button, form:has(#role) .flow__acts button")
    letter = wait_for(lambda: next(iter(site.mailbox.to(address)), None))
    body = letter.get_body(("plain",))
    assert body is not None
    found = re.search(rf"{re.escape(site.url)}/\S+", body.get_content())
    assert found
    page = open_context(chromium, site, viewport=DESKTOP).new_page()
    page.goto(found[0])
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=again]", PASSWORD)
    page.click("form.sign button")
    page.goto("/desk/sign-in")
    page.fill("[name=email]", address)
    page.fill("[name=password]", PASSWORD)
    page.click("main form button[type=submit], main form button:not([type])")
    page.wait_for_url("**/desk/**")
    return page
