"""Pressed twice, cut off, gone back: in a real browser nobody is registered a second time.

The browser speaks to the server through a wire that can be cut after a form was sent and before its
answer is seen.
"""

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.e2e.conftest import QUIET
from tests.prove.harness import SERIES, CannotRun, Seen, say, site

DOUBLE, CUT, BACK = 200, 200, 100
_SEND = ".flow__acts .btn--go"
_ALREADY = ".done__sign--wait"


def run(engine: str, scale: float, faults: str) -> Seen:
    counts = [max(2, round(number * scale)) for number in (DOUBLE, CUT, BACK)]
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise CannotRun("there is no chromium")
    broken: list[str] = []
    with ExitStack() as stack:
        place = stack.enter_context(site(engine, faults=faults))
        place.start()
        wire = stack.enter_context(wire_to(place.port))
        started = stack.enter_context(sync_playwright())
        chromium = started.chromium.launch(executable_path=program, args=QUIET)
        stack.callback(chromium.close)
        people = _People(chromium, wire)
        ways = (people.press_twice, people.be_cut_off, people.go_back)
        for way, count in zip(ways, counts, strict=True):
            strange = sum(not way() for _ in range(count))
            say(f"    {way.__name__}: {count}, {strange} without their own page at the end")
            if strange:
                broken.append(f"{way.__name__}: {strange} of {count} did not see their own page")
        place.stop()
        second = len(place.ids("registrations")) - people.number
        broken += place.audit()
    if second:
        broken.append(f"{second} registrations more than people")
    figures = (
        f"{second} second registrations in {counts[0]} double clicks, {counts[1]} cut answers, "
        f"{counts[2]} ways back and again"
    )
    return Seen(figures, broken)


class Wire:
    """A listening port whose connections go on to the server; `cut` drops the next answer to a
    form."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.cut = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                browser, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.target))
                for one, other, asks in ((browser, server, True), (server, browser, False)):
                    threading.Thread(
                        target=self._carry, args=(one, other, asks), daemon=True
                    ).start()

    def _carry(self, one: socket.socket, other: socket.socket, asks: bool) -> None:
        """Carry bytes one way; the answer to a form that is to be cut never arrives."""
        with suppress(OSError):
            while data := one.recv(65536):
                if asks and self.cut.is_set() and data.startswith(b"POST "):
                    self.cut.clear()
                    self._drop(one, other, data)
                    return
                other.sendall(data)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _drop(browser: socket.socket, server: socket.socket, form: bytes) -> None:
        """Hand the form over on a connection of its own, wait for its answer, and show nothing."""
        head, _, body = form.partition(b"\r\n\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        missing = int(fields[b"content-length"]) - len(body)
        while missing > 0:
            more = browser.recv(missing)
            form, missing = form + more, missing - len(more)
        with socket.create_connection(server.getpeername()) as aside:
            aside.sendall(form)
            aside.recv(65536)
        browser.close()
        server.close()


@contextmanager
def wire_to(port: int) -> Iterator[Wire]:
    wire = Wire(port)
    threading.Thread(target=wire.serve, daemon=True).start()
    try:
        yield wire
    finally:
        wire.listener.close()


class _People:
    """Everybody has a phone of their own and registers once, in one of the bad ways."""

    def __init__(self, chromium: Browser, wire: Wire) -> None:
        self.chromium, self.wire = chromium, wire
        self.number = 0

    @contextmanager
    def at_the_last_step(self) -> Iterator[Page]:
        self.number += 1
        context = self.chromium.new_context(
            locale="zh-CN",
            viewport={"width": 375, "height": 812},
            base_url=f"http://127.0.0.1:{self.wire.port}",
        )
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.goto(f"/s/{SERIES}/register")
        self.fill_in(page)
        yield page
        context.close()

    def fill_in(self, page: Page) -> None:
        """From the first step to the last, whose button is not pressed yet."""
        page.check("#category-visitor")
        page.click(_SEND)
        page.check("#event-event-visitor")
        page.click(_SEND)
        page.fill("[name=name]", "林知夏")
        page.fill("[name=organisation]", "天津大学")
        page.fill("[name=mobile]", f"139{self.number:08}")
        page.click(_SEND)
        page.check("#consent-privacy")

    def press_twice(self) -> bool:
        with self.at_the_last_step() as page:
            with suppress(Error):
                page.dblclick(_SEND, no_wait_after=True)
            return _own_page(page)

    def be_cut_off(self) -> bool:
        with self.at_the_last_step() as page:
            self.wire.cut.set()
            with suppress(Error):
                page.click(_SEND)
                page.wait_for_url("**/r/*", timeout=1500)
            if "/r/" not in page.url:
                _try_again(page)
            return _own_page(page)

    def go_back(self) -> bool:
        """Back leads to the first step; whoever fills it in again is told of the first time."""
        with self.at_the_last_step() as page:
            page.click(_SEND)
            is_shown = _own_page(page)
            page.go_back()
            self.fill_in(page)
            with page.expect_navigation():
                page.click(_SEND)
            return is_shown and page.locator(_ALREADY).count() == 1


def _try_again(page: Page) -> None:
    """As people do: reload, or go back and press the button once more."""
    if not page.locator(_SEND).count():
        page.reload()
    if page.locator("#consent-privacy").count():
        page.check("#consent-privacy")
        page.click(_SEND)


def _own_page(page: Page) -> bool:
    try:
        page.wait_for_url("**/r/*", timeout=15_000)
    except Error:
        return False
    return page.locator(".pass__name").count() == 1
