"""The display of an event: opens by a link from the desk, or for whoever is signed in."""

import hashlib
from base64 import b64encode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.checkin.qr import link_png
from eduforum.core import clock
from eduforum.core.errors import NotFound
from eduforum.core.i18n import current_language
from eduforum.events.models import Event, Series
from eduforum.events.rules import KIND_NAMES
from eduforum.hall import queries, services
from eduforum.hall.models import Screen
from eduforum.hall.queries import board_of
from eduforum.hall.rules import step_at
from eduforum.hall.views.frame import pages
from eduforum.reports.queries.overview import version
from eduforum.web.access import Role, current_principal, public
from eduforum.web.assets import asset_version
from eduforum.web.headers import private

POLL = 5
"""Seconds between two looks at the figures."""
_SHARED_FOR = timedelta(seconds=4)
_STAFF = (Role.ORGANISER, Role.DOOR, Role.REGISTRAR, Role.VIEWER)


@pages.get("/screen/<event>")
@public
def screen(event: str) -> ResponseReturnValue:
    """The display. `event` is a link's secret, or, for staff, the event's slug."""
    if current_principal() is None and queries.screen_by_secret(event) is None and "." not in event:
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    shown = _shown(event)
    tag, part = _figures(shown)
    return private(
        render_template(
            "hall/screen.html",
            event=shown.event,
            series=shown.series,
            part=part,
            now=clock.now(),
            etag=tag,
            poll=POLL,
            version=asset_version(),
            figures_url=url_for(".figures", event=event, series=request.args.get("series")),
        )
    )


@pages.get("/screen/<event>/figures")
@public
def figures(event: str) -> ResponseReturnValue:
    """The part that changes, or 304 while it has not (RFC 9110, 13.1.2)."""
    shown = _shown(event)
    tag = _etag(shown)
    if tag in request.if_none_match:
        return _tagged(Response(status=304), tag)
    tag, part = _figures(shown)
    return _tagged(make_response(part), tag)


@dataclass(frozen=True, slots=True)
class _Shown:
    series: Series
    event: Event
    screen: Screen | None


def _shown(event: str) -> _Shown:
    """What the address names. Raises `NotFound` for whoever may not see it."""
    screen = queries.screen_by_secret(event)
    if screen is not None:
        return _Shown(screen.series, screen.event, screen)
    asker = current_principal()
    if asker is None:
        raise NotFound
    reached = {i for i in asker.roles if asker.has_role(i, *_STAFF)}
    ids = None if asker.is_admin or asker.everywhere & set(_STAFF) else reached
    series, found = queries.event_named(event, ids, request.args.get("series", ""), clock.now())
    return _Shown(series, found, None)


@dataclass(frozen=True, slots=True)
class _Kept:
    at: datetime
    etag: str
    html: str


def _figures(shown: _Shown) -> tuple[str, str]:
    """The part that changes, counted at most once in `_SHARED_FOR` for all displays of an event."""
    tag, now = _etag(shown), clock.now()
    kept: dict[Any, _Kept] = current_app.extensions.setdefault("screen_figures", {})
    for key in [key for key, one in list(kept.items()) if now - one.at >= _SHARED_FOR]:
        kept.pop(key, None)
    here = (shown.event.id, shown.screen and shown.screen.id, current_language())
    found = kept.get(here)
    if found is None:
        board = board_of(shown.series, shown.event, now)
        if shown.screen and shown.screen.point_id:
            picture = link_png(services.room_url(shown.screen.point_id), 10)
            board = replace(board, code=b64encode(picture).decode())
        html = render_template("hall/_board.html", board=board, kinds=KIND_NAMES)
        found = kept[here] = _Kept(now, tag, html)
    return found.etag, found.html


def _etag(shown: _Shown) -> str:
    """Names what is shown now: the figures, and the minute for what the clock alone changes."""
    seen = (
        *version(shown.series.id),
        shown.series.updated_at.isoformat(),
        shown.event.id,
        clock.now().strftime("%Y%m%d%H%M"),
        step_at(clock.now()) if shown.screen and shown.screen.point_id else 0,
        current_language().value,
    )
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:32]


def _tagged(response: Response, tag: str) -> Response:
    response.set_etag(tag)
    response.headers["X-Screen-Version"] = asset_version()
    return private(response)
