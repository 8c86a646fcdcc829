"""A liaison's page with 200 people: shown, kept with a change in every row, submitted at once."""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from tests.bench.client import Request
from tests.bench.measuring import SERIES, Bench
from tests.bench.reads import cookies_of, csrf_token, form_on, once, sign_in

PEOPLE = 200
_FORM = "Content-Type: application/x-www-form-urlencoded"
_ROOT = f"/desk/s/{SERIES}/delegations"


def liaison(bench: Bench) -> None:
    """Made and filled in through the pages, as an organiser and a liaison do it."""
    page = Page(bench.server.port, _link(bench))
    page.send({"do": "paste", "paste_id": "bench", "pasted": _pasted()})
    bench.work("liaison's 200, page", lambda _: page.shown(), clients=1)
    saved = frozenset({303})
    bench.work("liaison's 200, saved", lambda _: page.saves(), clients=1, expected=saved)
    bench.work("liaison's 200, submitted", once(page.request({"do": "submit"})), clients=1,
               expected=saved)  # fmt: skip


class Page:
    """The page behind a liaison's link, with a browser's cookie."""

    def __init__(self, port: int, path: str) -> None:
        self.port, self.path = port, path
        text = self._open("")
        self._token = csrf_token(text)

    def _open(self, cookie: str) -> str:
        link = HTTPConnection("127.0.0.1", self.port)
        link.request("GET", self.path, headers={"Cookie": cookie.removeprefix("Cookie: ")})
        answer = link.getresponse()
        self.cookie = cookies_of(answer) or cookie
        return answer.read().decode()

    def request(self, fields: Mapping[str, str]) -> Request:
        body = urlencode({"csrf_token": self._token} | dict(fields)).encode()
        return Request("POST", self.path, body, (_FORM, self.cookie))

    def send(self, fields: Mapping[str, str]) -> None:
        asked = self.request(fields)
        link = HTTPConnection("127.0.0.1", self.port)
        head = dict(line.split(": ", 1) for line in asked.head)
        link.request("POST", self.path, asked.body, head)
        assert link.getresponse().status == 303

    def shown(self) -> Iterator[Request]:
        while True:
            yield Request("GET", self.path, head=(self.cookie,))

    def saves(self) -> Iterator[Request]:
        rows = re.findall(r'name="(r\d+)-id" value="([^"]+)"', self._open(self.cookie))
        assert len(rows) == PEOPLE, len(rows)
        for time in count(1):
            fields = {"do": "save"}
            for n, (row, key) in enumerate(rows):
                fields |= {f"{row}-{name}": value for name, value in _person(n).items()}
                fields |= {f"{row}-id": key, f"{row}-position": f"教师{time}"}
            yield self.request(fields)


def _person(n: int) -> dict[str, str]:
    return {"name": f"样本{chr(0x4E00 + n)}", "mobile": f"1390001{n:04d}", "slot1": "event-1"}


def _pasted() -> str:
    people = (_person(n) for n in range(PEOPLE))
    return "\n".join(f"{one['name']}\t教师\t{one['mobile']}\t论坛1" for one in people)


def _link(bench: Bench) -> str:
    """The address of a new delegation's page, as an organiser gets it to pass it on."""
    password = (Path(bench.server.env["EDUFORUM_DATA_DIR"]) / "admin_password").read_text()
    cookie = sign_in(bench.server, "admin@localhost", password)
    cookie, token = form_on(bench.server, f"{_ROOT}/new", cookie)
    head = {"Cookie": cookie.removeprefix("Cookie: ")} | dict([_FORM.split(": ")])
    given = {"csrf_token": token, "unit": "天津大学", "liaison_name": "江屿白",
             "liaison_mobile": "13900000001", "liaison_email": "liaison@example.org",
             "language": "zh-Hans", "q-any-any": str(PEOPLE)}  # fmt: skip
    link = HTTPConnection("127.0.0.1", bench.server.port)
    link.request("POST", f"{_ROOT}/new", urlencode(given).encode(), head)
    answer = link.getresponse()
    answer.read()
    assert answer.status == 303, answer.status
    place = answer.headers["Location"].partition("#")[0]
    link.request("POST", f"{place}/link", urlencode({"csrf_token": token}).encode(), head)
    found = re.search(r"(/d/[\w.-]+)", unescape(link.getresponse().read().decode()))
    assert found, "no link on the page"
    return found[1]
