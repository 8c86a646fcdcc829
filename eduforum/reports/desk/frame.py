"""What the desk's pages of figures share: who may read them, and how they stay live."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, make_response, request
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.i18n import Text, current_language
from eduforum.events.access import guarded_series, principal
from eduforum.reports.queries.overview import version
from eduforum.web.access import Role
from eduforum.web.rail import RailItem

pages = Blueprint("reports_desk", __name__)

SHARED_FOR = timedelta(seconds=5)
EVERYBODY = tuple(Role)
READERS = (Role.ORGANISER, Role.REGISTRAR, Role.DOOR, Role.VIEWER)
OVERVIEW = RailItem(Text("总览", "Overview"), "reports_desk.overview", frozenset(EVERYBODY))
REPORTS = RailItem(Text("报表", "Reports"), "reports_desk.reports", frozenset(READERS))
AUDIT = RailItem(Text("记录", "Audit"), "reports_desk.audit", frozenset({Role.ORGANISER}))


def holds(*roles: Role) -> bool:
    """Whether whoever is signed in has one of these roles here."""
    return principal().has_role(guarded_series().id, *roles)


def etag(about: str = "") -> str:
    """Names what a live part shows now: the figures, the minute, who reads it and how.

    about: what the page was asked to show. Take it before anything is counted. Other things that
    pages show, as when a device was last heard of, change with the minute.
    """
    here = guarded_series()
    seen = (
        *version(here.id),
        here.updated_at.isoformat(),
        clock.now().strftime("%Y%m%d%H%M"),
        current_language().value,
        sorted(principal().roles_in(here.id)),
        about,
    )
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:32]


def live(render: Callable[[], str], about: str = "") -> ResponseReturnValue:
    """The fragment that `render` makes, or 304 if the asker has it already (RFC 9110, 13.1.2).

    Nothing is counted for a 304, and while much is happening the figures are counted at most once
    in `SHARED_FOR` for everybody who sees the same. The browser stores nothing: the page itself
    remembers the ETag.
    """
    current = etag(about)
    if current in request.if_none_match:
        return _tagged(Response(status=304), current)
    kept: dict[Any, _Kept] = current_app.extensions.setdefault("live_figures", {})
    now = clock.now()
    for key in [key for key, one in list(kept.items()) if now - one.at >= SHARED_FOR]:
        kept.pop(key, None)
    here = (request.path, about, current_language(), principal().roles_in(guarded_series().id))
    found = kept.get(here)
    if found is None:
        found = kept[here] = _Kept(now, current, render())
    return _tagged(make_response(found.html), found.etag)


@dataclass(frozen=True, slots=True)
class _Kept:
    at: datetime
    etag: str
    html: str


def _tagged(response: Response, tag: str) -> Response:
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-store"
    return response
