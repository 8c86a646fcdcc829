"""Every route × everybody × own and foreign series gives exactly what its policy says.

The table is made from the routes themselves, so a new route is tested as soon as it exists. In
place of each view stands one that only says that it was reached: what is tested here is the guard
that every request passes. What a view shows to whom it lets in is tested in its room.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from eduforum.core.db import db
from eduforum.core.settings import Settings
from eduforum.events import grants
from eduforum.events.models import Series
from eduforum.factory import create_app
from eduforum.web.access import Policy, Role, Scope, policy_of
from tests.factories import make_series, make_user
from tests.pages import BASE

REACHED = 299
CHANGES = {"POST", "PUT", "PATCH", "DELETE"}
DUMMIES = {
    "int": 1,
    "uuid": UUID("01890a5d-ac96-774b-bcce-b302099a8057"),
    "path": "some/thing",
    "default": "something",
    "string": "something",
    "any": None,
}


@dataclass
class Somebody:
    """One of the cast: how they ask, and what they hold in which series."""

    client: FlaskClient
    roles: frozenset[Role] = frozenset()
    scopes: frozenset[Scope] = frozenset()
    series: str | None = None
    kind: str = "nobody"
    headers: dict[str, str] = field(default_factory=dict)


Cast = dict[str, Somebody]


@pytest.fixture
def own() -> Series:
    return make_series(slug="own")


@pytest.fixture
def foreign() -> Series:
    return make_series(slug="foreign")


@pytest.fixture
def cast(app: Flask, own: Series, foreign: Series) -> Cast:
    """Nobody, somebody without roles, one person for each role, one program for each scope.

    They work in `own`; the last ones work in `foreign`.
    """
    people = {
        "nobody": Somebody(app.test_client()),
        "no-role": _person(app, [], None),
        "admin": _person(app, [Role.ADMIN], None),
    }
    for role in set(Role) - {Role.ADMIN}:
        people[role.value] = _person(app, [role], own)
        people[f"foreign {role.value}"] = _person(app, [role], foreign)
    for scope in Scope:
        people[f"token {scope.value}"] = _program(app, scope, own)
        people[f"foreign token {scope.value}"] = _program(app, scope, foreign)
    return people


@pytest.fixture
def probes(app: Flask) -> None:
    """Every view says only that it was reached; it keeps its policy."""

    def probe(policy: Policy | None) -> Callable[..., tuple[str, int]]:
        def view(**_arguments: object) -> tuple[str, int]:
            return "", REACHED

        view.policy = policy  # type: ignore[attr-defined]
        return view

    for name, view in app.view_functions.items():
        app.view_functions[name] = probe(policy_of(view))


def _person(app: Flask, roles: list[Role], series: Series | None) -> Somebody:
    client = app.test_client()
    with client.session_transaction(base_url=BASE) as session:
        session["sign_in"] = make_user(*roles, series=series)
    return Somebody(client, frozenset(roles), series=series.slug if series else None, kind="user")


def _program(app: Flask, scope: Scope, series: Series) -> Somebody:
    _, secret = grants.add_token(scope.value, [scope], [series.id])
    return Somebody(
        app.test_client(),
        scopes=frozenset({scope}),
        series=series.slug,
        kind="token",
        headers={"Authorization": f"Bearer {secret}"},
    )


def requests_of(app: Flask) -> Iterator[tuple[str, str, Rule]]:
    """(method, address, rule) of everything that can be asked, with arguments that fit."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, address_of(app, rule), rule


def address_of(app: Flask, rule: Rule) -> str:
    arguments = {
        name: DUMMIES[_kind_of(rule, name)] or _first_choice(rule, name)
        for name in rule.arguments
        if name not in (rule.defaults or {})
    }
    if "series" in arguments:
        arguments["series"] = "own"
    built = app.url_map.bind("forum.example.org").build(rule.endpoint, arguments)
    assert isinstance(built, str)
    return built


def _kind_of(rule: Rule, name: str) -> str:
    found = re.search(rf"<(?:(\w+)(?:\([^)]*\))?:)?{name}>", rule.rule)
    return found[1] or "default" if found else "default"


def _first_choice(rule: Rule, name: str) -> str:
    found = re.search(rf"<any\(\s*['\"]?([^,'\")]+)[^>]*:{name}>", rule.rule)
    assert found, rule
    return found[1].strip()


def expected(policy: Policy, somebody: Somebody, rule: Rule, method: str) -> int:
    """The status that the policy promises; the rules of `contract.md` in one place."""
    is_api = rule.rule.startswith("/api/")
    knows_them = somebody.kind == ("token" if is_api else "user")
    if policy.kind == "public":
        return REACHED
    if not knows_them:
        asks_a_page = method == "GET" and policy.kind != "scopes"
        return 302 if asks_a_page else 401
    is_admin = Role.ADMIN in somebody.roles
    if "series" in rule.arguments and somebody.series != "own" and not is_admin:
        return 404
    if policy.kind == "scopes":
        return REACHED if somebody.scopes & policy.scopes else 403
    if policy.kind == "roles":
        return REACHED if is_admin or somebody.roles & policy.roles else 404
    assert policy.kind == "signed_in"
    return REACHED


