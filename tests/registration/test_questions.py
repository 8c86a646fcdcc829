"""A category's questions on the public pages and in the API: asked, kept, dropped, refused."""

import re
from dataclasses import replace
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from eduforum.core.db import db
from eduforum.events.models import Series
from eduforum.files import queries as stored
from eduforum.files.models import StoredFile
from eduforum.files.services import draft_owner
from eduforum.questions import services as forms
from eduforum.questions.models import FormVersion
from eduforum.questions.rules import Condition
from eduforum.registration import services
from eduforum.registration.models import Category, Registration
from eduforum.registration.services import Application
from tests.factories import ask, make_category, make_event, make_series
from tests.files.uploads import HTML, located_picture
from tests.pages import BASE, Browser
from tests.questions.samples import AGE, COMING, DIET, MEALS, PHOTO, PLATE, PROOF, TRUNK


@pytest.fixture
def category(app: Flask) -> Category:
    return make_category(
        make_event(series=make_series(slug="demo"), slug="opening"), code="observer"
    )


def everything(**changes: Any) -> dict[str, Any]:
    """A whole application in one request."""
    return {
        "name": "林知夏",
        "email": "lin@example.org",
        "category": "observer",
        "events": ["opening"],
        "consents": ["privacy"],
        "submit_id": uuid4().hex,
        "step": "9",
        **{name.replace("__", "."): value for name, value in changes.items()},
    }


def register(browser: Browser, **changes: Any) -> Registration:
    browser.post("/s/demo/register", everything(**changes), status=303)
    return newest()


def newest() -> Registration:
    db.session.expire_all()
    found = db.session.scalar(select(Registration).order_by(Registration.id.desc()).limit(1))
    assert found
    return found


def title(page: TestResponse) -> str:
    match = re.search(r"<title>(.*?)</title>", page.text, re.DOTALL)
    assert match
    return match[1].strip()


def is_hidden(page: TestResponse, key: str) -> bool:
    match = re.search(rf'data-ask="{key}"[^>]*>', page.text)
    assert match, key
    return " hidden" in match[0]


def sent(page: TestResponse) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(
        r'<input type="hidden" name="([\w.]+)" value="([^"]*)"', page.text
    ):
        found.setdefault(name, []).append(value)
    return found


# The steps


def test_questions_have_a_step_of_their_own(browser: Browser, category: Category) -> None:
    ask(category, COMING, PLATE, AGE)
    page = browser.post("/s/demo/register", everything(step="3"), status=200)
    assert title(page).startswith("补充信息（第 4 步，共 5 步）")
    assert not is_hidden(page, "coming")
    assert is_hidden(page, "plate")
    data = {**sent(page), "step": "4", "answers.coming": "train", "answers.age": "40"}
    page = browser.post("/s/demo/register", data, status=200)
    assert title(page).startswith("核对提交（第 5 步，共 5 步）")
    assert sent(page)["answers.coming"] == ["train"]
    assert "<dd>火车</dd>" in page.text
    browser.post("/s/demo/register", {**sent(page), "step": "5", "consents": "privacy"}, status=303)
    assert newest().answers == {"coming": "train", "age": 40}


def test_without_a_script_the_step_comes_again_for_what_an_answer_brings_up(
    browser: Browser, category: Category
) -> None:
    ask(category, COMING, PLATE, MEALS, DIET)
    data = everything(step="4", seen="coming meals", answers__coming="train")
    page = browser.post("/s/demo/register", data, status=200)
    assert title(page).startswith("补充信息")
    assert not is_hidden(page, "diet")
    data = {**sent(page), "step": "4", "answers.coming": "train"}
    page = browser.post("/s/demo/register", data, status=200)
    assert title(page).startswith("核对提交")


def test_mistakes_stand_beside_their_question_and_nothing_is_lost(
    browser: Browser, category: Category
) -> None:
    ask(category, COMING, PLATE, AGE)
    data = everything(step="4", answers__coming="car", answers__age="四十")
    page = browser.post("/s/demo/register", data, status=422)
    assert title(page).startswith("有 2 处需要修改：补充信息")
    assert "请填写“车牌号”。" in page.text
    assert "请填写 6 至 120 的整数。" in page.text
    assert 'value="四十"' in page.text
    assert not is_hidden(page, "plate")


def test_a_step_on_which_nothing_is_asked_is_left_out(browser: Browser, category: Category) -> None:
    own_step = replace(PLATE, step_zh="车辆", step_en="Car")
    ask(category, COMING, own_step)
    page = browser.post(
        "/s/demo/register", everything(step="4", answers__coming="train"), status=200
    )
    assert title(page).startswith("核对提交（第 5 步，共 5 步）")
    page = browser.post("/s/demo/register", everything(step="4", answers__coming="car"), status=200)
    assert title(page).startswith("车辆（第 5 步，共 6 步）")


