"""The liaison's pages: the grid, one person at a time, files, and a new link by code."""

import re
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
import time_machine
import zxingcpp
from PIL import Image
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from eduforum.core.db import db
from eduforum.delegations.queries import drafts_of
from eduforum.delegations.services import manage
from eduforum.files import typst
from eduforum.notices.models import Notice
from eduforum.registration import services as registration
from eduforum.registration.rules import State
from tests.delegations.units import Unit, entry, posted
from tests.pages import Browser
from tests.queries import counted


def test_a_row_is_typed_saved_and_submitted(browser: Browser) -> None:
    unit = Unit()
    page = browser.get(unit.path)
    assert "天津大学代表团" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    row: dict[str, object] = {
        "key": "abc",
        "name": "林知夏",
        "mobile": "13900000001",
        "slot1": "forum-a",
        "rest": ["plenary"],
    }
    browser.post(unit.path, posted(1, row) | {"do": "save"}, status=303)
    assert unit.rows() == ["林知夏"]
    (draft,) = drafts_of(unit.delegation.id)
    browser.post(
        unit.path, posted(1, row | {"id": str(draft.id), "key": ""}) | {"do": "submit"}, status=303
    )
    page = browser.get(unit.path)
    assert "已提交 1 人" in page.text
    assert unit.people()["林知夏"].state is State.CONFIRMED


def test_pasted_rows_are_kept_and_the_wrong_ones_marked(browser: Browser) -> None:
    unit = Unit()
    pasted = "林知夏\t教师\t13900000001\n陈砚秋\t教师\t1390000\n周望舒\t\t13900000003"
    browser.post(unit.path, {"do": "paste", "pasted": pasted, "paste_id": "p1"}, status=303)
    browser.post(unit.path, {"do": "paste", "pasted": pasted, "paste_id": "p1"}, status=303)
    page = browser.get(unit.path).text
    assert unit.rows() == ["林知夏", "陈砚秋", "周望舒"]
    assert "有 1 行需要更正" in page
    assert "请填写 11 位手机号，现为 7 位" in page
    assert 'aria-invalid="true"' in page


def test_the_full_pool_is_named_and_nobody_is_submitted(browser: Browser) -> None:
    unit = Unit(seats=1)
    unit.write(entry("林知夏", 1), entry("陈砚秋", 2))
    browser.post(unit.path, {"do": "submit"}, status=303)
    assert "名额不足：需要 2 席，还剩 1 席" in browser.get(unit.path).text
    assert unit.people() == {}


def test_a_row_can_be_taken_off(browser: Browser) -> None:
    unit = Unit()
    unit.write(entry("林知夏", 1), entry("陈砚秋", 2))
    first, second = drafts_of(unit.delegation.id)
    rows = posted(1, {"id": str(first.id), "name": "林知夏", "rest": ["plenary"]}) | posted(
        2, {"id": str(second.id), "name": "陈砚秋", "rest": ["plenary"]}
    )
    browser.post(unit.path, rows | {"do": f"remove:{first.id}"}, status=303)
    assert unit.rows() == ["陈砚秋"]


def test_an_unread_choice_stays_marked_until_something_is_chosen(browser: Browser) -> None:
    unit = Unit()
    unit_forum = unit.forum.name_zh
    browser.post(
        unit.path,
        {
            "do": "paste",
            "pasted": f"姓名\t{label(browser, unit)}\n林知夏\t月球论坛",
            "paste_id": "p",
        },
        status=303,
    )
    assert "“月球论坛”不在可选范围内" in browser.get(unit.path).text
    (draft,) = drafts_of(unit.delegation.id)
    row: dict[str, object] = {
        "id": str(draft.id),
        "name": "林知夏",
        "rest": ["plenary"],
        "unread.slot1": "月球论坛",
    }
    browser.post(unit.path, posted(1, row) | {"do": "submit"}, status=303)
    assert unit.rows() == ["林知夏"]
    browser.post(unit.path, posted(1, row | {"slot1": "forum-a"}) | {"do": "submit"}, status=303)
    assert [e.name_zh for e in unit.people()["林知夏"].events][-1] == unit_forum


def label(browser: Browser, unit: Unit) -> str:
    found = re.search(r'class="c-slot">([^<]+)<', browser.get(unit.path).text)
    assert found
    return found[1]


def test_one_person_at_a_time(browser: Browser) -> None:
    unit = Unit()
    new = f"{unit.path}/rows/new"
    browser.get(new)
    browser.post(new, {"name": "", "events": ["plenary"]}, status=422)
    answer = browser.post(
        new, {"name": "林知夏", "events": ["plenary"], "do": "next", "key": "k"}, status=303
    )
    assert answer.location.endswith("/rows/new")
    (draft,) = drafts_of(unit.delegation.id)
    row = f"{unit.path}/rows/{draft.id}"
    assert "林知夏" in browser.get(row).text
    browser.post(row, {"name": "林知夏", "mobile": "1390", "events": ["plenary"]}, status=303)
    assert "请填写 11 位手机号" in browser.get(row).text
    browser.post(row, {"do": "remove"}, status=303)
    assert unit.rows() == []


