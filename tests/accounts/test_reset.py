"""A new password by letter: once, soon, and nobody learns whose address is known."""

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from eduforum.accounts import services
from eduforum.accounts.models import User
from eduforum.accounts.rules import RESET_LIFE
from eduforum.core.db import db, transaction
from eduforum.core.signing import Purpose, timed
from eduforum.notices.models import Notice
from tests.accounts.people import (
    ELSEWHERE,
    PASSWORD,
    again,
    is_signed_in,
    make_person,
    try_to_sign_in,
)
from tests.pages import BASE, Browser

NEW = {"password": "another long one", "again": "another long one"}


def link_for(user: User) -> str:
    return services.reset_link(user.id, user.reset_version).removeprefix(BASE)


def letters() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Notice)) or 0


def test_from_the_question_to_the_new_password(browser: Browser) -> None:
    user = make_person()
    browser.get("/desk/reset")
    answer = browser.post("/desk/reset", {"email": "Owner@example.org"})
    assert "如果该邮箱已登记" in browser.get(answer.location).text
    notice = db.session.scalars(select(Notice)).one()
    assert (notice.kind, notice.recipient) == ("password-reset", "owner@example.org")
    assert notice.series_id is None, "it must not be readable at a series' desk"
    link = services.compose_letter(notice).link
    assert link.startswith("https://forum.example.org/desk/reset/")
    page = browser.get(link.removeprefix(BASE))
    assert "owner@example.org" in page.text
    done = browser.post(link.removeprefix(BASE), NEW)
    assert "新密码已生效" in browser.get(done.location).text
    assert try_to_sign_in(browser.client).status_code == 422
    assert try_to_sign_in(browser.client, password=NEW["password"]).status_code == 302
    assert again(user).reset_version == 1


def test_a_link_works_once(browser: Browser) -> None:
    link = link_for(make_person())
    browser.post(link, NEW)
    assert "已使用或已过期" in browser.get(link, status=410).text
    browser.post(link, {"password": "a third long one", "again": "a third long one"}, status=410)
    assert try_to_sign_in(browser.client, password="a third long one").status_code == 422


def test_a_link_runs_out(browser: Browser, clock: time_machine.Traveller) -> None:
    link = link_for(make_person())
    clock.shift(RESET_LIFE.total_seconds())
    browser.get(link)
    clock.shift(1)
    browser.get(link, status=410)
    browser.post(link, NEW, status=410)


def test_a_password_change_voids_the_link(browser: Browser) -> None:
    user = make_person()
    link = link_for(user)
    services.set_password(user, "another long one")
    browser.get(link, status=410)


def test_a_forged_link_opens_nothing(browser: Browser, app: Flask) -> None:
    user = make_person()
    other_purpose = timed(Purpose.DEVICE).dumps([user.id, user.reset_version])
    shortened = link_for(user)[:-2]
    for link in (f"/desk/reset/{other_purpose}", shortened, "/desk/reset/x"):
        browser.get(link, status=410)


def test_a_new_password_ends_every_sign_in(app: Flask) -> None:
    user, client = make_person(), app.test_client()
    try_to_sign_in(client)
    app.test_client().post(link_for(user), data=NEW, base_url=BASE)
    assert not is_signed_in(client)


def test_a_weak_password_is_explained_and_the_link_still_works(browser: Browser) -> None:
    link = link_for(make_person())
    answer = browser.post(link, {"password": "1234567890", "again": "1234567890"}, status=422)
    assert "太常见" in answer.text
    browser.post(link, NEW)


def test_known_and_unknown_answer_alike(client: FlaskClient) -> None:
    make_person()
    disabled = make_person("disabled@example.org")
    with transaction():
        disabled.active = False
    answers = [
        client.post("/desk/reset", data={"email": email}, base_url=BASE)
        for email in ("owner@example.org", "nobody@example.org", "disabled@example.org", "nonsense")
    ]
    assert {(a.status_code, a.location, a.text) for a in answers} == {
        (302, "/desk/reset/asked", answers[0].text)
    }
    assert letters() == 1


def test_nobody_is_flooded_with_letters(client: FlaskClient) -> None:
    make_person()
    for n in range(services.MOST_LETTERS + 3):
        answer = client.post(
            "/desk/reset",
            data={"email": "owner@example.org"},
            base_url=BASE,
            environ_overrides={"REMOTE_ADDR": f"192.0.{n}.1"},
        )
        assert answer.location == "/desk/reset/asked"
    assert letters() == services.MOST_LETTERS


def test_a_network_that_asks_too_often_is_told(browser: Browser) -> None:
    for n in range(services.MOST_LETTERS_OF_NETWORK):
        browser.post("/desk/reset", {"email": f"person{n}@example.org"})
    browser.post("/desk/reset", {"email": "person@example.org"}, status=429)


def test_who_forgot_the_password_is_not_held_off_after_the_letter(client: FlaskClient) -> None:
    user = make_person()
    for _ in range(services.MOST_TRIES + 1):
        try_to_sign_in(client, password="what was it", network=ELSEWHERE)
    client.post(
        link_for(user), data=NEW, base_url=BASE, environ_overrides={"REMOTE_ADDR": ELSEWHERE}
    )
    answer = try_to_sign_in(client, password=NEW["password"], network=ELSEWHERE)
    assert answer.status_code == 302


def test_the_page_tells_no_other_site_its_address(client: FlaskClient) -> None:
    answer = client.get(link_for(make_person()), base_url=BASE)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert PASSWORD not in answer.text
