"""What the desk's pages of figures share: who may read them, and how they stay live."""

import hashlib
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, make_response, request
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.i18n import Text, current_language
from eduforum.events.access import guarded_series, principal
from eduforum.reports.queries.overview import version
from eduforum.web.access import Role
from eduforum.web.rail import RailItem

pages = Blueprint("reports_desk", __name__)

EVERYBODY = tuple(Role)
READERS = (Role.ORGANISER, Role.REGISTRAR, Role.DOOR, Role.VIEWER)
OVERVIEW = RailItem(Text("总览", "Overview"), "reports_desk.overview", frozenset(EVERYBODY))
REPORTS = RailItem(Text("报表", "Reports"), "reports_desk.reports", frozenset(READERS))
AUDIT = RailItem(Text("记录", "Audit"), "reports_desk.audit", frozenset({Role.ORGANISER}))


def holds(*roles: Role) -> bool:
    """Whether whoever is signed in has one of these roles here."""
    return principal().has_role(guarded_series().id, *roles)


def etag() -> str:
    """Names what a live part shows now: the figures, the minute, who reads it and how.

    Other things that it shows, as when a device was last heard of, change with the minute.
    """
    here = guarded_series()
    seen = (
        *version(here.id),
        here.updated_at.isoformat(),
        clock.now().strftime("%Y%m%d%H%M"),
        current_language().value,
        sorted(principal().roles_in(here.id)),
        request.query_string,
    )
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:32]


def live(render: Callable[[], str]) -> ResponseReturnValue:
    """The fragment that `render` makes, or 304 if the asker has it already (RFC 9110, 13.1.2).

    Nothing is counted for a 304. The fragment is not stored: the page itself remembers its ETag.
    """
    g.etag = etag()
    if g.etag in request.if_none_match:
        return _tagged(Response(status=304))
    return _tagged(make_response(render()))


def _tagged(response: Response) -> Response:
    response.set_etag(g.etag)
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.context_processor
def _live_tag() -> dict[str, Any]:
    """Templates of live pages say with which ETag they were made."""
    return {"etag": lambda: g.get("etag") or etag()}
