"""Sample registrations for demonstrations and load: marked as such, of invented people.

The first few hundred go through the same services as everybody else's, decisions included. The rest
is stored in larger pieces by the same rules: seats counted under the pools' locks, tickets signed,
letters queued, audit rows written.
"""

import random
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import func, select, update

from eduforum.core import audit, clock
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db, transaction
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Language, Text
from eduforum.core.names import search_forms
from eduforum.events.models import Event, Organisation, Series
from eduforum.events.rules import EventState, Mode
from eduforum.notices.models import Notice
from eduforum.registration import services
from eduforum.registration.models import Category, Pool, Registration
from eduforum.registration.queries import categories_of, pools_of
from eduforum.registration.rules import Admission, PoolFull, State
from eduforum.registration.sample_mass import (
    APPROVED,
    DECLINED,
    RETURNED,
    WHAT_IS_WRONG,
    Line,
    Mass,
    line_of,
)
from eduforum.registration.sample_names import LATIN, name_of
from eduforum.registration.services import Application

MOST_BY_SERVICES = 300
_SERVICES_CHUNK = 25
_MASS_CHUNK = 200
_DAYS = 10
"""How long ago the first of them registered."""
_PREFIXES = ("139", "138", "137", "136", "135", "134", "150", "151", "152", "157", "158", "159")
_NUMBERS = 10_000
_CROWDED = 2.5
"""Open categories with a short line draw more people than they have seats, so that it is seen."""
_POSITIONS = {
    "authority": ("处长", "副处长", "主任科员", "科长"),
    "university": ("教授", "副教授", "讲师", "副院长", "教务处处长"),
    "vocational_college": ("教授", "讲师", "系主任", "实训中心主任"),
    "vocational_school": ("教师", "专业组长", "副校长"),
    "school": ("教师", "年级主任", "教研组长", "校长"),
    "kindergarten": ("教师", "园长", "保教主任"),
    "enterprise": ("项目经理", "技术顾问", "人力资源总监", "工程师"),
    "media": ("记者", "编辑"),
}
_CANCELLED = Text("样本：本场活动调整。", "Sample: the event was rearranged.")


class RealPeople(Refusal):
    """Sample people do not mix with real ones."""

    code = "real-people"

    def __init__(self, count: int) -> None:
        super().__init__(
            Text(
                "该系列活动已有 {n} 人真实报名，未添加样本数据。",
                "The series has {n} real registrations; no sample people were added.",
            ).fill(n=count)
        )


class NothingToJoin(Refusal):
    """A series without categories or coming events has nothing to register for."""

    code = "nothing-to-join"

    def __init__(self) -> None:
        super().__init__(
            Text(
                "该系列活动没有参会类别，或活动均已结束。",
                "The series has no categories, or its events are over.",
            )
        )


@dataclass(slots=True)
class Person:
    """One invented person. luck: 0 to 1, decides what becomes of the application."""

    number: int
    name: str
    organisation: str
    position: str
    mobile: str
    email: str
    language: Language
    moment: datetime
    luck: float
    later: float


