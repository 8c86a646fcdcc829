"""`flask audit`: silent while all is well; each invariant, broken on purpose, is seen."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError

from eduforum.checkin.models import Scan
from eduforum.core.db import db, is_sqlite
from eduforum.events.rules import Mode
from eduforum.registration import services
from eduforum.registration.models import Pool
from eduforum.registration.rules import Admission
from eduforum.reports.invariants import CHECKS, SAYS
from tests.factories import make_category
from tests.reports.hall import make_hall, without_triggers


def run(app: Flask, *options: str) -> tuple[int, dict[str, Any]]:
    result = app.test_cli_runner().invoke(args=["audit", "--json", *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.exit_code, json.loads(result.output)


def broken(app: Flask) -> dict[str, int]:
    """The invariants that do not hold, and how often."""
    code, answer = run(app)
    found = {one["name"]: one["broken"] for one in answer["invariants"] if one["broken"]}
    assert code == (1 if found else 0)
    assert answer["ok"] is not bool(found)
    return found


@pytest.fixture
def day(either_app: Flask) -> Flask:
    """Somebody in every state, letters, scans, and one taken back."""
    hall = make_hall(seats=4)
    first, second = hall.events
    by_approval = make_category(
        first, code="expert", admission=Admission.BY_APPROVAL, pending_holds=False
    )
    with db.session.begin_nested():
        db.session.add(
            Pool(series_id=hall.series.id, event_id=first.id, mode=Mode.ONSITE,
                 name_zh="主会场", size=100)
        )  # fmt: skip
    db.session.commit()
    people = [hall.person(name, first, second) for name in ("林知夏", "陈砚秋", "周望舒", "何以南")]
    waiting = hall.person("沈既白", first)
    under_review = hall.person("程知遥", first, category=by_approval)
    services.return_(hall.series.id, under_review.id, ["name"], "与证件不符")
    services.approve(hall.series.id, hall.person("苏幕遮", first, category=by_approval).id)
    services.withdraw(hall.series.id, people[3].id)
    services.accept(hall.series.id, waiting.id)
    services.leave(hall.series.id, people[2].id)
    services.reissue_ticket(hall.series.id, people[1].id)
    hall.undo(hall.scan(people[0], hall.arrival), hall.arrival)
    hall.scan(people[0], hall.arrival)
    hall.scan(people[0], hall.arrival)
    hall.scan(people[1], first)
    hall.scan(people[1], first, override="换了座位")
    hall.scan("junk", first)
    return either_app


def force(*statements: str) -> None:
    """Break the rules of the database itself: its constraints would refuse what is tested."""
    db.session.rollback()
    with db.engine.connect() as connection:
        if is_sqlite():
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        else:
            _drop_checks(connection)
        triggers = without_triggers(connection)
        for statement in statements:
            connection.execute(text(statement))
        for trigger in triggers:
            connection.execute(text(trigger))
        connection.commit()
        if is_sqlite():
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = OFF")


def _drop_checks(connection: Any) -> None:
    seen = inspect(connection)
    for table in ("pools", "registrations", "notices"):
        for check in seen.get_check_constraints(table):
            connection.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{check["name"]}"'))


def test_a_good_day_is_good(day: Flask) -> None:
    assert broken(day) == {}
    code, answer = run(day, "--full")
    assert (code, answer["ok"]) == (0, True)
    assert answer["counts"]["registrations"] == {
        "confirmed": 4,
        "on_leave": 1,
        "returned": 1,
        "withdrawn": 1,
    }
    assert answer["counts"]["scans"]["admitted"] == 4
    assert answer["counts"]["quarantined_scans"] == 1
    assert [one["name"] for one in answer["invariants"]] == list(SAYS)
    assert {*CHECKS, "tickets_verify"} == set(SAYS)


def test_an_empty_database_is_good(either_app: Flask) -> None:
    assert broken(either_app) == {}
    assert run(either_app)[1]["counts"]["registrations"] == {}


@pytest.mark.parametrize(
    ("name", "statements"),
    [
        ("pools_not_over", ["UPDATE pools SET size = 0, grandfathered = 0 WHERE category_id = "
                            "(SELECT id FROM categories WHERE code = 'observer')"]),
        ("pools_held", ["UPDATE pools SET held = held - 1 WHERE event_id IS NOT NULL"]),
        ("pools_waiting", ["UPDATE pools SET waiting = waiting + 1 WHERE event_id IS NOT NULL"]),
        ("pools_blocked", ["UPDATE pools SET blocked = blocked + 1 WHERE event_id IS NOT NULL"]),
        ("one_registration_per_person", [
            "DROP INDEX uq_registrations_one_per_name_and_mobile",
            "UPDATE registrations SET name_key = 'x', mobile = '+86' "
            "WHERE state IN ('on_leave', 'returned')",
        ]),
        ("confirmed_has_ticket", [
            "UPDATE registrations SET ticket_id = NULL WHERE name = '林知夏'",
            "UPDATE tickets SET standing = 'revoked' WHERE holder = '林知夏'",
        ]),
        ("confirmed_has_notice", [
            "UPDATE notices SET kind = 'registration-received' WHERE recipient_name = '林知夏'",
        ]),
        ("live_ticket_has_registration", [
            "UPDATE tickets SET standing = 'valid' WHERE holder = '周望舒'",
        ]),
        ("one_admission", [
            "UPDATE scans SET verdict = 'admitted' WHERE verdict = 'already_admitted'",
        ]),
        ("undo_fits", [
            "UPDATE scans SET ticket_id = (SELECT id FROM tickets WHERE holder = '周望舒') "
            "WHERE undoes_id IS NOT NULL",
        ]),
        ("outbox_not_stuck", [
            "UPDATE notices SET state = 'sending', leased_until = '2027-03-01 00:49:00+00:00', "
            "next_attempt_at = '2027-03-01 00:49:00+00:00' WHERE id = (SELECT id FROM notices "
            "ORDER BY created_at, id LIMIT 1)",
        ]),
        ("audit_tells_states", [
            "UPDATE audit_entries SET after = '{\"state\": \"submitted\"}' "
            "WHERE action = 'registration.leave'",
        ]),
        ("sequences", ["UPDATE sessions SET sequence = -1 WHERE slug = 'forum-0'"]),
        ("offers_hold", [
            "UPDATE registrations SET offer_expires_at = '2027-03-02 00:00:00+00:00' "
            "WHERE name = '林知夏'",
        ]),
        ("tickets_verify", [
            "UPDATE tickets SET class_code = class_code + 1 WHERE holder = '林知夏'",
        ]),
    ],
)  # fmt: skip
def test_what_is_broken_is_seen(day: Flask, name: str, statements: list[str]) -> None:
    assert broken(day) == {}, "the control: nothing is broken yet"
    force(*statements)
    assert broken(day) == {name: 1}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE scans SET verdict = 'admitted' WHERE verdict = 'already_admitted'",
        "UPDATE scans SET first = NULL WHERE verdict = 'already_admitted'",
        "UPDATE scans SET ticket_id = NULL",
        "UPDATE scans SET override = 'x'",
        "UPDATE scans SET override = 'erased' WHERE override = ''",
        "UPDATE scans SET override = '' WHERE override <> ''",
        "UPDATE scans SET answers = '{\"a\": 1}'",
        "DELETE FROM scans WHERE quarantined <> ''",
    ],
)
def test_a_scan_is_never_changed(day: Flask, statement: str) -> None:
    db.session.rollback()
    with pytest.raises(DBAPIError, match="a scan is a fact"), db.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert broken(day) == {}


def test_what_a_scan_holds_of_a_person_can_be_emptied(day: Flask) -> None:
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE scans SET answers = '{}'")
        connection.exec_driver_sql("UPDATE scans SET override = 'erased' WHERE override <> ''")
    assert db.session.scalars(select(Scan.override).where(Scan.override != "")).all() == ["erased"]
    assert broken(day) == {}


def test_scans_that_could_be_changed_are_seen(day: Flask) -> None:
    db.session.rollback()
    with db.engine.begin() as connection:
        place = "" if is_sqlite() else " ON scans"
        connection.exec_driver_sql(f"DROP TRIGGER scans_are_kept{place}")
    assert broken(day) == {"scans_immutable": 1}


def test_a_forged_ticket_and_people_are_told_in_words(day: Flask) -> None:
    force("UPDATE tickets SET text = 'EV1AAAA' WHERE holder IN ('林知夏', '何以南')")
    result = day.test_cli_runner().invoke(args=["audit"])
    assert result.exit_code == 1
    assert "BROKEN Every ticket verifies" in result.output
    assert "registrations: 4 confirmed, 1 on_leave, 1 returned, 1 withdrawn" in result.output
    assert broken(day) == {"tickets_verify": 2}


def test_admissions_before_a_point_became_strict_are_no_fault(day: Flask) -> None:
    """A point that let people in again was changed to once: what it did then stays right."""
    force(
        "UPDATE scans SET verdict = 'admitted' WHERE verdict = 'already_admitted'",
        "INSERT INTO audit_entries (at, actor, action, subject, series_id, before, after) "
        "SELECT '2027-03-01 02:00:00+00:00', 'user:1', 'point.change', 'point:' || id, series_id,"
        " '{}', '{}' FROM points",
    )
    assert broken(day) == {}
