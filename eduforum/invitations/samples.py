"""Invented guests for demonstrations: one with each answer, and two codes."""

import random
from datetime import timedelta

from sqlalchemy import select

from eduforum.core import clock
from eduforum.core.db import db, transaction
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.events.models import Event, Series
from eduforum.invitations.services import CodeInput, Guest, Terms, answer, manage
from eduforum.registration import services as registration
from eduforum.registration.models import Category, Invitation
from eduforum.registration.queries import categories_of
from eduforum.registration.rules import Admission
from eduforum.registration.sample_names import han_name
from eduforum.registration.services import Application

_UNITS = (
    ("天津大学", "教授"),
    ("北京师范大学", "研究员"),
    ("河北师范大学", "副校长"),
    ("中国教育科学研究院", "研究员"),
    ("南开大学", "教授"),
    ("首都师范大学", "教授"),
    ("天津市教育科学研究院", "院长"),
    ("河北工业大学", "教授"),
)
_GUESTS = 12


class NobodyToInvite(Refusal):
    code = "no-category"

    def __init__(self) -> None:
        super().__init__(
            Text("没有凭邀请参加的类别。", "The series has no category that is by invitation.")
        )


def add_invitations(series: Series) -> int:
    """Make the samples if the series has none. Returns how many. Raises `NobodyToInvite`."""
    here = select(Invitation.id).where(Invitation.series_id == series.id).limit(1)
    if db.session.scalar(here) is not None:
        return 0
    category = _category(series)
    until = min(clock.now() + timedelta(days=5), category.closes_at)
    terms = Terms(category=category.code, valid_until=until, skip_approval=True)
    kept = Terms(category=category.code, valid_until=until, lock_email=True,
                 events=(_to_come(category)[0].slug,))  # fmt: skip
    chance = random.Random(f"{series.slug} invitations")
    made = []
    for number in range(_GUESTS):
        one = manage.invite(series, _guest(number, chance), kept if number == 0 else terms,
                            send=number < _GUESTS - 2, sample=True)  # fmt: skip
        _answer(one, category, number, chance)
        made.append(one)
    for given in (CodeInput(code="QIYE-2024", name="合作企业（样本）", uses=20),
                  CodeInput(code="MEITI-2024", name="媒体联络（样本）", uses=5)):  # fmt: skip
        made.append(manage.add_code(series, given, terms, sample=True))
    return len(made)


def _category(series: Series) -> Category:
    """The first that is by invitation. Where guests may not register any more although events are
    to come, a sample series lets them until the last has ended, so that it can be shown all day."""
    found = [
        one
        for one in categories_of(series.id)
        if one.admission is Admission.BY_INVITATION and _to_come(one)
    ]
    category = next((one for one in found if clock.now() < one.closes_at), None)
    if category is not None:
        return category
    if not found or not series.sample:
        raise NobodyToInvite
    with transaction():
        late = db.session.get_one(Category, found[0].id)
        late.closes_at = max(event.ends_at for event in _to_come(late))
    return late


def _to_come(category: Category) -> list[Event]:
    return [event for event in category.events if event.ends_at > clock.now()]


def _guest(number: int, chance: random.Random) -> Guest:
    organisation, position = _UNITS[number % len(_UNITS)]
    return Guest(
        name=han_name(chance),
        organisation=organisation,
        position=position,
        email="" if number == _GUESTS - 1 else f"guest{number + 1}@example.org",
        mobile=f"+86138000002{number:02d}",
        language="en" if number == 3 else "zh-Hans",
    )


def _answer(one: Invitation, category: Category, number: int, chance: random.Random) -> None:
    series_id = one.series_id
    if number in (4, 5, 6):
        given = Application(
            name=one.name,
            category=category.code,
            events=(_to_come(category)[0].slug,),
            organisation=one.organisation,
            position=one.position,
            mobile=one.mobile,
            email=one.email,
            consents=("privacy",),
            invitation_id=one.id,
        )
        registration.register(one.series, given, submit_id=f"sample:{one.id}", sample=True)
    elif number == 7:
        answer.decline(series_id, one.id)
    elif number == 8:
        instead = Guest(name=han_name(chance), organisation=one.organisation,
                        email="instead1@example.org")  # fmt: skip
        answer.pass_on(series_id, one.id, instead)
    elif number == 9:
        manage.withdraw(series_id, one.id)