def test_what_is_done_for_one_person(browser: Browser) -> None:
    unit = Unit()
    (person,) = unit.report(entry())
    here = f"{unit.path}/people/{person.id}"
    page = browser.get(here).text
    assert "/r/" in page
    assert "参会证号：" in page
    browser.get(f"{here}/leave")
    browser.post(f"{here}/leave", {"reason": ""}, status=422)
    browser.post(f"{here}/leave", {"reason": "公务"}, status=303)
    assert "请假事由：公务" in browser.get(here).text
    browser.post(f"{here}/come-back", status=303)
    browser.get(f"{here}/replace")
    browser.post(f"{here}/replace", {"name": "", "submit_id": "s"}, status=422)
    answer = browser.post(f"{here}/replace", {"name": "陈砚秋", "submit_id": "s"}, status=303)
    assert "陈砚秋" in browser.get(answer.location).text
    assert "已换人" in browser.get(unit.path).text
    fresh = unit.people()["陈砚秋"]
    browser.get(f"{unit.path}/people/{fresh.id}/take-off")
    browser.post(f"{unit.path}/people/{fresh.id}/take-off", status=303)
    assert "陈砚秋" not in unit.people()


def test_a_returned_person_is_corrected_on_his_page(browser: Browser) -> None:
    unit = Unit(reviewed=True)
    (person,) = unit.report(entry("林", 1))
    registration.return_(unit.series.id, person.id, ["name"], "请填写姓名全称。")
    page = browser.get(unit.path).text
    assert "请填写姓名全称。" in page
    edit = f"{unit.path}/people/{person.id}/edit"
    assert "需要更正：姓名" in browser.get(edit).text
    browser.post(
        edit, {"name": "林知夏", "mobile": "13900000001", "events": ["plenary"]}, status=303
    )
    assert unit.people()["林知夏"].state is State.SUBMITTED


def test_after_the_deadline_the_grid_is_read_only(
    browser: Browser, clock: time_machine.Traveller
) -> None:
    unit = Unit(days=1)
    unit.report(entry())
    unit.write(entry("陈砚秋", 2), key="late")
    clock.shift(timedelta(days=2))
    page = browser.get(unit.path).text
    assert "现在只可换人和请假" in page
    assert 'name="r1-name"' not in page
    assert 'value="submit"' not in page
    browser.post(unit.path, {"do": "submit"}, status=303)
    assert "报送已截止" in browser.get(unit.path).text
    assert list(unit.people()) == ["林知夏"]


def test_a_wrong_renewed_or_revoked_link_answers_alike(browser: Browser) -> None:
    unit = Unit()
    old = unit.path
    wrong = dead(browser, "/d/AAAA.BBBB")
    manage.renew_link(unit.series.id, unit.delegation.id)
    assert dead(browser, old) == wrong
    fresh = unit.path
    browser.get(fresh)
    manage.revoke_link(unit.series.id, unit.delegation.id)
    assert dead(browser, fresh) == wrong
    assert dead(browser, unit.path) == wrong


def dead(browser: Browser, path: str) -> str:
    return browser.get(path, status=404).text.replace(path, "")


def test_somebody_of_another_delegation_is_not_there(browser: Browser) -> None:
    unit, other = Unit(), Unit()
    (person,) = other.report(entry())
    other.write(entry("陈砚秋", 2), key="draft")
    (draft,) = drafts_of(other.delegation.id)
    for path in ("", "/edit", "/leave", "/replace", "/take-off"):
        browser.get(f"{unit.path}/people/{person.id}{path}", status=404)
    browser.get(f"{unit.path}/rows/{draft.id}", status=404)
    stolen = posted(1, {"id": str(draft.id), "name": "贼", "rest": ["plenary"]})
    browser.post(unit.path, stolen | {"do": f"remove:{draft.id}"}, status=303)
    assert other.rows() == ["陈砚秋"]


