"""The page for whoever is asked at midnight."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from eduforum.core.db import db, transaction
from eduforum.notices.services import beat
from eduforum.notices.worker import do_chores
from eduforum.registration.models import Pool
from eduforum.web.access import Role
from tests.factories import make_series
from tests.pages import Browser


@pytest.fixture
def _organiser(sign_in: Callable[..., None]) -> None:
    sign_in(Role.ORGANISER, series=make_series(slug="spring"))


@pytest.mark.usefixtures("_organiser")
def test_it_says_what_to_do(browser: Browser) -> None:
    page = browser.get("/desk/system").text
    assert "有事项需要立即处理。" in page
    assert "flask --app app worker" in page
    beat()
    page = browser.get("/desk/system").text
    assert "系统可以使用，以下事项请留意。" in page
    assert "EDUFORUM_MAIL_SERVER" in page
    assert 'href="/desk/system"' in browser.get("/desk/").text


@pytest.mark.usefixtures("_organiser")
def test_all_data_can_be_checked_from_the_page(browser: Browser) -> None:
    assert "成立" in browser.get("/desk/system?check=data").text
    with transaction():
        db.session.add(Pool(series_id=1, name_zh="甲", size=5, held=2))
    assert "1 处不符" in browser.get("/desk/system?check=data").text


def test_others_do_not_see_it(browser: Browser, sign_in: Callable[..., None]) -> None:
    sign_in(Role.DOOR, series=make_series())
    assert 'href="/desk/system"' not in browser.get("/desk/").text
    browser.get("/desk/system", status=404)


def test_a_worker_is_forgotten_after_a_day(app: Flask, clock: object) -> None:
    do_chores(app)  # a chore is no sign of life: only the worker's own loop is
    assert db.session.execute(text("SELECT count(*) FROM worker_beats")).scalar_one() == 0
    beat()
    beat()
    assert db.session.execute(text("SELECT count(*) FROM worker_beats")).scalar_one() == 1
