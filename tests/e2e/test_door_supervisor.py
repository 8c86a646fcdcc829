"""A gate with a supervisor: fifty scans without a network, letting pass, taking back; updates wait."""

import os
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import DESKTOP, Site, open_context, sign_in
from tests.e2e.test_accessibility import violations
from tests.e2e.test_door_offline import (
    Server,
    expect_verdict,
    go_on,
    ready_for_the_day,
    use_scanner,
)
from tests.e2e.test_main_road import SERIES, wait_for
from tests.running import command

PLACE, GATE = "主管测试门", "西门"
SCANS = 50


@pytest.fixture(scope="module")
def server(site: Site) -> Server:
    scopes = [word for scope in ("manage", "read", "door") for word in ("--scope", scope)]
    printed = command(site.server.env, "tokens", "add", *scopes, "--series", SERIES)
    token = re.search(r"\bef\w_\S+", printed)
    assert token, printed
    return Server(site, token[0])


@pytest.fixture
def phones(chromium: Browser, site: Site) -> Iterator[list[BrowserContext]]:
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


def code_for(chromium: Browser, site: Site, button: str) -> str:
    desk = open_context(chromium, site, viewport=DESKTOP).new_page()
    sign_in(desk, site)
    desk.goto(f"/desk/s/{SERIES}/checkin")
    desk.get_by_role("button", name=button, exact=True).click()
    code = desk.locator("#enrol-code").inner_text().replace(" ", "")
    desk.context.close()
    return code


def at_the_gate(phones: list[BrowserContext], chromium: Browser, site: Site, button: str) -> Page:
    """A phone at the western gate, with everything it needs for a day without a network."""
    context = open_context(chromium, site)
    phones.append(context)
    page = context.new_page()
    page.goto("/door/")
    page.fill("#enrol-code", code_for(chromium, site, button))
    page.fill("#enrol-name", button)
    page.click("#enrol-form button[type=submit]")
    page.locator("#points button", has_text=PLACE).click()
    page.locator("#gates button", has_text=GATE).click()
    expect(page.locator("#point-name")).to_have_text(f"{PLACE} · {GATE}")
    ready_for_the_day(page)
    expect(page.locator("#torch")).to_be_hidden()  # no camera here, so no torch
    expect(page.locator("#cam-note")).to_contain_text("未能打开摄像头")
    return page


def make_point(server: Server) -> str:
    made = server.call("POST", f"/series/{SERIES}/points", {
        "name": {"zh": PLACE, "en": "Supervisor's gate"}, "kind": "session", "repeat": "once",
        "events": ["topics"], "gates": ["东门", GATE],
    })  # fmt: skip
    return str(made["id"])


def elsewhere(server: Server, name: str) -> str:
    """The ticket of somebody who comes to another event."""
    made = server.call("POST", f"/series/{SERIES}/registrations", {
        "name": name, "category": "observer", "events": ["basic-education-forum"],
        "email": f"{random.randrange(10**9)}@example.org", "consents": ["privacy"],
    })  # fmt: skip
    return str(server.call("GET", f"/registrations/{made['id']}")["ticket"])


