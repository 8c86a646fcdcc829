"""Quotas of delegations, invitations and regions: caps, and seats that are kept free."""

from datetime import timedelta

import pytest
import time_machine

from eduforum.core import clock as time
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput, NotFound
from eduforum.core.i18n import Text
from eduforum.events.models import Organisation
from eduforum.registration import services
from eduforum.registration.models import Category, Delegation, Pool
from eduforum.registration.rules import Admission, PoolFull, RegistrationClosed, State
from eduforum.registration.services.pools import Keeping, delete_pool, edit_pool
from tests.factories import (
    make_category,
    make_delegation,
    make_event,
    make_invitation,
    make_pool,
    make_series,
)
from tests.registration.people import apply, broken, fresh, pools_of, state_of

pytestmark = pytest.mark.usefixtures("either_app")


@pytest.fixture
def category() -> Category:
    """Four seats, no line."""
    return make_category(seats=4, line=0)


@pytest.fixture
def unit(category: Category) -> Delegation:
    return make_delegation(category.series)


def numbers(pool: Pool) -> tuple[int, int, int, int]:
    fresh(pool)
    return pool.size, pool.held, pool.blocked, pool.grandfathered


def around(category: Category) -> Pool:
    return pools_of(category)[0]


def refused(category: Category, **more: object) -> str:
    with pytest.raises(PoolFull) as problem:
        apply(category, "拒绝", **more)
    return str(problem.value)


def test_a_cap_takes_no_seats_from_others(category: Category, unit: Delegation) -> None:
    cap = make_pool(category, 1, delegation_id=unit.id, name_zh="样本代表团", waiting_limit=0)

    apply(category, delegation_id=unit.id)

    assert "样本代表团" in refused(category, delegation_id=unit.id)
    for _ in range(3):
        assert apply(category).state is State.CONFIRMED
    assert numbers(around(category)) == (4, 4, 0, 0)
    assert numbers(cap) == (1, 1, 0, 0)
    assert broken() == {}


def test_reserved_seats_are_free_for_the_delegation_and_for_nobody_else(
    category: Category, unit: Delegation
) -> None:
    quota = make_pool(category, 2, delegation_id=unit.id, reserving=True, waiting_limit=0)
    assert numbers(around(category)) == (4, 0, 2, 0)

    apply(category), apply(category)
    assert "旁听" in refused(category)

    for _ in range(2):
        assert apply(category, delegation_id=unit.id).state is State.CONFIRMED
    assert numbers(around(category)) == (4, 4, 0, 0)
    assert numbers(quota) == (2, 2, 0, 0)
    assert "名额" in refused(category, delegation_id=unit.id)
    assert broken() == {}


def test_a_seat_that_a_delegation_gives_back_stays_its_own(unit: Delegation) -> None:
    category = make_category(make_event(series=unit.series), seats=1)
    make_pool(category, 1, delegation_id=unit.id, reserving=True)
    first = apply(category, delegation_id=unit.id)
    outsider, second = apply(category), apply(category, delegation_id=unit.id)
    assert (outsider.state, second.state) == (State.WAITLISTED, State.WAITLISTED)

    services.withdraw(first.series_id, first.id)

    assert (state_of(outsider), state_of(second)) == (State.WAITLISTED, State.OFFERED)
    assert broken() == {}


def test_unused_seats_are_released_at_their_date_and_serve_the_line(
    unit: Delegation, clock: time_machine.Traveller
) -> None:
    category = make_category(make_event(series=unit.series), seats=2)
    until = time.now() + timedelta(days=1)
    quota = make_pool(category, 2, delegation_id=unit.id, reserving=True, release_at=until)
    apply(category, delegation_id=unit.id)
    waiting = apply(category)
    assert waiting.state is State.WAITLISTED
    assert services.release_due() == 0

    clock.shift(timedelta(days=1))
    assert services.release_due() == 1

    assert state_of(waiting) is State.OFFERED
    assert numbers(around(category)) == (2, 2, 0, 0)
    assert fresh(quota).reserving is False
    assert services.release_due() == 0
    assert broken() == {}


def test_an_invitation_holds_its_seats(category: Category) -> None:
    invitation = make_invitation(category, uses=2)
    make_pool(category, 2, invitation_id=invitation.id, reserving=True)
    apply(category), apply(category)
    refused(category)

    guest = apply(category, invitation_id=invitation.id)

    assert (guest.state, guest.invitation_id) == (State.CONFIRMED, invitation.id)
    assert numbers(around(category)) == (4, 3, 1, 0)
    assert broken() == {}


def test_a_region_is_that_of_the_unit_and_has_its_quota(category: Category) -> None:
    with transaction():
        db.session.add(Organisation(name_zh="天津市样本学校", region_code="12"))
    quota = make_pool(category, 1, region="12", name_zh="天津", waiting_limit=0)

    person = apply(category, organisation="天津市样本学校")

    assert person.region == "12"
    assert "天津" in refused(category, region="12")
    assert apply(category, organisation="河北区样本学校").region == ""
    assert numbers(quota) == (1, 1, 0, 0)
    assert broken() == {}


