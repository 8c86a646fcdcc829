"""The table: everybody in the series, by state, filtered, sorted, searched."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from flask import Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series
from eduforum.events.rules import FIELD_NAMES, MODE_NAMES
from eduforum.files.columns import Column, chosen
from eduforum.registration import table
from eduforum.registration.columns import SOURCE_NAMES, STATE_TONES, Known, Row, columns_of
from eduforum.registration.desk.detail import Detail, detail_of
from eduforum.registration.desk.frame import (
    COLUMNS_COOKIE,
    READERS,
    asked_columns,
    asked_filter,
    counts,
    kept_args,
    list_url,
    may_act,
    pages,
    with_filters,
)
from eduforum.registration.queries import for_everybody, pools_of, quota
from eduforum.registration.rules import STATE_NAMES, State
from eduforum.registration.table import TAB_NAMES, TABS, Filter
from eduforum.web.access import requires
from eduforum.web.pagination import PAGE_SIZE, Page, changed_url, page_number

_YEAR = 365 * 24 * 3600
_MOST_NAMED = 2
_UNITS_STAND = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Tab:
    label: Text
    url: str
    count: int
    current: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a filter's menu."""

    value: str
    label: Text | str
    count: int | None
    checked: bool


@dataclass(frozen=True, slots=True)
class Menu:
    """One filter; on: what is chosen, in words."""

    id: str
    name: str
    label: Text
    items: Sequence[Choice]

    @property
    def on(self) -> Text | None:
        labels = [item.label for item in self.items if item.checked]
        if len(labels) > _MOST_NAMED:
            return Text(f"{len(labels)} 项", str(len(labels)))
        both = [label if isinstance(label, Text) else Text(label, label) for label in labels]
        joined = Text("、".join(t.zh for t in both), ", ".join(t.en or t.zh for t in both))
        return joined if both else None


@dataclass(frozen=True, slots=True)
class Head:
    """A column on the screen; sorted: `ascending` or `descending` when the table goes by it."""

    column: Column[Row]
    url: str | None
    sorted: str | None
    shown: bool

    @property
    def key(self) -> str:
        return self.column.key

    @property
    def label(self) -> Text:
        return self.column.label

    @property
    def fixed(self) -> bool:
        return self.key == "name"


@pages.get("/desk/s/<series>/registrations")
@requires(*READERS)
def registrations(series: str) -> ResponseReturnValue:
    known = table.known_of(guarded_series())
    shown = asked_filter()
    by_state = counts()
    found = _page(known, shown, by_state)
    heads = _heads(known, shown)
    response = make_response(
        render_template(
            "registration/desk_registrations.html",
            shown=shown,
            tabs=_tabs(by_state, shown),
            menus=_menus(known, shown),
            heads=heads,
            visible=[head for head in heads if head.shown],
            page=found,
            nobody=not sum(by_state.values()),
            detail=_open_detail(found.items),
            modes=MODE_NAMES,
            sources=SOURCE_NAMES,
            categories=known.categories,
            seats_left=_seats_left(known) if may_act() else {},
            may_act=may_act(),
            kept=kept_args(),
            list_url=list_url,
            row_url=_row_url(),
            with_filters=with_filters,
            states=STATE_NAMES,
            tones=STATE_TONES,
            fields=FIELD_NAMES,
        )
    )
    _remember_columns(response)
    return response


