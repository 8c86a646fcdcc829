"""The headers that protect people stand on every answer, errors included."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from eduforum.core.settings import Settings
from eduforum.factory import create_app
from eduforum.web.access import public
from tests.pages import BASE


def crash() -> str:
    raise LookupError


def csp(answer: TestResponse) -> dict[str, str]:
    policy = answer.headers["Content-Security-Policy"]
    return dict(part.split(" ", 1) for part in policy.split("; "))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/healthz", 200),
        ("/desk/", 302),
        ("/nowhere", 404),
        ("/api/v1/nowhere", 404),
        ("/crash", 500),
        ("/assets/x/desk.css", 200),
        ("/assets/x/nothing.css", 404),
    ],
)
def test_every_answer_is_protected(app: Flask, path: str, status: int) -> None:
    app.testing = False
    app.add_url_rule("/crash", view_func=public(crash))
    answer = app.test_client().get(path, base_url=BASE)
    assert answer.status_code == status
    policy = csp(answer)
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_what_says_nothing_about_keeping_is_not_kept(client: FlaskClient) -> None:
    for path in ("/desk/", "/desk/sign-in", "/nowhere", "/healthz"):
        assert client.get(path, base_url=BASE).headers["Cache-Control"] == "no-store"


def test_webassembly_runs_at_the_door_alone(client: FlaskClient) -> None:
    door = csp(client.get("/door/", base_url=BASE))
    assert door["script-src"] == "'self' 'wasm-unsafe-eval'"


def test_http_alone_is_not_told_to_become_https(settings: Settings) -> None:
    plain = create_app(replace(settings, base_url="http://127.0.0.1:8000"))
    answer = plain.test_client().get("/healthz")
    assert "Strict-Transport-Security" not in answer.headers
