"""A sign-in ends when it should, and at once."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from eduforum.accounts import services
from eduforum.accounts.queries import sign_ins_of
from eduforum.accounts.sessions import IDLE, LONGEST
from eduforum.core.db import transaction
from tests.accounts.people import PASSWORD, is_signed_in, make_person, try_to_sign_in
from tests.pages import BASE, Browser

MINUTE = timedelta(minutes=1)


@pytest.fixture
def two(app: Flask) -> tuple[FlaskClient, FlaskClient]:
    """Two browsers of the same person."""
    make_person()
    both = app.test_client(), app.test_client()
    for client in both:
        try_to_sign_in(client)
        assert is_signed_in(client)
    return both


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("__Host-session", domain="forum.example.org")
    assert cookie is not None
    return cookie.value


def test_a_stolen_cookie_is_dead_after_signing_out(app: Flask, client: FlaskClient) -> None:
    make_person()
    try_to_sign_in(client)
    stolen = cookie_of(client)
    thief = app.test_client()
    thief.set_cookie("__Host-session", stolen, domain="forum.example.org", secure=True)
    assert is_signed_in(thief)
    answer = client.post("/desk/sign-out", base_url=BASE)
    assert (answer.status_code, answer.location) == (302, "/desk/sign-in")
    assert not is_signed_in(client)
    assert not is_signed_in(thief)


def test_a_clock_that_is_set_back_signs_nobody_out(
    two: tuple[FlaskClient, FlaskClient], clock: time_machine.Traveller
) -> None:
    clock.shift(-timedelta(hours=1))
    assert [is_signed_in(browser) for browser in two] == [True, True]
    clock.shift(timedelta(hours=1) + IDLE + MINUTE)
    assert [is_signed_in(browser) for browser in two] == [False, False]


def test_signing_out_leaves_other_browsers(two: tuple[FlaskClient, FlaskClient]) -> None:
    here, there = two
    here.post("/desk/sign-out", base_url=BASE)
    assert (is_signed_in(here), is_signed_in(there)) == (False, True)


def test_signing_out_everywhere(two: tuple[FlaskClient, FlaskClient]) -> None:
    here, there = two
    here.post("/desk/sign-out-everywhere", base_url=BASE)
    assert (is_signed_in(here), is_signed_in(there)) == (False, False)


def test_a_new_password_signs_out_the_others(two: tuple[FlaskClient, FlaskClient]) -> None:
    here, there = two
    before = cookie_of(here)
    answer = here.post(
        "/desk/account/password",
        data={"current": PASSWORD, "password": "another long one", "again": "another long one"},
        base_url=BASE,
    )
    assert answer.status_code == 302
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)
    assert cookie_of(here) != before
    there.set_cookie("__Host-session", before, domain="forum.example.org", secure=True)
    assert not is_signed_in(there)
    assert try_to_sign_in(there).status_code == 422
    assert try_to_sign_in(there, password="another long one").status_code == 302


def test_somebody_disabled_is_out_at_once(client: FlaskClient) -> None:
    user = make_person()
    try_to_sign_in(client)
    with transaction():
        user.active = False
    assert not is_signed_in(client)


def test_idle_for_half_an_hour(client: FlaskClient, clock: time_machine.Traveller) -> None:
    make_person()
    try_to_sign_in(client)
    clock.shift(IDLE)
    assert is_signed_in(client)
    clock.shift(IDLE + timedelta(seconds=1))
    assert not is_signed_in(client)


def test_twelve_hours_are_the_end_for_the_busiest(
    client: FlaskClient, clock: time_machine.Traveller
) -> None:
    make_person()
    try_to_sign_in(client)
    for _ in range(int(LONGEST / (20 * MINUTE))):
        clock.shift(20 * MINUTE)
        assert is_signed_in(client)
    clock.shift(MINUTE)
    assert not is_signed_in(client)


def test_dead_sign_ins_do_not_pile_up(client: FlaskClient, clock: time_machine.Traveller) -> None:
    user = make_person()
    for _ in range(3):
        client.delete_cookie("__Host-session", domain="forum.example.org")
        try_to_sign_in(client)
        clock.shift(LONGEST + MINUTE)
    assert sign_ins_of(user.id) == 1


def test_the_cookies_are_kept_from_scripts_and_other_sites(client: FlaskClient) -> None:
    make_person()
    answer = try_to_sign_in(client)
    for cookie in answer.headers.getlist("Set-Cookie"):
        assert "HttpOnly" in cookie
        assert "Secure" in cookie
        assert "SameSite=Lax" in cookie


def test_account_page(browser: Browser) -> None:
    make_person()
    try_to_sign_in(browser.client)
    page = browser.get("/desk/account")
    assert "当前账号已在 1 个浏览器中登录" in page.text
    browser.post("/desk/account", {"name": "", "language": "en"}, status=422)
    answer = browser.post("/desk/account", {"name": "Ms Lin", "language": "en"})
    english = browser.get(answer.location)
    assert "Saved." in english.text
    assert "Ms Lin" in english.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"current": "wrong password"}, "当前密码不正确"),
        ({"password": "short", "again": "short"}, "至少 10 个字符，现为 5 个"),
        ({"again": "something else"}, "两次填写的密码不一致"),
        ({"current": ""}, "请填写当前密码"),
    ],
)
def test_a_refused_password_is_explained(
    browser: Browser, typed: dict[str, str], sentence: str
) -> None:
    make_person()
    try_to_sign_in(browser.client)
    good = {"current": PASSWORD, "password": "another long one", "again": "another long one"}
    answer = browser.post("/desk/account/password", good | typed, status=422)
    assert sentence in answer.text
    assert is_signed_in(browser.client)


def test_a_found_browser_cannot_guess_the_password(client: FlaskClient) -> None:
    make_person()
    try_to_sign_in(client)
    guess = {"current": "wrong", "password": "another long one", "again": "another long one"}
    codes = [
        client.post("/desk/account/password", data=guess, base_url=BASE).status_code
        for _ in range(services.MOST_TRIES + 1)
    ]
    assert codes == [422] * services.MOST_TRIES + [429]
