"""The queries behind the table, on both databases."""

from typing import Any

import pytest

from eduforum.core.names import pinyin_key
from eduforum.events.models import Series
from eduforum.registration import table
from eduforum.registration.columns import Row
from eduforum.registration.models import Category
from eduforum.registration.rules import State
from eduforum.registration.samples import add_people
from eduforum.registration.table import SORTS, TABS, Filter
from tests.factories import make_category, make_event, make_series
from tests.registration.desk import apply

pytestmark = pytest.mark.usefixtures("either_app")


def found(category: Category, shown: Filter) -> list[str]:
    known = table.known_of(category.series)
    counts = table.counts_by_state(category.series_id)
    wanted = table.ids(known, shown)
    rows = table.rows_of(known, wanted)
    assert [row.id for row in rows] == list(wanted)
    assert table.total(known, shown, counts) == len(wanted)
    assert list(table.every_row(known, wanted)) == rows
    return [row.name for row in rows]


def test_every_filter_and_sort() -> None:
    series = make_series()
    category = make_category(make_event(series=series), make_event(series=series), seats=2)
    for name in ("林知夏", "曾慕云", "𠮷乐"):
        apply(category, name, organisation="天津大学")
    event = category.events[0].slug
    assert found(category, Filter(sort="name")) == ["𠮷乐", "林知夏", "曾慕云"]
    for sort in SORTS:
        for direction in ("", "-"):
            assert len(found(category, Filter(sort=f"{direction}{sort}"))) == 3
    assert sum(len(found(category, Filter(tab=tab))) for tab in TABS if tab) == 3
    for shown in (
        Filter(categories=(category.code,)),
        Filter(events=(event,)),
        Filter(units=("天津大学",)),
        Filter(sources=("web",)),
        Filter(q="津大"),
    ):
        assert len(found(category, shown)) == 3
    assert found(category, Filter(q="zengmu")) == ["曾慕云"]
    assert found(category, Filter(q="zmy")) == ["曾慕云"]
    assert found(category, Filter(q="𠮷")) == ["𠮷乐"]
    assert found(category, Filter(q="lin", tab="waitlisted")) == []
    assert table.units_of(category.series_id) == [("天津大学", 3)]


@pytest.mark.parametrize("few", [1, 1000])
def test_pages_are_parts_of_the_whole(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(table, "_FEW", few)  # with 1, every tab is read in the table's order
    event = make_event()
    series = event.series
    first, second = make_category(event, seats=3), make_category(event)
    for number, name in enumerate(("林知夏", "曾慕云", "𠮷乐", "王一", "王二", "李三", "赵四")):
        apply(first if number % 2 else second, name, organisation=f"第{number % 3}中学")
    known = table.known_of(series)
    for tab in ("", "confirmed", "waitlisted"):
        for sort in SORTS:
            for direction in ("", "-"):
                shown = Filter(tab=tab, sort=f"{direction}{sort}")
                whole = list(table.ids(known, shown))
                pages = [table.ids(known, shown, limit=2, offset=at) for at in range(0, 8, 2)]
                assert [one for page in pages for one in page] == whole
                people = table.rows_of(known, whole)
                assert [_sorted_by(sort, row) for row in people] == sorted(
                    (_sorted_by(sort, row) for row in people), reverse=bool(direction)
                )


def _sorted_by(sort: str, row: Row) -> Any:
    """What stands in order, whatever comes second."""
    return {
        "name": pinyin_key(row.name),
        "organisation": pinyin_key(row.organisation),
        "category": (row.category.position, row.category.id),
        "state": list(State).index(row.state),
        "submitted": row.applied_at,
    }[sort]


def test_sample_people_in_single_steps_and_in_mass() -> None:
    category = make_category(make_event(), seats=40, line=10)
    series: Series = category.series
    result = add_people(series.id, 60, most=15)
    assert len(found(category, Filter())) + result.turned_away == 60
