"""Who is erased is gone from every room and file, goes on being counted, and stays erased."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from eduforum.backup.services import create, restore
from eduforum.checkin.models import Scan
from eduforum.core import clock as time
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db, forget_log, new_id, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.personal import ERASED
from eduforum.core.personal import Group as PersonalGroup
from eduforum.delegations.entries import Entry
from eduforum.delegations.queries import by_link as delegation_by_link
from eduforum.delegations.services import DelegationInput, drafts, manage
from eduforum.delegations.services.letters import page_url
from eduforum.events.models import Event, Series
from eduforum.files.models import StoredFile
from eduforum.files.rules import Kind
from eduforum.notices.models import Notice
from eduforum.notices.rules import NoLongerUseful, NoticeState
from eduforum.notices.services import deliver_due, queue, resend
from eduforum.privacy import ledger, services
from eduforum.registration.models import Delegation, Invitation, Pool, Registration
from eduforum.registration.queries import by_link
from eduforum.registration.rules import InvitationKind, Rsvp, State
from eduforum.registration.services import my_url
from eduforum.reports.invariants import findings
from eduforum.reports.queries.attendance import by_event, known_of
from eduforum.tickets.models import Ticket
from eduforum.tickets.rules import Standing
from tests.privacy.people import NAME, SECRETS, days, let_in, make_open_category, make_person


@pytest.fixture(autouse=True)
def _own_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger of one test is nobody else's."""
    monkeypatch.setattr(ledger, "path", lambda: tmp_path / "erased")


def series_of(registration: Registration) -> Series:
    return db.session.get_one(Series, registration.series_id)


def subject(registration: Registration) -> str:
    return f"registration:{registration.id}"


def forget(registration: Registration) -> None:
    services.erase(services.person_of(subject(registration)), by="person")


def everything() -> str:
    """All that the database says, table by table."""
    db.session.rollback()
    return "\n".join(
        repr(tuple(row))
        for table in db.metadata.sorted_tables
        for row in db.session.execute(table.select())
    )


def broken() -> list[str]:
    return [one.name for one in findings(full=True) if one.broken]


def test_every_room_forgets(either_app: Flask) -> None:
    series = db.session.get_one(Series, make_open_category().series_id)
    made = make_person(series)
    with transaction():
        db.session.add(
            StoredFile(
                owner=subject(made), purpose="photo", kind=Kind.JPEG, name="林知夏.jpg",
                size=1, digest="x", place="nowhere", kept_at=time.now(),
            )
        )  # fmt: skip
    let_in(made)
    link = my_url(made).rpartition("/")[2]
    before = everything()
    assert all(word in before for word in SECRETS if word != "11010519491231002X")

    forget(made)

    after = everything()
    assert [word for word in SECRETS if word in after] == []
    with pytest.raises(NotFound):
        by_link(link)
    with pytest.raises(NotFound):
        services.person_of(subject(made))
    assert broken() == []


def test_nothing_is_left_in_the_files_of_the_database(app: Flask) -> None:
    series = db.session.get_one(Series, make_open_category().series_id)
    made = make_person(series)
    database = Path(db.engine.url.database or "")
    forget_log()
    assert NAME.encode() in database.read_bytes()
    forget(made)
    forget_log()
    for file in database.parent.glob(f"{database.name}*"):
        raw = file.read_bytes()
        for word in SECRETS:
            assert word.encode() not in raw, (file.name, word)
            assert word.encode("ascii", "backslashreplace") not in raw, (file.name, word)


def test_who_was_still_to_come_gives_the_seat_back_and_is_told_nothing(either_app: Flask) -> None:
    series = db.session.get_one(Series, make_open_category().series_id)
    made = make_person(series)
    forget(made)
    row = db.session.get_one(Registration, made.id)
    assert (row.state, row.name, row.email) == (State.WITHDRAWN, ERASED, "")
    assert db.session.scalars(select(Pool)).one().held == 0
    assert {one.standing for one in db.session.scalars(select(Ticket))} <= {
        Standing.CANCELLED,
        Standing.REVOKED,
    }
    states = set(db.session.scalars(select(Notice.state)))
    assert not states & {NoticeState.QUEUED, NoticeState.SENDING}
    assert broken() == []


