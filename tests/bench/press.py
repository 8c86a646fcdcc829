"""The press office under load: a queue of thousands, and hundreds of cards in one PDF.

`python -m tests.bench.press SERIES APPLICATIONS` fills a database; `desk` measures it.
"""

import random
import re
import subprocess
import sys
import time
from datetime import timedelta
from http.client import HTTPConnection
from io import BytesIO
from urllib.parse import quote

from sqlalchemy import insert

from eduforum.core import audit, clock
from eduforum.core.db import db, new_id, table_of, transaction
from eduforum.core.names import name_key, search_forms
from eduforum.events.queries import series_by_slug
from eduforum.factory import create_app
from eduforum.files import services as files
from eduforum.press import card_queries, queries
from eduforum.press.models import Application, Outlet, PressPerson, PressPersonEvent
from eduforum.press.rules import JobRole, MediaGroup, OutletState, OutletType, PassState, State
from eduforum.press.rules.forms import PHOTO
from eduforum.press.services import admission, passes
from eduforum.registration.sample_names import han_name
from eduforum.site.press_pictures import photo
from eduforum.tickets.rules import new_staff_code
from tests.bench.client import Request
from tests.bench.measuring import SERIES, Bench, forever, say
from tests.running import ROOT, Server

APPLICATIONS, TEAM, CARDS = 2_000, 4, 500
_CHUNK = 100
_STATES = (State.SUBMITTED, State.SCREENING, State.NEEDS_INFO, State.VERIFIED, State.HELD)


class _Sent:
    def __init__(self, data: bytes) -> None:
        self.stream = BytesIO(data)
        self.filename: str | None = "photo.jpg"


def desk(bench: Bench, cookie: str) -> None:
    """The queue as it opens, filtered and searched; then one run of cards, both sides of each."""
    prepare(bench.server)
    queue = f"/desk/s/{SERIES}/press"
    for clients in (1, 8):
        bench.work("press queue", forever(queue, cookie), clients=clients)
    bench.work("press queue, last page", forever(f"{queue}?tab=all&page=80", cookie), clients=8)
    bench.work(
        "press queue, search", forever(f"{queue}?tab=all&q={quote('王')}", cookie), clients=8
    )
    bench.work("press report", forever(f"{queue}/report", cookie), clients=1)
    page = _get(bench.server, f"{queue}/passes/runs", cookie)
    found = re.search(rb"/press/passes/runs/[0-9a-f-]{36}", page)
    assert found, page[:500]
    path = f"/desk/s/{SERIES}{found[0].decode()}/cards.pdf"
    began = time.perf_counter()
    paper = _get(bench.server, path, cookie)
    assert paper.startswith(b"%PDF-")
    say(
        f"{bench.engine:<11}{CARDS} press cards in {time.perf_counter() - began:.1f} s, {len(paper) / 1e6:.1f} MB"
    )
    once = iter([Request("GET", path, head=(cookie,))])
    bench.work(f"{CARDS} press cards, PDF", lambda _client: once, clients=1)


def prepare(server: Server) -> None:
    """Fill the database beside the running server."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "tests.bench.press", SERIES, str(APPLICATIONS)],
        cwd=ROOT, env=server.env, check=True,
    )  # fmt: skip
    say(f"{APPLICATIONS} press applications in {time.perf_counter() - began:.1f} s")


def _get(server: Server, path: str, cookie: str) -> bytes:
    link = HTTPConnection("127.0.0.1", server.port, timeout=300)
    link.request("GET", path, headers={"Cookie": cookie.removeprefix("Cookie: ")})
    answer = link.getresponse()
    assert answer.status == 200, answer.status
    return answer.read()


def fill(slug: str, count: int) -> None:
    """Applications of four people each, most undecided; the first so many have printed cards."""
    series = series_by_slug(slug)
    assert series
    chance = random.Random("press")
    events = list(queries.events_by_id(series.id))
    for start in range(0, count, _CHUNK):
        with transaction():
            _add(series.id, range(start, min(start + _CHUNK, count)), events, chance)
    ids = card_queries.waiting_ids(series.id, CARDS)
    for start in range(0, len(ids), _CHUNK):
        with transaction():
            for person in card_queries.locked_people(series.id, ids[start : start + _CHUNK]):
                portrait = _Sent(photo(person.name))
                owner = person.application.owner
                person.photo_id = files.store(
                    portrait, owner=owner, purpose="photo", limits=PHOTO
                ).id
                admission.issue_pass(person)
    passes.print_cards(series.id, [])


def _add(series_id: int, numbers: range, events: list[int], chance: random.Random) -> None:
    now = clock.now()
    outlets, applications, people, wishes = [], [], [], []
    for number in numbers:
        approved = number < CARDS // TEAM
        outlet_id, application_id = new_id(), new_id()
        kind = chance.choice(list(OutletType))
        outlets.append({
            "id": outlet_id, "name_zh": f"样本媒体{number}", "name_en": f"Sample Outlet {number}",
            "type": kind, "state": OutletState.VERIFIED, "verified_at": now, "verified_method": "letter",
        })  # fmt: skip
        applications.append({
            "id": application_id, "series_id": series_id, "outlet_id": outlet_id,
            "number": new_staff_code(), "state": State.APPROVED if approved else chance.choice(_STATES),
            "outlet_name": f"样本媒体{number}", "outlet_type": kind, "media_group": MediaGroup.MAINLAND,
            "focal_name": han_name(chance), "focal_email": f"press{number}@example.org",
            "submit_id": f"bench:{number}", "sample": True,
            "submitted_at": now - timedelta(minutes=number),
        })  # fmt: skip
        for place in range(TEAM):
            person_id, name = new_id(), han_name(chance)
            forms = search_forms(name)
            people.append({
                "id": person_id, "series_id": series_id, "application_id": application_id, "place": place,
                "state": PassState.APPROVED if approved else PassState.UNDECIDED, "name": name,
                "name_key": name_key(name), "pinyin": forms.pinyin, "initials": forms.initials,
                "role": list(JobRole)[place], "email": f"person{number}-{place}@example.org",
                "zones": ["A", "B", "D"] if approved else [],
                "valid_from": now if approved else None,
                "valid_until": now + timedelta(days=9) if approved else None,
            })  # fmt: skip
            wishes += [
                {"person_id": person_id, "event_id": event, "granted": approved} for event in events
            ]
    for model, rows in (
        (Outlet, outlets), (Application, applications), (PressPerson, people), (PressPersonEvent, wishes),
    ):  # fmt: skip
        db.session.execute(insert(table_of(model)), rows)


if __name__ == "__main__":
    with create_app().app_context(), audit.acting_as("command:bench"):
        fill(sys.argv[1], int(sys.argv[2]))
