"""A list is looked through first; then everybody in it is registered, or nobody."""

from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from eduforum.core.audit import AuditEntry
from eduforum.core.db import db, transaction
from eduforum.events.models import Organisation
from eduforum.imports import queries, services
from eduforum.imports.models import Import, ImportRow
from eduforum.imports.rules import (
    BadRows,
    ImportNotAllowed,
    ImportState,
    NotEnoughSeats,
    NothingNew,
    Outcome,
)
from eduforum.notices.models import Notice
from eduforum.registration.models import Pool, Registration
from eduforum.registration.rules import Admission, State
from eduforum.registration.services import Application, register, withdraw
from eduforum.tickets.models import Ticket
from eduforum.tickets.services import keys_of
from tests.factories import make_category, make_event
from tests.imports.lists import (
    FANG,
    LIN,
    LU,
    begin,
    count,
    fresh,
    outcomes,
    people,
    problems,
    rows,
    run,
    series_of,
    workbook,
)


def test_nothing_is_stored_before_somebody_confirms(either_app: Flask) -> None:
    category = make_category()
    row = begin(category, workbook(LIN, LU, FANG))
    assert row.state is ImportState.CHECKED
    assert row.counts == {"new": 3}
    assert (count(Registration), count(Ticket), count(Notice)) == (0, 0, 0)
    assert db.session.scalars(select(Pool.held)).all() == [0]


def test_everybody_is_registered_with_seat_ticket_trail_and_letter(either_app: Flask) -> None:
    category = make_category(make_event(), admission=Admission.BY_APPROVAL, seats=3)
    row = run(category, workbook(LIN, LU, FANG))
    assert row.state is ImportState.DONE
    assert row.counts == {"new": 3}
    found = people()
    assert [one.name for one in found] == ["方之春", "林知夏", "陆之秋"]
    assert {one.state for one in found} == {State.CONFIRMED}
    lin = found[1]
    assert lin.mobile == "+8613900000101"
    assert lin.email == "lin@example.org"
    assert (lin.pinyin, lin.initials, lin.mobile_last4) == ("linzhixia", "lzx", "0101")
    assert lin.source == "import"
    assert [event.id for event in lin.events] == [category.events[0].id]
    assert db.session.scalars(select(Pool.held)).one() == 3
    ticket = lin.ticket
    assert ticket is not None
    assert (ticket.holder, ticket.unit) == ("林知夏", "天津市职业大学")
    assert ticket.event_ids == [category.events[0].id]
    assert ticket.class_code == category.ticket_class
    assert keys_of(category.series_id)
    letters = db.session.scalars(select(Notice)).all()
    assert {(one.kind, one.recipient) for one in letters} == {
        ("registration-confirmed", "lin@example.org"),
        ("registration-confirmed", "lu@example.org"),
        ("registration-confirmed", ""),
    }
    trail = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "registration.register")
    ).all()
    assert {one.subject for one in trail} == {f"registration:{one.id}" for one in found}
    assert trail[0].after == {"state": "confirmed", "category": category.code, "source": "import"}
    # What was read is gone.
    assert count(ImportRow) == 0
    assert db.session.scalars(select(Import.source)).one() is None


def test_the_second_run_adds_nobody(either_app: Flask) -> None:
    category = make_category()
    run(category, workbook(LIN, LU))
    row = begin(category, workbook(LIN, LU))
    assert row.counts == {"unchanged": 2}
    with pytest.raises(NothingNew):
        services.commit(row.series_id, row.id)
    assert count(Registration) == 2


def test_a_bad_row_keeps_everybody_out(app: Flask) -> None:
    category = make_category()
    row = begin(category, workbook(LIN, ("陆之秋", "", "", "123", "")))
    assert row.counts == {"new": 1, "refused": 1}
    with pytest.raises(BadRows):
        services.commit(row.series_id, row.id)
    assert count(Registration) == 0
    assert problems(row) == [("名单", 3, "D", "123", "请填写 11 位手机号，现为 3 位。")]


def test_too_few_seats_refuse_the_whole_list_and_name_the_pool(either_app: Flask) -> None:
    category = make_category(seats=2)
    row = begin(category, workbook(LIN, LU, FANG))
    with pytest.raises(NotEnoughSeats) as refused:
        services.commit(row.series_id, row.id)
    assert str(refused.value) == "名额不足，未导入任何人：“旁听”需要 3 席，空席 2。"
    assert (count(Registration), db.session.scalars(select(Pool.held)).one()) == (0, 0)


def test_nobody_is_passed_who_waits_already(app: Flask) -> None:
    category = make_category(seats=1)
    for name in ("甲", "乙"):
        register(
            series_of(category),
            Application(
                name=name,
                category=category.code,
                events=(category.events[0].slug,),
                email=f"{uuid4().hex}@example.org",
            ),
            submit_id=uuid4().hex,
        )
    pool = db.session.scalars(select(Pool)).one()
    pool.size = 1
    row = begin(category, workbook(LIN))
    with pytest.raises(NotEnoughSeats):
        services.commit(row.series_id, row.id)


