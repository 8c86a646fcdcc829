"""What people read: public pages, the desk's table and search, the door's search, files."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from itertools import count
from pathlib import Path
from urllib.parse import quote

from tests.bench import press
from tests.bench.client import Request
from tests.bench.measuring import CLIENTS, SERIES, Bench, forever, say
from tests.running import Server

SORTS = ("name", "organisation", "category", "state")
_PAGE = f"/s/{SERIES}"


def pages(bench: Bench) -> None:
    """Public pages and the schedule, whole and asked for again with what one has (304)."""
    for clients in CLIENTS:
        bench.work("series page", forever(_PAGE), clients=clients)
    bench.work("series page, 304", forever(_PAGE, etag(bench.server)), clients=32,
               expected=frozenset({304}))  # fmt: skip
    bench.work("event page", forever(f"{_PAGE}/e/event-1"), clients=32)
    bench.work("schedule (API)", forever(f"/api/v1/series/{SERIES}/schedule.json"), clients=32)


def etag(server: Server) -> str:
    link = HTTPConnection("127.0.0.1", server.port)
    link.request("GET", _PAGE)
    return f"If-None-Match: {link.getresponse().headers['ETag']}"


def desk(bench: Bench) -> None:
    """The desk, signed in as the first administrator."""
    folder = Path(bench.server.env["EDUFORUM_DATA_DIR"])
    cookie = sign_in(bench.server, "admin@localhost", (folder / "admin_password").read_text())
    table = f"/desk/s/{SERIES}/registrations"
    bench.work("desk table", forever(table, cookie), clients=8)
    for sort in SORTS:
        bench.work(f"desk table by {sort}", forever(f"{table}?sort={sort}", cookie), clients=8)
    bench.work("desk table, page 100", forever(f"{table}?page=100", cookie), clients=8)
    bench.work("desk search", forever(f"{table}?q={quote('王')}", cookie), clients=8)
    bench.work("desk overview", forever(f"/desk/s/{SERIES}/", cookie), clients=1)
    bench.work("attendance report", forever(f"/desk/s/{SERIES}/reports", cookie), clients=1)
    press.desk(bench, cookie)
    cookie, token = form_on(bench.server, table, cookie)
    head = (cookie, "Content-Type: application/x-www-form-urlencoded")
    for kind in ("xlsx", "csv"):
        form = f"csrf_token={quote(token)}&format={kind}".encode()
        export = once(Request("POST", f"{table}/export", form, head))
        with watched_memory(bench.server) as grown:
            bench.work(f"{kind}, {bench.size} rows", export, clients=1)
        say(f"{bench.engine:<11}memory grew by {grown[0]:.0f} MiB meanwhile")


def once(request: Request) -> Callable[[int], Iterator[Request]]:
    one = iter([request])
    return lambda _client: one


@contextmanager
def watched_memory(server: Server) -> Iterator[list[float]]:
    """By how many MiB the server's memory grew at most while the block ran."""
    before, grown, over = server.memory(), [0.0], threading.Event()

    def watch() -> None:
        while not over.is_set():
            grown[0] = max(grown[0], server.memory() - before)
            time.sleep(0.05)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield grown
    finally:
        over.set()
        thread.join()


def search(point: str, bearer: str) -> Callable[[int], Iterator[Request]]:
    words = [quote(word) for word in ("wang", "zhang", "chen", "lin", "zw", "0001", "欧阳")]

    def requests(client: int) -> Iterator[Request]:
        for number in count(client):
            word = words[number % len(words)]
            yield Request("GET", f"/api/v1/points/{point}/search?q={word}", head=(bearer,))

    return requests


def sign_in(server: Server, email: str, password: str) -> str:
    """The cookie header of somebody who has signed in as people do."""
    cookie, token = form_on(server, "/desk/sign-in", "Cookie: ")
    body = f"csrf_token={quote(token)}&email={quote(email)}&password={quote(password.strip())}"
    head = {
        "Cookie": cookie.removeprefix("Cookie: "),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    link = HTTPConnection("127.0.0.1", server.port)
    link.request("POST", "/desk/sign-in", body, head)
    answer = link.getresponse()
    assert answer.status in (302, 303), (answer.status, answer.read()[:500])
    return cookies_of(answer)


def form_on(server: Server, path: str, cookie: str) -> tuple[str, str]:
    """The cookie header after opening a page with a form, and the form's token."""
    link = HTTPConnection("127.0.0.1", server.port)
    link.request("GET", path, headers={"Cookie": cookie.removeprefix("Cookie: ")})
    page = link.getresponse()
    return cookies_of(page) or cookie, csrf_token(page.read().decode())


def csrf_token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, "no form on the page"
    return found[1]


def cookies_of(answer: HTTPResponse) -> str:
    """The header that sends back what `answer` set; "" when it set nothing."""
    headers = answer.headers.get_all("Set-Cookie") or []
    return "Cookie: " + "; ".join(header.split(";")[0] for header in headers) if headers else ""
