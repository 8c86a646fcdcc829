"""A region is chosen on the form, where seats are counted by it, and never guessed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput
from eduforum.events.models import Organisation
from eduforum.registration import services
from eduforum.registration.models import Category, Pool, Registration
from eduforum.registration.services import Application
from eduforum.web.access import Role
from tests.factories import make_category, make_event, make_pool, make_series
from tests.pages import Browser
from tests.registration.people import apply


@pytest.fixture
def category(either_app: Flask) -> Category:
    return make_category(seats=4, line=0)


def test_a_region_is_asked_where_seats_are_counted_by_it(browser: Browser, app: Flask) -> None:
    """Chosen on the form, also against the unit's record; the pool of the region counts it."""
    series = make_series(slug="demo")
    category = make_category(make_event(series=series, slug="opening"), code="observer", seats=9)
    with transaction():
        db.session.add(Organisation(name_zh="天津样本学校", pinyin="t", region_code="12"))
    sent = everything()
    assert "所在地区" not in browser.post("/s/demo/register", sent | {"step": "2"}, status=200).text
    quota = make_pool(category, 1, region="12", name_zh="天津名额", waiting_limit=0)

    page = browser.post("/s/demo/register", sent, status=422).text
    assert "请选择单位所在的地区" in page
    assert 'id="region-12"' in page
    browser.post("/s/demo/register", sent | {"region": "13"}, status=422)
    browser.post("/s/demo/register", sent | {"region": "12"}, status=303)
    assert again(quota).held == 1

    more = {"submit_id": "b" * 20, "email": "b@example.org", "organisation": "天津样本学校"}
    page = browser.post("/s/demo/register", sent | more | {"region": "12"}, status=409).text
    assert "天津名额" in page
    browser.post("/s/demo/register", sent | more | {"region": "other"}, status=303)
    people = db.session.scalars(
        select(Registration).order_by(Registration.applied_at, Registration.id)
    ).all()
    assert [one.region for one in people] == ["12", ""]


def test_the_desk_chooses_a_region_where_seats_are_counted_by_it(
    browser: Browser, app: Flask, sign_in: Callable[..., None]
) -> None:
    series = make_series(slug="demo")
    category = make_category(make_event(series=series, slug="opening"), code="observer", seats=9)
    sign_in(Role.REGISTRAR, series=series)
    with transaction():
        db.session.add(Organisation(name_zh="天津样本学校", pinyin="t", region_code="12"))
    new = "/desk/s/demo/registrations/new"
    assert "所在地区" not in browser.get(new).text
    quota = make_pool(category, 2, region="12", name_zh="天津名额", waiting_limit=0)
    sent = everything() | {"mode": "onsite", "submit_id": "b" * 20, "organisation": "天津样本学校"}
    assert "所在地区" in browser.post(new, sent | {"region": "99"}, status=422).text
    browser.post(new, sent, status=303)
    assert again(quota).held == 1, "that of the unit"
    person = db.session.scalars(select(Registration)).one()
    edit = f"/desk/s/demo/registrations/{person.id}/edit"
    assert '<option selected value="12">' in browser.get(edit).text
    browser.post(edit, sent | {"region": "other"}, status=303)
    assert again(quota).held == 0


def test_a_change_keeps_the_region_where_none_is_asked(category: Category) -> None:
    quota = make_pool(category, 2, region="12", name_zh="天津", waiting_limit=0)
    person = apply(category, region="12", organisation="样本学校")
    said = Application(name=person.name, category=category.code, organisation="样本学校",
                       events=tuple(e.slug for e in person.events), email="new@example.org")  # fmt: skip
    assert services.edit(person.series_id, person.id, said).region == "12"
    assert again(quota).held == 1
    elsewhere = replace(said, region="")
    assert services.edit(person.series_id, person.id, elsewhere).region == ""
    assert again(quota).held == 0
    with pytest.raises(BadInput) as refused:
        services.edit(person.series_id, person.id, replace(said, region="99"))
    assert "region" in refused.value.errors


def everything() -> dict[str, Any]:
    return {
        "step": "4", "category": "observer", "events": "opening", "name": "林知夏",
        "email": "a@example.org", "consents": "privacy", "submit_id": "a" * 20,
    }  # fmt: skip


def again(pool: Pool) -> Pool:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Pool, pool.id)
