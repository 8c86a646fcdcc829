"""Invented delegations for demonstrations: one in each stage of its life."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from eduforum.core import clock
from eduforum.core.db import db, transaction
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.delegations import queries
from eduforum.delegations.choosing import Choices
from eduforum.delegations.entries import Entry
from eduforum.delegations.services import DelegationInput, drafts, manage, submit
from eduforum.events.models import Organisation, Series
from eduforum.registration import services as registration
from eduforum.registration.models import Category, Delegation, Registration
from eduforum.registration.rules import Admission
from eduforum.registration.sample_names import han_name, name_of

_POSITIONS = (
    "副校长",
    "教务处处长",
    "教研室主任",
    "教师",
    "实训中心主任",
    "教师",
    "院长助理",
    "教师",
)
_TYPES = ("vocational_college", "university", "authority", "vocational_school", "school")
_WHY_LEAVE = Text("同日有公务安排", "Other duties on that day")
_WHAT_IS_WRONG = Text("请填写姓名全称，与证件一致。", "Please give the full name, as on the ID.")


@dataclass(frozen=True, slots=True)
class Plan:
    """One sample: how many seats, how many people are submitted, how many rows still wait."""

    seats: int
    submitted: int
    waiting: int = 0
    approved: int = 0
    over: bool = False
    reviewed: bool = True


PLANS = (
    Plan(12, 7, waiting=3, approved=5),
    Plan(20, 18, approved=18),
    Plan(8, 8, reviewed=False, over=True),
    Plan(15, 4, waiting=2),
    Plan(10, 0, waiting=5),
    Plan(6, 0),
)


class NoDelegations(Refusal):
    code = "no-category"

    def __init__(self) -> None:
        super().__init__(
            Text(
                "没有由单位报送的类别，或没有可用的单位。",
                "The series has no category that units report, or there are no units.",
            )
        )


def add_delegations(series: Series) -> list[str]:
    """Make the samples that are not there yet. Returns their units. Raises `NoDelegations`."""
    category = next(
        (c for c in queries.reportable(series.id) if c.admission is Admission.BY_DELEGATION), None
    )
    units = _units(series)
    if category is None or not units:
        raise NoDelegations
    chance = random.Random(f"{series.slug} delegations")
    made = []
    for number, (unit, plan) in enumerate(zip(units, PLANS, strict=False)):
        delegation = _make(series, unit, plan, category, number)
        _fill(delegation, plan, chance, number)
        made.append(unit)
    return made


def _units(series: Series) -> list[str]:
    """Units of every sort that have no delegation yet."""
    taken = {one.unit for one in queries.delegations_of(series.id)}
    if taken:
        return []
    found = db.session.scalars(select(Organisation).order_by(Organisation.id)).all()
    first = [next((o.name_zh for o in found if o.type == kind), "") for kind in _TYPES]
    others = [o.name_zh for o in found if o.type in _TYPES and o.name_zh not in first]
    return [unit for unit in [*first, *others] if unit][: len(PLANS)]


def _make(series: Series, unit: str, plan: Plan, category: Category, number: int) -> Delegation:
    given = DelegationInput(
        unit=unit,
        liaison_name=han_name(random.Random(f"liaison {unit}")),
        liaison_mobile=f"+86138000001{number:02d}",
        liaison_email="" if number == 3 else f"liaison{number + 1}@example.org",
        edit_until=clock.now() + timedelta(days=5 + number),
        reviewed=plan.reviewed,
        quotas={(None, category.id): plan.seats},
    )
    return manage.create(series, given, sample=True)


def _fill(delegation: Delegation, plan: Plan, chance: random.Random, number: int) -> None:
    series_id, key = delegation.series_id, delegation.id
    choices = queries.choices_for(delegation, clock.now())
    people = [_entry(choices, chance, number, n) for n in range(plan.submitted + plan.waiting)]
    if plan.submitted:
        drafts.add(series_id, key, people[: plan.submitted], key="sample")
        done = submit(series_id, key)
        _decide(delegation, done.people, plan)
    rows = people[plan.submitted :]
    if rows:
        rows[0] = Entry(name=rows[0].name, position="教师", mobile="1380000", events=rows[0].events)
        drafts.add(series_id, key, rows, key="sample-rows")
    if plan.over:
        with transaction():
            late = queries.locked_delegation(series_id, key)
            late.edit_until = clock.now() - timedelta(hours=2)


def _decide(delegation: Delegation, people: Sequence[Registration], plan: Plan) -> None:
    series_id = delegation.series_id
    for person in people[: plan.approved]:
        registration.approve(series_id, person.id)
    if plan.approved and plan.approved < len(people):
        registration.return_(series_id, people[plan.approved].id, ["name"], str(_WHAT_IS_WRONG))
    if plan.approved > 3 or plan.over:
        registration.leave(series_id, people[1].id, str(_WHY_LEAVE))


def _entry(choices: Choices, chance: random.Random, number: int, n: int) -> Entry:
    """Somebody invented; every third has neither mobile nor e-mail."""
    slots = [chance.choice(slot.events).slug for slot in choices.slots]
    name = name_of(n if number == 1 and n < 4 else 1000 + n, chance)
    return Entry(
        name=name,
        position=chance.choice(_POSITIONS),
        mobile="" if n % 3 == 2 else f"13800{number:02d}{n:04d}",
        email=f"member{number}-{n}@example.org" if n % 3 == 0 else "",
        events=choices.in_order([*choices.usual(choices.only_category), *slots]),
    )