# What is kept


def test_the_server_drops_hidden_answers_even_if_they_are_sent(
    browser: Browser, category: Category
) -> None:
    ask(category, COMING, PLATE, TRUNK, MEALS, DIET)
    person = register(
        browser,
        answers__coming="local",
        answers__plate="津A12345",
        answers__trunk="true",
        answers__diet="清真",
        **{"consents.diet": "answers.diet"},
    )
    assert person.answers == {"coming": "local"}
    assert person.consents == ["privacy"]
    page = browser.get(f"{services.my_url(person).removeprefix(BASE)}/edit")
    assert "津A12345" not in page.text


def test_answers_keep_the_version_they_answered(browser: Browser, category: Category) -> None:
    form = ask(category, COMING, MEALS)
    first = register(browser, answers__coming="train")
    forms.remove_question(category.series_id, form.id, "coming")
    forms.publish(category.series_id, form.id)
    second = register(browser, name="周望舒", answers__meals=["lunch"])
    db.session.expire_all()
    numbers = {version.id: version.number for version in db.session.scalars(select(FormVersion))}
    assert first.form_version_id
    assert second.form_version_id
    assert numbers[first.form_version_id] == 1
    assert numbers[second.form_version_id] == 2
    assert first.answers == {"coming": "train"}


def test_a_sensitive_answer_has_its_own_consent_with_the_version(
    browser: Browser, category: Category
) -> None:
    ask(category, replace(DIET, condition=Condition()))
    page = browser.post("/s/demo/register", everything(step="3"), status=200)
    consent = re.search(r'<input type="checkbox"[^>]*name="consents.diet"[^>]*>', page.text)
    assert consent
    assert "checked" not in consent[0]
    page = browser.post("/s/demo/register", everything(step="4", answers__diet="清真"), status=422)
    assert "请勾选同意后提交" in page.text
    person = register(browser, answers__diet="清真", consents__diet="answers.diet")
    assert person.answers == {"diet": "清真"}
    assert person.consents == ["privacy", "answers.diet@1"]
    assert person.ticket
    assert person.ticket.door_notes == {"饮食要求": "清真"}


def test_an_edit_changes_answers_and_what_the_door_sees(
    browser: Browser, category: Category
) -> None:
    ask(category, COMING, PLATE, MEALS, DIET)
    person = register(
        browser, answers__coming="train", answers__diet="清真", consents__diet="answers.diet"
    )
    path = services.my_url(person).removeprefix(BASE) + "/edit"
    page = browser.get(path)
    assert not is_hidden(page, "diet")
    assert 'value="train" checked' in page.text
    changes = {
        "name": "林知夏", "email": "lin@example.org", "events": "opening",
        "answers.coming": "car", "answers.plate": "津A12345", "answers.diet": "清真",
    }  # fmt: skip
    browser.post(path, changes, status=303)
    person = newest()
    assert person.answers == {"coming": "car", "plate": "津A12345"}
    assert person.consents == ["privacy"]
    assert person.ticket
    assert person.ticket.door_notes == {}


def test_the_desk_changes_a_person_without_touching_answers(app: Flask, category: Category) -> None:
    ask(category, COMING)
    series = db.session.get(Series, category.series_id)
    assert series
    said = Application(name="林知夏", category="observer", events=("opening",), email="a@example.org",
                       answers={"coming": "train"})  # fmt: skip
    person = services.register(series, said, submit_id="one")
    changed = Application(
        name="林知秋", category="observer", events=("opening",), email="a@example.org"
    )
    services.edit(series.id, person.id, changed, staff=True)
    assert newest().answers == {"coming": "train"}
    walk_in = Application(
        name="周望舒", category="observer", events=("opening",), mobile="+8613900000001"
    )
    assert (
        services.register(series, walk_in, submit_id="two", source="desk", staff=True).answers == {}
    )


# Files


def picture() -> tuple[BytesIO, str]:
    return BytesIO(located_picture()), "我的照片.jpg"


def test_a_photo_is_kept_on_the_way_and_belongs_to_the_registration(
    browser: Browser, category: Category
) -> None:
    ask(category, PHOTO, COMING)
    first = everything(step="4", answers__photo=picture())
    page = browser.post("/s/demo/register", first, status=422)
    assert "请选择“如何到达”。" in page.text
    assert "已上传：我的照片.jpg" in page.text
    assert 'enctype="multipart/form-data"' in page.text
    kept = re.search(r'name="answers.photo" value="([0-9a-f-]{36})" checked', page.text)
    assert kept
    again = {**first, "answers.photo": kept[1], "answers.coming": "train"}
    page = browser.post("/s/demo/register", again, status=200)
    assert "我的照片.jpg" in page.text
    browser.post("/s/demo/register", {**sent(page), "step": "5", "consents": "privacy"}, status=303)
    person = newest()
    [file] = stored.files_of(f"registration:{person.id}")
    assert person.answers == {"photo": str(file.id), "coming": "train"}
    assert file.kept_at


