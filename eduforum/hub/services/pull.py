"""Bring a series down from its main server: whole the first time, then by what is new."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.hub import queries
from eduforum.hub.models import Delivered, Upstream
from eduforum.hub.rules import HubError, checked_url
from eduforum.hub.services import copying
from eduforum.hub.services.line import Line
from eduforum.hub.services.secrets import sealed_token, token_of

_CHUNK = 200
"""Rows in one transaction: gates wait for the lock no longer than that takes."""


@dataclass(slots=True)
class Pulled:
    """What one pull brought: tickets told of, and admissions that were new here."""

    tickets: int = 0
    moves: int = 0


def join(base_url: str, code: str, name: str) -> Upstream:
    """Become a device of the main server by a one-time code of its desk, and copy the series.

    Raises `HubError`, also where this database holds a series of that name that is no copy.
    """
    base = checked_url(base_url)
    enrolled = Line(base).post("/devices:enrol", {"code": code, "name": name})
    line = Line(base, enrolled["token"])
    slug = enrolled["series"]
    known = queries.series_named(slug)
    if known is not None and queries.upstream_of(known.id) is None:
        raise HubError(f"There is a series {slug} here already that is no copy of another's.")
    found = line.get(f"/series/{slug}")
    points = line.every(f"/series/{slug}/points")
    if not points:
        raise HubError(f"The series {slug} has no check-in points yet. Make one at the main desk.")
    with transaction():
        series = copying.copy_series(found)
        upstream = db.session.merge(
            Upstream(
                series_id=series.id,
                base_url=base,
                sealed_token=sealed_token(series.id, enrolled["token"]),
                point_id=UUID(points[0]["id"]),
                cursor="",
                epoch="",
            )
        )
        audit.record("hub.join", f"series:{slug}", series_id=series.id, after={"main": base})
    return upstream


def pull(upstream: Upstream) -> Pulled:
    """Copy what is new. Cut short, the next pull goes on where this one ended. Raises `HubError`."""
    series_id, slug = upstream.series_id, upstream.series.slug
    line = Line(upstream.base_url, token_of(upstream))
    _copy_frame(line, series_id, slug)
    pulled, more = Pulled(), True
    while more:
        page = _page(line, upstream)
        if upstream.epoch and page["epoch"] != upstream.epoch:
            start_over(upstream, page["epoch"])
            continue
        _copy_page(upstream, page, pulled)
        more = page["more"]
    return pulled


def _copy_frame(line: Line, series_id: int, slug: str) -> None:
    """What every page rests on: the series, its events and points."""
    found = line.get(f"/series/{slug}")
    events = line.every(f"/series/{slug}/events")
    categories = line.every(f"/series/{slug}/categories")
    points = line.every(f"/series/{slug}/points")
    first = line.get(f"/points/{points[0]['id']}/bundle", cursor="")
    with transaction():
        copying.copy_series(found)
        copying.copy_events(series_id, events)
        copying.copy_categories(series_id, categories, first["classes"])
        copying.copy_points(series_id, points)
        copying.copy_keys(series_id, first["keys"])


def _page(line: Line, upstream: Upstream) -> dict[str, Any]:
    return line.get(
        f"/points/{upstream.point_id}/bundle",
        cursor=upstream.cursor,
        unsent=queries.waiting(upstream.series_id),
        app="hub",
    )


def _copy_page(upstream: Upstream, page: dict[str, Any], pulled: Pulled) -> None:
    series_id = upstream.series_id
    for roster, ended in _chunks(page["roster"], page["revocations"]):
        with transaction():
            copying.copy_tickets(series_id, roster, ended)
    for moves, _ in _chunks(page["admissions"], []):
        with transaction():
            pulled.moves += copying.copy_moves(series_id, moves)
    with transaction():
        kept = db.session.get_one(Upstream, series_id)
        kept.cursor, kept.epoch, kept.pulled_at = page["cursor"], page["epoch"], clock.now()
    pulled.tickets += len(page["roster"]) + len(page["revocations"])


def start_over(upstream: Upstream, epoch: str) -> None:
    """The main server's history was replaced: read everything anew, and bring everything up again."""
    with transaction():
        kept = db.session.get_one(Upstream, upstream.series_id)
        kept.cursor, kept.epoch = "", epoch
        db.session.execute(delete(Delivered).where(Delivered.series_id == kept.series_id))


def _chunks(first: list[Any], second: list[Any]) -> list[tuple[list[Any], list[Any]]]:
    longest = max(len(first), len(second))
    return [(first[n : n + _CHUNK], second[n : n + _CHUNK]) for n in range(0, longest, _CHUNK)]
