"""An organiser corrects answers as they were asked; the trail knows which were changed, not what."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from eduforum.core.audit import AuditEntry
from eduforum.core.db import db
from eduforum.events.models import Series
from eduforum.questions import services as forms
from eduforum.questions.rules import Condition
from eduforum.registration import services
from eduforum.registration.models import Category, Registration
from eduforum.registration.rules import PoolFull
from eduforum.registration.services import Application, Filling
from eduforum.registration.services.pools import PoolInput, create_pool
from eduforum.web.access import Role
from tests.factories import ask, make_category, make_event, make_series
from tests.pages import Browser
from tests.questions.samples import AGE, COMING, DIET, PLATE
from tests.registration.test_option_pools import sound

SAID = {"coming": "car", "plate": "津A12345", "diet": "不吃牛肉", "age": 40}


def make() -> Category:
    event = make_event(series=make_series(slug="demo"), slug="opening")
    category = make_category(event, code="observer", seats=100)
    ask(category, COMING, PLATE, replace(DIET, condition=Condition()), AGE)
    return category


def register(category: Category, n: int = 1) -> Registration:
    said = Application(
        name="林知夏", category="observer", events=("opening",), email=f"p{n}@example.org",
        answers=SAID, consents=("privacy", "answers.diet"),
    )  # fmt: skip
    return services.register(
        db.session.get_one(Series, category.series_id), said, submit_id=f"s{n}"
    )


def again(person: Registration) -> Registration:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Registration, person.id)


def correct(person: Registration, **given: object) -> Registration:
    said = Filling(shown=frozenset(given), answers=given)
    return services.fill_in(person.series_id, person.id, said, as_answered=True)


def republish(category: Category) -> None:
    """The form asks other things now: no plate number, and something new."""
    series_id, form_id = category.series_id, category.form_id
    assert form_id
    forms.remove_question(series_id, form_id, "plate")
    forms.add_question(series_id, form_id, replace(AGE, key="years", zh="教龄", en="Years"))
    forms.publish(series_id, form_id)


def test_the_version_that_was_answered_is_kept(app: Flask) -> None:
    category = make()
    person = register(category)
    answered = person.form_version_id
    republish(db.session.get_one(Category, category.id))

    correct(person, plate="津B67890")

    kept = again(person)
    assert kept.answers == SAID | {"plate": "津B67890"}
    assert kept.form_version_id == answered
    assert "answers.diet@1" in kept.consents


def test_the_page(browser: Browser, app: Flask, sign_in: Any) -> None:
    person = register(make())
    sign_in(Role.REGISTRAR, series=person.series)
    root = f"/desk/s/demo/registrations/{person.id}"
    url = f"{root}/answers"
    assert url in browser.get(root).text
    page = browser.get(url).text
    assert "津A12345" in page
    assert "不吃牛肉" not in page
    sent = {"answers.coming": "boat", "answers.age": "4"}
    wrong = browser.post(url, sent, status=422).text
    assert "有 2 处需要修改" in wrong
    browser.post(
        url, {"answers.coming": "train", "answers.plate": "x", "answers.age": ""}, status=303
    )
    assert again(person).answers == {"coming": "train", "diet": "不吃牛肉"}
    told = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "registration.fill_in")
    ).one()
    assert told.after == {"changed": ["age", "coming", "plate"]}
    assert told.actor.startswith("user:")
    assert "代为补填信息" in browser.get(root).text
    sign_in(Role.VIEWER, series=person.series)
    browser.get(url, status=404)
    browser.post(url, sent, status=404)
    sign_in(Role.ORGANISER, series=make_series(slug="other"))
    browser.get(url.replace("/demo/", "/other/"), status=404)


def test_an_option_that_is_corrected_takes_its_seat(either_app: Flask) -> None:
    category = make()
    first, second = register(category), register(category, 2)
    create_pool(category.series_id, PoolInput(
        name_zh="乘火车", name_en="By train", option="coming=train", size=1, waiting_limit=0,
    ))  # fmt: skip
    correct(first, coming="train")
    with pytest.raises(PoolFull):
        correct(second, coming="train")
    assert again(second).answers["coming"] == "car"
    assert sound()
    correct(first, coming="local")
    correct(second, coming="train")
    assert sound()


def test_who_has_no_answers_has_no_page(browser: Browser, app: Flask, sign_in: Any) -> None:
    event = make_event(series=make_series(slug="demo"), slug="opening")
    make_category(event, code="observer")
    said = Application(name="林知夏", category="observer", events=("opening",),
                       email="p@example.org")  # fmt: skip
    person = services.register(event.series, said, submit_id="s")
    sign_in(Role.ORGANISER, series=event.series)
    root = f"/desk/s/demo/registrations/{person.id}"
    assert f"{root}/answers" not in browser.get(root).text
    browser.get(f"{root}/answers", status=404)