def test_who_came_goes_on_being_counted(either_app: Flask, clock: time_machine.Traveller) -> None:
    series = db.session.get_one(Series, make_open_category().series_id)
    made = make_person(series)
    clock.shift(days(14))
    let_in(made)
    clock.shift(days(1))
    before = by_event(known_of(series, time.now()))
    forget(made)
    assert by_event(known_of(series_of(made), time.now())) == before
    assert db.session.get_one(Registration, made.id).state is State.CONFIRMED
    scan = db.session.scalars(select(Scan)).one()
    assert (scan.answers, scan.override) == ({}, "erased")
    assert broken() == []


def test_what_is_on_record_says_that_it_happened_and_no_more(app: Flask) -> None:
    series = db.session.get_one(Series, make_open_category().series_id)
    made = make_person(series)
    services.erase(services.person_of(subject(made)), by="organiser", reason="来信要求")
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert entries[-1].action == "privacy.erase"
    assert entries[-1].after == {"by": "organiser", "reason": "来信要求"}
    revealed = next(one for one in entries if one.action == "registration.reveal_id")
    assert revealed.after == {"fields": ["id_number"]}
    looked_for = next(one for one in entries if one.action == "registration.export")
    assert looked_for.after["filters"] == {"q": ["***"]}


def test_an_organiser_says_why(app: Flask) -> None:
    made = make_person(db.session.get_one(Series, make_open_category().series_id))
    with pytest.raises(BadInput) as refused:
        services.erase(services.person_of(subject(made)), by="organiser", reason=" ")
    assert list(refused.value.errors) == ["reason"]
    assert db.session.get_one(Registration, made.id).name == NAME
    assert len(ledger.Ledger()) == 0


def test_an_erased_letter_is_not_sent_again(app: Flask) -> None:
    series = db.session.get_one(Series, make_open_category().series_id)
    made = make_person(series)
    forget(made)
    for notice in db.session.scalars(select(Notice)).all():
        with pytest.raises(NoLongerUseful):
            resend(series.id, notice.id)
    assert deliver_due() == 0


def test_others_are_not_touched(app: Flask) -> None:
    series = db.session.get_one(Series, make_open_category().series_id)
    made, other = make_person(series), make_person(series, name="周明远", n=1)
    forget(made)
    db.session.expire_all()
    row = db.session.get_one(Registration, other.id)
    assert (row.name, row.state, bool(row.id_number)) == ("周明远", State.CONFIRMED, True)
    assert row.ticket
    assert row.ticket.holder == "周明远"


def test_erased_stays_erased_after_a_restore(home: Flask, tmp_path: Path) -> None:
    series = db.session.get_one(Series, make_open_category().series_id)
    made, other = make_person(series), make_person(series, name="周明远", n=1)
    series_id, made_id, other_id = series.id, made.id, other.id
    backup = create(tmp_path / "backups").archive
    forget(db.session.get_one(Registration, made_id))
    db.session.remove()

    restore(backup, force=True)

    rows = dict(db.session.execute(select(Registration.id, Registration.name)).all())
    assert rows == {made_id: ERASED, other_id: "周明远"}
    shared = {"少年宫老师", "不吃牛肉"}  # the other person says so as well
    assert [word for word in SECRETS if word in everything()] == sorted(shared, key=SECRETS.index)
    marks = ledger.path().read_text()
    assert str(made_id) not in marks
    assert ledger.path().stat().st_mode & 0o777 == 0o600
    last = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "privacy.erase")).all()
    assert [one.after for one in last] == [{"by": "restore"}]
    assert series_id
    with sqlite3.connect(str(db.engine.url.database)) as file:
        assert file.execute("SELECT count(*) FROM registrations").fetchone() == (2,)


def test_moving_the_last_event_moves_nothing_that_is_gone(app: Flask) -> None:
    """An erasure twice is one refusal, not two."""
    made = make_person(db.session.get_one(Series, make_open_category().series_id))
    person = services.person_of(subject(made))
    services.erase(person, by="person")
    with pytest.raises(Exception, match="已经删除"):
        services.erase(person, by="person")
    assert db.session.scalars(select(Event)).all()