def test_seats_that_went_meanwhile_refuse_it_at_the_last_moment(either_app: Flask) -> None:
    category = make_category(seats=2)
    row = begin(category, workbook(LIN, LU))
    services.commit(row.series_id, row.id)
    register(
        series_of(category),
        Application(
            name="方之春",
            category=category.code,
            events=(category.events[0].slug,),
            email="fang@example.org",
        ),
        submit_id=uuid4().hex,
    )
    services.work_off(row.series_id, row.id)
    row = fresh(row)
    assert row.state is ImportState.REFUSED
    assert row.refusal is not None
    assert row.refusal["code"] == "pool-full"
    assert [one.name for one in people()] == ["方之春"]
    assert db.session.scalars(select(Pool.held)).one() == 1


def test_somebody_who_registered_meanwhile_refuses_it_too(either_app: Flask) -> None:
    category = make_category()
    row = begin(category, workbook(LIN, LU))
    services.commit(row.series_id, row.id)
    register(
        series_of(category),
        Application(
            name="林知夏",
            category=category.code,
            events=(category.events[0].slug,),
            mobile="+8613900000101",
        ),
        submit_id=uuid4().hex,
    )
    services.work_off(row.series_id, row.id)
    row = fresh(row)
    assert row.state is ImportState.REFUSED
    assert row.refusal is not None
    assert row.refusal["code"] == "import-overtaken"
    services.check_again(row.series_id, row.id)
    services.work_off(row.series_id, row.id)
    row = fresh(row)
    assert outcomes(row) == ["differs", "new"]
    services.commit(row.series_id, row.id)
    services.work_off(row.series_id, row.id)
    assert [one.name for one in people()] == ["林知夏", "陆之秋"]


def test_seats_kept_for_a_region_are_free_for_its_people(either_app: Flask) -> None:
    category = make_category(seats=3)
    with transaction():
        school = Organisation(name_zh="天津市第一中学", pinyin="t", region_code="12")
        db.session.add(school)
        db.session.add(
            Pool(
                series_id=category.series_id, category_id=category.id, region="12", reserving=True,
                name_zh="天津", name_en="Tianjin", size=2,
            )
        )  # fmt: skip
        shared = db.session.scalars(select(Pool).where(Pool.region.is_(None))).one()
        shared.blocked = 2
    of_tianjin = [(f"甲{n}", "天津市第一中学", "", f"1390000040{n}", "") for n in range(2)]
    row = begin(category, workbook(LIN, LU))
    with pytest.raises(NotEnoughSeats):
        services.commit(row.series_id, row.id)
    run(category, workbook(LIN, *of_tianjin))
    pools = db.session.execute(select(Pool.region, Pool.held, Pool.blocked)).all()
    assert sorted(map(tuple, pools), key=str) == [("12", 2, 0), (None, 3, 0)]
    assert [one.region for one in people()] == ["", "12", "12"]


def test_people_for_review_get_no_ticket(either_app: Flask) -> None:
    category = make_category(admission=Admission.BY_APPROVAL, seats=2)
    run(category, workbook(LIN, LU), review=True)
    assert {one.state for one in people()} == {State.SUBMITTED}
    assert count(Ticket) == 0
    assert db.session.scalars(select(Pool.held)).one() == 2
    assert {one.kind for one in db.session.scalars(select(Notice))} == {"registration-received"}


def test_people_for_review_who_hold_no_seat_need_none(app: Flask) -> None:
    category = make_category(admission=Admission.BY_APPROVAL, seats=1, pending_holds=False)
    run(category, workbook(LIN, LU), review=True)
    assert db.session.scalars(select(Pool.held)).one() == 0


def test_letters_are_left_out_when_nobody_wants_them(app: Flask) -> None:
    run(make_category(), workbook(LIN, LU), letters=False)
    assert count(Notice) == 0
    assert count(Registration) == 2


def test_whoever_differs_stays_as_he_is(app: Flask) -> None:
    category = make_category()
    run(category, workbook(LIN))
    row = begin(category, workbook((*LIN[:2], "院长", *LIN[3:]), LU))
    assert outcomes(row) == ["differs", "new"]
    one = rows(row)[0]
    assert one.remark is not None
    assert one.remark["zh"] == "与现有报名不同：职务"
    assert one.registration_id == people()[0].id
    services.commit(row.series_id, row.id)
    services.work_off(row.series_id, row.id)
    assert [(one.name, one.position) for one in people()] == [
        ("林知夏", "教师"),
        ("陆之秋", "教师"),
    ]


def test_what_a_list_does_not_say_is_no_difference(app: Flask) -> None:
    category = make_category()
    run(category, workbook(LIN))
    row = begin(category, workbook(("林知夏", "", "", "13900000101", "")))
    assert outcomes(row) == ["unchanged"]