def test_fifty_scans_without_a_network_and_a_supervisor(
    chromium: Browser, site: Site, server: Server, phones: list[BrowserContext]
) -> None:
    point = make_point(server)
    names = ("钱一", "钱二", "钱三", "钱四")
    people = {name: server.person(name) for name in names}
    server.call("POST", f"/registrations/{people['钱四'][0]}/cancel", {"reason": "样本"})
    texts = {name: text for name, (_, text) in people.items()}
    texts["孙五"] = elsewhere(server, "孙五")
    forged = texts["钱一"][:-9] + ("A" if texts["钱一"][-9] != "A" else "B") + texts["钱一"][-8:]
    codes = {**texts, "伪造": forged, "杂物": "EDUFORUMPARKING42"}
    page = at_the_gate(phones, chromium, site, "登记设备")
    page.context.set_offline(True)
    page.reload()  # cold: the phone was restarted; its gate is known still
    expect(page.locator("#point-name")).to_have_text(f"{PLACE} · {GATE}")

    chance, inside = random.Random(5), set[str]()
    order = [*codes, *chance.choices(list(codes), k=SCANS - len(codes))]
    for number, name in enumerate(order, 1):
        use_scanner(page, codes[name])
        expect_verdict(page, *expected(name, inside))
        expect(page.locator("#net-unsent")).to_have_text(f"待上传 {number}")
        if name == "孙五":
            expect(page.locator("#override")).to_be_hidden()
            expect(page.locator("#ask-supervisor")).to_be_visible()
        go_on(page)
    page.context.set_offline(False)
    wait_for(lambda: True if page.locator("#net-unsent").inner_text() == "" else None)
    bundle = server.call("GET", f"/points/{point}/bundle")
    assert bundle["point"]["admitted"] == 3
    assert admitted(server, bundle, point) == sorted(inside)

    boss = at_the_gate(phones, chromium, site, "登记主管设备")
    boss.context.set_offline(True)
    use_scanner(boss, codes["孙五"])
    expect_verdict(boss, "bad", "不含此处", "孙五")
    boss.click("#override")
    boss.fill("#reason", "临时调整会场")
    boss.click("#reason-form button")
    expect_verdict(boss, "ok", "请进，已签到", "孙五")
    go_on(boss)
    boss.click("#open-recent")
    assert violations(boss) == []
    shoot(boss, "door-recent")
    boss.locator("#recent button", has_text="钱二").click()
    expect(boss.locator("#recent-note")).to_contain_text("撤销 钱二")
    boss.click("#recent-undo")
    expect_verdict(boss, "ok", "已撤销", "钱二")
    go_on(boss)
    boss.context.set_offline(False)
    there = sorted([*inside - {"钱二"}, "孙五"])
    wait_for(
        lambda: (
            True
            if admitted(server, server.call("GET", f"/points/{point}/bundle"), point) == there
            else None
        )
    )
    the_desk_tells_it(chromium, site)
    an_update_waits(page, texts["钱二"])


def expected(name: str, inside: set[str]) -> tuple[str, str]:
    """Tone and word of a scan at this gate."""
    if name in ("钱四", "孙五", "伪造", "杂物"):
        words = {
            "钱四": "报名已取消",
            "孙五": "不含此处",
            "伪造": "证件系伪造",
            "杂物": "不是参会证",
        }
        return "bad", words[name]
    if name in inside:
        return "wait", "已签到过"
    inside.add(name)
    return "ok", "请进，已签到"


def admitted(server: Server, bundle: dict[str, Any], point: str) -> list[str]:
    """Names of those whom the server holds to be in, by the facts that it gives to devices."""
    people = {line["serial"]: line["name"] for line in bundle["roster"]}
    moves = [move for move in bundle["admissions"] if move["point"] == point]
    undone = {move["undoes"] for move in moves}
    return sorted(
        people[move["serial"]]
        for move in moves
        if move["verdict"] == "admitted" and move["id"] not in undone
    )


def the_desk_tells_it(chromium: Browser, site: Site) -> None:
    desk = open_context(chromium, site, viewport=DESKTOP).new_page()
    sign_in(desk, site)
    desk.goto(f"/desk/s/{SERIES}/checkin")
    row = desk.locator("tr", has_text="临时调整会场")
    expect(row).to_contain_text("登记主管设备")
    expect(row).to_contain_text(f"{PLACE}，{GATE}")
    for path in ("inside?place=all", "gates", "incidents", "incidents?list=strays", "simulate"):
        desk.goto(f"/desk/s/{SERIES}/checkin/{path}")
        assert violations(desk) == []
        shoot(desk, path.partition("?")[0])
    desk.context.close()


def an_update_waits(page: Page, text: str) -> None:
    """A new version is there; it takes over once everything is sent and nobody scans."""
    page.context.route("**/api/**", lambda route: route.abort())
    use_scanner(page, text)
    expect(page.locator("#net-unsent")).to_have_text("待上传 1")
    go_on(page)
    page.evaluate("window.before = true")
    page.evaluate(
        """async () => {
          const found = await navigator.serviceWorker.register("/door/sw.js?next", { scope: "/door/" });
          while (!found.waiting) await new Promise((done) => setTimeout(done, 50));
        }"""
    )
    page.click("#change-point")
    expect(page.locator("#update-note")).to_be_visible()
    assert page.evaluate("window.before") is True
    page.context.unroute("**/api/**")
    page.click("#retry")
    expect(page.locator("#net-unsent")).to_have_text("")
    assert page.evaluate("window.before") is True
    page.locator("#points button", has_text=PLACE).click()
    page.locator("#gates button", has_text=GATE).click()
    page.click("#change-point")
    page.wait_for_function("() => window.before === undefined")  # it has loaded itself anew


def shoot(page: Page, name: str) -> None:
    if shots := os.environ.get("EDUFORUM_SHOTS"):
        page.screenshot(path=f"{shots}/{name}.png", full_page=True)
