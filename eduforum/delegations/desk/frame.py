"""What the desk's pages of delegations share: who may, and who knows who came."""

from collections.abc import Callable, Mapping
from typing import Protocol
from uuid import UUID

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series, principal
from eduforum.events.models import Series
from eduforum.registration.columns import STATE_TONES
from eduforum.registration.rules import STATE_NAMES
from eduforum.web.access import Role
from eduforum.web.rail import RailItem

pages = Blueprint("delegations_desk", __name__)
pages.context_processor(lambda: {"state_names": STATE_NAMES, "state_tones": STATE_TONES})

ROOT = "/desk/s/<series>/delegations"
READERS = (Role.ORGANISER, Role.REGISTRAR, Role.VIEWER)
ACTORS = (Role.ORGANISER, Role.REGISTRAR)
RAIL_ITEM = RailItem(
    Text("代表团", "Delegations"), "delegations_desk.delegations", frozenset(READERS)
)


class Came(Protocol):
    """Who of a delegation is expected, present, on leave, missing."""

    @property
    def expected(self) -> int: ...
    @property
    def present(self) -> int: ...
    @property
    def on_leave(self) -> int: ...
    @property
    def missing(self) -> int: ...
    @property
    def absent(self) -> int: ...


ATTENDANCE: list[Callable[[Series], Mapping[UUID, Came]]] = []
"""Who knows who came: rooms above add themselves in `factory`."""


def who_came() -> Mapping[UUID, Came]:
    """The attendance of every delegation of the series that expects anybody."""
    found: dict[UUID, Came] = {}
    for ask in ATTENDANCE:
        found |= ask(guarded_series())
    return found


def may_act() -> bool:
    """Whether whoever is signed in may change delegations and hand out links."""
    return principal().has_role(guarded_series().id, *ACTORS)


def to_list() -> ResponseReturnValue:
    return redirect(url_for("delegations_desk.delegations", series=guarded_series().slug), 303)


def to_one(delegation_id: UUID, sentence: Text, tone: str = "ok") -> ResponseReturnValue:
    flash(str(sentence), tone)
    slug = guarded_series().slug
    return redirect(
        url_for("delegations_desk.delegation", series=slug, delegation_id=delegation_id), 303
    )
