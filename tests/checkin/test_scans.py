"""Sending scans: verdicts, idempotency, quarantine, undo, override, clocks."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient
from sqlalchemy import func, select

from eduforum.checkin.models import Scan
from eduforum.checkin.rules import PointKind, Repeat, Verdict
from eduforum.core import clock as wall
from eduforum.core.db import db, new_id, transaction
from eduforum.core.i18n import Text
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import Standing, TicketBody, encode, parse
from eduforum.tickets.services import Holder, end, reissue, suspend
from tests.checkin.door import Door, make_device, make_door, make_point, make_ticket, scan
from tests.factories import make_event, make_series
from tests.queries import counted


def stored() -> int:
    return db.session.scalar(select(func.count(Scan.id))) or 0


def test_a_valid_ticket_is_admitted_once(client: FlaskClient) -> None:
    door, series, event = make_door(client)
    ticket = make_ticket(series, "林知夏", event)
    first = scan(ticket.text)
    assert door.send(first) == [
        {
            "id": first["id"],
            "result": "stored",
            "verdict": "admitted",
            "tone": "ok",
            "word": {"zh": "请进，已报到", "en": "Welcome, arrived"},
            "next_step": {"zh": "发胸牌和资料袋", "en": "Hand out badge and bag"},
            "ticket": {
                "name": "林知夏",
                "unit": "天津市职业大学",
                "category": {"zh": "专家", "en": "Expert"},
                "state": "valid",
                "sample": False,
                "answers": {},
            },
        }
    ]
    second = door.send(scan(f" {ticket.text.lower()}\n"))[0]
    assert (second["result"], second["verdict"]) == ("stored", "already_admitted")
    assert second["first"] == {
        "at": wall.now().isoformat(),
        "point": str(door.point.id),
        "point_name": {"zh": "主会场 A 门", "en": "Main hall, gate A"},
    }


def test_the_same_scan_sent_again_gets_the_stored_answer(client: FlaskClient) -> None:
    door, series, event = make_door(client)
    ticket = make_ticket(series, "林知夏", event)
    once = scan(ticket.text)
    first = door.send(once)[0]
    end(ticket, Standing.REVOKED)
    again = door.send(once | {"local_verdict": "admitted"})[0]
    assert again["result"] == "already_stored"
    assert again["verdict"] == first["verdict"] == "admitted"
    assert stored() == 1


def test_a_stored_first_is_replayed(client: FlaskClient, clock: time_machine.Traveller) -> None:
    door, series, event = make_door(client)
    ticket = make_ticket(series, "林知夏", event)
    door.send(scan(ticket.text))
    clock.shift(600)
    late = scan(ticket.text)
    answer = door.send(late)[0]
    clock.shift(600)
    assert door.send(late)[0] == answer | {"result": "already_stored"}


@pytest.mark.parametrize(
    "change", [{"code": "other"}, {"seq": 2}, {"direction": "out"}, {"override": "主任同意"}]
)
def test_another_scan_under_a_known_id_is_a_conflict(
    client: FlaskClient, change: dict[str, Any]
) -> None:
    door, series, event = make_door(client)
    once = scan(make_ticket(series, "林知夏", event).text)
    door.send(once)
    answer = door.send(once | change)[0]
    assert (answer["result"], answer["verdict"]) == ("conflict", "unknown")
    assert "ticket" not in answer
    assert stored() == 1


def test_an_id_of_another_series_is_a_conflict_that_tells_nothing(client: FlaskClient) -> None:
    door, series, event = make_door(client)
    once = scan(make_ticket(series, "林知夏", event).text)
    door.send(once)
    other, _, _ = make_door(client)
    assert other.send(once)[0]["result"] == "conflict"


def test_a_batch_is_answered_in_order_and_sees_itself(client: FlaskClient) -> None:
    door, series, event = make_door(client)
    lin, shan = make_ticket(series, "林知夏", event), make_ticket(series, "单若谷", event)
    one = scan(lin.text)
    answers = door.send(one, scan(shan.text), scan(lin.text), one, one | {"seq": 9})
    assert [(a["result"], a["verdict"]) for a in answers] == [
        ("stored", "admitted"),
        ("stored", "admitted"),
        ("stored", "already_admitted"),
        ("already_stored", "admitted"),
        ("conflict", "unknown"),
    ]


def test_standing_is_read_from_the_ticket(client: FlaskClient) -> None:
    door, series, event = make_door(client)
    tickets = [make_ticket(series, f"林{name}", event) for name in "甲乙丙丁"]
    suspend(tickets[0])
    end(tickets[1], Standing.CANCELLED)
    end(tickets[2], Standing.REVOKED)
    verdicts = [door.verdict(ticket.text) for ticket in tickets]
    assert verdicts == ["not_confirmed", "cancelled", "revoked", "admitted"]


def test_a_replaced_ticket_asks_for_the_new_one(client: FlaskClient) -> None:
    door, series, event = make_door(client)
    old = make_ticket(series, "查云帆", event)
    new = reissue(series, old, _holder_of(old))
    answer = door.send(scan(old.text))[0]
    assert (answer["verdict"], answer["next_step"]["zh"]) == (
        "revoked",
        "此证已于 09:00 换发，请其出示新证",
    )
    assert door.verdict(new.text) == "admitted"


def test_what_is_no_ticket_is_kept_as_a_hash_only(client: FlaskClient) -> None:
    door, series, event = make_door(client)
    ticket = make_ticket(series, "林知夏", event)
    body = TicketBody(1, series.number, b"\1\2\3\4\5\6\7", 1)
    forged = encode(body, Ed25519PrivateKey.generate())
    elsewhere = make_series()
    foreign = make_ticket(elsewhere, "单若谷", make_event(series=elsewhere))
    with transaction():
        gone = make_ticket(series, "吴名", event)
        gone_text = gone.text
        db.session.delete(gone)
    answers = door.send(
        scan("https://example.org/promo"),
        scan(""),
        scan(ticket.staff_code),
        scan(forged),
        scan(foreign.text),
        scan(gone_text),
    )
    assert [(a["result"], a["verdict"], a["reason"]) for a in answers] == [
        ("quarantined", "unknown", "not_a_ticket"),
        ("quarantined", "unknown", "not_a_ticket"),
        ("quarantined", "unknown", "not_a_ticket"),
        ("quarantined", "forged", "bad_signature"),
        ("quarantined", "wrong_series", "other_series"),
        ("quarantined", "unknown", "unknown_serial"),
    ]
    assert all("ticket" not in answer for answer in answers)
    assert stored() == 6
    assert "promo" not in str([dict(row._mapping) for row in db.session.execute(select(Scan))])


@pytest.mark.parametrize("others", [0, 8])
def test_a_known_serial_under_another_signature_is_forged(client: FlaskClient, others: int) -> None:
    door, series, event = make_door(client)
    ticket = make_ticket(series, "林知夏", event)
    key = Ed25519PrivateKey.generate()
    forged = encode(parse(ticket.text).body, key)
    rest = [scan(make_ticket(series, f"林{number}", event).text) for number in range(others)]
    answers = door.send(scan(forged), scan(f" {ticket.text.lower()}\n"), *rest)
    assert [answer["verdict"] for answer in answers] == ["forged", *["admitted"] * (1 + others)]


def test_a_ticket_to_other_events_is_not_entitled(client: FlaskClient) -> None:
    door, series, _ = make_door(client)
    other = make_ticket(series, "林知夏", make_event(series=series))
    assert door.verdict(other.text) == "not_entitled"


def test_somebody_found_by_name_is_let_in_by_hand(client: FlaskClient) -> None:
    door, series, event = make_door(client)
    ticket = make_ticket(series, "林知夏", event)
    found = door.get("search", q="林知").get_json()["items"]
    assert found == [
        {
            "name": "林知夏",
            "unit": "天津市职业大学",
            "category": {"zh": "专家", "en": "Expert"},
            "state": "valid",
            "sample": False,
            "ticket": str(ticket.id),
            "code": f"id:{ticket.id}",
        }
    ]
    assert door.verdict(found[0]["code"]) == "unknown"
    answer = door.send(scan(found[0]["code"], manual=True))[0]
    assert answer["verdict"] == "admitted"
    kept = db.session.scalar(select(Scan).where(Scan.ticket_id == ticket.id))
    assert kept is not None
    assert kept.flags == ["manual"]


def test_a_picked_ticket_of_another_series_is_unknown(client: FlaskClient) -> None:
    door, _, _ = make_door(client)
    elsewhere = make_series()
    foreign = make_ticket(elsewhere, "单若谷", make_event(series=elsewhere))
    assert door.verdict(f"id:{foreign.id}", manual=True) == "unknown"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("单", []),
        ("单若", ["单若谷"]),
        ("shanruo", ["单若谷"]),
        ("SRG", ["单若谷"]),
        ("s", []),
        ("4567", ["单若谷"]),
        ("456", []),
        ("45678", []),
        ("若谷", []),
        ("%%", []),
        ("", []),
    ],
)
def test_search(client: FlaskClient, typed: str, found: list[str]) -> None:
    door, series, event = make_door(client)
    make_ticket(series, "单若谷", event, last4="4567")
    make_ticket(series, "林知夏", event)
    elsewhere = make_series()
    make_ticket(elsewhere, "单若谷", make_event(series=elsewhere), last4="4567")
    items = door.get("search", q=typed).get_json()["items"]
    assert [item["name"] for item in items] == found


def test_search_by_the_printed_code_and_at_most_twenty(client: FlaskClient) -> None:
    door, series, event = make_door(client)
    tickets = [make_ticket(series, f"林知夏{n}", event) for n in range(21)]
    code = tickets[3].staff_code
    typed = f"{code[:4].lower()}-{code[4:].lower()}"
    assert [i["name"] for i in door.get("search", q=typed).get_json()["items"]] == ["林知夏3"]
    assert len(door.get("search", q="林知").get_json()["items"]) == 20


def test_undo_within_a_minute_by_the_same_device(
    client: FlaskClient, clock: time_machine.Traveller
) -> None:
    door, series, event = make_door(client)
    ticket = make_ticket(series, "林知夏", event)
    wrong = scan(ticket.text)
    door.send(wrong)
    clock.shift(60)
    taken = scan("", direction="undo", undoes=wrong["id"])
    answer = door.send(taken)[0]
    assert (answer["result"], answer["verdict"]) == ("stored", "undone")
    assert answer["ticket"]["name"] == "林知夏"
    twice = door.send(scan("", direction="undo", undoes=wrong["id"]))[0]
    assert (twice["result"], twice["verdict"]) == ("quarantined", "undone")
    assert door.send(taken)[0] == answer | {"result": "already_stored"}
    assert door.verdict(ticket.text) == "admitted"


def test_undo_too_late_or_by_another_device_is_kept_and_does_nothing(
    client: FlaskClient, clock: time_machine.Traveller
) -> None:
    door, series, event = make_door(client)
    ticket = make_ticket(series, "林知夏", event)
    once = scan(ticket.text)
    door.send(once)
    other = Door(client, door.point, make_device(series, "A 门 2 号")[1])
    undo = scan("", direction="undo", undoes=once["id"])
    assert other.send(undo)[0]["reason"] == "undo_not_own"
    clock.shift(61)
    late = scan("", direction="undo", undoes=once["id"])
    assert door.send(late)[0]["reason"] == "undo_too_late"
    unknown = scan("", direction="undo", undoes=str(new_id()))
    assert door.send(unknown)[0]["reason"] == "undo_unknown"
    assert door.verdict(ticket.text) == "already_admitted"
    assert stored() == 5


def test_out_and_in_again(client: FlaskClient) -> None:
    door, series, event = make_door(client, kind=PointKind.SESSION, repeat=Repeat.REENTRY)
    ticket = make_ticket(series, "林知夏", event)
    verdicts = [
        door.verdict(ticket.text, direction=direction) for direction in ("in", "in", "out", "in")
    ]
    assert verdicts == ["admitted", "already_admitted", "checked_out", "admitted"]


def test_an_exit_point_frees_the_seat_of_a_full_room(
    client: FlaskClient, clock: time_machine.Traveller
) -> None:
    door, series, event = make_door(
        client, kind=PointKind.SESSION, repeat=Repeat.REENTRY, capacity=1
    )
    lin, shan = make_ticket(series, "林知夏", event), make_ticket(series, "单若谷", event)
    assert [a["verdict"] for a in door.send(scan(lin.text), scan(shan.text))] == [
        "admitted",
        "room_full",
    ]
    clock.shift(10)
    way_out = Door(client, make_point(series, kind=PointKind.EXIT), door.token)
    assert way_out.verdict(lin.text) == "checked_out"
    assert door.verdict(shan.text) == "admitted"


def test_hours_are_judged_at_the_time_of_the_scan(
    client: FlaskClient, clock: time_machine.Traveller
) -> None:
    door, series, event = make_door(client, closes_at=wall.now() + timedelta(minutes=1))
    ticket = make_ticket(series, "林知夏", event)
    in_time = scan(ticket.text)
    clock.shift(3600)
    assert door.verdict(ticket.text) == "too_late"
    assert door.send(in_time)[0]["verdict"] == "admitted"


def test_a_wrong_clock_is_corrected_flagged_and_both_times_kept(client: FlaskClient) -> None:
    door, series, event = make_door(client)
    ticket = make_ticket(series, "林知夏", event)
    ahead = wall.now() + timedelta(hours=8)
    door.send(scan(ticket.text, scanned_at=ahead.isoformat()), device_time=ahead.isoformat())
    kept = db.session.scalar(select(Scan).where(Scan.ticket_id == ticket.id))
    assert kept is not None
    assert kept.flags == ["clock"]
    assert (kept.scanned_at, kept.effective_at) == (ahead, wall.now())


def test_another_epoch_is_flagged(client: FlaskClient) -> None:
    door, series, event = make_door(client)
    ticket = make_ticket(series, "林知夏", event)
    door.send(scan(ticket.text), epoch="before the restore")
    kept = db.session.scalar(select(Scan).where(Scan.ticket_id == ticket.id))
    assert kept is not None
    assert kept.flags == ["other_epoch"]


def _holder_of(ticket: Ticket) -> Holder:
    return Holder(
        name=ticket.holder, key=ticket.holder_key, pinyin=ticket.pinyin, initials=ticket.initials,
        unit=ticket.unit, mobile_last4=ticket.mobile_last4, class_code=ticket.class_code,
        category=Text(ticket.category_zh, ticket.category_en), event_ids=ticket.event_ids,
    )  # fmt: skip


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_order_batches_and_repeats_do_not_change_who_is_in(
    client: FlaskClient, order: tuple[int, ...]
) -> None:
    door, series, event = make_door(client)
    lin, shan = make_ticket(series, "林知夏", event), make_ticket(series, "单若谷", event)
    sent = [scan(lin.text), scan(shan.text), scan(lin.text)]
    door.send(*[sent[place] for place in order[:2]])
    door.send(*[sent[place] for place in order])
    door.send(*sent)
    admitted = select(Scan.ticket_id).where(Scan.verdict == Verdict.ADMITTED)
    assert sorted(map(str, db.session.scalars(admitted))) == sorted(map(str, (lin.id, shan.id)))
    assert stored() == 3


@pytest.mark.parametrize(("scans", "statements"), [(1, 6), (2, 6), (10, 7), (50, 7)])
def test_scans_need_a_few_statements_however_many_they_are(
    client: FlaskClient, scans: int, statements: int
) -> None:
    door, series, event = make_door(client)
    texts = [make_ticket(series, f"林{number}", event).text for number in range(scans + 1)]
    door.verdict(texts.pop())  # notes when the device was last seen, and reads the keys
    assert door.point.id  # read before counting
    with counted() as sent:
        answers = door.send(*(scan(text) for text in texts))
    assert {answer["verdict"] for answer in answers} == {"admitted"}
    assert len(sent) == statements


def test_who_comes_in_is_told_where_to_go_next(client: FlaskClient) -> None:
    with time_machine.travel("2027-03-01T00:30:00Z", tick=False):
        series = make_series()
        begins = wall.now() + timedelta(hours=5, minutes=30)
        forum = make_event(series=series, starts_at=begins)
        make_event(series=series, starts_at=begins - timedelta(hours=1))  # not theirs
        tomorrow = make_event(series=series, starts_at=begins + timedelta(days=1))
        door = Door(client, make_point(series), make_device(series)[1])
        lin = make_ticket(series, "林知夏", forum, tomorrow)
        told = door.send(scan(lin.text))[0]["next_session"]
        assert told == {
            "event": forum.slug, "session": None, "name": {"zh": forum.name_zh, "en": forum.name_en},
            "room": {"zh": "主会场", "en": "Main hall"}, "starts_at": "2027-03-01T06:00:00+00:00",
        }  # fmt: skip
        later = make_ticket(series, "单若谷", tomorrow)
        assert "next_session" not in door.send(scan(later.text))[0]
        assert "next_session" not in door.send(scan(lin.text))[0]  # was in before
