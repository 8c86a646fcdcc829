"""Everybody who is invited, and every code: by answer, filtered, searched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.i18n import Text
from eduforum.core.names import clean
from eduforum.events.access import guarded_series
from eduforum.invitations import queries
from eduforum.invitations.desk.frame import READERS, ROOT, invitable, may_act, pages, standing
from eduforum.invitations.queries import TAB_NAMES, Tab, Wanted
from eduforum.invitations.rules import Standing
from eduforum.registration.models import Invitation, Registration
from eduforum.web.access import requires
from eduforum.web.pagination import PAGE_SIZE, Page, changed_url, page_number

_LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One invitation in the list. by: who came by it. successor: whom the guest sent instead."""

    invitation: Invitation
    standing: Standing
    by: Sequence[Registration]
    successor: Invitation | None


@pages.get(ROOT)
@requires(*READERS)
def invitations(series: str) -> ResponseReturnValue:
    here, now, wanted = guarded_series(), clock.now(), _wanted()
    counts = queries.counts(here.id, wanted, now)
    total = counts[wanted.tab] if wanted.tab else sum(counts.values())
    number = min(page_number(), max(1, -(-total // PAGE_SIZE)))
    found = queries.listed(here.id, wanted, now, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    return render_template(
        "invitations/desk_list.html",
        page=Page(_lines(found), number, PAGE_SIZE, total),
        tabs=_tabs(counts, wanted),
        wanted=wanted,
        categories=invitable(),
        nobody=not sum(counts.values()) and not wanted.narrows,
        unanswered=counts[Tab.UNANSWERED],
        may_act=may_act(),
    )


def _wanted() -> Wanted:
    asked = request.args
    tab = asked.get("show", "")
    return Wanted(
        tab=Tab(tab) if tab in list(Tab) else None,
        q=clean(asked.get("q", ""))[:_LONGEST_SEARCH],
        categories=tuple(asked.getlist("category")),
        by_contact=may_act(),
    )


def _lines(found: Sequence[Invitation]) -> list[Line]:
    ids = [one.id for one in found]
    by, successors = queries.registrations_by(ids), queries.successors_of(ids)
    return [Line(one, standing(one), by.get(one.id, []), successors.get(one.id)) for one in found]


def _tabs(counts: Mapping[Tab, int], wanted: Wanted) -> list[dict[str, object]]:
    everything = {
        "label": Text("全部", "All"),
        "url": changed_url(show=None, page=None),
        "count": sum(counts.values()),
        "current": wanted.tab is None,
    }
    return [
        everything,
        *(
            {
                "label": TAB_NAMES[tab],
                "url": changed_url(show=tab.value, page=None),
                "count": counts[tab],
                "current": tab is wanted.tab,
            }
            for tab in Tab
        ),
    ]