@dataclass(slots=True)
class Drawing:
    """Draws people and what they choose, the same for the same seed."""

    chance: random.Random
    units: Sequence[tuple[str, str]]
    first: int
    total: int
    now: datetime

    def person(self, number: int) -> Person:
        """The person with this number, counted over all sample people of the series."""
        chance = self.chance
        name = name_of(number, chance)
        foreign = name in LATIN
        unit, kind = chance.choice(self.units) if self.units else ("样本单位", "")
        reach = chance.random()
        forms = search_forms(name)
        mobile = _abroad(number) if foreign else _mobile(number)
        email = f"{forms.pinyin[:20] or 'sample'}{number}@example.{chance.choice(['org', 'com'])}"
        share = (number - self.first) / max(1, self.total)
        return Person(
            number=number,
            name=name,
            organisation=unit,
            position=chance.choice(_POSITIONS.get(kind, ("教师",))),
            mobile="" if reach > 0.97 else mobile,
            email="" if reach < 0.05 and mobile else email,
            language=Language.EN if foreign else Language.ZH,
            moment=self.now - timedelta(days=_DAYS) * (1 - share),
            luck=chance.random(),
            later=chance.random(),
        )

    def application(
        self, person: Person, category: Category, events: Sequence[Event]
    ) -> Application:
        """What the person chooses in this category, of the events that can still be chosen."""
        mode = self._mode(events)
        open_to = [event for event in events if event.mode in (Mode.HYBRID, mode)]
        return Application(
            name=person.name,
            category=category.code,
            events=tuple(event.slug for event in self._choice(open_to)),
            organisation=person.organisation,
            position=person.position,
            mobile=person.mobile,
            email=person.email,
            mode=mode,
            consents=("privacy", "guardian") if category.guardian_consent else ("privacy",),
            language=person.language.value,
        )

    def _mode(self, events: Sequence[Event]) -> Mode:
        onsite = any(event.mode is not Mode.ONLINE for event in events)
        online = any(event.mode is not Mode.ONSITE for event in events)
        if online and (not onsite or self.chance.random() < 0.5):
            return Mode.ONLINE
        return Mode.ONSITE

    def _choice(self, events: Sequence[Event]) -> list[Event]:
        """Most of what does not overlap: of events at one time a person chooses one."""
        chosen: list[Event] = []
        for event in self.chance.sample(list(events), len(events)):
            clash = any(_overlap(event, other) for other in chosen)
            if not clash and (not chosen or self.chance.random() < 0.75):
                chosen.append(event)
        return sorted(chosen, key=lambda event: (event.starts_at, event.id))


@dataclass(slots=True)
class Result:
    """states: how many people are in which state. turned_away: found no seat and no line."""

    states: Counter[State] = field(default_factory=Counter)
    turned_away: int = 0


def add_people(
    series_id: int, count: int, *, seed: int = 1, among_real: bool = False, most: int | None = None
) -> Result:
    """Register `count` sample people in the series.

    seed: the same seed draws the same people. among_real: even where real people have registered.
    most: how many go through the single services (`MOST_BY_SERVICES`).
    Raises `RealPeople`, `NothingToJoin`.
    """
    real, first = _present(series_id)
    if real and not among_real:
        raise RealPeople(real)
    drawing = Drawing(
        chance=random.Random(f"{seed}:{first}"),
        units=_units(),
        first=first,
        total=count,
        now=clock.now(),
    )
    single = min(count, MOST_BY_SERVICES if most is None else most)
    result = Result()
    with audit.acting_as("command:sample people"):
        for start in range(0, single, _SERVICES_CHUNK):
            numbers = range(first + start, first + min(single, start + _SERVICES_CHUNK))
            _by_services(series_id, drawing, numbers, result)
        line = line_of(series_id)
        for start in range(single, count, _MASS_CHUNK):
            numbers = range(first + start, first + min(count, start + _MASS_CHUNK))
            _in_mass(series_id, drawing, numbers, line, result)
    result.states = _states(series_id)
    return result


def _by_services(series_id: int, drawing: Drawing, numbers: range, result: Result) -> None:
    with transaction():
        series, choices = _open(series_id)
        for number in numbers:
            person = drawing.person(number)
            registration = _register(series, drawing, person, choices)
            if registration is None:
                result.turned_away += 1
                continue
            _decide(registration, person)
            _backdate(registration, person.moment)


def _register(
    series: Series,
    drawing: Drawing,
    person: Person,
    choices: Sequence[tuple[Category, Sequence[Event], float]],
) -> Registration | None:
    """In the first category, drawn by seats, that has a seat or a place in line."""
    for category, events in _in_turn(drawing.chance, choices):
        try:
            return services.register(
                series,
                drawing.application(person, category, events),
                submit_id=f"sample:{uuid4().hex}",
                source="sample",
                staff=_by_staff(category),
                sample=True,
            )
        except PoolFull:
            continue
    return None


def _by_staff(category: Category) -> bool:
    """Whether organisers register people here: not a category for oneself, or not open now."""
    for_oneself = category.admission in (Admission.OPEN, Admission.BY_APPROVAL)
    return not for_oneself or not category.opens_at <= clock.now() < category.closes_at


def _decide(registration: Registration, person: Person) -> None:
    """What organisers and the person did since, some of everything."""
    if registration.state is State.SUBMITTED:
        _review(registration, person)
    if registration.state is State.CONFIRMED:
        series_id, key = registration.series_id, registration.id
        if person.later < 0.02:
            services.leave(series_id, key)
        elif person.later < 0.045:
            services.withdraw(series_id, key)
        elif person.later < 0.05:
            services.cancel(series_id, key, _CANCELLED.to(person.language))