def test_an_edit_moves_the_seat_between_reserved_quotas() -> None:
    series = make_series()
    first, second = make_event(series=series), make_event(series=series)
    category, unit = make_category(first, second, seats=3, line=0), make_delegation(series)
    here = make_pool(category, 1, delegation_id=unit.id, event_id=first.id, reserving=True)
    there = make_pool(category, 1, delegation_id=unit.id, event_id=second.id, reserving=True)
    person = apply(category, delegation_id=unit.id, events=(first.slug,))
    assert numbers(around(category)) == (3, 1, 1, 0)

    given = services.Application(
        name=person.name, category=category.code, events=(second.slug,), mobile=person.mobile
    )
    services.edit(series.id, person.id, given)

    assert (numbers(here), numbers(there)) == ((1, 0, 0, 0), (1, 1, 0, 0))
    assert numbers(around(category)) == (3, 1, 1, 0)
    assert broken() == {}


def test_seats_that_do_not_exist_are_not_promised(category: Category, unit: Delegation) -> None:
    apply(category)

    with pytest.raises(BadInput) as problem:
        make_pool(category, 4, delegation_id=unit.id, reserving=True)

    assert "只剩 3 席" in str(problem.value)
    assert len(pools_of(category)) == 1
    quota = make_pool(category, 3, delegation_id=unit.id, reserving=True)
    with pytest.raises(BadInput):
        services.resize_pool(category.series_id, quota.id, 4, None)
    assert numbers(quota) == (3, 0, 0, 0)
    assert numbers(around(category)) == (4, 1, 3, 0)


def test_what_is_kept_free_is_kept_free_once(category: Category, unit: Delegation) -> None:
    make_pool(category, 1, delegation_id=unit.id, reserving=True)

    with pytest.raises(BadInput) as problem:
        make_pool(category, 1, delegation_id=unit.id, event_id=category.events[0].id,
                  reserving=True)  # fmt: skip

    assert "不能重复预留" in str(problem.value)


def test_a_pool_lowered_below_what_is_promised_keeps_the_promise(
    category: Category, unit: Delegation
) -> None:
    quota = make_pool(category, 2, delegation_id=unit.id, reserving=True, waiting_limit=0)
    apply(category)

    services.resize_pool(category.series_id, around(category).id, 1, 0)

    assert numbers(around(category)) == (1, 1, 2, 2)
    refused(category)
    assert apply(category, delegation_id=unit.id).state is State.CONFIRMED
    services.release_pool(category.series_id, quota.id)
    assert numbers(around(category)) == (1, 2, 0, 1)
    assert broken() == {}


def test_keeping_free_can_be_switched_on_and_off_and_deleted(
    category: Category, unit: Delegation
) -> None:
    quota = make_pool(category, 2, delegation_id=unit.id)
    series_id, name = category.series_id, Text("样本", "Sample")

    edit_pool(series_id, quota.id, name, 3, None, Keeping(True))
    assert numbers(around(category)) == (4, 0, 3, 0)
    edit_pool(series_id, quota.id, name, 2, None)
    assert numbers(around(category)) == (4, 0, 2, 0)
    edit_pool(series_id, quota.id, name, 2, None, Keeping(False))
    assert numbers(around(category)) == (4, 0, 0, 0)
    edit_pool(series_id, quota.id, name, 2, None, Keeping(True))
    delete_pool(series_id, quota.id)

    assert numbers(around(category)) == (4, 0, 0, 0)
    with pytest.raises(BadInput):
        edit_pool(series_id, around(category).id, name, 4, None, Keeping(True))


def test_a_delegation_reports_until_its_own_deadline(clock: time_machine.Traveller) -> None:
    category = make_category(admission=Admission.BY_DELEGATION)
    unit = make_delegation(category.series, days=30)
    with pytest.raises(RegistrationClosed):
        apply(category)

    clock.shift(timedelta(days=11))  # the category is closed by now, its event not yet over
    assert apply(category, delegation_id=unit.id).state is State.CONFIRMED

    clock.shift(timedelta(days=20))
    with pytest.raises(RegistrationClosed):
        apply(category, delegation_id=unit.id)


def test_what_belongs_to_another_series_lets_nobody_in(category: Category) -> None:
    stranger = make_category()
    with pytest.raises(NotFound):
        apply(category, delegation_id=make_delegation(stranger.series).id)
    with pytest.raises(NotFound):
        apply(category, invitation_id=make_invitation(stranger).id)
    with pytest.raises(NotFound):
        make_pool(category, 1, delegation_id=make_delegation(stranger.series).id)
    with pytest.raises(NotFound):
        make_pool(category, 1, region="99")