def test_the_template_has_drop_downs_an_example_and_can_be_uploaded(browser: Browser) -> None:
    unit = Unit()
    template = file_at(browser, f"{unit.path}/template.xlsx")
    book = CalamineWorkbook.from_filelike(BytesIO(template))
    assert book.sheet_names[:2] == ["人员", "填写示例"]
    head = [str(cell) for cell in book.get_sheet_by_name("人员").to_python()[0]]
    assert head[:4] == ["姓名", "职务", "手机号", "电子邮箱"]
    with ZipFile(BytesIO(template)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<dataValidation ") == 2
    upload = {"file": (BytesIO(csv(head).encode("gb18030")), "people.csv"), "paste_id": "u1"}
    browser.post(f"{unit.path}/upload", upload, status=303, content_type="multipart/form-data")
    assert unit.rows() == ["林知夏", "陈砚秋"]
    assert len(unit.submit().people) == 2
    browser.post(
        f"{unit.path}/upload", {"paste_id": "u2"}, status=303, content_type="multipart/form-data"
    )
    assert "请选择要上传的表格文件" in browser.get(unit.path).text


def file_at(browser: Browser, path: str) -> bytes:
    """What is downloaded; the answer is closed, and with it the file behind it."""
    answer = browser.get(path)
    data: bytes = answer.data
    answer.close()
    return data


def csv(head: list[str]) -> str:
    rows = [head, ["林知夏", "教师", "13900000001", ""], ["陈砚秋", "", "", "chen@example.org"]]
    return "\n".join(",".join(row) for row in rows)


def test_tickets_as_one_pdf_and_as_pictures(browser: Browser) -> None:
    unit = Unit()
    browser.get(f"{unit.path}/tickets.pdf", status=303)
    people = unit.report(entry("林㛃", 1), entry("陈砚秋", None))
    assert file_at(browser, f"{unit.path}/tickets.pdf").startswith(b"%PDF")
    archive = ZipFile(BytesIO(file_at(browser, f"{unit.path}/tickets.zip")))
    assert archive.namelist() == ["001 林㛃.png", "002 陈砚秋.png"]
    read = zxingcpp.read_barcode(Image.open(BytesIO(archive.read("002 陈砚秋.png"))))
    assert read is not None
    assert people[1].ticket is not None
    assert read.text == people[1].ticket.text


def test_letters_that_cannot_be_printed_are_named_first(browser: Browser) -> None:
    assert typst.unprintable(["林㛃𬱖䶮𠮷", "سلام"]) == ["سلام"]
    unit = Unit()
    unit.report(entry("سلام", 1))
    page = browser.get(f"{unit.path}/tickets.pdf")
    assert "有文字不能打印" in page.text
    assert "سلام" in page.text
    assert file_at(browser, f"{unit.path}/tickets.pdf?anyway=1").startswith(b"%PDF")


def code_of(address: str) -> str:
    found = db.session.scalar(
        select(Notice).where(Notice.kind == "delegation-code", Notice.recipient == address)
    )
    assert found
    return str(found.values["code"])


def token_in(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eduforum.delegations.views.lost._TAKES", 0.0)


@pytest.mark.parametrize("contact", ["liaison@example.org", "13800000101"])
def test_a_lost_link_is_replaced_by_a_code(browser: Browser, contact: str) -> None:
    unit = Unit()
    old = unit.path
    page = browser.post("/d/", {"contact": contact}, status=200).text
    token = token_in(page)
    browser.post("/d/code", {"token": token, "code": "000"}, status=422)
    answer = browser.post(
        "/d/code", {"token": token, "code": code_of("liaison@example.org")}, status=303
    )
    assert answer.location == unit.path != old
    browser.get(old, status=404)
    browser.get(unit.path)


def test_known_and_unknown_contacts_are_answered_alike(browser: Browser) -> None:
    unit = Unit()
    known = browser.post("/d/", {"contact": "liaison@example.org"}, status=200).text
    unknown = browser.post("/d/", {"contact": "nobody@example.org"}, status=200).text
    assert known.replace(token_in(known), "") == unknown.replace(token_in(unknown), "")
    wrong = browser.post("/d/code", {"token": token_in(unknown), "code": "123456"}, status=422)
    assert "验证码不正确或已过期" in wrong.text
    assert unit.path == unit.path
    browser.post("/d/", {"contact": "liaison@"}, status=422)


def test_codes_end_and_are_not_guessed(browser: Browser, clock: time_machine.Traveller) -> None:
    Unit()
    token = token_in(browser.post("/d/", {"contact": "liaison@example.org"}, status=200).text)
    code = code_of("liaison@example.org")
    for _ in range(5):
        browser.post(
            "/d/code", {"token": token, "code": "111111" if code != "111111" else "2"}, status=422
        )
    browser.post("/d/code", {"token": token, "code": code}, status=429)
    clock.shift(timedelta(hours=2))
    browser.post("/d/code", {"token": token, "code": code}, status=422)
    for _ in range(5):
        browser.post("/d/", {"contact": "liaison@example.org"}, status=200)
    browser.post("/d/", {"contact": "liaison@example.org"}, status=429)


def test_a_page_of_many_people_is_a_few_statements(browser: Browser) -> None:
    unit = Unit(seats=None)
    unit.report(*[entry(f"样本{'甲乙丙丁戊'[n % 5]}{'子丑寅卯'[n // 5]}", n) for n in range(20)])
    unit.write(*[entry(f"草稿{'甲乙丙丁戊'[n]}", 100 + n) for n in range(5)], key="drafts")
    with counted() as seen:
        browser.get(unit.path)
    assert len(seen) <= 16