@pytest.mark.usefixtures("probes")
def test_every_route_for_everybody(app: Flask, cast: Cast) -> None:
    wrong = []
    for method, address, rule in requests_of(app):
        policy = policy_of(app.view_functions[rule.endpoint])
        assert policy is not None, f"{rule.endpoint} has no policy"
        for name, somebody in cast.items():
            answer = somebody.client.open(
                address, method=method, base_url=BASE, headers=somebody.headers
            )
            promised = expected(policy, somebody, rule, method)
            if answer.status_code != promised:
                wrong.append(f"{method} {address} {name}: {answer.status_code}, not {promised}")
            if answer.status_code == 302 and promised == 302:
                assert answer.location.startswith("/desk/sign-in?next=")
    assert wrong == []


@pytest.mark.usefixtures("probes", "foreign")
def test_an_unknown_series_answers_like_a_foreign_one(app: Flask, cast: Cast) -> None:
    for method, address, rule in requests_of(app):
        policy = policy_of(app.view_functions[rule.endpoint])
        if "series" not in rule.arguments or policy is None or policy.kind == "public":
            continue
        scopes = policy.kind == "scopes"
        asker = cast["token manage" if scopes else "organiser"]
        answers = [
            asker.client.open(
                re.sub(r"/own(?=/|$|\.)", f"/{slug}", address, count=1),
                method=method,
                base_url=BASE,
                headers=asker.headers,
            )
            for slug in ("foreign", "nowhere")
        ]
        assert [answer.status_code for answer in answers] == [404, 404], address
        foreign, nowhere = (answer.text for answer in answers)
        assert foreign.replace("/foreign", "/nowhere") == nowhere


@pytest.mark.usefixtures("probes")
def test_an_unpublished_series_is_there_for_its_own_people_only(app: Flask, cast: Cast) -> None:
    make_series(slug="draft", published=False)
    for method, address, rule in requests_of(app):
        policy = policy_of(app.view_functions[rule.endpoint])
        if "series" not in rule.arguments or policy is None or policy.kind != "public":
            continue
        draft = re.sub(r"/own(?=/|$|\.)", "/draft", address, count=1)
        is_api = rule.rule.startswith("/api/")
        for name in ("nobody", "organiser", "admin"):
            answer = cast[name].client.open(draft, method=method, base_url=BASE)
            reaches = name == "admin" and not is_api
            assert answer.status_code == (REACHED if reaches else 404), f"{name} {draft}"


def test_the_cookie_of_an_administrator_is_nothing_to_the_interface(app: Flask, cast: Cast) -> None:
    """So no other site can make a signed-in browser call it."""
    for method, address, rule in requests_of(app):
        policy = policy_of(app.view_functions[rule.endpoint])
        if rule.rule.startswith("/api/") and policy and policy.kind != "public":
            answer = cast["admin"].client.open(address, method=method, base_url=BASE)
            assert answer.status_code == 401, address


def test_a_wrong_bearer_token_is_refused_even_where_none_is_needed(app: Flask, cast: Cast) -> None:
    for method, address, rule in requests_of(app):
        if rule.rule.startswith("/api/"):
            answer = cast["nobody"].client.open(
                address, method=method, base_url=BASE, headers={"Authorization": "Bearer eft_x"}
            )
            assert answer.status_code == 401, address


def test_nothing_changes_without_the_form_s_token(
    app: Flask, settings: Settings, cast: Cast
) -> None:
    """Cross-site request forgery: every route that changes something refuses, whoever asks."""
    guarded = create_app(
        replace(
            settings,
            wtf_csrf_enabled=True,
            sqlalchemy_database_uri=app.config["SQLALCHEMY_DATABASE_URI"],
        )
    )
    tried = 0
    for name in ("nobody", "admin"):
        client = guarded.test_client()
        if cookie := cast[name].client.get_cookie("__Host-session", domain="forum.example.org"):
            client.set_cookie(cookie.key, cookie.value, domain=cookie.domain, secure=True)
        for method, address, rule in requests_of(guarded):
            if method not in CHANGES or rule.rule.startswith("/api/"):
                continue
            headers = {"Referer": f"{BASE}{address}"}
            answer = client.open(address, method=method, base_url=BASE, headers=headers)
            assert answer.status_code == 400, f"{name} {method} {address}: {answer.status_code}"
            assert "页面停留时间过长" in answer.text
            tried += 1
    with guarded.app_context():
        db.engine.dispose()
    assert tried > 0
