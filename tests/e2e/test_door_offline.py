"""A day at the door with a network that fails: cold start, scans, and one truth in the end."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.e2e.conftest import DESKTOP, Site, complaints_of, open_context, sign_in
from tests.e2e.test_accessibility import violations
from tests.e2e.test_main_road import SERIES, enrol_code, wait_for
from tests.running import command

ARRIVAL = "报到"


@dataclass(frozen=True)
class Server:
    """The API, as a program with a token uses it."""

    site: Site
    token: str

    def call(self, method: str, path: str, body: Any = None) -> Any:
        request = Request(
            f"{self.site.url}/api/v1{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "Idempotency-Key": str(uuid4()),
            },
        )
        with urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")

    def person(self, name: str) -> tuple[str, str]:
        """Somebody who is coming: his registration and the text of his ticket."""
        made = self.call(
            "POST",
            f"/series/{SERIES}/registrations",
            {
                "name": name,
                "category": "observer",
                "events": ["topics"],
                "mobile": f"139{uuid4().int % 10**8:08}",
                "consents": ["privacy"],
            },
        )
        whole = self.call("GET", f"/registrations/{made['id']}")
        return made["id"], whole["ticket"]

    def arrived(self) -> int:
        points = self.call("GET", f"/series/{SERIES}/points")["items"]
        return sum(point["admitted"] for point in points if point["kind"] == "arrival")


@pytest.fixture(scope="module")
def server(site: Site) -> Server:
    printed = command(
        site.server.env, "tokens", "add", "--scope", "manage", "--scope", "read", "--series", SERIES
    )
    token = re.search(r"\beft?_\S+|\bef\w_\S+", printed)
    assert token, printed
    return Server(site, token[0])


@pytest.fixture
def phones(chromium: Browser, site: Site) -> Iterator[list[BrowserContext]]:
    """Phones of volunteers; closed after the test, which fails on any script error."""
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


def enrolled(phones: list[BrowserContext], chromium: Browser, site: Site, name: str) -> Page:
    """A phone at the arrival desk, with everything it needs for a day without a network."""
    context = open_context(chromium, site)
    phones.append(context)
    page = context.new_page()
    page.goto("/door/")
    page.fill("#enrol-code", enrol_code(chromium, site))
    page.fill("#enrol-name", name)
    page.click("#enrol-form button[type=submit]")
    page.locator("#points button", has_text=ARRIVAL).click()
    expect(page.locator("#scan")).to_be_visible()
    ready_for_the_day(page)
    return page


def ready_for_the_day(page: Page) -> None:
    """Wait until the app itself and the list of people are on the device."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    wait_for(lambda: True if kept(page, "position") else None)


def kept(page: Page, name: str) -> Any:
    """What the device keeps under `name`."""
    return page.evaluate(
        """(name) => new Promise((done) => {
          const opening = indexedDB.open("eduforum-door");
          opening.onsuccess = () => {
            const asked = opening.result.transaction("meta").objectStore("meta").get(name);
            asked.onsuccess = () => { opening.result.close(); done(asked.result ?? null); };
          };
        })""",
        name,
    )


def use_scanner(page: Page, text: str) -> None:
    """A keyboard scanner: all letters at once, then Enter."""
    page.keyboard.insert_text("")  # the page has the focus
    for letter in text:
        page.keyboard.press(letter if letter.isascii() and letter.isalnum() else "x")
    page.keyboard.press("Enter")


def expect_verdict(page: Page, tone: str, words: str, name: str = "") -> None:
    expect(page.locator("#verdict")).to_have_class(re.compile(f"verdict--{tone}"))
    expect(page.locator("#word")).to_have_text(words)
    if name:
        expect(page.locator("#name")).to_have_text(name)


