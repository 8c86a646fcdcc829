"""How a series takes the press: set by its press office, published where it says so."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete

from eduforum.core import audit
from eduforum.core.db import db, transaction
from eduforum.press import queries
from eduforum.press.models import EventPlaces, PressSettings, PressWindow
from eduforum.press.rules import MediaGroup
from eduforum.press.rules.decisions import bad
from eduforum.press.rules.forms import Field
from eduforum.press.rules.ranking import Criterion


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneralInput:
    press_places: int | None
    press_per_outlet: int | None
    answer_days: int
    security_check: bool
    ranking: Sequence[Criterion]
    criteria_zh: str = ""
    criteria_en: str = ""
    event_places: Mapping[int, int]


def set_general(series_id: int, given: GeneralInput) -> None:
    """Places, criteria and the time to answer. Lower places take nobody's pass away."""
    with transaction():
        series = queries.locked_series(series_id)
        series.press_places = given.press_places
        series.press_per_outlet = given.press_per_outlet
        row = db.session.get(PressSettings, series_id)
        if row is None:
            row = PressSettings(series_id=series_id)
            db.session.add(row)
        row.answer_days, row.security_check = given.answer_days, given.security_check
        row.ranking = [one.value for one in given.ranking]
        row.criteria_zh, row.criteria_en = given.criteria_zh.strip(), given.criteria_en.strip()
        events = queries.events_by_id(series_id)
        db.session.execute(delete(EventPlaces).where(EventPlaces.event_id.in_(events)))
        db.session.add_all(
            EventPlaces(event_id=event_id, places=places)
            for event_id, places in given.event_places.items()
            if event_id in events
        )
        audit.record("press_settings.edit", f"series:{series_id}", series_id=series_id)


def set_window(
    series_id: int,
    group: MediaGroup,
    opens_at: datetime | None,
    closes_at: datetime | None,
    required: Collection[Field],
) -> None:
    """When a group may apply, and what it must fill in. Raises `BadInput` beside the field."""
    if opens_at is None:
        raise bad("opens_at", "请填写开始时间。", "Enter when it opens.")
    if closes_at is None or closes_at <= opens_at:
        raise bad("closes_at", "截止时间须晚于开始时间。", "It must close after it opens.")
    with transaction():
        queries.locked_series(series_id)
        row = db.session.get(PressWindow, (series_id, group))
        if row is None:
            row = PressWindow(series_id=series_id, media_group=group)
            db.session.add(row)
        row.opens_at, row.closes_at = opens_at, closes_at
        row.required = sorted(field.value for field in required)
        audit.record("press_settings.window", f"series:{series_id}", series_id=series_id,
                     after={"group": group.value})  # fmt: skip
