"""Places of the press: counted where they are given out, ranked where they are too few."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import joinedload

from eduforum.core.db import db
from eduforum.core.i18n import Text
from eduforum.events.models import Event, KnownOutlet, Series
from eduforum.events.rules import InUse
from eduforum.press import queries
from eduforum.press.models import (
    Application,
    EventPlaces,
    Outlet,
    PoolPlace,
    PoolSlot,
    PressPerson,
    PressPersonEvent,
)
from eduforum.press.rules import Coverage, PassState
from eduforum.press.rules.ranking import (
    USUAL_RANKING,
    Candidate,
    Criterion,
    Places,
    check_places,
    rank_key,
)

TAKES = (
    PassState.APPROVED, PassState.PRINTED, PassState.COLLECTED, PassState.SUSPENDED,
    PassState.LOST, PassState.REISSUED,
)  # fmt: skip
"""Passes that take a place."""


def check(series: Series, application: Application, granted: Sequence[Sequence[int]]) -> None:
    """Refuse what does not fit. granted: for each person more, the ids of the events.

    The series is locked. Raises `PlacesFull`.
    """
    check_places(of_series(series), len(granted))
    if series.press_per_outlet is not None and application.outlet_id is not None:
        name = application.outlet_text
        taken = _count(series.id, PressPerson.application_id.in_(
            select(Application.id).where(Application.outlet_id == application.outlet_id)
        ))  # fmt: skip
        check_places(Places(name, series.press_per_outlet, taken), len(granted))
    wanted: dict[int, int] = {}
    for events in granted:
        for event_id in events:
            wanted[event_id] = wanted.get(event_id, 0) + 1
    for event_id, places in of_events(series.id).items():
        check_places(places, wanted.get(event_id, 0))


def of_series(series: Series) -> Places:
    name = Text("全部媒体", "All of the press")
    return Places(name, series.press_places, _count(series.id))


def of_events(series_id: int) -> Mapping[int, Places]:
    """The events that take only so many of the press, by id."""
    sizes = dict(db.session.execute(select(EventPlaces.event_id, EventPlaces.places)).all())
    taken = dict(
        db.session.execute(
            select(PressPersonEvent.event_id, func.count())
            .join(PressPerson, PressPerson.id == PressPersonEvent.person_id)
            .where(
                PressPerson.series_id == series_id,
                PressPerson.state.in_(TAKES),
                PressPersonEvent.granted,
            )
            .group_by(PressPersonEvent.event_id)
        ).all()
    )
    return {
        event.id: Places(event.name, sizes[event.id], taken.get(event.id, 0))
        for event in queries.events_by_id(series_id).values()
        if event.id in sizes
    }


def _count(series_id: int, *also: object) -> int:
    return db.session.execute(
        select(func.count())
        .select_from(PressPerson)
        .where(PressPerson.series_id == series_id, PressPerson.state.in_(TAKES), *also)  # type: ignore[arg-type]
    ).scalar_one()


def free_event(event: Event) -> None:
    """What happens before an event is deleted: wishes to report on it and places for it go.

    Raises `InUse` while somebody of the press is approved for it, or stands in its stage pool.
    """
    approved = db.session.execute(
        select(func.count())
        .select_from(PressPersonEvent)
        .join(PressPerson, PressPerson.id == PressPersonEvent.person_id)
        .where(
            PressPersonEvent.event_id == event.id,
            PressPersonEvent.granted,
            PressPerson.state.in_(TAKES),
        )
    ).scalar_one()
    slots = select(PoolSlot.id).where(PoolSlot.event_id == event.id)
    in_pool = db.session.scalar(
        select(PoolPlace.person_id).where(PoolPlace.slot_id.in_(slots)).limit(1)
    )
    if approved or in_pool is not None:
        raise InUse(
            Text(
                "已批准 {n} 名媒体人员采访这个活动，不能删除；如不再举行，请取消活动。",
                "The press may come to this event ({n} approved), so it cannot be deleted. If it "
                "does not take place, cancel it.",
            ).fill(n=approved)
        )
    for table in (PressPersonEvent, EventPlaces, PoolSlot):
        db.session.execute(delete(table).where(table.event_id == event.id))


@dataclass(frozen=True, slots=True)
class Ranked:
    """Somebody on hold, with his rank; promotion is always an officer's step."""

    rank: int
    person: PressPerson


def criteria_of(series_id: int) -> Sequence[Criterion]:
    """What people on hold are ranked by, as the page tells everybody."""
    chosen = queries.settings_of(series_id).ranking
    return [Criterion(code) for code in chosen] or USUAL_RANKING


def held(series_id: int) -> Sequence[Ranked]:
    """Everybody on hold, who comes first at the front."""
    criteria = criteria_of(series_id)
    people = db.session.scalars(
        select(PressPerson)
        .join(Application, Application.id == PressPerson.application_id)
        .where(PressPerson.series_id == series_id, PressPerson.state == PassState.HELD)
        .options(joinedload(PressPerson.application).joinedload(Application.outlet))
        .order_by(PressPerson.id)
    ).all()
    teams = dict(
        db.session.execute(
            select(PressPerson.application_id, func.count())
            .where(PressPerson.series_id == series_id)
            .group_by(PressPerson.application_id)
        ).all()
    )
    announced = set(
        db.session.scalars(
            select(Outlet.id)
            .join(KnownOutlet, KnownOutlet.organisation_id == Outlet.organisation_id)
            .where(KnownOutlet.series_id == series_id)
        )
    )

    def key(person: PressPerson) -> tuple[float, ...]:
        application = person.application
        assert application.submitted_at
        outlet = application.outlet
        return rank_key(
            Candidate(
                announced=application.outlet_id in announced,
                type=outlet.type if outlet else application.outlet_type,
                live=person.coverage is Coverage.LIVE,
                team=teams.get(person.application_id, 1),
                submitted_at=application.submitted_at,
            ),
            criteria,
        )

    return [Ranked(at, person) for at, person in enumerate(sorted(people, key=key), start=1)]
