"""Many gates at once: one admission per ticket, one row per scan."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from eduforum.checkin.models import Point, Scan
from eduforum.checkin.rules import Verdict
from eduforum.core.db import db
from tests.checkin.door import Door, make_device, make_door, make_ticket, scan

GATES = 8
TICKETS = 6

Results = list[dict[str, Any]]


def race(
    app: Flask, point: Point, tokens: Sequence[str], make: Callable[[int], Sequence[dict[str, Any]]]
) -> Results:
    """Send the scans of every round from all gates at the same moment; all results."""
    start = threading.Barrier(len(tokens))
    results: Results = []
    faults: list[BaseException] = []
    rounds = [make(number) for number in range(TICKETS)]
    db.session.refresh(point)  # the gates read it outside of this session

    def gate(place: int, token: str) -> None:
        door = Door(app.test_client(), point, token)
        try:
            for sent in rounds:
                start.wait(timeout=30)
                results.extend(door.send(sent[place]))
        except BaseException as fault:
            faults.append(fault)
            start.abort()

    threads = [threading.Thread(target=gate, args=pair) for pair in enumerate(tokens)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    return results


def admissions(app: Flask) -> list[int]:
    """How often each ticket was admitted, in the database."""
    db.session.rollback()
    rows = db.session.execute(
        select(func.count(Scan.id)).where(Scan.verdict == Verdict.ADMITTED).group_by(Scan.ticket_id)
    )
    return [row[0] for row in rows]


def scan_the_same_tickets_everywhere(app: Flask) -> Results:
    door, series, event = make_door(app.test_client())
    texts = [make_ticket(series, f"林{number}", event).text for number in range(TICKETS)]
    tokens = [make_device(series)[1] for _ in range(GATES)]
    return race(app, door.point, tokens, lambda n: [scan(texts[n]) for _ in range(GATES)])


def test_one_ticket_at_eight_gates_is_admitted_once(either_app: Flask) -> None:
    results = scan_the_same_tickets_everywhere(either_app)
    assert admissions(either_app) == [1] * TICKETS
    assert Counter(result["verdict"] for result in results) == {
        "admitted": TICKETS,
        "already_admitted": TICKETS * (GATES - 1),
    }
    assert all(r["first"]["at"] for r in results if r["verdict"] == "already_admitted")


def test_without_the_lock_a_ticket_is_admitted_twice(postgres_app: Flask) -> None:
    postgres_app.config["TEST_FAULTS"] = "skip_lock,sleep_after_check"
    scan_the_same_tickets_everywhere(postgres_app)
    assert max(admissions(postgres_app)) > 1


@pytest.mark.parametrize("known", [True, False])
def test_one_scan_sent_eight_times_at_once_is_stored_once(either_app: Flask, known: bool) -> None:
    door, series, event = make_door(either_app.test_client())
    text = make_ticket(series, "林知夏", event).text if known else "no ticket"
    sent = [scan(text) for _ in range(TICKETS)]
    tokens = [make_device(series)[1] for _ in range(GATES)]
    results = race(either_app, door.point, tokens, lambda n: [sent[n]] * GATES)
    outcomes = Counter(result["result"] for result in results)
    first = "stored" if known else "quarantined"
    assert outcomes == {first: TICKETS, "already_stored": TICKETS * (GATES - 1)}
    assert len({(result["id"], result["verdict"]) for result in results}) == TICKETS


def test_the_last_seat_of_a_room_is_given_once(either_app: Flask) -> None:
    door, series, event = make_door(either_app.test_client(), capacity=3)
    texts = [make_ticket(series, f"林{number}", event).text for number in range(GATES)]
    tokens = [make_device(series)[1] for _ in range(GATES)]
    results = race(either_app, door.point, tokens, lambda _: [scan(text) for text in texts])
    assert sum(result["verdict"] == "admitted" for result in results) == 3