def test_whoever_gave_up_is_not_registered_again(app: Flask) -> None:
    category = make_category()
    run(category, workbook(LIN))
    withdraw(category.series_id, people()[0].id)
    row = begin(category, workbook(LIN))
    assert outcomes(row) == ["ended"]


def test_duplicates_inside_the_file(app: Flask) -> None:
    category = make_category()
    other = ("林知夏", "北京大学", "教师", "13900000101", "")
    row = begin(category, workbook(LIN, LIN, other, LU))
    assert outcomes(row) == ["new", "repeated", "refused", "new"]
    assert rows(row)[1].remark == {
        "zh": "与“名单”第 2 行重复",
        "en": "The same as “名单”, row 2",
    }
    assert problems(row) == [
        ("名单", 4, "A", "林知夏", "与“名单”第 2 行为同一人，但内容不同。请保留一行。")
    ]


def test_work_that_was_broken_off_is_taken_up_where_it_was(
    either_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eduforum.imports.services.work.CHUNK", 2)
    category = make_category(seats=None)
    list_of_7 = [(f"甲{n}", "天津一中", "", f"1390000020{n}", "") for n in range(7)]
    data = workbook(*list_of_7, list_of_7[0])

    killed = _Killed(monkeypatch)
    killed.after(3)
    with pytest.raises(_Killed.Now):
        begin(category, data)
    row = db.session.scalars(select(Import)).one()
    assert fresh(row).checked == 6
    assert queries.waits_for_work(row.created_at) is None  # its lease still runs
    _end_lease(row)
    killed.never()
    services.work_off(row.series_id, row.id)
    row = fresh(row)
    assert (row.state, row.counts) == (ImportState.CHECKED, {"new": 7, "repeated": 1})

    services.commit(row.series_id, row.id)
    killed.after(2)
    with pytest.raises(_Killed.Now):
        services.work_off(row.series_id, row.id)
    row = fresh(row)
    assert (row.state, row.told) == (ImportState.TELLING, 2)
    assert count(Registration) == 7
    _end_lease(row)
    killed.never()
    services.work_off(row.series_id, row.id)
    assert fresh(row).state is ImportState.DONE
    assert count(Registration) == 7
    assert count(Notice) == 7


class _Killed:
    """Ends the work after some chunks, as a kill does."""

    class Now(Exception):
        pass

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left: int | None = None
        monkeypatch.setattr("eduforum.imports.services.work.time.sleep", self._chunk_is_done)

    def after(self, chunks: int) -> None:
        self.left = chunks

    def never(self) -> None:
        self.left = None

    def _chunk_is_done(self, _seconds: float) -> None:
        if self.left is not None:
            self.left -= 1
            if not self.left:
                raise self.Now


def _end_lease(row: Import) -> None:
    row.leased_until = row.created_at
    db.session.commit()


def test_work_that_breaks_off_again_and_again_ends(app: Flask) -> None:
    category = make_category()
    row = begin(category, workbook(LIN))
    services.check_again(row.series_id, row.id)
    row = fresh(row)
    row.attempts = 5
    db.session.commit()
    services.work_off(row.series_id, row.id)
    row = fresh(row)
    assert row.state is ImportState.REFUSED
    assert row.refusal is not None
    assert row.refusal["code"] == "import-broken"


def test_two_workers_do_not_share_one_import(app: Flask) -> None:
    category = make_category()
    row = begin(category, workbook(LIN))
    services.check_again(row.series_id, row.id)
    row = fresh(row)
    row.lease, row.leased_until = uuid4(), row.created_at.replace(year=2099)
    db.session.commit()
    services.work_off(row.series_id, row.id)
    assert fresh(row).state is ImportState.CHECKING


def test_what_nobody_confirms_is_forgotten_after_a_day(app: Flask, clock: object) -> None:
    row = begin(make_category(), workbook(LIN))
    assert services.forget_abandoned() == 0
    clock.shift(25 * 3600)  # type: ignore[attr-defined]
    assert services.forget_abandoned() == 1
    row = fresh(row)
    assert (row.state, row.source) == (ImportState.DISCARDED, None)
    assert count(ImportRow) == 0


def test_an_import_that_is_over_stays_over(app: Flask) -> None:
    row = begin(make_category(), workbook(LIN))
    services.discard(row.series_id, row.id)
    for change in (services.commit, services.check_again, services.discard):
        with pytest.raises(ImportNotAllowed):
            change(row.series_id, row.id)


def test_what_was_read_is_sealed(app: Flask) -> None:
    begin(make_category(), workbook(LIN))
    source = db.session.scalars(select(Import.source)).one()
    assert source is not None
    assert "林知夏".encode() not in source
    assert b"13900000101" not in source
    assert count(ImportRow, outcome=Outcome.NEW) == 1
