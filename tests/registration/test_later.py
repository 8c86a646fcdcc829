"""What is asked after confirmation: answered until a date, shown to whom it concerns, given out safely."""

import re
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from eduforum.core import clock as now
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput
from eduforum.events.models import Series
from eduforum.files import queries as stored
from eduforum.questions import services as forms
from eduforum.questions.rules import Condition, Retention, Stage
from eduforum.registration import services
from eduforum.registration.models import Category, Registration
from eduforum.registration.rules import RegistrationClosed, State
from eduforum.registration.services import Application
from eduforum.web.access import Role, Scope
from tests.factories import ask, make_category, make_event, make_series
from tests.files.uploads import PDF
from tests.pages import BASE, Browser
from tests.programs import Program
from tests.questions.samples import COMING, DIET, PLATE, PROOF

AFTER: dict[str, Any] = {"stage": Stage.AFTER}
DIET_LATER = replace(DIET, condition=Condition(), **AFTER)
PLATE_LATER = replace(PLATE, retention=Retention.IDENTITY, **AFTER)
PROOF_LATER = replace(PROOF, required=False, **AFTER)


@pytest.fixture
def category(app: Flask) -> Category:
    category = make_category(
        make_event(series=make_series(slug="demo"), slug="opening"), code="observer"
    )
    ask(category, COMING, PLATE_LATER, DIET_LATER, PROOF_LATER)
    return category


def register(category: Category, coming: str = "car", n: int = 1) -> Registration:
    series = db.session.get(Series, category.series_id)
    assert series
    said = Application(name="林知夏", category="observer", events=("opening",),
                       email=f"p{n}@example.org", answers={"coming": coming})  # fmt: skip
    return services.register(series, said, submit_id=f"s{n}")


def again(person: Registration) -> Registration:
    db.session.expire_all()
    found = db.session.get(Registration, person.id)
    assert found
    return found


def path(person: Registration, more: str = "/more") -> str:
    return services.my_url(person).removeprefix(BASE) + more


def test_the_page_of_a_person_asks_names_the_date_and_stops_asking(
    browser: Browser, category: Category
) -> None:
    person = register(category)
    assert "请填写行程与食宿。" in browser.get(path(person, "")).text
    page = browser.get(path(person))
    assert "车牌号" in page.text
    assert "如何到达" not in page.text
    assert (
        browser.post(path(person), {"answers.plate": ""}, status=422).text.count("请填写“车牌号”。")
        == 2
    )
    browser.post(path(person), {"answers.plate": "津A12345"}, status=303)
    assert again(person).answers == {"coming": "car", "plate": "津A12345"}
    page = browser.get(path(person, ""))
    assert "请填写行程与食宿。" not in page.text
    assert re.search(r"行程与食宿<small>可修改至 ", page.text)
    assert 'value="津A12345"' in browser.get(path(person)).text


def test_answers_of_both_stages_live_beside_each_other(
    browser: Browser, category: Category
) -> None:
    person = register(category)
    data = {"answers.plate": "津A12345", "answers.diet": "清真", "consents.diet": "answers.diet"}
    browser.post(path(person), data, status=303)
    kept = again(person)
    assert kept.form_version_id == kept.later_version_id
    assert kept.consents == ["answers.diet@1"]
    assert kept.ticket
    assert kept.ticket.door_notes == {"饮食要求": "清真"}
    edit = {
        "name": "林知夏",
        "email": "p1@example.org",
        "events": "opening",
        "answers.coming": "train",
    }
    browser.post(path(person, "/edit"), edit, status=303)
    kept = again(person)
    assert kept.answers == {"coming": "train", "diet": "清真"}
    assert kept.consents == ["answers.diet@1"]


def test_a_condition_may_ask_for_what_was_answered_while_registering(
    browser: Browser, category: Category
) -> None:
    person = register(category, coming="train")
    page = browser.get(path(person))
    assert re.search(r'data-ask="plate"[^>]* hidden', page.text)
    assert 'data-known="{&#34;coming&#34;: &#34;train&#34;}"' in page.text
    browser.post(path(person), {"answers.plate": "津A12345"}, status=303)
    assert again(person).answers == {"coming": "train"}


def test_it_is_over_at_the_date(
    browser: Browser, category: Category, clock: time_machine.Traveller
) -> None:
    person = register(category)
    form_id = again(person).category.form_id
    assert form_id
    until = now.now() + timedelta(days=2)
    known = forms.uses_of(form_id)[0].name
    forms.edit_form(category.series_id, form_id, known, until)
    clock.shift(timedelta(days=2, minutes=1))
    assert browser.get(path(person), status=303).headers["Location"].endswith(path(person, ""))
    assert "已于" in browser.get(path(person, "")).text
    with pytest.raises(RegistrationClosed):
        services.answer_later(category.series_id, person.id, {"plate": "津A12345"}, ())


def test_only_a_confirmed_person_is_asked(browser: Browser, category: Category) -> None:
    person = register(category)
    services.leave(category.series_id, person.id)
    assert again(person).state is State.ON_LEAVE
    assert "行程与食宿" not in browser.get(path(person, "")).text
    with pytest.raises(RegistrationClosed):
        services.answer_later(category.series_id, person.id, {}, ())


def test_the_audit_says_which_answers_changed_and_not_what_they_say(
    app: Flask, category: Category
) -> None:
    person = register(category)
    services.answer_later(category.series_id, person.id, {"plate": "津A12345"}, ())
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "registration.answer")
    ).one()
    assert entry.after == {"changed": ["plate"]}


