"""The desk's pages of imports."""

import io
from collections.abc import Callable

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from eduforum.core.db import db
from eduforum.events.models import Series
from eduforum.imports import desk, worker
from eduforum.imports.models import Import
from eduforum.imports.rules import ImportState
from eduforum.registration.models import Category, Registration
from eduforum.web.access import Role
from tests.factories import make_category, make_event, make_series
from tests.imports.lists import LIN, LU, begin, count, fresh, workbook
from tests.pages import Browser
from tests.site.counting import queries as sent_queries

ROOT = "/desk/s/tianjin/imports"


@pytest.fixture
def series(app: Flask) -> Series:
    return make_series(slug="tianjin")


@pytest.fixture
def observer(series: Series) -> Category:
    return make_category(make_event(series=series, slug="forum"), code="observer", seats=3)


@pytest.fixture(autouse=True)
def _signed_in(series: Series, observer: Category, sign_in: Callable[..., None]) -> None:
    sign_in(Role.REGISTRAR, series=series)


def upload(browser: Browser, data: bytes, *, status: int = 303, **fields: object) -> str:
    given = {
        "file": (io.BytesIO(data), "名单.xlsx"),
        "category": "observer",
        "events": ["forum"],
        "then": "confirmed",
        "letters": "y",
    }
    answer = browser.post(ROOT, given | fields, status=status)
    return answer.headers.get("Location", answer.text)


def test_from_upload_to_people(browser: Browser) -> None:
    assert "上传并核对" in browser.get(ROOT).text
    place = upload(browser, workbook(LIN, LU))
    page = browser.get(place).text
    assert "核对完毕，将报名 2 人。" in page
    assert "林知夏" in page
    assert "将占用 2 席，现有空席 3" in page
    assert count(Registration) == 0
    browser.post(f"{place}/commit", status=303)
    assert "已导入 2 人。" in browser.get(place).text
    assert count(Registration) == 2
    listed = browser.get(ROOT).text
    assert "名单.xlsx" in listed
    assert "新增 2 人" in listed


def test_bad_cells_are_shown_with_place_value_and_reason(browser: Browser) -> None:
    place = upload(browser, workbook(LIN, ("陆之秋", "", "", "123", "")))
    page = browser.get(place).text
    assert "1 行需更正，尚未导入任何人。" in page
    for said in ("“名单”第 3 行", "D 列", "<q>123</q>", "请填写 11 位手机号，现为 3 位。"):
        assert said in page
    assert "导入 1 人" not in page
    assert "请更正文件后重新上传" in browser.post(f"{place}/commit", status=422).text
    assert "林知夏" in browser.get(f"{place}?outcome=new").text


def test_too_few_seats_are_shown_before_and_refused_after(browser: Browser) -> None:
    people = [(f"甲{n}", "", "", f"1390000030{n}", "") for n in range(4)]
    place = upload(browser, workbook(*people))
    assert "名额不足，不能导入。" in browser.get(place).text
    answer = browser.post(f"{place}/commit", status=409)
    assert "“旁听”需要 4 席，空席 3" in answer.text
    browser.post(f"{place}/discard", status=303)
    assert "此名单已放弃" in browser.get(place).text


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")])
def test_what_is_no_list_is_said_beside_the_file(browser: Browser, data: bytes) -> None:
    assert 'id="file-e"' in upload(browser, data, status=422)
    assert count(Import) == 0


def test_markup_in_cells_does_nothing(browser: Browser) -> None:
    evil = "<img src=x onerror=alert(1)>"
    place = upload(browser, workbook((evil, evil, "", "1", evil)))
    page = browser.get(place).text
    assert evil not in page
    assert "&lt;img src=x" in page


def test_the_template_can_be_filled_in_and_read_back(browser: Browser) -> None:
    with browser.get(f"{ROOT}/template.xlsx") as answer:
        book = load_workbook(io.BytesIO(answer.data))
    page = book["名单"]
    heads = [cell.value for cell in page[1]]
    assert heads[:6] == ["姓名 *", "单位", "职务", "手机", "邮箱", "参会类别"]
    assert [str(one.sqref) for one in page.data_validations.dataValidation] == [
        "F2:F2001",
        "G2:G2001",
    ]
    assert page.column_dimensions["D"].width
    page.append(["林知夏", "天津一中", "", 13900000101, "", "旁听", "是"])
    file = io.BytesIO()
    book.save(file)
    place = upload(browser, file.getvalue(), category="", events=[])
    assert "核对完毕，将报名 1 人。" in browser.get(place).text


def test_long_lists_are_left_to_the_worker(
    browser: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "AT_ONCE", 1)
    place = upload(browser, workbook(LIN, LU))
    page = browser.get(place).text
    assert "可以关闭此页" in page
    assert browser.get(f"{place}/progress").get_json() == {
        "done": 0, "total": 2, "state": "checking",
    }  # fmt: skip
    assert worker.take_up()
    app.extensions["imports"].join(30)
    row = db.session.scalars(select(Import)).one()
    assert fresh(row).state is ImportState.CHECKED
    assert "核对完毕" in browser.get(place).text
    assert not worker.take_up()


def test_others_see_nothing(browser: Browser, sign_in: Callable[..., None]) -> None:
    place = upload(browser, workbook(LIN))
    elsewhere = make_series(slug="beijing")
    sign_in(Role.ORGANISER, series=elsewhere)
    browser.get(place, status=404)
    browser.get(place.replace("tianjin", "beijing"), status=404)


def test_the_page_asks_the_database_as_much_for_many_rows_as_for_few(
    browser: Browser, observer: Category
) -> None:
    asked = []
    for size in (1, 3):
        row = begin(observer, workbook(*(LIN, LU, ("方", "", "", "13900000103", ""))[:size]))
        with sent_queries() as sent:
            browser.get(f"{ROOT}/{row.id}")
        asked.append(len(sent))
    assert asked[0] == asked[1] <= 14


def test_what_is_to_be_corrected_comes_as_a_workbook(
    browser: Browser, sign_in: Callable[..., None]
) -> None:
    place = upload(browser, workbook(LIN, ("陆之秋", "", "", "123", ""), ("=1+1", "", "", "9", "")))
    assert f"{place}/problems.xlsx" in browser.get(place).text
    answer = browser.get(f"{place}/problems.xlsx")
    page = load_workbook(io.BytesIO(answer.data)).active
    answer.close()
    assert page is not None
    head, *rows = [[cell.value for cell in row] for row in page.iter_rows()]
    assert head == ["工作表", "行", "列", "列名", "姓名", "原值", "需要更正"]
    assert ("陆之秋", "123") in {(row[4], row[5]) for row in rows}
    assert all(row[1] in (3, 4) and row[6] for row in rows)
    assert {cell.data_type for row in page.iter_rows() for cell in row} <= {"s", "n"}
    whole = upload(browser, workbook(LIN, LU))
    browser.get(f"{whole}/problems.xlsx", status=404)
    sign_in(Role.VIEWER, series=make_series())
    browser.get(f"{place}/problems.xlsx", status=404)
