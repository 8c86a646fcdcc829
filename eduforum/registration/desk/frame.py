"""What all desk pages of registrations share: who may, and what the address says."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from flask import Blueprint, request, url_for

from eduforum.core.i18n import Text
from eduforum.core.names import clean
from eduforum.events.access import guarded_series, principal
from eduforum.registration.columns import Known, usual_columns
from eduforum.registration.rules import State
from eduforum.registration.table import SORTS, TABS, Filter, counts_by_state
from eduforum.web.access import Role
from eduforum.web.rail import RailItem

pages = Blueprint("registration_desk", __name__)

READERS = (Role.ORGANISER, Role.REGISTRAR, Role.VIEWER)
ACTORS = (Role.ORGANISER, Role.REGISTRAR)
ID_READERS = (Role.ORGANISER,)
"""Who may see the number of an identity document in full."""


def counts() -> Mapping[State, int]:
    """How many registrations of the series are in which state; read once for a page."""
    if _COUNTS not in request.environ:
        request.environ[_COUNTS] = counts_by_state(guarded_series().id)
    found: Mapping[State, int] = request.environ[_COUNTS]
    return found


RAIL_ITEM = RailItem(
    Text("报名", "Registrations"),
    "registration_desk.registrations",
    frozenset(READERS),
    lambda _series_id: counts().get(State.SUBMITTED, 0),
)
COLUMNS_COOKIE = "registration_columns"
_NOT_FILTERS = {"open", "page", "column", "lang"}
_LONGEST_SEARCH = 100
_COUNTS = "eduforum.registration_counts"


def may_act() -> bool:
    """Whether whoever is signed in may change registrations and see contacts in full."""
    return principal().has_role(guarded_series().id, *ACTORS)


def may_reveal_id() -> bool:
    """Whether whoever is signed in may see the number of an identity document in full."""
    return principal().has_role(guarded_series().id, *ID_READERS)


def asked_filter() -> Filter:
    """What the address asks for; what it says wrongly finds nothing or is left out."""
    asked = request.args
    tab, sort = asked.get("state", ""), asked.get("sort", "")
    return Filter(
        tab=tab if tab in TABS else "",
        q=clean(asked.get("q", ""))[:_LONGEST_SEARCH],
        categories=tuple(asked.getlist("category")),
        events=tuple(asked.getlist("event")),
        units=tuple(asked.getlist("organisation")),
        sources=tuple(asked.getlist("source")),
        sort=sort if sort.removeprefix("-") in SORTS else "-submitted",
        by_contact=may_act(),
        overdue=asked.get("overdue") == "1",
    )


def asked_columns(known: Known) -> Sequence[str]:
    """The keys of the columns to show: as the address says, as last chosen, or the usual ones."""
    asked = request.args.getlist("column")
    kept = request.cookies.get(COLUMNS_COOKIE, "")
    return ["name", *(asked or kept.split("."))] if asked or kept else usual_columns(known)


def kept_args(*, page: bool = False) -> list[tuple[str, str]]:
    """The address' filters, to hand on to the next page."""
    left_out = _NOT_FILTERS - {"page"} if page else _NOT_FILTERS
    return [(k, v) for k, v in request.args.items(multi=True) if k not in left_out]


def with_filters(endpoint: str, **values: object) -> str:
    """The address of another page of this desk that knows the way back to the same list."""
    address = url_for(endpoint, series=guarded_series().slug, **values)  # type: ignore[arg-type]
    kept = kept_args(page=True)
    return f"{address}?{urlencode(kept)}" if kept else address


def list_url(**more: str) -> str:
    """The list as it was, its filters kept."""
    address = url_for("registration_desk.registrations", series=guarded_series().slug)
    asked = [*kept_args(page=True), *more.items()]
    return f"{address}?{urlencode(asked)}" if asked else address
