"""What the press office's pages share: who may, and what the address says."""

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.core.audit import current_actor
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.core.names import clean
from eduforum.events.access import guarded_series
from eduforum.press.rules import MediaGroup, OutletType, State
from eduforum.press.rules.states import PASS_NAMES, STATE_NAMES, WAITING
from eduforum.press.rules.words import (
    CHECK_NAMES,
    COVERAGE_NAMES,
    GROUP_NAMES,
    ITEM_NAMES,
    METHOD_NAMES,
    OUTLET_STATE_NAMES,
    OUTLET_TYPE_NAMES,
    REASON_NAMES,
    ROLE_NAMES,
    VERDICT_NAMES,
    VISA_NAMES,
    ZONE_NAMES,
)
from eduforum.press.table import Filter, Tab, counts_by_state
from eduforum.press.tones import PASS_TONES, STATE_TONES
from eduforum.web.access import Role
from eduforum.web.forms import Form
from eduforum.web.rail import RailItem

pages = Blueprint("press_desk", __name__, url_prefix="/desk/s/<series>/press")
pages.context_processor(
    lambda: {
        "state_names": STATE_NAMES,
        "state_tones": STATE_TONES,
        "pass_names": PASS_NAMES,
        "pass_tones": PASS_TONES,
        "check_names": CHECK_NAMES,
        "coverage_names": COVERAGE_NAMES,
        "group_names": GROUP_NAMES,
        "item_names": ITEM_NAMES,
        "method_names": METHOD_NAMES,
        "outlet_state_names": OUTLET_STATE_NAMES,
        "outlet_type_names": OUTLET_TYPE_NAMES,
        "reason_names": REASON_NAMES,
        "role_names": ROLE_NAMES,
        "verdict_names": VERDICT_NAMES,
        "visa_names": VISA_NAMES,
        "zone_names": ZONE_NAMES,
    }
)

ACTORS = (Role.PRESS_OFFICER, Role.ORGANISER)
_COUNTS = "eduforum.press_counts"
_LONGEST_SEARCH = 100


def counts() -> Mapping[State, int]:
    """How many applications of the series are in which state; read once for a page."""
    if _COUNTS not in request.environ:
        request.environ[_COUNTS] = counts_by_state(guarded_series().id)
    found: Mapping[State, int] = request.environ[_COUNTS]
    return found


RAIL_ITEM = RailItem(
    Text("媒体", "Press"),
    "press_desk.applications",
    frozenset(ACTORS),
    lambda _series_id: sum(counts().get(state, 0) for state in WAITING),
)


def asked_filter() -> Filter:
    """What the address asks for; what it says wrongly is left out."""
    asked = request.args
    tab, claimed = asked.get("tab", ""), asked.get("claimed", "")
    return Filter(
        tab=Tab(tab) if tab in set(Tab) else Tab.TO_DO,
        q=clean(asked.get("q", ""))[:_LONGEST_SEARCH],
        types=tuple(one for one in asked.getlist("type") if one in set(OutletType)),
        groups=tuple(one for one in asked.getlist("group") if one in set(MediaGroup)),
        events=tuple(int(one) for one in asked.getlist("event") if one.isdigit()),
        claimed=claimed if claimed in ("mine", "free") else "",
        second=asked.get("second") == "1",
        overdue=asked.get("overdue") == "1",
        actor=current_actor(),
    )


def list_url(**more: str) -> str:
    """The list as it was, its filters kept."""
    address = url_for("press_desk.applications", series=guarded_series().slug)
    asked = [*request.args.items(multi=True), *more.items()]
    return f"{address}?{urlencode(asked)}" if asked else address


def one_url(application_id: UUID, anchor: str | None = None) -> str:
    return url_for(
        "press_desk.application",
        series=guarded_series().slug,
        application_id=application_id,
        _anchor=anchor,
    )


def told(sentence: Text, tone: str = "ok") -> None:
    flash(str(sentence), tone)


def to_one(application_id: UUID, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(one_url(application_id, anchor), 303)


def blame(form: Form, refusal: Refusal) -> list[Text]:
    """Put the sentences of a refusal beside their fields; what belongs to none is returned."""
    beside = [name for name in refusal.errors if name in form]
    for name in beside:
        for sentence in refusal.errors[name]:
            form.refuse(name, sentence)
    return [] if beside else [refusal.sentence]
