"""A liaison tells what else is asked of his people, and never sees what is on file."""

from dataclasses import replace
from io import BytesIO

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from eduforum.core import clock as now
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db, transaction
from eduforum.core.errors import BadInput
from eduforum.delegations.queries import choices_for
from eduforum.delegations.recognise import recognise
from eduforum.delegations.rules import PastDeadline
from eduforum.delegations.services import people
from eduforum.files import queries as stored
from eduforum.questions.rules import Condition, Stage
from eduforum.registration.models import Category, Registration
from eduforum.registration.rules import AlreadyRegistered, State
from eduforum.registration.services import Filling
from eduforum.registration.services.identity import masked
from eduforum.tickets.rules import Standing
from tests.delegations.units import Unit, entry
from tests.factories import ask
from tests.files.uploads import PDF
from tests.pages import Browser
from tests.queries import counted
from tests.questions.samples import AGE, COMING, DIET, PLATE, PROOF

NUMBER, OTHER = "11010519491231002X", "110101199003074477"
LATER = replace(PLATE, key="plate_later", condition=Condition(), stage=Stage.AFTER)
SECRET_DIET = replace(DIET, condition=Condition())


@pytest.fixture
def unit(app: Flask) -> Unit:
    return made()


def made() -> Unit:
    unit = Unit()
    ask(unit.category, COMING, PLATE, SECRET_DIET, AGE, LATER, replace(PROOF, required=False))
    with transaction():
        db.session.get_one(Category, unit.category.id).asks_id = True
    return unit


def fill(unit: Unit, person: Registration, **given: object) -> Registration:
    said = Filling(shown=frozenset(given), answers=dict(given))
    return people.fill_in(unit.series.id, unit.delegation.id, person.id, said)


def number(unit: Unit, person: Registration, value: str = NUMBER) -> Registration:
    said = Filling(id_type="resident_id", id_number=value, agreed=True)
    return people.fill_in(unit.series.id, unit.delegation.id, person.id, said)


def again(person: Registration) -> Registration:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Registration, person.id)


def test_what_is_asked_is_told_and_nothing_is_shown_again(browser: Browser, unit: Unit) -> None:
    first, second = unit.report(entry("林知夏", 1), entry("周明远", 2))
    page = browser.get(unit.path).text
    assert "2 人还需补充证件号码或其他信息" in page
    url = f"{unit.path}/people/{first.id}/fill-in"
    page = browser.get(url).text
    assert "如何到达" in page
    assert "饮食要求" not in page, "sensitive answers are the person's own"
    assert "不清楚的可先留空" in page

    said = {"id_type": "resident_id", "id_number": NUMBER, "answers.coming": "train", "do": "next"}
    assert "请先取得本人同意" in browser.post(url, said, status=422).text
    assert (
        "逐位核对" in browser.post(url, said | {"id_number": "110105194912310021"}, status=422).text
    )
    said |= {"agreed": "y", "answers.plate_later": "津A12345"}
    following = browser.post(url, said, status=303).location
    assert str(second.id) in following

    kept = again(first)
    assert kept.answers == {"coming": "train", "plate_later": "津A12345"}
    assert masked(kept.id, kept.id_number).endswith("002X")
    assert "id" in kept.consents
    assert kept.form_version_id
    assert kept.later_version_id == kept.form_version_id
    for path in (url, f"{unit.path}/people/{first.id}", unit.path):
        assert NUMBER not in browser.get(path).text
    assert "002X" in browser.get(url).text
    told = db.session.scalars(
        select(AuditEntry.after).where(AuditEntry.action == "registration.fill_in")
    ).one()
    assert told == {"changed": ["coming", "plate_later", "id_number"]}
    assert "1 人还需补充" in browser.get(unit.path).text


