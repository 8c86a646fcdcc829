"""Signing in: who gets in, who is held off, and what nobody learns."""

from statistics import median
from time import perf_counter

import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from eduforum.accounts import passwords, services
from eduforum.core.db import db, transaction
from tests.accounts.people import (
    ELSEWHERE,
    HOME,
    NEIGHBOUR,
    PASSWORD,
    again,
    is_signed_in,
    make_person,
    try_to_sign_in,
)
from tests.pages import BASE, Browser


def test_the_right_password_signs_in(client: FlaskClient) -> None:
    user = make_person()
    answer = try_to_sign_in(client)
    assert (answer.status_code, answer.location) == (302, "/desk/")
    assert is_signed_in(client)
    assert again(user).last_signed_in_at is not None


def test_the_address_may_be_typed_otherwise(client: FlaskClient) -> None:
    make_person()
    assert try_to_sign_in(client, "  Owner@Example.org ").status_code == 302


def test_the_same_password_from_another_keyboard(client: FlaskClient) -> None:
    make_person(password="\uff21BC\uff11\uff12\uff13 \u00e9 long")
    assert try_to_sign_in(client, password="ABC123 e\u0301 long").status_code == 302


@pytest.mark.parametrize("address", ["nobody@example.org", "not an address", "owner@example.org"])
def test_wrong_known_and_unknown_answer_alike(client: FlaskClient, address: str) -> None:
    make_person()
    answer = try_to_sign_in(client, address, "not the password")
    reference = try_to_sign_in(client, "reference@example.org", "not the password")
    assert answer.status_code == reference.status_code == 422
    assert answer.text.replace(address, "") == reference.text.replace("reference@example.org", "")
    assert "邮箱或密码不正确" in answer.text
    assert not is_signed_in(client)


def test_somebody_disabled_or_without_password_answers_alike(client: FlaskClient) -> None:
    user, fresh = make_person(), make_person("fresh@example.org", password=None)
    with transaction():
        user.active = False
    unknown = try_to_sign_in(client, "nobody@example.org")
    for email in (user.email, fresh.email):
        answer = try_to_sign_in(client, email)
        assert answer.status_code == 422
        assert answer.text.replace(email, "") == unknown.text.replace("nobody@example.org", "")
    assert try_to_sign_in(client, fresh.email, "!").status_code == 422


@pytest.mark.usefixtures("real_hashes")
def test_known_and_unknown_take_alike(client: FlaskClient) -> None:
    """Without the dummy hash an unknown address answers about ten times faster."""
    make_person()

    def seconds(email: str, network: int) -> float:
        start = perf_counter()
        try_to_sign_in(client, email, "not the password", network=f"192.0.{network}.1")
        return perf_counter() - start

    pairs = [(seconds("owner@example.org", n), seconds("nobody@example.org", n)) for n in range(7)]
    known, unknown = (median(times) for times in zip(*pairs, strict=True))
    assert 0.5 < unknown / known < 2


def test_a_page_that_was_asked_for_is_opened_afterwards(client: FlaskClient) -> None:
    make_person()
    asked = client.get("/desk/account?lang=en", base_url=BASE)
    assert asked.location == "/desk/sign-in?next=%2Fdesk%2Faccount%3Flang%3Den"
    assert try_to_sign_in(client, url=asked.location).location == "/desk/account?lang=en"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil", "/\t/evil.example",
     "javascript:alert(1)", "evil.example", "/\n/evil.example"],
)  # fmt: skip
def test_nobody_is_sent_elsewhere(client: FlaskClient, elsewhere: str) -> None:
    make_person()
    answer = client.post(
        "/desk/sign-in",
        query_string={"next": elsewhere},
        data={"email": "owner@example.org", "password": PASSWORD},
        base_url=BASE,
    )
    assert (answer.status_code, answer.location) == (302, "/desk/")


def test_a_cookie_of_before_is_not_kept(client: FlaskClient) -> None:
    """Session fixation: what the browser carried before signing in is worth nothing after."""
    make_person()
    with client.session_transaction(base_url=BASE) as session:
        session["planted"] = "yes"
    try_to_sign_in(client)
    with client.session_transaction(base_url=BASE) as session:
        assert "planted" not in session


def test_an_attacker_elsewhere_does_not_lock_the_owner_out(app: Flask) -> None:
    make_person()
    attacker, owner = app.test_client(), app.test_client()
    answers = [
        try_to_sign_in(attacker, password=f"guess {n:08}", network=ELSEWHERE).status_code
        for n in range(services.MOST_TRIES + 2)
    ]
    assert answers == [422] * services.MOST_TRIES + [429, 429]
    assert try_to_sign_in(attacker, network=ELSEWHERE).status_code == 429
    assert try_to_sign_in(owner, network=HOME).status_code == 302


