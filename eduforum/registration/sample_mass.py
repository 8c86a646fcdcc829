"""Many sample registrations at once, by the rules that the single services keep."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import select

from eduforum.core import audit, clock
from eduforum.core.db import db
from eduforum.core.i18n import Language, Text
from eduforum.events.models import Event, Organisation, Series
from eduforum.registration.models import Category, Pool, Registration, RegistrationEvent
from eduforum.registration.queries import for_everybody, quota
from eduforum.registration.rules import (
    Action,
    PoolFull,
    Quota,
    State,
    holds_a_seat,
    place,
)
from eduforum.registration.services import Application, letters, seats
from eduforum.registration.services.kept import columns_of
from eduforum.registration.services.passes import holder_of
from eduforum.tickets import services as tickets

APPROVED, RETURNED, DECLINED = 0.62, 0.70, 0.76
"""Of all applications under review: up to here approved, returned, declined; the rest waits."""
WHAT_IS_WRONG = Text("请按证件核对姓名并填写单位全称。", "Please give your name as on your ID.")
Line = Counter[tuple[int, frozenset[int]]]


class Mass:
    """One piece of a large sample: taken one by one, stored together.

    Make it inside the transaction that stores it: it locks all pools of the series. Seats are only
    taken here, never given back, so nobody who waits could have had one of them.

    line: everybody who waits; whoever joins it here is added.
    """

    def __init__(self, series: Series, line: Line) -> None:
        self.series, self.line = series, line
        self.pools = seats.lock_all(series.id)
        self.quotas: dict[int, Quota] = {pool.id: quota(pool) for pool in self.pools}
        self.units = {unit.name_zh: unit for unit in db.session.scalars(select(Organisation))}
        self.taken: list[tuple[Registration, State, int | None]] = []

    def take(
        self,
        category: Category,
        events: Sequence[Event],
        application: Application,
        reviewed: bool,
        luck: float,
        moment: datetime,
    ) -> bool:
        """Give the applicant a seat or a place in line; False when there is neither."""
        chosen = [event for event in events if event.slug in application.events]
        pools = self._counting(category, chosen, application)
        try:
            first = place([self.quotas[pool.id] for pool in pools], reviewed=reviewed)
        except PoolFull:
            return False
        state = _afterwards(luck) if first is State.SUBMITTED else first
        registration = Registration(
            series=self.series,
            category=category,
            state=state,
            submit_id=f"sample:{uuid4().hex}",
            source="sample",
            sample=True,
            applied_at=moment,
            waiting_since=clock.now() if state is State.WAITLISTED else None,
            **columns_of(application, self.units.get(application.organisation)),
        )
        registration.events = chosen
        if state is State.RETURNED:
            registration.returned_fields = ["name", "organisation"]
            registration.reason = WHAT_IS_WRONG.to(Language(application.language))
            registration.answer_by = clock.now() + timedelta(days=3)
        if state is State.DECLINED:
            registration.reason_code = "category"
        self._count(pools, category, state)
        self.taken.append((registration, first, self._in_line(registration)))
        return True

    def store(self) -> None:
        """Write everything: registrations with tickets, seats, audit rows, letters."""
        people = [registration for registration, *_ in self.taken]
        confirmed = [one for one in people if one.state is State.CONFIRMED]
        made = tickets.issue_many(self.series, [holder_of(one) for one in confirmed])
        for registration, ticket in zip(confirmed, made, strict=True):
            registration.ticket = ticket
        db.session.add_all(people)
        db.session.flush()
        for pool in self.pools:
            now = self.quotas[pool.id]
            seats.count([pool], held=now.held - pool.held, waiting=now.waiting - pool.waiting)
        with db.session.no_autoflush:  # all rows of a kind are written together
            for registration, first, in_line in self.taken:
                self._tell(registration, first, in_line)
        db.session.flush()

    def _counting(
        self, category: Category, events: Sequence[Event], application: Application
    ) -> list[Pool]:
        event_ids = {event.id for event in events}
        return [
            pool
            for pool in self.pools
            if pool.category_id in (None, category.id)
            and (pool.event_id is None or pool.event_id in event_ids)
            and pool.session_id is None
            and pool.mode in (None, application.mode)
            and for_everybody(pool)
        ]

    def _count(self, pools: Sequence[Pool], category: Category, state: State) -> None:
        held = holds_a_seat(state, pending_holds=category.pending_holds)
        for pool in pools:
            was = self.quotas[pool.id]
            self.quotas[pool.id] = Quota(
                name=was.name,
                size=was.size,
                held=was.held + held,
                waiting=was.waiting + (state is State.WAITLISTED),
                waiting_limit=was.waiting_limit,
            )

    def _in_line(self, registration: Registration) -> int | None:
        """The place in line: behind everybody of the category who shares an event."""
        if registration.state is not State.WAITLISTED:
            return None
        mine = frozenset(event.id for event in registration.events)
        ahead = sum(
            people
            for (category_id, events), people in self.line.items()
            if category_id == registration.category.id and events & mine
        )
        self.line[registration.category.id, mine] += 1
        return ahead + 1

    def _tell(self, registration: Registration, first: State, in_line: int | None) -> None:
        self._record("register", registration, {}, first)
        if registration.state is not first:
            letters.write(registration, letters.KINDS[first])
            action = _ACTIONS[registration.state]
            self._record(action.value, registration, {"state": first.value}, registration.state)
        letters.tell(registration, place=in_line)

    def _record(
        self, verb: str, registration: Registration, before: dict[str, str], state: State
    ) -> None:
        after = {"state": state.value}
        if not before:
            after |= {"category": registration.category.code, "source": "sample"}
        audit.record(
            f"registration.{verb}",
            f"registration:{registration.id}",
            series_id=self.series.id,
            before=before,
            after=after,
        )


_ACTIONS = {
    State.CONFIRMED: Action.APPROVE,
    State.RETURNED: Action.RETURN,
    State.DECLINED: Action.DECLINE,
}


def _afterwards(luck: float) -> State:
    """What became of an application that is reviewed."""
    if luck < APPROVED:
        return State.CONFIRMED
    if luck < RETURNED:
        return State.RETURNED
    return State.DECLINED if luck < DECLINED else State.SUBMITTED


def line_of(series_id: int) -> Line:
    """Everybody who waits, by category and events."""
    rows = db.session.execute(
        select(Registration.id, Registration.category_id, RegistrationEvent.event_id)
        .join(RegistrationEvent, RegistrationEvent.registration_id == Registration.id)
        .where(Registration.series_id == series_id, Registration.state == State.WAITLISTED)
    )
    chosen: dict[tuple[object, int], set[int]] = {}
    for registration_id, category_id, event_id in rows:
        chosen.setdefault((registration_id, category_id), set()).add(event_id)
    return Counter((category_id, frozenset(events)) for (_, category_id), events in chosen.items())