def go_on(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(page.locator("#scan")).to_be_visible()


def test_a_day_without_a_network(
    chromium: Browser, site: Site, server: Server, phones: list[BrowserContext]
) -> None:
    people = {name: server.person(name) for name in ("林知夏", "单若谷", "查云帆", "解星河")}
    server.call("POST", f"/registrations/{people['查云帆'][0]}/cancel", {"reason": "样本"})
    before = server.arrived()
    page = enrolled(phones, chromium, site, "A 门")
    complaints = complaints_of(page)
    page.context.set_offline(True)
    page.reload()  # cold: the phone was restarted in flight mode
    expect(page.locator("#scan")).to_be_visible()
    expect(page.locator("#net-state")).to_contain_text("离线")

    use_scanner(page, people["林知夏"][1])
    expect_verdict(page, "ok", "请进，已报到", "林知夏")
    expect(page.locator("#net-unsent")).to_have_text("待上传 1")
    go_on(page)
    use_scanner(page, people["林知夏"][1])
    expect_verdict(page, "wait", "已报到过", "林知夏")
    go_on(page)
    use_scanner(page, people["查云帆"][1])
    expect_verdict(page, "bad", "报名已取消")
    go_on(page)
    text = people["林知夏"][1]
    use_scanner(page, text[:60] + ("A" if text[60] != "A" else "B") + text[61:])
    expect_verdict(page, "bad", "证件系伪造")
    go_on(page)
    page.click("#open-search")
    page.fill("#q", "shanruogu")
    page.locator("#found button", has_text="单若谷").click()
    expect_verdict(page, "ok", "请进，已报到", "单若谷")
    go_on(page)
    _, late = server.person("朴一舟")  # registered while the phone was cut off
    use_scanner(page, late)
    expect_verdict(page, "ok", "请进，已报到")
    page.reload()  # what was scanned survives another restart
    expect(page.locator("#net-unsent")).to_have_text("待上传 6")
    expect(page.locator("#scan")).to_be_visible()
    use_scanner(page, people["单若谷"][1])
    expect_verdict(page, "wait", "已报到过")
    assert server.arrived() == before

    page.context.set_offline(False)
    wait_for(lambda: True if server.arrived() == before + 3 else None)
    expect(page.locator("#net-unsent")).to_have_text("")
    expect(page.locator("#net-state")).to_have_text("在线")
    go_on(page)
    use_scanner(page, people["解星河"][1])
    expect_verdict(page, "ok", "请进，已报到", "解星河")
    assert complaints == []


def test_two_cut_off_gates_that_let_in_one_ticket_both_learn_of_it(
    chromium: Browser, site: Site, server: Server, phones: list[BrowserContext]
) -> None:
    _, text = server.person("曾一诺")
    gates = [enrolled(phones, chromium, site, name) for name in ("F 门", "G 门")]
    for page in gates:
        page.context.set_offline(True)
        use_scanner(page, text)
        expect_verdict(page, "ok", "请进，已报到", "曾一诺")
    for page in gates:
        page.context.set_offline(False)
    for page in gates:
        expect(page.locator("#alarm-list li")).to_have_count(1, timeout=10_000)
        alarm = page.locator("#alarm")
        expect(alarm).to_contain_text("一证重复入场 · 曾一诺")
        expect(alarm).to_contain_text("本机")
        assert violations(page) == []
    expect(gates[0].locator("#alarm")).to_contain_text("（G 门）")
    expect(gates[1].locator("#alarm")).to_contain_text("（F 门）")
    gates[0].click("#alarm-seen")
    expect(gates[0].locator("#alarm")).to_be_hidden()
    desk = open_context(chromium, site, viewport=DESKTOP).new_page()
    sign_in(desk, site)
    desk.goto(f"/desk/s/{SERIES}/checkin/incidents")
    one = desk.locator("li", has_text="曾一诺")
    one.locator("summary").click()
    assert violations(desk) == []
    if shots := os.environ.get("EDUFORUM_SHOTS"):
        desk.screenshot(path=f"{shots}/incidents.png")
        gates[1].screenshot(path=f"{shots}/alarm.png")
    one.locator("[name=note]").fill("同行二人共用一证，已劝离")
    one.locator("button[type=submit]").click()
    expect(desk.locator("li", has_text="曾一诺")).to_contain_text("同行二人共用一证，已劝离")
    desk.context.close()
    expect(gates[1].locator("#alarm")).to_be_hidden(timeout=15_000)


def test_a_network_that_wants_a_sign_in_is_no_network(
    chromium: Browser, site: Site, server: Server, phones: list[BrowserContext]
) -> None:
    _, text = server.person("区子墨")
    page = enrolled(phones, chromium, site, "B 门")
    before = server.arrived()
    page.context.route(
        "**/api/**", lambda route: route.fulfill(status=200, body="<html>请登录</html>")
    )
    use_scanner(page, text)
    expect_verdict(page, "ok", "请进，已报到", "区子墨")
    expect(page.locator("#net-state")).to_contain_text("网络要求登录")
    page.context.unroute("**/api/**")
    wait_for(lambda: True if server.arrived() == before + 1 else None)
    expect(page.locator("#net-state")).to_have_text("在线")


def test_two_tabs_cannot_both_scan(
    chromium: Browser, site: Site, phones: list[BrowserContext]
) -> None:
    page = enrolled(phones, chromium, site, "C 门")
    second = page.context.new_page()
    second.goto("/door/")
    expect(second.locator("#elsewhere")).to_be_visible()
    second.click("#take-over")
    expect(second.locator("#scan")).to_be_visible()
    expect(page.locator("#elsewhere")).to_be_visible()


def test_a_device_that_is_shut_out_keeps_what_it_has_not_sent(
    chromium: Browser, site: Site, server: Server, phones: list[BrowserContext], tmp_path: Path
) -> None:
    _, text = server.person("翟望舒")
    page = enrolled(phones, chromium, site, "D 门")
    page.context.set_offline(True)
    use_scanner(page, text)
    expect_verdict(page, "ok", "请进，已报到", "翟望舒")
    shut_out(chromium, site, "D 门")
    page.context.set_offline(False)
    expect(page.locator("#shut")).to_be_visible(timeout=20_000)
    with page.expect_download() as download:
        page.click("#shut-export")
    download.value.save_as(tmp_path / "scans.json")
    saved = json.loads((tmp_path / "scans.json").read_text())
    assert [scan["code"] for scan in saved["scans"]] == [text]
    page.click("#shut-forget")
    expect(page.locator("#enrol")).to_be_visible()
    assert kept(page, "device") is None


def test_where_nothing_can_be_kept_nothing_is_green_without_the_server(
    chromium: Browser, site: Site, server: Server, phones: list[BrowserContext]
) -> None:
    _, text = server.person("解语花")
    context = open_context(chromium, site)
    phones.append(context)
    context.add_init_script("IDBFactory.prototype.open = () => { throw new Error('refused'); };")
    page = context.new_page()
    page.goto("/door/")
    page.fill("#enrol-code", enrol_code(chromium, site))
    page.click("#enrol-form button[type=submit]")
    expect(page.locator("#storage-note")).to_contain_text("断网时无法签到")
    page.locator("#points button", has_text=ARRIVAL).click()
    expect(page.locator("#scan")).to_be_visible()
    context.set_offline(True)
    use_scanner(page, text)
    expect_verdict(page, "bad", "未收到答复")
    context.set_offline(False)
    page.click("#again")
    expect_verdict(page, "ok", "请进，已报到", "解语花")

    go_on(page)
    _, second = server.person("卜知秋")

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    context.route("**/scans", lose_the_answer)
    use_scanner(page, second)
    expect_verdict(page, "bad", "未收到答复")
    context.unroute("**/scans")
    page.click("#again")  # the server has it already: the same scan, not one more
    expect_verdict(page, "ok", "请进，已报到", "卜知秋")


def shut_out(chromium: Browser, site: Site, name: str) -> None:
    desk = open_context(chromium, site, viewport=DESKTOP).new_page()
    sign_in(desk, site)
    desk.goto(f"/desk/s/{SERIES}/checkin")
    desk.locator("li", has_text=name).get_by_role("button", name="停用").click()
    desk.locator("dialog[open] button[type=submit]").click()
    desk.context.close()