def _page(known: Known, shown: Filter, by_state: Mapping[State, int]) -> Page[Row]:
    total = table.total(known, shown, by_state)
    number = min(page_number(), max(1, -(-total // PAGE_SIZE)))
    wanted = table.ids(known, shown, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    return Page(table.rows_of(known, wanted), number, PAGE_SIZE, total)


def _row_url() -> Callable[[UUID], str]:
    """The address of each row's page; built once, for a table has fifty of them."""
    nobody = UUID(int=0)
    address = with_filters("registration_desk.registration", registration_id=nobody)
    before, _, after = address.partition(str(nobody))
    return lambda row_id: f"{before}{row_id}{after}"


def _open_detail(rows: Iterable[Row]) -> Detail | None:
    """The registration beside the table: one of its rows, as the address says."""
    asked = request.args.get("open", "")
    opened = next((row for row in rows if str(row.id) == asked), None)
    return detail_of(guarded_series(), opened.id) if opened else None


def _tabs(by_state: Mapping[State, int], shown: Filter) -> list[Tab]:
    return [
        Tab(
            label=TAB_NAMES[key],
            url=changed_url(state=key or None, page=None, open=None),
            count=sum(by_state.get(state, 0) for state in states or tuple(State)),
            current=key == shown.tab,
        )
        for key, states in TABS.items()
    ]


def _menus(known: Known, shown: Filter) -> list[Menu]:
    units = _units(known.series.id, sum(counts().values()))
    others = [unit for unit in shown.units if unit not in units]
    return [
        Menu(
            "by-category",
            "category",
            Text("类别", "Category"),
            [
                Choice(one.code, one.name, None, one.code in shown.categories)
                for one in known.categories.values()
            ],
        ),
        Menu(
            "by-event",
            "event",
            Text("活动", "Event"),
            [
                Choice(one.slug, one.name, None, one.slug in shown.events)
                for one in known.events.values()
            ],
        ),
        Menu(
            "by-unit",
            "organisation",
            Text("单位", "Unit"),
            [Choice(unit, unit, None, True) for unit in others]
            + [Choice(unit, unit, people, unit in shown.units) for unit, people in units.items()],
        ),
        Menu(
            "by-source",
            "source",
            Text("来源", "Source"),
            [
                Choice(code, name, None, code in shown.sources)
                for code, name in SOURCE_NAMES.items()
            ],
        ),
    ]


def _units(series_id: int, people: int) -> dict[str, int]:
    """The units of the menu with their people. Counting them goes through everybody: it is not
    done again at once as long as nobody came or left."""
    kept: dict[int, tuple[int, datetime, dict[str, int]]]
    kept = current_app.extensions.setdefault("units_of_series", {})
    before, at, units = kept.get(series_id, (-1, clock.now(), {}))
    if before != people or not timedelta(0) <= clock.now() - at < _UNITS_STAND:
        units = dict(table.units_of(series_id))
        kept[series_id] = (people, clock.now(), units)
    return units


def _heads(known: Known, shown: Filter) -> list[Head]:
    every = columns_of(known)
    visible = {column.key for column in chosen(every, asked_columns(known))}
    by, down = shown.sort.removeprefix("-"), shown.sort.startswith("-")
    heads = []
    for column in every:
        current = column.key == by
        turned = f"-{column.key}" if current and not down else column.key
        can = column.key in table.SORTS
        heads.append(
            Head(
                column,
                changed_url(sort=turned, page=None, open=None) if can else None,
                ("descending" if down else "ascending") if current else None,
                column.key in visible,
            )
        )
    return heads


def _seats_left(known: Known) -> dict[int, int]:
    """Free seats of each category that has seats of its own, for the bar under the table."""
    left: dict[int, int] = {}
    for pool in pools_of(known.series.id):
        if pool.category_id and not (pool.event_id or pool.session_id) and for_everybody(pool):
            free = quota(pool).free
            left[pool.category_id] = min(free, left.get(pool.category_id, free))
    return left


def _remember_columns(response: Response) -> None:
    asked = request.args.getlist("column")
    if asked:
        response.set_cookie(
            COLUMNS_COOKIE,
            ".".join(key for key in asked if re.fullmatch("[a-z][a-z0-9_-]*", key))[:400],
            max_age=_YEAR,
            path="/desk/",
            samesite="Lax",
            secure=request.is_secure,
            httponly=True,
        )


def ids_of(texts: Iterable[str]) -> list[UUID]:
    """The ids among what a form sent, each once."""
    found = []
    for text in dict.fromkeys(texts):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