def test_the_invitation_somebody_came_by_names_nobody_any_more(either_app: Flask) -> None:
    series = db.session.get_one(Series, make_open_category().series_id)
    made = make_person(series)
    with transaction():
        invitation = Invitation(
            series_id=series.id, category_id=made.category_id, kind=InvitationKind.PERSONAL,
            name="受邀林老师", email="invited@example.org", mobile="+8613900000999", used=1,
            rsvp=Rsvp.YES, answered_at=made.applied_at,
        )  # fmt: skip
        db.session.add(invitation)
        db.session.flush()
        db.session.get_one(Registration, made.id).invitation_id = invitation.id
    forget(made)
    kept = db.session.scalars(select(Invitation)).one()
    assert (kept.name, kept.email, kept.mobile) == ("", "", "")


def make_unit(series: Series) -> Delegation:
    """A unit whose liaison was written to, about himself and about somebody without an address."""
    manage.create(
        series,
        DelegationInput(
            unit="样本学校", edit_until=time.now() + timedelta(days=3), liaison_name="江屿白",
            liaison_mobile="+8613900000777", liaison_email="jiang@example.org",
        ),
    )  # fmt: skip
    made = db.session.scalars(select(Delegation)).one()
    drafts.save(series.id, made.id, [drafts.Line(Entry(name="沈知远"))])
    with transaction():
        queue("announcement", series_id=series.id, about=f"registration:{new_id()}",
              language="zh-Hans", recipient="jiang@example.org", recipient_name="江屿白",
              values={"name": "江屿白"})  # fmt: skip
    return made


def test_a_liaison_is_forgotten_and_the_unit_stays(either_app: Flask) -> None:
    series = db.session.get_one(Series, make_open_category().series_id)
    unit = make_unit(series)
    secret = page_url(unit).rpartition("/")[2]
    services.erase(services.person_of(f"delegation:{unit.id}"), by="organiser", reason="来信要求")

    said = everything()
    assert [word for word in ("江屿白", "13900000777", "jiang@", "沈知远") if word in said] == []
    assert "样本学校" in said
    with pytest.raises(NotFound):
        delegation_by_link(secret)
    assert {one.state for one in db.session.scalars(select(Notice))} == {NoticeState.WITHHELD}
    with pytest.raises(NotFound):
        services.person_of(f"delegation:{unit.id}")
    assert broken() == []


def test_liaisons_go_when_the_rest_goes(app: Flask, clock: time_machine.Traveller) -> None:
    series = db.session.get_one(Series, make_open_category().series_id)
    make_unit(series)
    general = {due.group: due for due in services.preview()}[PersonalGroup.GENERAL]
    assert general.people == 1
    assert general.goes_at
    clock.move_to(general.goes_at - timedelta(minutes=1))
    assert [count for _due, count in services.run()] == []
    clock.move_to(general.goes_at)
    assert [count for _due, count in services.run()] == [1]
    assert "江屿白" not in everything()
    assert services.preview()[-1].people == 0


def test_an_erased_liaison_stays_erased_on_another_machine(home: Flask, tmp_path: Path) -> None:
    """The archive of keys says who was erased since the backup was made."""
    series = db.session.get_one(Series, make_open_category().series_id)
    unit_id = make_unit(series).id
    backup = create(tmp_path / "backups").archive
    services.erase(services.person_of(f"delegation:{unit_id}"), by="organiser", reason="来信要求")
    real = Path(home.config["DATA_DIR"]) / "erased"
    real.write_bytes(ledger.path().read_bytes())
    keys = create(tmp_path / "later", with_keys=True).keys
    real.write_text("2027-01-01T00:00:00Z beef\n")
    db.session.remove()

    restore(backup, keys=keys, force=True)

    lines = real.read_text().splitlines()
    assert len(lines) == 2
    assert "2027-01-01T00:00:00Z beef" in lines
    assert db.session.get_one(Delegation, unit_id).liaison_name == ""
    assert "江屿白" not in everything()
