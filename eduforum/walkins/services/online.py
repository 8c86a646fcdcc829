"""Let somebody in who has not registered: one registration, confirmed at once, with its ticket."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete

from eduforum.checkin.models import Point
from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput
from eduforum.core.i18n import Text
from eduforum.events.models import Series
from eduforum.registration import queries as people
from eduforum.registration.models import Category, Registration
from eduforum.registration.rules import AlreadyRegistered, PoolFull, State
from eduforum.registration.services import Application, AtTheDoor, register
from eduforum.walkins import queries
from eduforum.walkins.models import WalkInCategory
from eduforum.walkins.rules import KnownHere, NotForWalkIns, SameName

SOURCE = "door"


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Somebody at the door. category: its code. mobile: E.164, or "".

    another: whoever stands there has looked, and it is none of those who bear the same name.
    """

    name: str
    category: str
    organisation: str = ""
    mobile: str = ""
    language: str = "zh-Hans"
    another: bool = False


def admit(
    series: Series,
    newcomer: Newcomer,
    *,
    submit_id: str,
    point: Point | None = None,
    came_at: datetime | None = None,
    door: AtTheDoor | None = None,
) -> Registration:
    """Register somebody at the door, confirmed at once and never in line.

    came_at, door: when somebody came who was let in before this, and how.

    Seats are counted as everywhere. The same `submit_id` again returns the registration of the
    first time. Raises `NotForWalkIns`, `SameName`, `KnownHere`, `PoolFull` or `BadInput`; nothing
    is stored then.
    """
    earlier = people.by_submit_id(series.id, submit_id)
    if earlier is not None:
        return earlier
    category = _category(series.id, newcomer.category)
    same = [] if newcomer.another else queries.namesakes(series.id, newcomer.name)
    if same:
        raise SameName(same)
    offer = queries.offer_of(category, series.time_zone, came_at or clock.now(), point)
    if offer is None:
        sentence = Text("此类别没有可在此参加的活动。", "There is no event here for this category.")
        raise BadInput(sentence, {"category": [sentence]})
    application = Application(
        name=newcomer.name,
        category=category.code,
        events=tuple(event.slug for event in offer.events),
        organisation=newcomer.organisation,
        mobile=newcomer.mobile,
        consents=("privacy",),
        language=newcomer.language,
    )
    if door is not None:
        door = replace(door, events=offer.events)
    try:
        with transaction():
            made = register(
                series, application, submit_id=submit_id, source=SOURCE, staff=True, door=door
            )
            if made.state is not State.CONFIRMED:
                raise PoolFull(category.name)
    except AlreadyRegistered:
        raise KnownHere from None
    return made


def set_categories(series_id: int, codes: Collection[str]) -> None:
    """Say which categories take walk-ins, and only those. Raises `BadInput`."""
    with transaction():
        known = {one.code: one.id for one in people.categories_of(series_id)}
        if not set(codes) <= set(known):
            sentence = Text("请选择参会类别。", "Choose among the categories.")
            raise BadInput(sentence, {"categories": [sentence]})
        before, after = queries.open_ids(series_id), {known[code] for code in codes}
        if before == after:
            return
        db.session.execute(
            delete(WalkInCategory).where(WalkInCategory.category_id.in_(before - after))
        )
        db.session.add_all(WalkInCategory(category_id=one) for one in sorted(after - before))
        audit.record(
            "walk_in.categories",
            f"series:{series_id}",
            series_id=series_id,
            after={"categories": sorted(codes)},
        )


def _category(series_id: int, code: str) -> Category:
    found = people.category_by_code(series_id, code)
    if found is None:
        sentence = Text("请选择参会类别。", "Choose a category.")
        raise BadInput(sentence, {"category": [sentence]})
    if found.id not in queries.open_ids(series_id):
        raise NotForWalkIns
    return found
