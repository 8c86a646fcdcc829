"""One server with the sample series, one SMTP server and one browser for all these tests."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests import needs
from tests.running import Server, environment, free_port, running

PHONE = {"width": 375, "height": 812}
DESKTOP = {"width": 1440, "height": 900}
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--no-first-run"]  # fmt: skip


@pytest.fixture
def clock() -> None:
    """The server and the browser run on the machine's own time; nothing is stopped here."""


@dataclass
class Mailbox:
    """What arrived at the SMTP server."""

    letters: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [letter for letter in self.letters if address in str(letter["To"])]


@dataclass(frozen=True)
class Site:
    """A running site: its address, its first administrator and its mail."""

    url: str
    password: str
    mailbox: Mailbox
    server: Server


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The server as `make run` starts it, with the sample series, sending real mail."""
    mailbox = Mailbox()
    smtp = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    smtp.start()
    folder = tmp_path_factory.mktemp("site")
    env = environment(
        folder,
        EDUFORUM_MAIL_SERVER="127.0.0.1",
        EDUFORUM_MAIL_PORT=str(smtp.port),
        EDUFORUM_MAIL_USE_TLS="false",
    )
    with running(env) as server:
        password = (Path(folder) / "admin_password").read_text().strip()
        yield Site(f"http://127.0.0.1:{server.port}", password, mailbox, server)
    smtp.stop()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        needs.require_or_skip("browser", "no chromium on PATH")
    return path


@pytest.fixture(scope="session")
def playwright(chromium_path: str) -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium_path, args=QUIET)
    yield browser
    browser.close()


def open_context(browser: Browser, site: Site, **options: Any) -> BrowserContext:
    """A fresh browser profile in Chinese at phone size, unless told otherwise."""
    given: dict[str, Any] = {"locale": "zh-CN", "viewport": PHONE, "base_url": site.url}
    return browser.new_context(**(given | options))


@pytest.fixture
def phone(chromium: Browser, site: Site) -> Iterator[Page]:
    """A phone: fails the test on a script error or a refused resource."""
    context = open_context(chromium, site)
    page = context.new_page()
    complaints = complaints_of(page)
    yield page
    context.close()
    assert complaints == []


def complaints_of(page: Page) -> list[str]:
    """Script errors and refusals by the content security policy, as they happen."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "console",
        lambda line: (
            found.append(line.text)
            if line.type == "error" and re.search("Security Policy|Uncaught", line.text)
            else None
        ),
    )
    return found


def sign_in(page: Page, site: Site) -> None:
    """Sign in as the first administrator."""
    page.goto("/desk/sign-in")
    page.fill("[name=email]", "admin@localhost")
    page.fill("[name=password]", site.password)
    page.click("main form button[type=submit], main form button:not([type])")
    page.wait_for_url("**/desk/**")
