"""The guard before every view: finds out who asks, loads the series of the URL, checks the policy.

Unknown and forbidden answer alike, with 404, so that nobody learns which series exist.
"""

from collections.abc import Callable
from typing import NoReturn
from urllib.parse import urlencode

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.accounts import sessions
from eduforum.core.audit import set_actor
from eduforum.core.errors import NotFound, Refusal
from eduforum.core.i18n import Text
from eduforum.events.models import Series
from eduforum.events.queries import grants_of, series_by_slug
from eduforum.web.access import Policy, Principal, Role, current_principal, policy_of

BEARERS: list[Callable[[str], Principal | None]] = []
"""Who knows whose a bearer token is: rooms above add themselves in `factory`."""


class TokenMissing(Refusal):
    code = "token-missing"
    status = 401

    def __init__(self) -> None:
        super().__init__(
            Text("需要有效的访问令牌。", "A valid bearer token is needed for this call.")
        )


class ScopeMissing(Refusal):
    code = "scope-missing"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            Text("访问令牌没有此项权限。", "The token has not the scope that this call needs.")
        )


def init_app(app: Flask) -> None:
    app.before_request(_enforce)
    app.context_processor(lambda: {"current_user": _user(), "series": g.get("series")})


def guarded_series() -> Series:
    """The series of this request's URL; whoever asks has been checked against the view's policy."""
    series: Series = g.series
    return series


def principal() -> Principal:
    """Who asks, where the policy lets nobody anonymous through."""
    found = current_principal()
    if found is None:
        raise TokenMissing
    return found


def _enforce() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None
    policy = policy_of(current_app.view_functions[request.endpoint])
    if policy is None:
        abort(404)
    g.principal = _bearer() if _is_api() else _person()
    if g.principal:
        set_actor(f"{g.principal.kind}:{g.principal.id}")
    else:
        set_actor("public")
    slug = (request.view_args or {}).get("series")
    g.series = series_by_slug(slug) if slug else None
    return _check(policy, slug)


def _check(policy: Policy, slug: str | None) -> ResponseReturnValue | None:
    asker = current_principal()
    if policy.kind == "public":
        _check_published(slug, asker)
        return None
    if asker is None:
        if policy.kind == "scopes":
            raise TokenMissing
        return _to_sign_in()
    if slug and (g.series is None or not _reaches(asker, g.series.id)):
        _hide_series()
    if policy.kind == "scopes" and not policy.scopes & asker.scopes:
        raise ScopeMissing
    if policy.kind == "roles" and not _holds(asker, policy.roles):
        _hide_series()
    return None


def _check_published(slug: str | None, asker: Principal | None) -> None:
    """Public pages of a series exist once it is published; its own people see it before."""
    if not slug:
        return
    if g.series is None:
        _hide_series()
    if not g.series.published and not (asker and _reaches(asker, g.series.id)):
        _hide_series()


def _hide_series() -> NoReturn:
    """The page that says so must not name the series either."""
    g.series = None
    raise NotFound


def _reaches(asker: Principal, series_id: int) -> bool:
    return bool(asker.roles_in(series_id)) or series_id in asker.series_ids


def _holds(asker: Principal, roles: frozenset[Role]) -> bool:
    if g.series is not None:
        return asker.has_role(g.series.id, *roles)
    held = asker.everywhere.union(*asker.roles.values())
    return asker.is_admin or bool(held & roles)


def _is_api() -> bool:
    return request.path.startswith("/api/")


def _bearer() -> Principal | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        return None
    found = next((p for p in (find(token.strip()) for find in BEARERS) if p), None)
    if found is None:
        raise TokenMissing
    return found


def _person() -> Principal | None:
    user = sessions.current_user()
    if user is None:
        return None
    g.user = user
    roles: dict[int, set[Role]] = {}
    everywhere: set[Role] = set()
    for grant in grants_of(user.id):
        held = everywhere if grant.series_id is None else roles.setdefault(grant.series_id, set())
        held.add(grant.role)
    return Principal(
        kind="user",
        id=str(user.id),
        name=user.name or user.email,
        roles={series_id: frozenset(held) for series_id, held in roles.items()},
        everywhere=frozenset(everywhere),
    )


def _user() -> Principal | None:
    found = current_principal()
    return found if found and found.kind == "user" else None


def _to_sign_in() -> ResponseReturnValue:
    if request.method != "GET" or request.headers.get("HX-Request"):
        abort(401)
    query = urlencode({"next": request.full_path.rstrip("?")})
    return redirect(f"{url_for('accounts.sign_in')}?{query}")
