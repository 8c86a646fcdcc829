"""What goes wrong at the doors is found from the scans, told with its places, and settled."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import permutations
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from eduforum.checkin.queries import incidents_of
from eduforum.checkin.rules import Fact, IncidentKind, PointKind, PointRules, Repeat, incidents
from eduforum.core import clock
from eduforum.core.db import db
from eduforum.events.queries import events_of
from eduforum.tickets.rules import Standing
from eduforum.tickets.services import end
from eduforum.web.access import Role, Scope
from tests.checkin.door import BASE, Door, make_device, make_door, make_ticket, scan
from tests.checkin.test_api import make_api_token
from tests.pages import Browser

SignIn = Callable[..., None]
NOW = datetime(2027, 3, 1, 2, 0, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
ONCE, DAILY, IN_AND_OUT, EXIT = (UUID(int=number) for number in range(1, 5))
POINTS = {
    ONCE: PointRules(kind=PointKind.ARRIVAL),
    DAILY: PointRules(kind=PointKind.MEAL, repeat=Repeat.DAILY),
    IN_AND_OUT: PointRules(kind=PointKind.SESSION, repeat=Repeat.REENTRY),
    EXIT: PointRules(kind=PointKind.EXIT),
}
TICKETS = [UUID(int=100 + number) for number in range(3)]
DEVICES = [UUID(int=200 + number) for number in range(3)]
ENDED = {TICKETS[2]: NOW - HOUR}

facts = st.lists(
    st.builds(
        Fact,
        id=st.integers(1000, 1040).map(lambda number: UUID(int=number)),
        point=st.sampled_from(list(POINTS)),
        at=st.integers(-3000, 0).map(lambda minutes: NOW + timedelta(minutes=minutes)),
        received_at=st.integers(-3000, 0).map(lambda minutes: NOW + timedelta(minutes=minutes)),
        shown=st.sampled_from(["admitted", "admitted", "checked_out", "already_admitted"]),
        device=st.sampled_from([None, *DEVICES]),
        ticket=st.sampled_from(TICKETS),
        seq=st.integers(1, 9),
        overridden=st.booleans(),
        undoes=st.none() | st.integers(1000, 1040).map(lambda number: UUID(int=number)),
        flags=st.sampled_from([frozenset(), frozenset({"clock"}), frozenset({"manual"})]),
    ),
    max_size=14,
    unique_by=lambda fact: fact.id,
)


@given(facts, st.randoms(use_true_random=False), st.integers(1, 5))
def test_no_order_duplicate_or_batching_makes_a_difference(
    known: list[Fact], random: object, size: int
) -> None:
    whole = incidents(known, POINTS, ENDED, NOW)
    shuffled = [*known, *known[: len(known) // 2]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    arrived: set[Fact] = set()
    for start in range(0, len(shuffled), size):
        arrived |= set(shuffled[start : start + size])
        incidents(arrived, POINTS, ENDED, NOW)
    assert incidents(arrived, POINTS, ENDED, NOW) == whole
    assert incidents(shuffled, POINTS, ENDED, NOW) == whole
    assert len({one.id for one in whole}) == len(whole)


def fact(number: int, seconds: int, **more: object) -> Fact:
    given: dict[str, object] = {
        "point": ONCE, "ticket": TICKETS[0], "shown": "admitted", "seq": number,
        "device": DEVICES[number % 3],
    }  # fmt: skip
    at = NOW + seconds * SECOND
    return Fact(id=UUID(int=1000 + number), at=at, received_at=at, **(given | more))  # type: ignore[arg-type]


def kinds(*known: Fact, now: datetime = NOW + HOUR) -> list[str]:
    return [one.kind for one in incidents(known, POINTS, ENDED, now)]


DOUBLE, UNLEFT = IncidentKind.DOUBLE_ADMISSION, IncidentKind.MISSING_EXIT


def test_twice_let_in_is_one_incident_with_both_places() -> None:
    both = [fact(1, 0), fact(2, 60, device=DEVICES[1])]
    (found,) = [one for one in incidents(both, POINTS, ENDED, NOW) if one.kind is DOUBLE]
    assert [one.id for one in found.facts] == [both[0].id, both[1].id]
    assert kinds(fact(1, 0, device=None)) == []
    assert kinds(fact(1, 0), fact(2, 60, overridden=True), fact(3, 61, shown="room_full")) == []
    assert kinds(fact(1, 0), fact(2, 60), fact(3, 70, shown="undone", undoes=fact(2, 0).id)) == []


def test_a_meal_once_a_day_and_a_hall_with_a_way_out() -> None:
    assert kinds(fact(1, -86_400, point=DAILY), fact(2, 0, point=DAILY)) == []
    assert kinds(fact(1, -60, point=DAILY), fact(2, 0, point=DAILY)) == [DOUBLE]
    left = fact(2, 30, point=EXIT, shown="checked_out")
    assert kinds(fact(1, 0, point=IN_AND_OUT), left, fact(3, 60, point=IN_AND_OUT)) == []
    assert kinds(fact(1, 0, point=IN_AND_OUT), fact(2, 60, point=IN_AND_OUT)) == [DOUBLE]


def test_who_never_left_is_found_when_the_hall_is_emptied() -> None:
    hall = {IN_AND_OUT: PointRules(kind=PointKind.SESSION, repeat=Repeat.REENTRY,
                                   checkout=time(18))}  # fmt: skip
    inside = [fact(1, 0, point=IN_AND_OUT)]
    assert incidents(inside, hall, {}, NOW + HOUR) == []
    (found,) = incidents(inside, hall, {}, NOW + 9 * HOUR)
    assert found.kind is UNLEFT
    left = fact(2, 30, point=IN_AND_OUT, shown="checked_out")
    assert incidents([*inside, left], hall, {}, NOW + 9 * HOUR) == []
    again = fact(2, 30 * 3600, point=IN_AND_OUT)  # the next day, a new admission
    assert [one.kind for one in incidents([*inside, again], hall, {}, NOW + 31 * HOUR)] == [UNLEFT]


def test_a_ticket_that_had_ended_and_one_that_ended_later() -> None:
    assert kinds(fact(1, 0, ticket=TICKETS[2])) == [IncidentKind.ADMITTED_AFTER_END]
    assert kinds(fact(1, -7200, ticket=TICKETS[2])) == []


def test_missing_numbers_are_told_after_a_while() -> None:
    gap = [fact(1, 0, device=DEVICES[0]), fact(5, 60, device=DEVICES[0], ticket=TICKETS[1])]
    assert kinds(*gap, now=NOW + 61 * SECOND) == []
    (found,) = incidents(gap, POINTS, ENDED, NOW + HOUR)
    assert (found.kind, found.missing) == (IncidentKind.SEQUENCE_GAP, (2, 4))


def two_gates(client: FlaskClient) -> tuple[Door, Door, str]:
    gate, series, event = make_door(client)
    other = Door(client, gate.point, make_device(series, "B 门 1 号")[1])
    return gate, other, make_ticket(series, "林知夏", event).text


def offline(text: str, minutes: int, seq: int = 1) -> dict[str, object]:
    at = clock.now() - timedelta(minutes=minutes)
    return scan(text, scanned_at=at.isoformat(), local_verdict="admitted", seq=seq)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_every_batching_of_two_cut_off_gates_tells_the_same(
    client: FlaskClient, order: tuple[int, ...]
) -> None:
    gate, other, text = two_gates(client)
    early, late = offline(text, 0), offline(text, 0)
    sent = [(gate, early), (other, late), (gate, early), (other, late)]
    for number in order:
        door, one = sent[number]
        door.send(one)
    (told,) = incidents_of(gate.point.series, clock.now())
    assert told.incident.kind is DOUBLE
    assert {str(one.id) for one in told.incident.facts} == {early["id"], late["id"]}
    for door in (gate, other):
        (shown,) = door.get("bundle").get_json()["incidents"]
        assert shown["word"]["zh"] == "一证重复入场"
        assert shown["ticket"]["name"] == "林知夏"
        assert sorted(place["device"] for place in shown["places"]) == ["A 门 1 号", "B 门 1 号"]
        assert [place["own"] for place in shown["places"]].count(True) == 1


def test_a_third_gate_is_not_told(client: FlaskClient) -> None:
    gate, other, text = two_gates(client)
    gate.send(offline(text, 0))
    other.send(offline(text, 0))
    third = Door(client, gate.point, make_device(gate.point.series)[1])
    assert third.get("bundle").get_json()["incidents"] == []


def test_an_incident_is_settled_with_a_note(browser: Browser, sign_in: SignIn) -> None:
    gate, other, text = two_gates(browser.client)
    gate.send(offline(text, 0))
    other.send(offline(text, 0))
    series = gate.point.series
    sign_in(Role.DOOR, series=series)
    path = f"/desk/s/{series.slug}/checkin/incidents"
    page = browser.get(path).text
    for words in (
        "一证重复入场",
        "林知夏",
        "主会场 A 门，A 门 1 号",
        "主会场 A 门，B 门 1 号",
        "待处理",
    ):
        assert words in page
    (told,) = incidents_of(series, clock.now())
    settle = f"{path}/{told.incident.id}/settle"
    assert "请写明处理情况" in browser.post(settle, {"note": " "}, status=422).text
    browser.post(settle, {"note": "本人，两处各扫一次"})
    page = browser.get(path).text
    assert "处理情况：本人，两处各扫一次" in page
    assert "待处理" not in page
    assert gate.get("bundle").get_json()["incidents"] == []
    browser.post(f"{path}/{UUID(int=7)}/settle", {"note": "没有这一起"}, status=404)


def test_what_did_not_fit_is_dismissed_or_somebody_s(browser: Browser, sign_in: SignIn) -> None:
    gate, series, event = make_door(browser.client)
    lin = make_ticket(series, "林知夏", event)
    make_ticket(series, "林知秋", event)
    junk, torn = scan("junk"), scan("EV1TORN")
    gate.send(junk, torn)
    sign_in(Role.ORGANISER, series=series)
    path = f"/desk/s/{series.slug}/checkin"
    browser.get(f"{path}/incidents?list=strays")
    browser.post(f"{path}/quarantine/{junk['id']}/dismiss", {"note": "广告二维码"})
    assign = f"{path}/quarantine/{torn['id']}/assign"
    page = browser.post(assign, {"person": "林知", "note": "证件破损"}, status=422).text
    assert "不止一人符合" in page
    assert "证件破损" in page
    browser.post(assign, {"person": lin.staff_code, "note": "证件破损"})
    page = browser.get(f"{path}/incidents?list=strays").text
    assert "处理情况：广告二维码" in page
    assert "处理情况：证件破损" in page
    assert "请进，已报到" in page
    assert gate.verdict(lin.text) == "already_admitted"
    browser.post(assign, {"person": lin.staff_code, "note": "再来一次"}, status=404)


def test_long_lists_come_in_pages_for_the_price_of_short_ones(
    browser: Browser, sign_in: SignIn, count_queries: Callable[[Callable[[], object]], int]
) -> None:
    gate, other, _ = two_gates(browser.client)
    series = gate.point.series
    sign_in(Role.DOOR, series=series)
    paths = [f"/desk/s/{series.slug}/checkin/incidents{rest}" for rest in ("", "?list=strays")]
    (event,) = events_of(series.id)

    def add(number: int) -> None:
        texts = [make_ticket(series, f"样本{n}", event).text for n in range(number)]
        for door in (gate, other):
            door.send(*(offline(text, n, n) for n, text in enumerate(texts, 1)))
        gate.send(*(scan(f"junk {n}", seq=900 + n) for n in range(number)))

    add(2)
    few = [count_queries(partial(browser.get, path)) for path in paths]
    add(51)
    assert [count_queries(partial(browser.get, path)) for path in paths] == few
    for path, last in zip(paths, ("第 51–", "第 51–53 条，共 53 条"), strict=True):
        assert "第 1–50 条" in browser.get(path).text
        query = "&" if "?" in path else "?"
        assert last in browser.get(f"{path}{query}page=2").text


def test_a_ticket_that_had_ended_and_a_wrong_clock(client: FlaskClient) -> None:
    gate, series, event = make_door(client)
    gone = make_ticket(series, "查云帆", event)
    end(gone, Standing.REVOKED)
    gone.ended_at = clock.now() - 2 * HOUR
    db.session.commit()
    gate.send(offline(gone.text, 0), device_time=(clock.now() + HOUR).isoformat())
    found = {told.incident.kind for told in incidents_of(series, clock.now())}
    assert found == {IncidentKind.CLOCK_SUSPECT, IncidentKind.ADMITTED_AFTER_END}


def test_the_api_lists_and_settles(client: FlaskClient) -> None:
    gate, other, text = two_gates(client)
    series = gate.point.series
    gate.send(offline(text, 0))
    other.send(offline(text, 0))
    path = f"/api/v1/series/{series.slug}/incidents"
    assert client.get(path, headers=gate.headers, base_url=BASE).status_code == 403
    manage = make_api_token(series, Scope.MANAGE)
    (item,) = client.get(path, headers=manage, base_url=BASE).get_json()["items"]
    assert item["kind"] == "double_admission"
    assert item["settled"] is None
    for note in ("本人", "又一次"):
        answer = client.post(
            f"{path}/{item['id']}/settle", json={"note": note}, headers=manage, base_url=BASE
        )
        assert (answer.status_code, answer.get_json()["note"]) == (200, "本人")
    (item,) = client.get(path, headers=manage, base_url=BASE).get_json()["items"]
    assert item["settled"]["note"] == "本人"


def test_both_databases_find_the_same(either_app: Flask) -> None:
    gate, other, text = two_gates(either_app.test_client())
    gate.send(offline(text, 0), device_time=(clock.now() + HOUR).isoformat())
    other.send(offline(text, 0, seq=1), offline(text, 0, seq=5))
    later = clock.now() + HOUR
    found = {told.incident.kind for told in incidents_of(gate.point.series, later)}
    assert found == {DOUBLE, IncidentKind.CLOCK_SUSPECT, IncidentKind.SEQUENCE_GAP}
