"""Which language a page speaks."""

from urllib.parse import unquote_to_bytes

import pytest
from flask import Flask
from flask.testing import FlaskClient

from eduforum.web.language import language_url
from tests.pages import BASE


@pytest.mark.parametrize(
    ("asks", "answer"),
    [
        (None, "zh-Hans"),
        ("*", "zh-Hans"),
        ("fr-FR, de;q=0.5", "zh-Hans"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("zh-CN,en;q=0.9", "zh-Hans"),
        ("en", "en"),
        ("en-GB,en;q=0.9,zh;q=0.5", "en"),
        ("fr, en;q=0.4, zh;q=0.3", "en"),
        ("en;q=0.2, zh-Hans-CN", "zh-Hans"),
        ("EN-GB, zh;q=0.5", "en"),
        ("zh;q=0, en;q=0.1", "en"),
    ],
)
def test_the_browser_is_asked(client: FlaskClient, asks: str | None, answer: str) -> None:
    headers = {"Accept-Language": asks} if asks else {}
    page = client.get("/nowhere", base_url=BASE, headers=headers)
    assert page.headers["Content-Language"] == answer
    assert f'lang="{answer}"' in page.text


def test_a_choice_is_remembered_and_outweighs_the_browser(client: FlaskClient) -> None:
    english = {"Accept-Language": "en"}
    chosen = client.get("/nowhere?lang=zh-Hans", base_url=BASE, headers=english)
    cookie = chosen.headers["Set-Cookie"]
    assert cookie.startswith("lang=zh-Hans;")
    assert "Secure" in cookie
    assert "SameSite=Lax" in cookie
    later = client.get("/nowhere", base_url=BASE, headers=english)
    assert later.headers["Content-Language"] == "zh-Hans"
    assert "Set-Cookie" not in later.headers


@pytest.mark.parametrize("lang", ["", "fr", "en-GB", "zh-Hans\nSet-Cookie: a=b"])
def test_a_choice_that_is_none_changes_nothing(client: FlaskClient, lang: str) -> None:
    answer = client.get("/nowhere", query_string={"lang": lang}, base_url=BASE)
    assert answer.headers["Content-Language"] == "zh-Hans"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("/find", "/find?lang=en"),
        ("/find?page=2&a=1&a=2&lang=zh-Hans", "/find?page=2&a=1&a=2&lang=en"),
        ("/find?q=%E5%BC%A0%26", "/find?q=%E5%BC%A0%26&lang=en"),
        ("/%E5%BC%A0/a%3Fb", "/%E5%BC%A0/a%3Fb?lang=en"),
        ("//evil.example/x", "/evil.example/x?lang=en"),
        ("/\\evil.example", "/%5Cevil.example?lang=en"),
    ],
)
def test_the_other_language_is_the_same_page_here(app: Flask, here: str, there: str) -> None:
    path, _, query = here.partition("?")
    environ = {"PATH_INFO": _decoded(path), "QUERY_STRING": query}
    with app.test_request_context(environ_overrides=environ):
        assert language_url("en") == there


def _decoded(path: str) -> str:
    """A path as WSGI gives it: decoded to bytes, which stand as Latin-1 (PEP 3333)."""
    return unquote_to_bytes(path).decode("latin-1")
