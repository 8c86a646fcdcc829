"""Rows kept, submitted together, corrected, replaced: through the services, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from eduforum.core import clock as time
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db
from eduforum.core.errors import BadInput
from eduforum.delegations import services
from eduforum.delegations.queries import drafts_of
from eduforum.delegations.rules import NothingToSubmit, PastDeadline, TooManyRows
from eduforum.delegations.services import people
from eduforum.delegations.services.drafts import Line
from eduforum.notices.models import Notice
from eduforum.registration import services as registration
from eduforum.registration.models import Pool, Registration
from eduforum.registration.rules import AlreadyRegistered, PoolFull, State, TransitionNotAllowed
from eduforum.registration.services import Application, Newcomer, register
from eduforum.tickets.rules import Standing
from tests.delegations.units import MOBILE, Unit, entry

pytestmark = pytest.mark.usefixtures("either_app")


def someone(name: str, number: int) -> Newcomer:
    return Newcomer(name=name, mobile=f"+86{MOBILE.format(number)}")


def held(unit: Unit) -> dict[bool, int]:
    """Seats held in the delegation's own pool (True) and in the category's."""
    pools = db.session.scalars(select(Pool).where(Pool.series_id == unit.series.id)).all()
    db.session.expire_all()
    return {pool.delegation_id is not None: pool.held for pool in pools}


def notices(kind: str) -> list[Notice]:
    return list(db.session.scalars(select(Notice).where(Notice.kind == kind)))


def test_everybody_is_submitted_and_counted_in_every_pool() -> None:
    unit = Unit()
    done = unit.report(entry("林知夏", 1, email="lin@example.org"), entry("陈砚秋", 2))
    assert [(one.name, one.state, one.organisation) for one in done] == [
        ("林知夏", State.CONFIRMED, "天津大学"),
        ("陈砚秋", State.CONFIRMED, "天津大学"),
    ]
    assert held(unit) == {True: 2, False: 2}
    assert unit.rows() == []
    assert all(one.ticket and one.ticket.standing is Standing.VALID for one in done)
    assert unit.now().submitted_at == time.now()


def test_the_one_with_an_address_is_told_himself_and_the_liaison_of_all() -> None:
    unit = Unit()
    unit.report(entry("林知夏", 1, email="lin@example.org"), entry("陈砚秋", 2))
    assert [one.recipient for one in notices("registration-confirmed")] == ["lin@example.org"]
    (digest,) = notices("delegation-submitted")
    assert digest.recipient == "liaison@example.org"
    assert [(p["name"], p["told"]) for p in digest.values["people"]] == [
        ("林知夏", True),
        ("陈砚秋", False),
    ]


def test_later_letters_of_people_without_address_go_to_the_liaison() -> None:
    unit = Unit(reviewed=True)
    (person,) = unit.report(entry("陈砚秋", None))
    registration.approve(unit.series.id, person.id)
    (letter,) = notices("registration-confirmed")
    assert (letter.recipient, letter.recipient_name) == ("liaison@example.org", "江屿白")
    assert (letter.values["name"], letter.values["liaison"]) == ("陈砚秋", "江屿白")


def test_all_or_nothing_and_the_refusal_names_the_full_pool() -> None:
    unit = Unit(seats=2)
    unit.write(entry("林知夏", 1), entry("陈砚秋", 2), entry("周望舒", 3))
    with pytest.raises(PoolFull, match="天津大学代表团“旁听”名额”名额不足：需要 3 席，还剩 2 席"):
        unit.submit()
    assert held(unit) == {True: 0, False: 0}
    assert len(unit.rows()) == 3
    assert db.session.scalar(select(func.count()).select_from(Registration)) == 0


def test_the_category_s_own_pool_may_be_the_full_one() -> None:
    unit = Unit(seats=5, pool=1)
    unit.write(entry("林知夏", 1), entry("陈砚秋", 2))
    with pytest.raises(PoolFull, match="“旁听”名额不足"):
        unit.submit()


def test_reserved_seats_are_there_when_everybody_else_has_taken_the_rest() -> None:
    unit = Unit(seats=2, pool=3, reserving=True)
    for number in range(2):
        application = Application(
            name=f"来宾{number}",
            category="delegate",
            events=("plenary",),
            mobile=f"+861390000090{number}",
        )
        if number == 0:
            register(unit.series, application, submit_id=f"guest-{number}-abcdefgh", staff=True)
        else:
            state = register(
                unit.series, application, submit_id=f"guest-{number}-abcdefgh", staff=True
            ).state
            assert state is State.WAITLISTED
    unit.report(entry("林知夏", 1), entry("陈砚秋", 2))
    assert held(unit) == {True: 2, False: 3}


def test_wrong_rows_stay_and_the_right_ones_go() -> None:
    unit = Unit()
    unit.write(entry("林知夏", 1), replace(entry("陈砚秋"), mobile="1390000"))
    done = unit.submit()
    assert ([one.name for one in done.people], done.faulty) == (["林知夏"], 1)
    assert unit.rows() == ["陈砚秋"]
    with pytest.raises(NothingToSubmit, match="1 行"):
        unit.submit()


def test_submitting_twice_registers_nobody_twice() -> None:
    unit = Unit()
    unit.report(entry())
    with pytest.raises(NothingToSubmit):
        unit.submit()
    unit.write(entry(), key="again")
    with pytest.raises(NothingToSubmit):
        unit.submit()
    assert len(unit.people()) == 1


def test_rows_sent_twice_are_kept_once() -> None:
    unit = Unit()
    for _ in range(2):
        services.drafts.save(unit.series.id, unit.delegation.id, [Line(entry(), key="row-1")])
    assert unit.rows() == ["林知夏"]


def test_somebody_who_registered_before_is_named_and_nobody_else_is_held_up() -> None:
    unit = Unit()
    known = Application(
        name="林知夏", category="delegate", events=("plenary",), mobile="+8613900000001"
    )
    register(unit.series, known, submit_id="before-abcdefghij", staff=True)
    unit.write(entry("林知夏", 1), entry("陈砚秋", 2))
    done = unit.submit()
    assert ([one.name for one in done.people], done.faulty) == (["陈砚秋"], 1)
    (draft,) = drafts_of(unit.delegation.id)
    assert "已在本次活动报名" in draft.faults["name"]["zh"]


def test_the_liaison_s_shared_address_merges_nobody() -> None:
    unit = Unit(seats=10)
    people_ = [entry(f"样本{n}", None, email="liaison@example.org") for n in "甲乙丙丁戊己庚辛壬癸"]
    done = unit.report(*people_)
    assert len(done) == 10
    assert {one.email for one in done} == {""}
    assert len({one.ticket_id for one in done}) == 10


def test_two_people_of_one_name_without_contact_need_to_be_told_apart() -> None:
    unit = Unit()
    unit.write(entry("林知夏", None), entry("林知夏", None))
    done = unit.submit()
    assert (len(done.people), done.faulty) == (1, 1)
    services.drafts.add(unit.series.id, unit.delegation.id, [entry("林知夏", 7)], key="third")
    assert len(unit.submit().people) == 1


def test_one_name_without_contact_may_come_from_two_units() -> None:
    unit, other = Unit(), Unit()
    assert len(unit.report(entry("林知夏", None))) == 1
    assert len(other.report(entry("林知夏", None))) == 1


def test_after_the_deadline_nothing_is_added_unless_the_unit_gets_more_time(
    clock: time_machine.Traveller,
) -> None:
    unit = Unit(days=1)
    unit.write(entry())
    clock.shift(timedelta(days=2))
    with pytest.raises(PastDeadline):
        unit.submit()
    with pytest.raises(PastDeadline):
        unit.write(entry("陈砚秋", 2), key="late")
    services.manage.extend(unit.series.id, unit.delegation.id, time.now() + timedelta(days=1))
    assert len(unit.submit().people) == 1
    assert [one.recipient for one in notices("delegation-extended")] == ["liaison@example.org"]


def test_a_page_holds_so_many_rows_and_no_more() -> None:
    unit = Unit()
    with pytest.raises(TooManyRows):
        unit.write(*[entry(f"样本{n}", n % 1000) for n in range(501)])
    assert unit.rows() == []


def test_leave_gives_the_seat_back_and_keeps_the_reason() -> None:
    unit = Unit()
    (person,) = unit.report(entry())
    with pytest.raises(BadInput):
        people.leave(unit.series.id, unit.delegation.id, person.id, " ")
    people.leave(unit.series.id, unit.delegation.id, person.id, "公务")
    after = unit.people()["林知夏"]
    assert (after.state, after.reason) == (State.ON_LEAVE, "公务")
    assert held(unit) == {True: 0, False: 0}
    people.come_back(unit.series.id, unit.delegation.id, person.id)
    assert held(unit) == {True: 1, False: 1}


def test_a_substitute_takes_the_seat_over_also_when_all_is_full(
    clock: time_machine.Traveller,
) -> None:
    unit = Unit(seats=1, pool=1, days=1)
    (person,) = unit.report(entry("林知夏", 1, email="lin@example.org"))
    old_ticket = person.ticket
    clock.shift(timedelta(days=2))
    fresh = people.replace(
        unit.series.id, unit.delegation.id, person.id, someone("陈砚秋", 2), submit_id="once"
    )
    again = people.replace(
        unit.series.id, unit.delegation.id, fresh.id, someone("周望舒", 3), submit_id="once"
    )
    assert again.id == fresh.id
    db.session.expire_all()
    assert (unit.people()["林知夏"].state, fresh.state) == (State.REPLACED, State.CONFIRMED)
    assert held(unit) == {True: 1, False: 1}
    assert old_ticket is not None
    assert fresh.ticket is not None
    assert (old_ticket.standing, fresh.ticket.standing) == (Standing.REVOKED, Standing.VALID)
    assert old_ticket.replaced_by_id == fresh.ticket.id
    assert [event.slug for event in fresh.events] == ["plenary", "forum-a"]
    assert [one.recipient for one in notices("registration-replaced")] == ["lin@example.org"]
    assert notices("registration-confirmed")[-1].recipient == "liaison@example.org"


def test_a_substitute_is_another_person_and_not_registered_yet() -> None:
    unit = Unit()
    first, second = unit.report(entry("林知夏", 1), entry("陈砚秋", 2))
    with pytest.raises(BadInput, match="另一人"):
        people.replace(
            unit.series.id, unit.delegation.id, first.id, someone("林知夏", 1), submit_id="a"
        )
    with pytest.raises(AlreadyRegistered):
        people.replace(
            unit.series.id, unit.delegation.id, first.id, someone("陈砚秋", 2), submit_id="b"
        )
    people.leave(unit.series.id, unit.delegation.id, second.id, "公务")
    services.people.replace(
        unit.series.id, unit.delegation.id, second.id, someone("周望舒", 3), submit_id="c"
    )
    with pytest.raises(TransitionNotAllowed):
        people.replace(
            unit.series.id, unit.delegation.id, second.id, someone("吴", 4), submit_id="d"
        )


def test_where_people_are_reviewed_the_substitute_waits_with_the_seat_kept() -> None:
    unit = Unit(reviewed=True)
    (person,) = unit.report(entry())
    assert person.state is State.SUBMITTED
    registration.approve(unit.series.id, person.id)
    fresh = people.replace(
        unit.series.id, unit.delegation.id, person.id, someone("陈砚秋", 2), submit_id="x"
    )
    assert fresh.state is State.SUBMITTED
    assert held(unit) == {True: 1, False: 1}


def test_a_returned_person_is_answered_on_the_page_and_goes_back_to_review() -> None:
    unit = Unit(reviewed=True)
    (person,) = unit.report(entry("林", 1))
    registration.return_(unit.series.id, person.id, ["name"], "请填写姓名全称。")
    line = Line(entry("林知夏", 1), registration_id=person.id)
    services.drafts.save(unit.series.id, unit.delegation.id, [line])
    assert unit.people()["林"].state is State.RETURNED
    done = unit.submit()
    assert (done.people, done.answered, done.faulty) == ((), 1, 0)
    assert unit.people()["林知夏"].state is State.SUBMITTED
    assert unit.rows() == []


def test_nobody_of_another_delegation_can_be_touched() -> None:
    unit, other = Unit(), Unit()
    (person,) = other.report(entry())
    for change in (people.come_back, people.accept, people.take_off):
        with pytest.raises(Exception, match="没有找到"):
            change(unit.series.id, unit.delegation.id, person.id)


def test_every_step_is_in_the_trail_without_contacts() -> None:
    unit = Unit()
    unit.report(entry())
    rows = db.session.scalars(
        select(AuditEntry).where(AuditEntry.subject == f"delegation:{unit.delegation.id}")
    ).all()
    assert {row.action for row in rows} == {
        "delegation.create", "delegation.save", "delegation.submit",
    }  # fmt: skip
    assert "13800000101" not in str([(row.before, row.after) for row in rows])


def test_the_same_page_sent_again_after_submitting(either_app: Flask) -> None:
    """A browser that went back: the same people are not new, others under the same key are."""
    unit = Unit()
    unit.report(entry("林知夏", 1), entry("周明远", 2))
    unit.write(entry("林知夏", 1), entry("许知行", 3))
    assert unit.rows() == ["许知行"]
    unit.submit()
    assert set(unit.people()) == {"林知夏", "周明远", "许知行"}
