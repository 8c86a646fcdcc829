"""The press office at work: what may happen, to whom it is told, and what is refused."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from eduforum.core import clock as core_clock
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.events.models import Series
from eduforum.press import queries
from eduforum.press.models import (
    Appeal,
    EventPlaces,
    OfficeNote,
    OutletTie,
    PressPerson,
    PressSettings,
)
from eduforum.press.rules import (
    CheckResult,
    Item,
    PassState,
    State,
    Verdict,
    VerifyMethod,
    Zone,
)
from eduforum.press.rules.decisions import (
    AlreadyAccredited,
    CheckNotClear,
    NoMoreRounds,
    NothingProposed,
    OutletNotVerified,
)
from eduforum.press.rules.ranking import Criterion, PlacesFull
from eduforum.press.rules.states import NotYours, TransitionNotAllowed
from eduforum.press.services import answers, decide, drafts, mend, places, review
from eduforum.press.services.inputs import Asked
from tests.press.outlets import (
    OFFICER,
    House,
    as_,
    audited,
    id_number,
    ids,
    mailed,
    people,
    state_of,
)

ONE, TWO = OFFICER, "user:72"


@pytest.fixture
def house(app: Flask) -> House:
    return House()


def test_the_main_road(house: House) -> None:
    application = house.submitted(["苏沐辰", "白予安"])
    first, second = ids(application)
    with as_(ONE):
        review.screen(house.id, application.id)
        review.check(
            house.id,
            application.id,
            {(Item.LETTER_SEALED, ""): Verdict.OK, (Item.PHOTO, str(first)): Verdict.BAD},
        )
        review.verify_outlet(house.id, application.id, VerifyMethod.CALL_BACK, "总机回拨")
        decide.approve(house.id, application.id, {first: house.grant()}, note="材料齐全")

    assert state_of(application) is State.APPROVED
    granted, held = people(application)
    assert (granted.state, held.state) == (PassState.APPROVED, PassState.HELD)
    assert granted.zones == ["A", "B"]
    assert granted.granted_ids == [house.signing.id, house.forum.id]
    assert mailed(application) == [
        "press-draft", "press-received", "press-screening", "press-verified", "press-approved",
    ]  # fmt: skip
    assert [a for a in audited(application.owner) if "." in a][-2:] == [
        "press_application.verify_outlet",
        "press_application.approve",
    ]
    assert audited(f"press_person:{first}") == ["press_person.approve"]
    assert db.session.scalars(select(OfficeNote.text)).all() == ["材料齐全"]
    assert second == held.id


def test_steps_out_of_turn_raise_and_leave_nothing(house: House) -> None:
    application = house.submitted()
    before = mailed(application)
    with as_(ONE):
        with pytest.raises(OutletNotVerified):
            decide.hold(house.id, application.id)
        with pytest.raises(TransitionNotAllowed):
            decide.uphold(house.id, application.id, "x")
        with pytest.raises(TransitionNotAllowed):
            review.start_check(house.id, application.id)
    assert state_of(application) is State.SUBMITTED
    assert mailed(application) == before


def test_an_outlet_is_verified_once(house: House) -> None:
    first = house.verified(outlet="津沽新媒体")
    again = house.submitted(outlet="津沽新媒体")
    with as_(TWO):
        review.screen(house.id, again.id)
        review.verify_outlet(house.id, again.id)
    assert state_of(again) is State.VERIFIED
    assert first.outlet_id == again.outlet_id
    fresh = house.submitted(outlet="另一家")
    with as_(TWO):
        review.screen(house.id, fresh.id)
        with pytest.raises(BadInput) as refused:
            review.verify_outlet(house.id, fresh.id)
    assert list(refused.value.errors) == ["method"]
    assert state_of(fresh) is State.SCREENING


def test_more_is_asked_for_at_most_three_times(house: House) -> None:
    application = house.submitted()
    [person] = ids(application)
    deadline = core_clock.now() + timedelta(days=1)
    with as_(ONE):
        review.screen(house.id, application.id)
    for n in (1, 2, 3):
        with as_(ONE):
            review.ask(
                house.id,
                application.id,
                [Asked(item=Item.PHOTO, person=person, note="背景不是纯色")],
                deadline,
            )
        assert state_of(application) is State.NEEDS_INFO
        with as_("public"):
            mend.press_card(house.id, application.id, person, f"K{n}")
            answers.answer(house.id, application.id, {})
        assert state_of(application) is State.SCREENING
    with as_(ONE), pytest.raises(NoMoreRounds):
        review.ask(house.id, application.id, [Asked(item=Item.PHOTO, person=person)], deadline)
    rounds = queries.requests_of(application.id)
    assert [one.round for one in rounds] == [1, 2, 3]
    assert rounds[1].before[f"{person}.press_card"] == "K1"


def test_a_deadline_lies_ahead_and_something_is_asked(house: House) -> None:
    application = house.submitted()
    with as_(ONE):
        review.screen(house.id, application.id)
        for items, when, field in (
            ([Asked(item=Item.CONTACT)], None, "answer_by"),
            ([Asked(item=Item.CONTACT)], core_clock.now(), "answer_by"),
            ([], core_clock.now() + timedelta(hours=1), "items"),
        ):
            with pytest.raises(BadInput) as refused:
                review.ask(house.id, application.id, items, when)
            assert list(refused.value.errors) == [field]


def test_outlets_are_reminded_once_a_day_before(house: House) -> None:
    application = house.submitted()
    with as_(ONE):
        review.screen(house.id, application.id)
        review.ask(
            house.id,
            application.id,
            [Asked(item=Item.CONTACT)],
            core_clock.now() + timedelta(hours=20),
        )
    assert (review.remind(), review.remind()) == (1, 0)
    assert mailed(application)[-1] == "press-info-ending"


def test_zones_c_and_f_take_a_second_officer(house: House) -> None:
    application = house.verified()
    [person] = ids(application)
    with as_(ONE):
        decide.approve(
            house.id, application.id, {person: house.grant(Zone.PUBLIC, Zone.STAGE, Zone.VIP)}
        )
        [at_once] = people(application)
        assert (at_once.zones, at_once.proposed_zones) == (["A"], ["C", "F"])
        with pytest.raises(NotYours):
            decide.agree(house.id, application.id, person, agreed=True)
    with as_(TWO):
        decide.agree(house.id, application.id, person, agreed=True)
        [settled] = people(application)
        assert (settled.zones, settled.proposed_zones) == (["A", "C", "F"], [])
        with pytest.raises(NothingProposed):
            decide.agree(house.id, application.id, person, agreed=True)
    assert mailed(application)[-1] == "press-zones"


def test_a_second_officer_may_disagree(house: House) -> None:
    application = house.verified()
    [person] = ids(application)
    with as_(ONE):
        decide.approve(house.id, application.id, {person: house.grant(Zone.PUBLIC, Zone.STAGE)})
    with as_(TWO):
        decide.agree(house.id, application.id, person, agreed=False)
    [settled] = people(application)
    assert (settled.zones, settled.proposed_zones) == (["A"], [])


def test_nobody_decides_about_the_own_outlet(house: House) -> None:
    application = house.submitted()
    with transaction():
        db.session.add(OutletTie(outlet_id=application.outlet_id, actor=ONE))
    with as_(ONE), pytest.raises(NotYours) as refused:
        review.screen(house.id, application.id)
    assert refused.value.sentence.zh.startswith("您与该单位有关联")
    with as_(TWO):
        review.screen(house.id, application.id)


def test_an_appeal_goes_to_another_officer_and_is_made_once(house: House) -> None:
    application = house.rejected()
    assert people(application)[0].state is PassState.REJECTED
    with as_("public"):
        answers.appeal(house.id, application.id, "公章在第二页。")
    with as_(ONE), pytest.raises(NotYours):
        decide.overturn(house.id, application.id, "同意")
    with as_(TWO):
        decide.overturn(house.id, application.id, "公章确在第二页。")
        decide.approve(house.id, application.id, {ids(application)[0]: house.grant()})
    assert state_of(application) is State.APPROVED
    appeal = db.session.get(Appeal, application.id)
    assert appeal
    assert (appeal.decided_by, appeal.answer) == (TWO, "公章确在第二页。")
    assert mailed(application)[-3:] == ["press-appealed", "press-overturned", "press-approved"]

    other = house.rejected(outlet="另一家")
    with as_("public"):
        answers.appeal(house.id, other.id, "请再看一次。")
    with as_(TWO):
        decide.uphold(house.id, other.id, "仍未盖章。")
    with as_("public"), pytest.raises(TransitionNotAllowed):
        answers.appeal(house.id, other.id, "再次申请")


def test_an_outlet_that_was_never_verified_is_so_after_the_appeal(house: House) -> None:
    application = house.submitted()
    with as_(ONE):
        review.screen(house.id, application.id)
        decide.reject(house.id, application.id, "letter")
    with as_("public"):
        answers.appeal(house.id, application.id, "公章在第二页。")
    with as_(TWO):
        decide.overturn(house.id, application.id, "公章确在第二页。")
        grants = {ids(application)[0]: house.grant()}
        with pytest.raises(OutletNotVerified):
            decide.approve(house.id, application.id, grants)
        review.verify_outlet(house.id, application.id, VerifyMethod.LETTER)
        decide.approve(house.id, application.id, grants)
    assert mailed(application)[-2:] == ["press-overturned", "press-approved"]


def test_the_outlet_never_reads_what_the_office_keeps_to_itself(house: House) -> None:
    application = house.rejected()
    assert (application.reason_code, application.reason) == ("letter", "未盖公章。")
    assert db.session.scalars(select(OfficeNote.text)).all() == ["电话未接通"]


def test_places_of_series_outlet_and_event_are_never_passed(app: Flask) -> None:
    house = House(places=2, per_outlet=2)
    one = house.verified(["苏沐辰", "白予安"])
    with as_(ONE):
        decide.approve(house.id, one.id, {ids(one)[0]: house.grant()})
    two = house.verified(["顾清和", "叶知秋"], outlet="另一家")
    with as_(ONE), pytest.raises(PlacesFull) as refused:
        decide.approve(house.id, two.id, dict.fromkeys(ids(two), house.grant()))
    assert refused.value.sentence.zh.startswith("“全部媒体”名额不足：共 2 个，还剩 1 个")
    assert state_of(two) is State.VERIFIED
    with transaction():
        db.session.add(EventPlaces(event_id=house.forum.id, places=1))
    with as_(ONE):
        with pytest.raises(PlacesFull) as full:
            decide.approve(house.id, two.id, {ids(two)[0]: house.grant()})
        assert full.value.places.name.zh == house.forum.name_zh
        decide.approve(house.id, two.id, {ids(two)[0]: house.grant(events=[house.signing.id])})


def test_two_officers_at_once_do_not_give_one_place_twice(either_app: Flask) -> None:
    house = House(places=1)
    both = [house.verified(outlet="甲报"), house.verified(outlet="乙报")]
    jobs = [(one.id, {ids(one)[0]: house.grant()}) for one in both]
    series_id, told = house.id, list[str]()
    db.session.remove()
    start = threading.Barrier(2)

    def approve(job: tuple[object, object], who: str) -> None:
        with either_app.app_context(), as_(who):
            start.wait()
            try:
                decide.approve(series_id, job[0], job[1])  # type: ignore[arg-type]
                told.append("approved")
            except PlacesFull:
                told.append("full")
            finally:
                db.session.remove()

    threads = [
        threading.Thread(target=approve, args=(job, who))
        for job, who in zip(jobs, (ONE, TWO), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["approved", "full"]
    taken = db.session.scalars(
        select(PressPerson.id).where(PressPerson.state == PassState.APPROVED)
    ).all()
    assert len(taken) == 1


def test_who_is_on_hold_is_ranked_and_moves_up_only_by_a_decision(app: Flask) -> None:
    house = House(places=1)
    large = house.verified(["苏沐辰", "白予安"], outlet="甲报")
    small = house.verified(["顾清和"], outlet="乙报")
    with as_(ONE):
        decide.hold(house.id, large.id)
        decide.hold(house.id, small.id)
    assert next(one.person.name for one in places.held(house.id)) == "顾清和"
    with transaction():
        db.session.add(PressSettings(series_id=house.id, ranking=[Criterion.EARLY.value]))
    assert next(one.person.name for one in places.held(house.id)) == "苏沐辰"
    with as_(ONE):
        decide.approve(house.id, small.id, {ids(small)[0]: house.grant()})
    with as_("public"):
        drafts.withdraw(house.id, small.id)
    assert {one.person.name for one in places.held(house.id)} == {"苏沐辰", "白予安"}


def test_one_person_for_two_outlets_is_hinted_and_not_doubled(house: House) -> None:
    number = id_number(901)
    one = house.complete([], outlet="甲报")
    other = house.complete([], outlet="乙报")
    for application, name in ((one, "苏沐辰"), (other, "苏 沐辰")):
        person = drafts.save_person(house.id, application.id, house.person(name, id_number=number))
        assert person.name == "苏沐辰"
    kept = house.verified(["白予安"], outlet="丙报")
    assert queries.doubles_of(house.id, people(kept)) == {}
    with transaction():
        for application in (one, other):
            loaded = queries.locked_application(house.id, application.id)
            loaded.outlet_id, loaded.number = kept.outlet_id, f"N{loaded.outlet_name}"
            loaded.submitted_at, loaded.state = core_clock.now(), State.VERIFIED
    [first] = people(one)
    assert [d.application_id for d in queries.doubles_of(house.id, [first])[first.id]] == [other.id]
    with as_(ONE):
        decide.approve(house.id, one.id, {first.id: house.grant()})
        with pytest.raises(AlreadyAccredited) as refused:
            decide.approve(house.id, other.id, {ids(other)[0]: house.grant()})
    assert "一人一证" in refused.value.sentence.zh


def test_a_security_check_gives_a_result_and_nothing_else(house: House) -> None:
    with transaction():
        db.session.add(PressSettings(series_id=house.id, security_check=True))
    application = house.verified()
    [person] = ids(application)
    with as_(ONE):
        with pytest.raises(CheckNotClear):
            decide.approve(house.id, application.id, {person: house.grant()})
        review.start_check(house.id, application.id)
        with pytest.raises(BadInput):
            review.end_check(house.id, application.id, {})
        review.end_check(house.id, application.id, {person: CheckResult.CLEAR})
        decide.approve(house.id, application.id, {person: house.grant()})
    assert state_of(application) is State.APPROVED


def test_withdrawing_ends_every_pass(house: House) -> None:
    application = house.verified(["苏沐辰", "白予安"])
    with as_(ONE):
        decide.approve(house.id, application.id, {ids(application)[0]: house.grant()})
    with as_("public"):
        drafts.withdraw(house.id, application.id)
    assert state_of(application) is State.WITHDRAWN
    assert {person.state for person in people(application)} == {PassState.WITHDRAWN}
    series = db.session.get(Series, house.id)
    assert series
    assert places.of_series(series).taken == 0


def test_another_series_knows_nothing_of_it(house: House) -> None:
    application = house.submitted()
    elsewhere = House()
    with as_(ONE), pytest.raises(NotFound):
        review.screen(elsewhere.id, application.id)
