"""The queue as a table, and who is on hold in their order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.audit import current_actor
from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series
from eduforum.press import queries, table
from eduforum.press.desk.frame import ACTORS, asked_filter, counts, list_url, pages
from eduforum.press.history import actor_names
from eduforum.press.rules.ranking import CRITERION_NAMES
from eduforum.press.rules.words import GROUP_NAMES, OUTLET_TYPE_NAMES
from eduforum.press.services import places
from eduforum.press.table import TABS, Filter, Tab
from eduforum.web.access import requires
from eduforum.web.pagination import PAGE_SIZE, Page, changed_url, page_number

TAB_NAMES = {
    Tab.TO_DO: Text("待办", "To do"),
    Tab.NEEDS_INFO: Text("待补充", "More asked for"),
    Tab.HELD: Text("名额待定", "On hold"),
    Tab.APPROVED: Text("已通过", "Approved"),
    Tab.REJECTED: Text("未通过", "Rejected"),
    Tab.ALL: Text("全部", "All"),
}
_MOST_NAMED = 2


@dataclass(frozen=True, slots=True)
class TabLink:
    label: Text
    url: str
    count: int
    current: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a filter's menu."""

    value: str
    label: Text
    count: None
    checked: bool


@dataclass(frozen=True, slots=True)
class Menu:
    """One filter."""

    name: str
    label: Text
    lines: Sequence[Choice]

    @property
    def on(self) -> Text | None:
        labels = [line.label for line in self.lines if line.checked]
        if len(labels) > _MOST_NAMED:
            return Text(f"{len(labels)} 项", str(len(labels)))
        joined = Text("、".join(t.zh for t in labels), ", ".join(t.en or t.zh for t in labels))
        return joined if labels else None


@pages.get("")
@requires(*ACTORS)
def applications(series: str) -> ResponseReturnValue:
    """The queue: what waits for the office first, the longest waiting on top."""
    here, wanted, now = guarded_series(), asked_filter(), clock.now()
    number = page_number()
    total = table.count(here.id, wanted, now)
    rows = table.rows(here.id, wanted, now, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    claimed = {row.application.claimed_by for row in rows if _is_claimed(row, now)}
    return render_template(
        "press/desk_list.html",
        page=Page(rows, number, PAGE_SIZE, total),
        tabs=_tabs(wanted),
        menus=_menus(here.id, wanted),
        shown=wanted,
        claims=actor_names(claimed),
        me=current_actor(),
        now=now,
        second=table.waiting_for_second(here.id),
        nobody=not sum(counts().values()),
        list_url=list_url,
        kept=[(k, v) for k, v in request.args.items(multi=True) if k not in ("page", "q")],
    )


@pages.get("/held")
@requires(*ACTORS)
def held(series: str) -> ResponseReturnValue:
    """Who is on hold, ranked by the published criteria; the next place is an officer's to give."""
    here = guarded_series()
    return render_template(
        "press/desk_held.html",
        ranked=places.held(here.id),
        criteria=[CRITERION_NAMES[one] for one in places.criteria_of(here.id)],
        whole=places.of_series(here),
        of_events=places.of_events(here.id).values(),
        per_outlet=here.press_per_outlet,
    )


def _is_claimed(row: table.Row, now: Any) -> bool:
    until = row.application.claimed_until
    return until is not None and until > now


def _tabs(wanted: Filter) -> list[TabLink]:
    found = counts()
    return [
        TabLink(
            TAB_NAMES[tab],
            changed_url(tab=tab.value if tab is not Tab.TO_DO else None, page=None),
            sum(found.get(state, 0) for state in TABS[tab]),
            wanted.tab is tab,
        )
        for tab in Tab
    ]


def _menus(series_id: int, wanted: Filter) -> list[Menu]:
    events = queries.events_by_id(series_id)
    return [
        Menu(
            "type",
            Text("媒体类别", "Kind"),
            [Choice(k, name, None, k in wanted.types) for k, name in OUTLET_TYPE_NAMES.items()],
        ),
        Menu(
            "group",
            Text("分组", "Group"),
            [Choice(k, name, None, k in wanted.groups) for k, name in GROUP_NAMES.items()],
        ),
        Menu(
            "event",
            Text("活动", "Event"),
            [
                Choice(str(event.id), event.name, None, event.id in wanted.events)
                for event in events.values()
            ],
        ),
    ]
