"""Who is expected, there, on leave, absent: counted by hand and by the queries."""

from itertools import permutations
from typing import Any

import pytest
import time_machine
from sqlalchemy import delete

from eduforum.checkin.models import Scan
from eduforum.checkin.rules import PointKind
from eduforum.core import clock as wall
from eduforum.core.db import db, transaction
from eduforum.events.models import Event, Organisation
from eduforum.events.rules import EventState
from eduforum.registration import services
from eduforum.registration.models import Pool
from eduforum.reports.queries import arrivals, attendance
from eduforum.reports.queries.attendance import NO_UNIT, Known, known_of
from eduforum.reports.rules import Count
from eduforum.schedule.models import Session
from tests.factories import make_category
from tests.reports.hall import Hall, make_hall, make_point, without_triggers

pytestmark = pytest.mark.usefixtures("either_app")


def known(hall: Hall) -> Known:
    db.session.expire_all()
    return known_of(hall.series, wall.now())


def of(hall: Hall, event: Event) -> Count:
    return attendance.by_event(known(hall))[event.id]


def numbers(count: Count) -> tuple[int, int, int, int, int]:
    return count.expected, count.present, count.on_leave, count.absent, count.not_yet


def test_a_morning_by_hand(clock: time_machine.Traveller) -> None:
    hall = make_hall()
    first, second = hall.events
    there, late, on_leave, elsewhere, gone = (
        hall.person("林知夏", first),
        hall.person("陈砚秋", first),
        hall.person("周望舒", first),
        hall.person("何以南", second),
        hall.person("沈既白", first),
    )
    services.leave(hall.series.id, on_leave.id)
    services.withdraw(hall.series.id, gone.id)
    hall.scan(there, first)
    hall.scan(elsewhere, hall.arrival)

    assert numbers(of(hall, first)) == (3, 1, 1, 0, 1)
    assert numbers(of(hall, second)) == (1, 0, 0, 0, 1), "arrival is not the session"
    whole = attendance.whole(known(hall))
    assert numbers(whole.total) == (4, 2, 1, 0, 1)
    assert whole.arrived == 1

    clock.shift(3 * 3600)
    assert numbers(of(hall, first)) == (3, 1, 1, 1, 0), "late becomes absent with the end"
    hall.scan(late, first)
    assert numbers(of(hall, first)) == (3, 2, 1, 0, 0)


def test_a_scan_beats_leave() -> None:
    hall = make_hall()
    person = hall.person()
    hall.scan(person, hall.events[0])
    services.leave(hall.series.id, person.id)
    assert numbers(of(hall, hall.events[0])) == (1, 1, 0, 0, 0)
    assert numbers(attendance.whole(known(hall)).total) == (1, 1, 0, 0, 0)


def test_what_was_taken_back_does_not_count() -> None:
    hall = make_hall()
    person = hall.person()
    scan = hall.scan(person, hall.events[0])
    hall.undo(scan, hall.events[0])
    assert numbers(of(hall, hall.events[0])) == (1, 0, 0, 0, 1)
    hall.scan(person, hall.events[0])
    assert numbers(of(hall, hall.events[0])) == (1, 1, 0, 0, 0)


def test_every_order_of_facts_counts_alike() -> None:
    """Scans, and what takes them back, arrive in any order from doors that were offline."""
    hall = make_hall()
    people = [hall.person(name) for name in ("林知夏", "陈砚秋")]
    for person in people:
        hall.undo(hall.scan(person, hall.events[0]), hall.events[0])
    hall.scan(people[0], hall.events[0])
    hall.scan("no ticket at all", hall.events[0])
    facts = [_row(scan) for scan in db.session.query(Scan).order_by(Scan.id)]
    taken_back = {fact["undoes_id"] for fact in facts}
    answers = set()
    db.session.rollback()
    with db.engine.begin() as connection:
        without_triggers(connection)  # each order is stored anew
    for order in permutations(facts):
        places = {fact["id"]: place for place, fact in enumerate(order)}
        if any(f["undoes_id"] and places[f["undoes_id"]] > places[f["id"]] for f in order):
            continue  # a foreign key: what is taken back is stored first
        with transaction():
            db.session.execute(delete(Scan).where(Scan.undoes_id.is_not(None)))
            db.session.execute(delete(Scan))
            for fact in order:
                db.session.add(Scan(**fact))
                db.session.flush()
        answers.add(numbers(of(hall, hall.events[0])))
    assert taken_back != {None}
    assert answers == {(2, 1, 0, 0, 1)}


def _row(scan: Scan) -> dict[str, Any]:
    return {column.name: getattr(scan, column.name) for column in Scan.__table__.columns}


def test_a_second_ticket_keeps_what_the_first_one_did() -> None:
    hall = make_hall()
    person = hall.person()
    hall.scan(person, hall.events[0])
    for _ in range(2):
        services.reissue_ticket(hall.series.id, person.id)
    hall.scan(person, hall.arrival)
    assert numbers(of(hall, hall.events[0])) == (1, 1, 0, 0, 0)
    whole = attendance.whole(known(hall))
    assert (whole.total.present, whole.arrived) == (1, 1)