def test_a_wrong_answer_changes_nothing(app: Flask, category: Category) -> None:
    person = register(category)
    with pytest.raises(BadInput):
        services.answer_later(category.series_id, person.id, {"plate": "津A12345", "x": 1}, ())
    assert again(person).answers == {"coming": "car"}


# Files: to their owner by link, and to the desk, noted


def sent_file(browser: Browser, person: Registration) -> UUID:
    data = {"answers.plate": "津A12345", "answers.proof": (BytesIO(PDF), "在读证明.pdf")}
    browser.post(path(person), data, status=303)
    return UUID(again(person).answers["proof"])


def test_a_file_goes_to_its_owner_as_an_attachment(browser: Browser, category: Category) -> None:
    person, other = register(category), register(category, n=2)
    file_id = sent_file(browser, person)
    answer = browser.get(path(person, f"/files/{file_id}"))
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    browser.get(path(other, f"/files/{file_id}"), status=404)
    with transaction():
        again(person).link_version = 1
    browser.get(path(person, f"/files/{file_id}").replace("/files", "x/files"), status=404)


def test_the_desk_opens_a_file_and_that_is_noted(
    browser: Browser, category: Category, sign_in: Any
) -> None:
    person = register(category)
    file_id = sent_file(browser, person)
    url = f"/desk/s/demo/registrations/{person.id}/files/{file_id}"
    browser.get(url, status=302)
    sign_in(Role.REGISTRAR, series=db.session.get(Series, category.series_id))
    answer = browser.get(url)
    assert answer.data == PDF
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "file.open")).one()
    assert entry.subject == f"registration:{person.id}"
    assert entry.after["file"] == str(file_id)
    assert entry.actor.startswith("user:")
    foreign = register(category, n=2)
    browser.get(f"/desk/s/demo/registrations/{foreign.id}/files/{file_id}", status=404)


def test_a_program_opens_files_of_its_series_and_that_is_noted(
    browser: Browser, category: Category
) -> None:
    person, other = register(category), register(category, n=2)
    file_id = sent_file(browser, person)
    series = db.session.get(Series, category.series_id)
    manager = Program(browser.client, Scope.MANAGE, series=series)
    [told] = manager.get(f"/registrations/{person.id}/files").get_json()["items"]
    assert told.pop("stored_at")
    assert told == {
        "id": str(file_id),
        "purpose": "answers.proof",
        "name": "在读证明.pdf",
        "media_type": "application/pdf",
        "size": len(PDF),
    }
    answer = manager.get(f"/registrations/{person.id}/files/{file_id}")
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "file.open")).one()
    assert entry.actor.startswith("token:")
    assert manager.get(f"/registrations/{other.id}/files/{file_id}").status_code == 404
    assert manager.get(f"/registrations/{other.id}/files").get_json() == {"items": []}
    foreign = Program(browser.client, Scope.MANAGE, series=make_series())
    reader = Program(browser.client, Scope.READ, Scope.REGISTER, series=series)
    for path_of in (
        f"/registrations/{person.id}/files",
        f"/registrations/{person.id}/files/{file_id}",
    ):
        assert foreign.get(path_of).status_code == 404
        assert reader.get(path_of).get_json()["code"] == "scope-missing"


def test_nothing_serves_uploads_from_their_directory(browser: Browser, category: Category) -> None:
    person = register(category)
    file_id = sent_file(browser, person)
    place = stored.file_or_404(f"registration:{person.id}", file_id).place
    for url in (
        f"/files/{place}",
        f"/data/files/{place[:2]}/{place[2:]}",
        f"/assets/x/../files/{place}",
    ):
        browser.client.get(url, base_url=BASE).close()
        assert browser.client.get(url, base_url=BASE).status_code == 404


# The desk


def test_the_desk_sees_answers_and_sensitive_ones_with_a_reason(
    browser: Browser, category: Category, sign_in: Any
) -> None:
    person = register(category)
    services.answer_later(
        category.series_id, person.id, {"plate": "津A12345", "diet": "清真"}, ["answers.diet"]
    )
    series = db.session.get(Series, category.series_id)
    sign_in(Role.REGISTRAR, series=series)
    url = f"/desk/s/demo/registrations/{person.id}"
    page = browser.get(url)
    assert "津A12345" in page.text
    assert "清真" not in page.text
    page = browser.post(f"{url}/reveal", {"reveal-reason": "备餐"}, status=200)
    assert "清真" in page.text


def test_a_viewer_sees_of_private_answers_only_that_there_are_some(
    browser: Browser, category: Category, sign_in: Any
) -> None:
    person = register(category)
    services.answer_later(category.series_id, person.id, {"plate": "津A12345"}, ())
    sign_in(Role.VIEWER, series=db.session.get(Series, category.series_id))
    page = browser.get(f"/desk/s/demo/registrations/{person.id}")
    assert "自驾" in page.text
    assert "车牌号" in page.text
    assert "津A12345" not in page.text
    page = browser.get("/desk/s/demo/registrations?column=answer-coming&column=answer-plate")
    assert "自驾" in page.text
    assert "津A12345" not in page.text


def test_answers_are_columns_of_the_table_and_of_files(
    browser: Browser, category: Category, sign_in: Any
) -> None:
    register(category)
    sign_in(Role.ORGANISER, series=db.session.get(Series, category.series_id))
    page = browser.get("/desk/s/demo/registrations?column=answer-coming")
    assert "自驾" in page.text
    data = {"format": "csv"}
    answer = browser.post(
        "/desk/s/demo/registrations/export?column=answer-coming", data, status=200
    )
    lines = answer.data.decode("utf-8-sig").splitlines()
    answer.close()
    assert lines[0].split(",") == ["姓名", "如何到达"]
    assert lines[1].split(",") == ["林知夏", "自驾"]
