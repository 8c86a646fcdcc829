"""Who may open what. Every view carries a policy; `eduforum.events.access` enforces it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ParamSpec, TypeVar

from flask import Flask, g

P = ParamSpec("P")
R = TypeVar("R")


class Role(StrEnum):
    """What a person may do in a series. `admin` may do everything, in every series."""

    ADMIN = "admin"
    ORGANISER = "organiser"
    REGISTRAR = "registrar"
    PRESS_OFFICER = "press_officer"
    DOOR = "door"
    VIEWER = "viewer"


class Scope(StrEnum):
    """What a bearer token may do."""

    READ = "read"
    REGISTER = "register"
    DOOR = "door"
    PRESS = "press"
    MANAGE = "manage"


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may open one view.

    kind: `public`, `signed_in`, `roles` (any of `roles` in the series of the URL; without a
    series in the URL, in any series) or `scopes` (a bearer token with any of `scopes`).
    """

    kind: str
    roles: frozenset[Role] = frozenset()
    scopes: frozenset[Scope] = frozenset()


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking: a signed-in person, a token or a device.

    roles: by series id; `admin` is in `everywhere`.
    series_ids: the series a token or device may reach. since: when a device was enrolled.
    """

    kind: str
    id: str
    name: str
    roles: Mapping[int, frozenset[Role]] = field(default_factory=dict)
    everywhere: frozenset[Role] = frozenset()
    scopes: frozenset[Scope] = frozenset()
    series_ids: frozenset[int] = frozenset()
    since: datetime | None = None

    @property
    def is_admin(self) -> bool:
        return Role.ADMIN in self.everywhere

    def roles_in(self, series_id: int) -> frozenset[Role]:
        return self.everywhere | self.roles.get(series_id, frozenset())

    def has_role(self, series_id: int, *roles: Role) -> bool:
        """Whether this person holds one of `roles` in the series; an admin always does."""
        return self.is_admin or bool(self.roles_in(series_id) & set(roles))

    def may(self, scope: Scope, series_id: int) -> bool:
        return scope in self.scopes and series_id in self.series_ids


def current_principal() -> Principal | None:
    """Who is asking, or None for the public. Set once per request by `events.access`."""
    principal: Principal | None = g.get("principal")
    return principal


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Anyone may open this."""
    return _marked(view, Policy("public"))


def signed_in(view: Callable[P, R]) -> Callable[P, R]:
    """Anyone who has signed in may open this."""
    return _marked(view, Policy("signed_in"))


def requires(*roles: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Only people with one of `roles` in the series; for everybody else it does not exist."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        return _marked(view, Policy("roles", roles=frozenset(roles)))

    return decorate


def scoped(*scopes: Scope) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Only bearer tokens with one of `scopes`: none 401, another series 404, no scope 403."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        return _marked(view, Policy("scopes", scopes=frozenset(scopes)))

    return decorate


def policy_of(view: Callable[..., Any]) -> Policy | None:
    policy: Policy | None = getattr(view, "policy", None)
    return policy


def refuse_silent_views(app: Flask) -> None:
    """Stop the start if a view says nothing about who may open it. Raises `RuntimeError`."""
    silent = sorted(name for name, view in app.view_functions.items() if policy_of(view) is None)
    if silent:
        raise RuntimeError(f"No policy on: {', '.join(silent)}")


def _marked(view: Callable[P, R], policy: Policy) -> Callable[P, R]:
    view.policy = policy  # type: ignore[attr-defined]
    return view
