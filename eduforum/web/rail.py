"""The desk's left rail. Rooms add their pages in `factory`; people see what their roles open."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, g, request, url_for

from eduforum.core.i18n import Text
from eduforum.web.access import Role, current_principal


@dataclass(frozen=True, slots=True)
class RailItem:
    """One page of the desk. `waiting` counts what waits for somebody there."""

    label: Text
    endpoint: str
    roles: frozenset[Role]
    waiting: Callable[[int], int] | None = None


@dataclass(frozen=True, slots=True)
class RailLink:
    label: str
    url: str
    count: int
    current: bool


RAIL: list[RailItem] = []


def init_app(app: Flask) -> None:
    app.jinja_env.globals["rail"] = rail


def rail() -> list[RailLink]:
    """The links for whoever is signed in, in the series of this page."""
    asker, series = current_principal(), g.get("series")
    if asker is None or series is None:
        return []
    return [
        RailLink(
            label=str(item.label),
            url=url_for(item.endpoint, series=series.slug),
            count=item.waiting(series.id) if item.waiting else 0,
            current=_is_current(item.endpoint),
        )
        for item in RAIL
        if asker.has_role(series.id, *item.roles)
    ]


def _is_current(endpoint: str) -> bool:
    """The page itself, or another page of its blueprint that has no entry of its own."""
    if any(item.endpoint == request.endpoint for item in RAIL):
        return request.endpoint == endpoint
    return request.blueprint == endpoint.partition(".")[0]
