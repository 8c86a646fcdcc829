"""Numbers of identity documents: asked where needed, one per person, never to be read by accident."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from eduforum.core.audit import AuditEntry
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput
from eduforum.events.models import Series
from eduforum.registration import services
from eduforum.registration.models import Category, Registration
from eduforum.registration.rules import Admission, AlreadyRegistered, State
from eduforum.registration.services import Application
from eduforum.web.access import Role, Scope
from tests.factories import make_category, make_event, make_series
from tests.pages import Browser
from tests.programs import Program

NUMBER = "11010519491231002X"
MASKED = "**************002X"
OTHER = "440524188001010014"


def given(**changes: Any) -> Application:
    """Somebody with an identity card, as the form tells it."""
    return replace(
        Application(
            name="林知夏",
            category="guarded",
            events=("opening",),
            organisation="天津市职业大学",
            position="教师",
            email="lin@example.org",
            id_type="resident_id",
            id_number="110105 19491231 002x",
            consents=("privacy", "id"),
        ),
        **changes,
    )


def make_guarded(admission: Admission = Admission.BY_APPROVAL) -> Category:
    event = make_event(series=make_series(slug="demo"), slug="opening")
    category = make_category(event, code="guarded", admission=admission, seats=5)
    with transaction():
        db.session.get_one(Category, category.id).asks_id = True
    return category


@pytest.fixture
def guarded(app: Flask) -> Category:
    """A category by approval that asks for an ID number."""
    return make_guarded()


@pytest.fixture
def series(guarded: Category) -> Series:
    return db.session.get_one(Series, guarded.series_id)


def register(series: Series, application: Application) -> Registration:
    return services.register(series, application, submit_id=uuid4().hex)


def only() -> Registration:
    db.session.expire_all()
    return db.session.scalars(select(Registration)).one()


# One number, one person


def test_the_same_number_is_the_same_person(either_app: Flask) -> None:
    series = db.session.get_one(Series, make_guarded().series_id)
    register(series, given())
    with pytest.raises(AlreadyRegistered):
        register(series, given(name="另一姓名", email="other@example.org"))
    another = given(name="周明远", email="zhou@example.org", id_number=OTHER)
    assert register(series, another).state is State.SUBMITTED


def test_the_database_itself_keeps_one_registration_for_a_number(either_app: Flask) -> None:
    series = db.session.get_one(Series, make_guarded().series_id)
    first = register(series, given())
    second = register(series, given(name="周明远", email="z@example.org", id_number=OTHER))
    twice = update(Registration).where(Registration.id == second.id)
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(twice.values(id_index=first.id_index))


def test_a_number_means_nothing_in_another_series(series: Series) -> None:
    event = make_event(series=make_series(slug="next"), slug="opening")
    make_category(event, code="guarded")
    with transaction():
        category = db.session.scalars(
            select(Category).where(Category.series_id == event.series_id)
        ).one()
        category.asks_id = True
    here = register(series, given())
    there = register(event.series, given())
    assert here.id_index != there.id_index


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id_number": ""}, "id_number"),
        ({"id_number": "110105194912310021"}, "id_number"),
        ({"id_type": ""}, "id_type"),
        ({"id_type": "library_card"}, "id_type"),
        ({"consents": ("privacy",)}, "consents"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    series: Series, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        register(series, given(**changes))
    assert list(refused.value.errors) == [field]
    assert NUMBER not in str(refused.value)
    assert db.session.scalars(select(Registration)).all() == []


def test_no_number_is_taken_where_none_is_asked(app: Flask) -> None:
    event = make_event(series=make_series(slug="demo"), slug="opening")
    make_category(event, code="guarded")
    with pytest.raises(BadInput) as refused:
        register(event.series, given())
    assert list(refused.value.errors) == ["id_number"]


# Changes


def test_another_number_after_approval_is_reviewed_again(series: Series) -> None:
    made = register(series, given())
    services.approve(series.id, made.id)
    services.edit(series.id, made.id, given(id_number=""))
    assert only().state is State.CONFIRMED, "an empty field keeps the number and the approval"
    services.edit(series.id, made.id, given(id_number=NUMBER.lower()))
    assert only().state is State.CONFIRMED, "the same number, typed otherwise, is no change"

    services.edit(series.id, made.id, given(id_number=OTHER))
    assert only().state is State.SUBMITTED
    assert services.reveal_id(series.id, made.id, "核对") == OTHER
    entry = db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.action == "registration.edit")
        .order_by(AuditEntry.id.desc())
    ).first()
    assert entry
    assert entry.after["changed"] == ["id_number"]


# Nobody reads it by accident


def test_a_number_opens_in_its_own_row_alone(series: Series) -> None:
    one = register(series, given())
    two = register(series, given(name="周明远", email="z@example.org", id_number=OTHER))
    with transaction():
        db.session.get_one(Registration, two.id).id_number = one.id_number
    with pytest.raises(Exception, match="belongs to another row"):
        services.reveal_id(series.id, two.id, "核对")


def test_pages_of_the_person_show_the_end_alone(browser: Browser, guarded: Category) -> None:
    data = {
        "category": "guarded", "events": ["opening"], "name": "林知夏",
        "organisation": "天津市职业大学", "position": "教师", "email": "lin@example.org",
        "id_type": "resident_id", "id_number": NUMBER, "submit_id": uuid4().hex,
    }  # fmt: skip
    page = browser.post("/s/demo/register", {**data, "step": "2"}, status=200)
    assert "证件号码" in page.text
    page = browser.post(
        "/s/demo/register", {**data, "step": "4", "consents": ["privacy"]}, status=422
    )
    assert "请阅读证件号码的用途和保存期限" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    sent = {**data, "step": "4", "consents": ["privacy", "id"]}
    mine = browser.post("/s/demo/register", sent, status=303).headers["Location"]
    assert NUMBER not in mine
    for address in (mine, f"{mine}/edit"):
        page = browser.get(address)
        assert NUMBER not in page.text
        assert MASKED in page.text


def test_desk_lists_files_and_programs_show_the_end_alone(
    browser: Browser, client: FlaskClient, series: Series, sign_in: Any
) -> None:
    made = register(series, given())
    sign_in(Role.ORGANISER, series=series)
    base = "/desk/s/demo/registrations"
    page = browser.get(f"{base}?column=id_type&column=id_number")
    assert MASKED in page.text
    sheet = browser.post(
        f"{base}/export?column=id_type&column=id_number", {"format": "csv"}, status=200
    )
    detail = browser.get(f"{base}/{made.id}")
    answer = Program(client, Scope.MANAGE, series=series).get(f"/registrations/{made.id}")
    assert answer.json
    assert (answer.json["id_type"], answer.json["id_number"]) == ("resident_id", MASKED)
    trail = browser.get("/desk/s/demo/audit")
    for shown in (page, sheet, detail, answer, trail):
        assert NUMBER not in shown.text
    sheet.close()


def test_a_viewer_sees_the_end_alone_and_no_way_to_the_rest(
    browser: Browser, series: Series, sign_in: Any
) -> None:
    made = register(series, given())
    sign_in(Role.VIEWER, series=series)
    for address in ("?column=id_number", f"/{made.id}"):
        page = browser.get(f"/desk/s/demo/registrations{address}")
        assert MASKED in page.text
        assert NUMBER not in page.text
        assert "查看完整证件号码" not in page.text


def test_a_reveal_needs_a_reason_and_is_on_record_first(
    browser: Browser, series: Series, sign_in: Any
) -> None:
    made = register(series, given())
    sign_in(Role.ORGANISER, series=series)
    address = f"/desk/s/demo/registrations/{made.id}/reveal-id"
    page = browser.post(address, {"id-reason": " "}, status=422)
    assert NUMBER not in page.text
    assert "请填写查看事由" in page.text
    page = browser.post(address, {"id-reason": "会场安保核验"}, status=200)
    assert NUMBER in page.text
    assert page.headers["Cache-Control"] == "no-store"
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "registration.reveal_id")
    ).one()
    assert entry.after == {"reason": "会场安保核验", "fields": ["id_number"]}
    assert entry.actor.startswith("user:")


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.VIEWER, Role.DOOR])
def test_others_at_the_desk_cannot_reveal(
    browser: Browser, series: Series, sign_in: Any, role: Role
) -> None:
    made = register(series, given())
    sign_in(role, series=series)
    address = f"/desk/s/demo/registrations/{made.id}/reveal-id"
    browser.post(address, {"id-reason": "核对"}, status=404)
    actions = db.session.scalars(select(AuditEntry.action)).all()
    assert "registration.reveal_id" not in actions


def test_what_is_not_recorded_is_not_shown(series: Series) -> None:
    """The record is on disk before the number is given out: without one there is no number."""
    made = register(series, given())
    with db.engine.connect() as aside:
        aside.exec_driver_sql(
            "CREATE TRIGGER refuse BEFORE INSERT ON audit_entries "
            "BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
        aside.commit()
    with pytest.raises(Exception, match="no room"):
        services.reveal_id(series.id, made.id, "核对")


def test_the_number_is_nowhere_in_the_files_of_the_database(
    app: Flask, series: Series, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Database, write-ahead log, a copy made while in use, and what went to the log."""
    made = register(series, given())
    services.approve(series.id, made.id)
    services.edit(series.id, made.id, given(id_number=OTHER))
    services.reveal_id(series.id, made.id, "核对")
    database = Path(db.engine.url.database or "")
    copy = tmp_path / "copy.sqlite3"
    with sqlite3.connect(database) as source:
        source.execute("VACUUM INTO ?", (str(copy),))
    wal = database.with_name(f"{database.name}-wal")
    assert wal.stat().st_size > 0
    for file in (database, wal, copy):
        raw = file.read_bytes()
        assert "林知夏".encode() in raw or file != copy, "the search would find what is there"
        for number in (NUMBER, OTHER):
            assert number.encode() not in raw, file.name
            assert number.encode("utf-16-le") not in raw
    assert NUMBER not in "".join(capfd.readouterr())
