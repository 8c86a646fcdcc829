"""Commands for people and tokens."""

import stat
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from eduforum.accounts import services
from eduforum.accounts.queries import user_by_email
from eduforum.core.db import db
from eduforum.events import grants
from eduforum.events.models import Grant
from eduforum.web.access import Role, Scope
from tests.accounts.people import PASSWORD, again, is_signed_in, try_to_sign_in
from tests.factories import make_series


def run(app: Flask, *words: str, stdin: str = f"{PASSWORD}\n") -> Result:
    result = app.test_cli_runner().invoke(args=list(words), input=stdin)
    db.session.rollback()
    return result


def roles_of(email: str) -> set[tuple[Role, int | None]]:
    user = user_by_email(email)
    assert user is not None
    held = db.session.scalars(select(Grant).where(Grant.user_id == user.id))
    return {(grant.role, grant.series_id) for grant in held}


def test_add_somebody_who_can_sign_in(app: Flask, client: FlaskClient) -> None:
    series = make_series(slug="tianjin")
    words = ("users", "add", "Owner@example.org", "--role", "organiser", "--series", "tianjin")
    result = run(app, *words)
    assert (result.exit_code, result.stdout) == (
        0,
        "Added owner@example.org: organiser in tianjin.\n",
    )
    assert roles_of("owner@example.org") == {(Role.ORGANISER, series.id)}
    assert try_to_sign_in(client).status_code == 302


def test_adding_again_updates_the_role(app: Flask, client: FlaskClient) -> None:
    series, other = make_series(slug="tianjin"), make_series(slug="other")
    run(app, "users", "add", "owner@example.org", "--role", "organiser", "--series", "tianjin")
    run(app, "users", "add", "owner@example.org", "--role", "viewer", "--series", "other")
    try_to_sign_in(client)
    words = ("users", "add", "owner@example.org", "--role", "door", "--series", "tianjin")
    result = run(app, *words, stdin="")
    assert result.stdout == "Changed owner@example.org: door in tianjin.\n"
    assert roles_of("owner@example.org") == {(Role.DOOR, series.id), (Role.VIEWER, other.id)}
    assert not is_signed_in(client), "a new role ends sign-ins"
    assert try_to_sign_in(client).status_code == 302, "the password is the old one"
    run(app, "users", "add", "owner@example.org", "--role", "admin", stdin="")
    assert roles_of("owner@example.org") == {(Role.ADMIN, None)}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("owner@example.org", "--role", "door"), "Say with --series in which series"),
        (("owner@example.org", "--role", "door", "--series", "x"), "There is no series 'x'."),
        (("owner@example.org", "--role", "admin", "--series", "x"), "leave out --series"),
        (("nonsense", "--role", "admin"), "exactly one @"),
        (("owner@example.org", "--role", "pilot"), "'pilot' is not one of"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_2(
    app: Flask, words: tuple[str, ...], sentence: str
) -> None:
    result = run(app, "users", "add", *words)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.output
    assert user_by_email("owner@example.org") is None


@pytest.mark.parametrize("password", ["", "short", "1234567890", "owner@example.org"])
def test_a_weak_password_adds_nobody(app: Flask, password: str) -> None:
    words = ("users", "add", "owner@example.org", "--role", "admin")
    result = run(app, *words, stdin=f"{password}\n")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert user_by_email("owner@example.org") is None


def test_list_and_disable(app: Flask, client: FlaskClient) -> None:
    make_series(slug="tianjin")
    run(app, "users", "add", "boss@example.org", "--role", "admin", "--name", "管理员")
    run(app, "users", "add", "owner@example.org", "--role", "door", "--series", "tianjin")
    try_to_sign_in(client)
    assert run(app, "users", "disable", "owner@example.org").exit_code == 0
    assert not is_signed_in(client)
    assert run(app, "users", "list").stdout.splitlines() == [
        "boss@example.org\t管理员\tadmin\t",
        "owner@example.org\t\tdoor@tianjin\tdisabled",
    ]
    last = run(app, "users", "disable", "boss@example.org")
    assert (last.exit_code, "One administrator must remain" in last.stderr) == (2, True)
    nobody = run(app, "users", "disable", "nobody@example.org")
    assert (nobody.exit_code, nobody.stderr) == (2, "Nobody signs in as 'nobody@example.org'.\n")


def test_set_a_password(app: Flask, client: FlaskClient) -> None:
    run(app, "users", "add", "owner@example.org", "--role", "admin")
    assert run(app, "users", "password", "owner@example.org", stdin="short\n").exit_code == 2
    run(app, "users", "password", "owner@example.org", stdin="another long one\n")
    assert try_to_sign_in(client, password="another long one").status_code == 302


def test_tokens(app: Flask) -> None:
    series, other = make_series(slug="tianjin"), make_series(slug="other")
    words = ("--scope", "read", "--scope", "door", "--series", "tianjin", "--series", "other")
    result = run(app, "tokens", "add", *words, "--name", "door app")
    secret = result.stdout.strip()
    bearer = grants.bearer_of_token(secret)
    assert bearer
    assert bearer.name == "door app"
    assert bearer.scopes == {Scope.READ, Scope.DOOR}
    assert bearer.series_ids == {series.id, other.id}
    assert run(app, "tokens", "list").stdout == f"{bearer.id}\tdoor app\tdoor read\n"
    assert run(app, "tokens", "revoke", secret).exit_code == 0
    assert grants.bearer_of_token(secret) is None
    assert run(app, "tokens", "list").stdout == ""
    assert run(app, "tokens", "revoke", str(bearer.id)).exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ("--scope", "read"),
        ("--series", "tianjin"),
        ("--scope", "root", "--series", "tianjin"),
        ("--scope", "read", "--series", "nowhere"),
    ],
)
def test_a_token_that_makes_no_sense(app: Flask, words: tuple[str, ...]) -> None:
    make_series(slug="tianjin")
    assert run(app, "tokens", "add", *words).exit_code == 2


def test_the_first_administrator(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    app.config["DATA_DIR"] = str(tmp_path)
    made = grants.first_admin()
    assert made is not None
    email, password = made
    file = tmp_path / "admin_password"
    assert (email, file.read_text()) == ("admin@localhost", f"{password}\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert grants.first_admin() is None
    assert roles_of(email) == {(Role.ADMIN, None)}
    assert try_to_sign_in(client, email, password).status_code == 302
    user = user_by_email(email)
    assert user
    services.set_password(user, "another long one")
    assert not file.exists()
    assert try_to_sign_in(client, email, "another long one").status_code == 302
    assert grants.first_admin() is None
    assert again(user).active