def _review(registration: Registration, person: Person) -> None:
    series_id, key = registration.series_id, registration.id
    if person.luck < APPROVED:
        with suppress(PoolFull):  # where people under review hold no seat
            services.approve(series_id, key)
    elif person.luck < RETURNED:
        reason = WHAT_IS_WRONG.to(person.language)
        services.return_(series_id, key, ["name", "organisation"], reason)
    elif person.luck < DECLINED:
        services.decline(series_id, key, "category")


def _backdate(registration: Registration, moment: datetime) -> None:
    """Let it look as if it had come in over some days. The order in line stays as it is."""
    registration.applied_at = moment
    about = f"registration:{registration.id}"
    db.session.flush()
    db.session.execute(update(AuditEntry).where(AuditEntry.subject == about).values(at=moment))
    db.session.execute(update(Notice).where(Notice.about == about).values(created_at=moment))


def _in_mass(series_id: int, drawing: Drawing, numbers: range, line: Line, result: Result) -> None:
    with transaction():
        series, choices = _open(series_id)
        mass = Mass(series, line)
        for number in numbers:
            person = drawing.person(number)
            for category, events in _in_turn(drawing.chance, choices):
                application = drawing.application(person, category, events)
                reviewed = category.admission is Admission.BY_APPROVAL
                if mass.take(category, events, application, reviewed, person.luck, person.moment):
                    break
            else:
                result.turned_away += 1
        mass.store()


def _open(series_id: int) -> tuple[Series, list[tuple[Category, Sequence[Event], float]]]:
    """The categories with what they may choose now, and how many people each draws."""
    now = clock.now()
    series = db.session.get(Series, series_id)
    pools = pools_of(series_id)
    choices: list[tuple[Category, Sequence[Event], float]] = []
    for category in categories_of(series_id):
        events = [
            event
            for event in category.events
            if event.state is EventState.SCHEDULED and event.ends_at > now
        ]
        if events:
            choices.append((category, events, _weight(category, pools)))
    if series is None or not choices:
        raise NothingToJoin
    return series, choices


def _weight(category: Category, pools: Sequence[Pool]) -> float:
    own = [pool for pool in pools if pool.category_id == category.id]
    size = sum(pool.size for pool in own) or 100
    crowded = category.admission is Admission.OPEN and any(p.waiting_limit for p in own)
    return size * (_CROWDED if crowded else 1)


def _in_turn(
    chance: random.Random, choices: Sequence[tuple[Category, Sequence[Event], float]]
) -> list[tuple[Category, Sequence[Event]]]:
    """All categories, the one that was drawn first."""
    drawn = chance.choices(range(len(choices)), [weight for *_, weight in choices])[0]
    order = [drawn, *(index for index in range(len(choices)) if index != drawn)]
    return [(choices[index][0], choices[index][1]) for index in order]


def _present(series_id: int) -> tuple[int, int]:
    """How many real people and how many sample people the series has."""
    real = func.count().filter(Registration.sample.is_(False))
    row = db.session.execute(
        select(real, func.count()).where(Registration.series_id == series_id)
    ).one()
    return row[0], row[1] - row[0]


def _states(series_id: int) -> Counter[State]:
    rows = db.session.execute(
        select(Registration.state, func.count())
        .where(Registration.series_id == series_id, Registration.sample)
        .group_by(Registration.state)
    )
    return Counter(dict(rows.all()))


def _units() -> list[tuple[str, str]]:
    rows = db.session.execute(
        select(Organisation.name_zh, Organisation.type)
        .where(Organisation.type != "media")
        .order_by(Organisation.id)
    )
    return [(name, kind) for name, kind in rows]


def _mobile(number: int) -> str:
    """A number that nobody has, while there are any."""
    if number >= _NUMBERS * len(_PREFIXES):
        return ""
    prefix = _PREFIXES[number // _NUMBERS]
    return f"+86{prefix}0000{number % _NUMBERS:04d}"


def _abroad(number: int) -> str:
    """A number that Ofcom keeps for fiction, while there are any."""
    return f"+447700900{number:03d}" if number < 1000 else ""


def _overlap(first: Event, second: Event) -> bool:
    return first.starts_at < second.ends_at and second.starts_at < first.ends_at