def test_an_attacker_in_the_same_network_does_not_lock_out_a_known_device(app: Flask) -> None:
    make_person()
    attacker, owner, stranger = (app.test_client() for _ in range(3))
    assert try_to_sign_in(owner).status_code == 302
    owner.post("/desk/sign-out", base_url=BASE)
    for n in range(services.MOST_TRIES + 1):
        try_to_sign_in(attacker, password=f"guess {n:08}", network=NEIGHBOUR)
    assert try_to_sign_in(stranger).status_code == 429
    assert try_to_sign_in(owner).status_code == 302


def test_a_known_device_is_held_off_as_well(client: FlaskClient) -> None:
    make_person()
    try_to_sign_in(client)
    client.post("/desk/sign-out", base_url=BASE)
    for n in range(services.MOST_TRIES):
        assert try_to_sign_in(client, password=f"guess {n:08}").status_code == 422
    assert try_to_sign_in(client).status_code == 429


def test_a_device_is_known_for_its_owner_only(app: Flask) -> None:
    """Whoever has an account of their own gains nothing against another one."""
    make_person()
    make_person("attacker@example.org")
    attacker = app.test_client()
    try_to_sign_in(attacker, "attacker@example.org", network=ELSEWHERE)
    attacker.post("/desk/sign-out", base_url=BASE)
    for n in range(services.MOST_TRIES):
        try_to_sign_in(attacker, password=f"guess {n:08}", network=ELSEWHERE)
    assert try_to_sign_in(attacker, network=ELSEWHERE).status_code == 429


def test_a_forged_device_is_not_known(app: Flask) -> None:
    make_person()
    attacker = app.test_client()
    attacker.set_cookie("known_device", '["x",[1]]', domain="forum.example.org", path="/desk/")
    for n in range(services.MOST_TRIES):
        try_to_sign_in(attacker, password=f"guess {n:08}")
    assert try_to_sign_in(attacker).status_code == 429


def test_a_network_is_held_off_that_tries_many_accounts(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_TRIES_OF_NETWORK", 5)
    make_person()
    attacker = app.test_client()
    for n in range(4):
        try_to_sign_in(attacker, f"person{n}@example.org", "guess", network=ELSEWHERE)
    # An account of one's own does not wipe the slate.
    assert try_to_sign_in(attacker, network=ELSEWHERE).status_code == 302
    assert try_to_sign_in(attacker, "a@example.org", "guess", network=ELSEWHERE).status_code == 422
    assert try_to_sign_in(attacker, "b@example.org", "guess", network=ELSEWHERE).status_code == 429
    assert try_to_sign_in(app.test_client(), network=HOME).status_code == 302


def test_being_held_off_is_said_plainly_and_ends(
    browser: Browser, clock: time_machine.Traveller
) -> None:
    make_person()
    wrong = {"email": "owner@example.org", "password": "not the password"}
    for _ in range(services.MOST_TRIES):
        browser.post("/desk/sign-in", wrong, status=422)
    answer = browser.post("/desk/sign-in?lang=en", wrong, status=429)
    assert "Wait 15 minutes" in answer.text
    assert 'value="owner@example.org"' in answer.text
    assert "not the password" not in answer.text
    clock.shift(services.WINDOW.total_seconds())
    browser.post("/desk/sign-in", {**wrong, "password": PASSWORD})


def test_empty_fields_are_named(browser: Browser) -> None:
    answer = browser.post("/desk/sign-in", {"email": "", "password": ""}, status=422)
    assert "请填写电子邮箱。" in answer.text
    assert "请填写密码。" in answer.text


def test_whoever_is_signed_in_goes_on(browser: Browser) -> None:
    make_person()
    browser.get("/desk/sign-in")
    browser.post("/desk/sign-in", {"email": "owner@example.org", "password": PASSWORD})
    assert browser.get("/desk/sign-in", status=302).location == "/desk/"


def test_an_outdated_hash_is_made_anew(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_person()
    stronger = PasswordHasher(time_cost=2, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", stronger)
    assert passwords.is_outdated(user.password_hash)
    assert try_to_sign_in(client).status_code == 302
    kept = again(user).password_hash
    assert not passwords.is_outdated(kept)
    assert passwords.matches(kept, PASSWORD)


def test_a_crowd_waits_and_is_told(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    make_person()
    monkeypatch.setattr(passwords, "_LONGEST_WAIT", 0.01)
    with passwords._slot(), passwords._slot():
        answer = try_to_sign_in(client)
    assert answer.status_code == 503
    assert "登录人数较多" in answer.text
    assert try_to_sign_in(client).status_code == 302


def test_nothing_is_kept_that_could_sign_in(client: FlaskClient) -> None:
    """Neither passwords nor the tokens of sign-ins stand in the database."""
    make_person()
    try_to_sign_in(client)
    with client.session_transaction(base_url=BASE) as session:
        token = session["sign_in"]
    raw = db.engine.raw_connection()
    dump = "\n".join(raw.driver_connection.iterdump())  # type: ignore[union-attr]
    raw.close()
    assert PASSWORD not in dump
    assert token not in dump