def test_another_number_returns_to_review_and_a_first_one_does_not(either_app: Flask) -> None:
    unit = made()
    [person] = unit.report(entry())
    assert number(unit, person).state is State.CONFIRMED
    assert number(unit, person).state is State.CONFIRMED, "the same once more"
    changed = number(unit, person, OTHER)
    assert changed.state is State.SUBMITTED
    assert changed.ticket
    assert changed.ticket.standing is Standing.SUSPENDED


def test_the_number_of_somebody_else_is_refused(unit: Unit) -> None:
    first, second = unit.report(entry("林知夏", 1), entry("周明远", 2))
    number(unit, first)
    with pytest.raises(AlreadyRegistered):
        number(unit, second)
    assert again(second).id_number is None


def test_what_is_not_shown_stays(unit: Unit) -> None:
    [person] = unit.report(entry())
    with transaction():
        row = db.session.get_one(Registration, person.id)
        row.answers = {"diet": "不吃牛肉", "age": 40}
        row.consents = ["privacy", "answers.diet@1"]
    fill(unit, person, coming="car", plate="津A12345")
    kept = again(person)
    assert kept.answers == {"diet": "不吃牛肉", "age": 40, "coming": "car", "plate": "津A12345"}
    assert kept.consents == ["privacy", "answers.diet@1"]
    assert {one.option for one in kept.options} == {"coming=car"}
    with pytest.raises(BadInput):
        fill(unit, person, coming="boat")
    fill(unit, person, coming="train", plate="津A12345")
    assert "plate" not in again(person).answers, "it is not asked any more"


def test_a_file_is_handed_in(browser: Browser, unit: Unit) -> None:
    [person] = unit.report(entry())
    url = f"{unit.path}/people/{person.id}/fill-in"
    browser.post(url, {"answers.proof": (BytesIO(PDF), "proof.pdf"), "do": "save"}, status=303)
    assert "已上传：proof.pdf" in browser.get(url).text
    [file] = stored.files_of(f"registration:{person.id}")
    assert again(person).answers == {"proof": str(file.id)}


def test_not_after_the_deadline(
    unit: Unit, clock: time_machine.Traveller, browser: Browser
) -> None:
    [person] = unit.report(entry())
    clock.move_to(unit.now().edit_until)
    with pytest.raises(PastDeadline):
        fill(unit, person, coming="train")
    browser.get(f"{unit.path}/people/{person.id}/fill-in", status=303)
    assert "补充信息" not in browser.get(f"{unit.path}/people/{person.id}").text


def test_others_people_are_nobody(browser: Browser, unit: Unit) -> None:
    stranger = Unit().report(entry("周明远", 2))[0]
    browser.get(f"{unit.path}/people/{stranger.id}/fill-in", status=404)
    browser.post(f"{unit.path}/people/{stranger.id}/fill-in", {}, status=404)


def test_a_pasted_column_of_numbers_is_never_kept(browser: Browser, unit: Unit) -> None:
    pasted = f"林知夏\t{NUMBER}\t13900000001\n周明远\t{OTHER}\t13900000002"
    browser.post(unit.path, {"do": "paste", "pasted": pasted, "paste_id": "x"}, status=303)
    page = browser.get(unit.path).text
    assert "证件号码一列未读入" in page
    assert NUMBER not in page
    head = recognise(
        [["姓名", "身份证号", "手机"], ["林知夏", NUMBER, "13900000001"]],
        choices_for(unit.now(), now.now()),
    )
    assert head.columns == ("name", "id", "mobile")
    assert NUMBER not in repr(head.entries)


def test_the_grid_asks_no_more_for_more_people(browser: Browser, unit: Unit) -> None:
    unit.report(entry("林知夏", 1))
    browser.get(unit.path)
    with counted() as few:
        browser.get(unit.path)
    unit.report(*(entry(name, 10 + n) for n, name in enumerate(("周明远", "陈一诺", "许知行"))))
    with counted() as many:
        browser.get(unit.path)
    assert len(many) == len(few)