def test_somebody_let_in_without_having_chosen_it_counts() -> None:
    hall = make_hall()
    first, second = hall.events
    walk_in = hall.person("林知夏", first)
    hall.scan(walk_in, second, override="领导同意")
    assert numbers(of(hall, second)) == (1, 1, 0, 0, 0)
    assert numbers(of(hall, first)) == (1, 0, 0, 0, 1)
    assert numbers(attendance.whole(known(hall)).total) == (1, 1, 0, 0, 0)


def test_an_event_without_a_point_counts_whoever_arrived() -> None:
    hall = make_hall(events=1)
    person = hall.person()
    with transaction():
        db.session.delete(db.session.merge(hall.points[hall.events[0].id]))
    hall.scan(person, hall.arrival)
    assert numbers(of(hall, hall.events[0])) == (1, 1, 0, 0, 0)


def test_a_cancelled_event_expects_nobody() -> None:
    hall = make_hall()
    hall.person()
    with transaction():
        db.session.merge(hall.events[0]).state = EventState.CANCELLED
    assert list(attendance.by_event(known(hall))) == [hall.events[1].id]


def test_categories_and_units() -> None:
    hall = make_hall()
    first, second = hall.events
    experts = make_category(first, second, code="expert")
    with transaction():
        known_unit = Organisation(name_zh="天津大学", name_en="Tianjin University")
        db.session.add(known_unit)
    a = hall.person("林知夏", first, unit="天津大学")
    hall.person("陈砚秋", first, unit="一所没有登记的学校")
    hall.person("周望舒", first, second, category=experts, unit="天津大学")
    hall.person("何以南", second)
    hall.scan(a, first)

    here = known(hall)
    by_category = attendance.by_event_and_category(here)
    assert {key: numbers(count) for key, count in by_category.items()} == {
        (first.id, hall.category.id): (2, 1, 0, 0, 1),
        (first.id, experts.id): (1, 0, 0, 0, 1),
        (second.id, hall.category.id): (1, 0, 0, 0, 1),
        (second.id, experts.id): (1, 0, 0, 0, 1),
    }
    by_unit = attendance.by_event_and_unit(here)
    assert {(k[0], k[1].name.zh): numbers(c)[:2] for k, c in by_unit.items()} == {
        (first.id, "天津大学"): (2, 1),
        (first.id, "一所没有登记的学校"): (1, 0),
        (second.id, "天津大学"): (1, 0),
        (second.id, NO_UNIT.zh): (1, 0),
    }
    whole = attendance.whole(here)
    assert [(unit.name.zh, numbers(count)) for unit, count in whole.units.items()] == [
        ("天津大学", (2, 1, 0, 0, 1)),
        ("一所没有登记的学校", (1, 0, 0, 0, 1)),
        (NO_UNIT.zh, (1, 0, 0, 0, 1)),
    ]
    assert {key: count.expected for key, count in whole.categories.items()} == {
        hall.category.id: 3,
        experts.id: 1,
    }


def test_sessions_that_ask_for_sign_up_or_have_a_door() -> None:
    hall = make_hall(events=1)
    event = hall.events[0]
    with transaction():
        workshop, lecture = (
            Session(event_id=event.id, slug=slug, name_zh=slug, starts_at=event.starts_at,
                    ends_at=event.ends_at)
            for slug in ("workshop", "lecture")
        )  # fmt: skip
        db.session.add_all([workshop, lecture])
        db.session.flush()
        db.session.add(
            Pool(series_id=hall.series.id, session_id=workshop.id, name_zh="工作坊", size=5)
        )
    door = make_point(hall.series, PointKind.SESSION, [], sessions=[lecture.id])
    assert attendance.by_session(known(hall)).keys() == {workshop.id, lecture.id}
    signed = services.register(
        hall.series,
        services.Application(
            name="林知夏", category="observer", events=(event.slug,),
            sessions=(str(workshop.id),), mobile="+8613811112222",
        ),
        submit_id="one",
    )  # fmt: skip
    other = hall.person("陈砚秋")
    hall.scan(signed, event)
    hall.scan(other, door, override="x")
    counted = attendance.by_session(known(hall))
    assert numbers(counted[workshop.id]) == (1, 1, 0, 0, 0), "no door of its own: as its event"
    assert numbers(counted[lecture.id]) == (2, 1, 0, 0, 1)
    assert numbers(of(hall, event)) == (2, 2, 0, 0, 0)


def test_arrivals_on_a_day(clock: time_machine.Traveller) -> None:
    hall = make_hall()
    people = [hall.person(name) for name in ("林知夏", "陈砚秋", "周望舒", "何以南")]
    hall.scan(people[0], hall.arrival)
    clock.shift(4 * 60)
    hall.scan(people[1], hall.arrival)
    clock.shift(2 * 60)
    hall.scan(people[2], hall.arrival)
    hall.undo(hall.scan(people[3], hall.arrival), hall.arrival)
    here = known(hall)
    (day,) = arrivals.days_of(here)
    found = arrivals.arrivals_on(here, day)
    assert {f"{at:%H:%M}": people for at, people in found.items()} == {"01:00": 2, "01:05": 1}
    assert arrivals.expected_on(here, day) == 4


def test_nobody_and_nothing() -> None:
    hall = make_hall(events=0)
    here = known(hall)
    assert attendance.by_event(here) == {}
    assert attendance.by_session(here) == {}
    assert numbers(attendance.whole(here).total) == (0, 0, 0, 0, 0)
    assert arrivals.days_of(here) == []
