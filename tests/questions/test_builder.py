"""Organisers build forms: versions that stay, order, sets, publication, preview."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput, NotFound, Refusal
from eduforum.core.i18n import Text
from eduforum.events.models import Series
from eduforum.questions import services
from eduforum.questions.models import FormVersion, QuestionForm
from eduforum.questions.queries import asked_by
from eduforum.questions.rules import Op, Question, Stage
from eduforum.registration.models import Category
from eduforum.web.access import Role
from tests.factories import ask, make_category, make_event, make_form, make_series
from tests.pages import Browser
from tests.questions.samples import AGE, COMING, EVERY, MEALS, PLATE


@pytest.fixture
def series(app: Flask) -> Series:
    return make_series(slug="demo")


@pytest.fixture
def form(series: Series) -> QuestionForm:
    return make_form(series, COMING, PLATE, AGE)


@pytest.fixture
def desk(browser: Browser, series: Series, sign_in: Callable[..., None]) -> Browser:
    sign_in(Role.ORGANISER, series=series)
    return browser


def page_of(form: QuestionForm, more: str = "") -> str:
    return f"/desk/s/demo/settings/forms/{form.id}{more}"


def keys(form: QuestionForm) -> list[str]:
    return [q.key for q in services.current_questions(form.series_id, form.id)[0]]


def published(form: QuestionForm) -> list[Question]:
    asked = asked_by(form.id)
    assert asked
    return list(asked.questions)


# Versions


def test_a_published_version_never_changes(either_app: Flask) -> None:
    series = make_series()
    form = make_form(series, COMING, PLATE)
    services.remove_question(series.id, form.id, "plate")
    assert [q.key for q in published(form)] == ["coming", "plate"]
    services.publish(series.id, form.id)
    assert [q.key for q in published(form)] == ["coming"]
    versions = db.session.scalars(select(FormVersion).order_by(FormVersion.number)).all()
    assert [(v.number, len(v.questions)) for v in versions] == [(1, 2), (2, 1)]
    with pytest.raises(DBAPIError, match="published version is never changed"):
        rewrite(form)


def rewrite(form: QuestionForm) -> None:
    with transaction():
        db.session.execute(
            update(FormVersion).where(FormVersion.form_id == form.id).values(questions=[])
        )


def test_nothing_is_asked_before_it_is_published(series: Series) -> None:
    form = services.create_form(series.id, Text("住宿", "Lodging"))
    services.add_question(series.id, form.id, AGE)
    assert asked_by(form.id) is None
    services.publish(series.id, form.id)
    with pytest.raises(BadInput) as refused:
        services.publish(series.id, form.id)
    assert refused.value.sentence.en == "There is nothing new to publish."


def test_a_draft_can_be_given_up(series: Series, form: QuestionForm) -> None:
    services.remove_question(series.id, form.id, "age")
    assert keys(form) == ["coming", "plate"]
    services.discard_draft(series.id, form.id)
    assert keys(form) == ["coming", "plate", "age"]


def test_moving_a_question_drops_conditions_that_would_look_ahead(
    series: Series, form: QuestionForm
) -> None:
    services.move_question(series.id, form.id, "plate", 0)
    questions, is_draft = services.current_questions(series.id, form.id)
    assert is_draft
    assert [q.key for q in questions] == ["plate", "coming", "age"]
    assert questions[0].condition.terms == ()
    services.move_question(series.id, form.id, "plate", 99)
    assert keys(form) == ["coming", "age", "plate"]


def test_codes_are_made_of_words(series: Series) -> None:
    form = services.create_form(series.id, Text("表单", ""))
    made = [
        services.add_question(series.id, form.id, Question(key="", kind=AGE.kind, zh=zh, en=en)).key
        for zh, en in (
            ("年龄", "Your age"),
            ("年龄", "Your age"),
            ("车牌", ""),
            ("1", "2026 plans"),
        )
    ]
    assert made == ["your_age", "your_age_2", "chepai", "q_2026_plans"]


def test_a_set_is_added_once(series: Series, form: QuestionForm) -> None:
    assert services.add_set(series.id, form.id, "lodging") == 4
    assert services.add_set(series.id, form.id, "lodging") == 0
    with pytest.raises(NotFound):
        services.add_set(series.id, form.id, "nonsense")


def test_a_form_that_is_used_is_not_deleted(app: Flask) -> None:
    category = make_category()
    form = ask(category, AGE)
    with pytest.raises(Refusal) as refused:
        services.delete_form(category.series_id, form.id)
    assert "cannot be deleted" in refused.value.sentence.en
    spare = make_form(category.series, AGE)
    services.delete_form(category.series_id, spare.id)
    assert db.session.get(QuestionForm, spare.id) is None


def test_a_form_of_another_series_is_not_found(form: QuestionForm) -> None:
    other = make_series()
    with pytest.raises(NotFound):
        services.remove_question(other.id, form.id, "age")
    with pytest.raises(NotFound):
        services.draft_changes(other.id, form.id)


# The pages


def test_an_organiser_builds_and_publishes_a_form(desk: Browser, series: Series) -> None:
    desk.post("/desk/s/demo/settings/forms", {"name_zh": "代表附加问题"}, status=303)
    form = db.session.scalars(select(QuestionForm)).one()
    desk.post(
        page_of(form, "/questions/new?kind=choice"),
        {
            "zh": "如何到达", "en": "How will you come", "stage": "after", "required": "y",
            "retention": "standard", "joined": "all",
            "option_key": ["", "", ""], "option_zh": ["火车", "自驾", ""],
            "option_en": ["Train", "Car", ""],
        },
        status=303,
    )  # fmt: skip
    desk.post(
        page_of(form, "/questions/new?kind=text"),
        {
            "zh": "车牌号", "en": "Plate", "stage": "after", "retention": "identity", "joined": "any",
            "term": ["how_will_you_come|equals|car", ""], "term_value": ["", ""],
        },
        status=303,
    )  # fmt: skip
    page = desk.get(page_of(form))
    assert "新增必填问题“如何到达”，已确认的人须补填。" in page.text
    assert "条件：如何到达 等于自驾" in page.text
    desk.post(page_of(form, "/publish"), status=303)
    [coming, plate] = published(form)
    assert [(o.key, o.zh) for o in coming.options] == [("train", "火车"), ("car", "自驾")]
    assert coming.stage is Stage.AFTER
    [term] = plate.condition.terms
    assert (term.question, term.op, term.value) == ("how_will_you_come", Op.EQUALS, "car")
    assert "有未发布的修改" not in desk.get(page_of(form)).text


def test_every_kind_can_be_opened_and_saved_unchanged(desk: Browser, series: Series) -> None:
    form = make_form(series, *EVERY)
    for one in EVERY:
        page = desk.get(page_of(form, f"/questions/{one.key}"))
        desk.post(page_of(form, f"/questions/{one.key}"), filled(page.text), status=303)
    assert published(form) == services.current_questions(series.id, form.id)[0]


def filled(html: str) -> dict[str, list[str]]:
    """What a browser would send of the form on a page."""
    found: dict[str, list[str]] = {}
    body = html[html.index("<main") :]
    for tag in re.findall(r"<input[^>]*>|<textarea.*?</textarea>|<select.*?</select>", body, re.S):
        name = re.search(r'name="([^"]*)"', tag)
        assert name
        if tag.startswith("<select"):
            picked = re.search(r'value="([^"]*)" selected', tag)
            value = picked[1] if picked else ""
        elif tag.startswith("<textarea"):
            value = re.sub(r"</?textarea[^>]*>", "", tag).strip()
        elif 'type="radio"' in tag or 'type="checkbox"' in tag:
            if "checked" not in tag:
                continue
            value = re.search(r'value="([^"]*)"', tag)[1]  # type: ignore[index]
        else:
            given = re.search(r'value="([^"]*)"', tag)
            value = given[1] if given else ""
        found.setdefault(name[1], []).append(value)
    return found


def test_mistakes_stand_beside_their_field(desk: Browser, form: QuestionForm) -> None:
    data = {"zh": "", "least": "x", "option_zh": ["一"], "stage": "after"}
    page = desk.post(page_of(form, "/questions/new?kind=choice"), data, status=422)
    assert "请填写整数。" in page.text
    data = {"zh": "年级", "option_zh": ["一"], "stage": "register"}
    page = desk.post(page_of(form, "/questions/new?kind=choice"), data, status=422)
    assert "请至少填写两个选项，每行一个。" in page.text
    assert 'value="一"' in page.text


def test_order_by_buttons(desk: Browser, form: QuestionForm) -> None:
    answer = desk.post(page_of(form, "/questions/age/move"), {"to": "0"}, status=303)
    assert answer.headers["Location"].endswith("#q-age")
    assert keys(form)[0] == "age"
    desk.post(page_of(form, "/questions/age/move"), {"to": "-1"}, status=404)
    desk.post(page_of(form, "/questions/nobody/move"), {"to": "0"}, status=404)


def test_the_page_says_who_is_concerned(desk: Browser, series: Series) -> None:
    category = make_category(make_event(series=series))
    form = ask(category, AGE)
    services.add_set(series.id, form.id, "travel")
    page = desk.get(page_of(form))
    assert "旁听：已有 0 人报名" in page.text
    assert "删除这份表单" not in page.text


def test_the_preview_draws_both_languages(desk: Browser, form: QuestionForm) -> None:
    for size in ("phone", "desktop"):
        page = desk.get(page_of(form, f"/preview?size={size}"))
        assert f"shown--{size}" in page.text
        assert "如何到达" in page.text
        assert "How will you come" in page.text
    assert "这一阶段没有问题" in desk.get(page_of(form, "/preview?stage=after")).text


def test_a_category_chooses_a_form_of_its_own_series(desk: Browser, series: Series) -> None:
    category = make_category(make_event(series=series), code="observer")
    mine, foreign = make_form(series, MEALS), make_form(make_series(), MEALS)
    url = f"/desk/s/demo/settings/categories/{category.id}"
    data = {**filled(desk.get(url).text), "form_id": str(foreign.id)}
    desk.post(url, data, status=422)
    desk.post(url, {**data, "form_id": str(mine.id)}, status=303)
    db.session.expire_all()
    chosen = db.session.get(Category, category.id)
    assert chosen
    assert chosen.form_id == mine.id