def test_a_file_that_is_not_taken_says_why_beside_its_question(
    browser: Browser, category: Category
) -> None:
    ask(category, PHOTO)
    data = everything(step="4", answers__photo=(BytesIO(HTML), "photo.jpg"))
    page = browser.post("/s/demo/register", data, status=422)
    assert "请选择JPG、PNG 或 WebP 图片。" in page.text
    assert db.session.scalar(select(StoredFile)) is None


def test_nobody_answers_with_a_file_of_somebody_else(browser: Browser, category: Category) -> None:
    ask(category, PHOTO)
    other = register(browser, answers__photo=picture())
    stolen = other.answers["photo"]
    data = everything(name="周望舒", answers__photo=stolen)
    page = browser.post("/s/demo/register", data, status=422)
    assert "请重新选择文件。" in page.text
    assert stored.files_of(f"registration:{other.id}")


def test_a_replaced_photo_is_removed(browser: Browser, category: Category) -> None:
    ask(category, PHOTO)
    person = register(browser, answers__photo=picture())
    path = services.my_url(person).removeprefix(BASE) + "/edit"
    changes = {"name": "林知夏", "email": "lin@example.org", "events": "opening",
               "answers.photo": picture()}  # fmt: skip
    browser.post(path, changes, status=303)
    [file] = stored.files_of(f"registration:{person.id}")
    assert newest().answers == {"photo": str(file.id)}
    browser.post(path, {**changes, "answers.photo": ""}, status=303)
    assert newest().answers == {}
    assert stored.files_of(f"registration:{person.id}") == []


def test_too_much_in_one_request_is_refused_before_it_is_read(
    browser: Browser, category: Category
) -> None:
    ask(category, PHOTO)
    unread = BytesIO(b"x")
    answer = browser.client.post(
        "/s/demo/register",
        base_url=BASE,
        input_stream=unread,
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": "13000000"},
    )
    assert answer.status_code == 413
    assert "提交的内容太大。" in answer.text
    assert unread.tell() == 0


def test_a_draft_is_known_to_its_sender_only(browser: Browser, category: Category) -> None:
    ask(category, PHOTO, COMING)
    data = everything(step="4", answers__photo=picture())
    browser.post("/s/demo/register", data, status=422)
    assert len(stored.files_of(draft_owner(f"web:{data['submit_id']}"))) == 1


# Programs


def test_programs_learn_the_questions_and_answer_them(browser: Browser, category: Category) -> None:
    ask(category, COMING, PLATE, PROOF)
    [known] = browser.get("/api/v1/series/demo/categories").get_json()["items"]
    assert [one["key"] for one in known["questions"]] == ["coming", "plate", "proof"]
    assert known["questions"][1]["condition"] == {
        "joined": "all", "terms": [{"question": "coming", "op": "equals", "value": "car"}],
    }  # fmt: skip
    body = {"name": "林知夏", "email": "lin@example.org", "category": "observer", "events": ["opening"],
            "consents": ["privacy"]}  # fmt: skip
    url = "/api/v1/series/demo/registrations"
    answer = browser.client.post(url, base_url=BASE, json=body)
    assert answer.status_code == 422
    assert answer.get_json()["errors"] == {"answers.coming": ["请选择“如何到达”。"]}
    wrong = {**body, "answers": {"coming": "car", "plate": 7, "size": "L"}}
    answer = browser.client.post(url, base_url=BASE, json=wrong)
    assert set(answer.get_json()["errors"]) == {"answers.plate", "answers.size"}
    right = {**body, "answers": {"coming": "local", "plate": "津A12345"}}
    assert browser.client.post(url, base_url=BASE, json=right).status_code == 201
    assert newest().answers == {"coming": "local"}


def test_a_category_without_questions_takes_no_answers(
    browser: Browser, category: Category
) -> None:
    body = {"name": "林知夏", "email": "lin@example.org", "category": "observer", "events": ["opening"],
            "consents": ["privacy"], "answers": {"anything": "x"}}  # fmt: skip
    answer = browser.client.post("/api/v1/series/demo/registrations", base_url=BASE, json=body)
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == ["answers.anything"]


def test_text_in_questions_and_answers_is_only_text(browser: Browser, category: Category) -> None:
    evil = "<script>alert(1)</script>{{7*7}}{name}"
    ask(category, replace(AGE, zh=evil, help_zh=evil),
        replace(PLATE, condition=Condition(), most_chars=80))  # fmt: skip
    page = browser.post("/s/demo/register", everything(step="4", answers__plate=evil), status=200)
    assert "<script>alert" not in page.text
    assert "{{7*7}}" in page.text
