"""Every cell is understood, or named with sheet, row, column, value and reason."""

import io

import pytest
from flask import Flask
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from eduforum.core.db import db, transaction
from eduforum.events.models import Organisation, OrganisationAlias
from eduforum.events.rules import Mode
from eduforum.files.tables import UnreadableTable
from eduforum.registration.models import Category
from eduforum.registration.services import identity
from tests.factories import make_category, make_event, make_series
from tests.imports.lists import (
    HEAD,
    LIN,
    LU,
    begin,
    outcomes,
    people,
    problems,
    rows,
    run,
    workbook,
)


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def page_of(book: Workbook) -> Worksheet:
    page = book.active
    assert isinstance(page, Worksheet)
    return page


def test_numbers_widths_and_spaces(app: Flask) -> None:
    row = begin(
        make_category(),
        workbook(
            ("林 知 夏", "天津市职业大学", "", 13900000101, ""),
            ("陆之秋", "", "", "１３９ ０００－００１０２", ""),
            ("方之春", "", "", "+852 6123 4567", "ＦＡＮＧ@example.org"),
        ),
    )
    assert [(one.name, one.mobile, one.email) for one in rows(row)] == [
        ("林知夏", "+8613900000101", ""),
        ("陆之秋", "+8613900000102", ""),
        ("方之春", "+85261234567", "fang@example.org"),
    ]
    assert outcomes(row) == ["new"] * 3


@pytest.mark.parametrize(
    ("cells", "column", "value", "reason"),
    [
        (("", "", "", "13900000101", ""), "A", "", "请填写姓名。"),
        (("林知夏", "", "", "", ""), "D", "", "请填写手机号或电子邮箱，至少一项。"),
        (("林知夏", "", "", "010-12345678", ""), "D", "010-12345678", "请填写手机号，不要填写固定电话。"),
        (("林知夏", "", "", "1.39E+10", ""), "D", "1.39E+10",
         "号码已被表格软件改写。请将该列设为“文本”格式后重新填写。"),
        (("林知夏", "", "", "", "lin@"), "E", "lin@", "请核对电子邮箱，格式如 lin@example.org。"),
        (("林知夏", "", "", "13900000101", "a@b.cn；c@d.cn"), "E", "a@b.cn；c@d.cn",
         "电子邮箱中须有且只有一个 @，例如 lin@example.org。"),
        ((True, "", "", "13900000101", ""), "A", "TRUE", "姓名须为文字。"),
        (("#REF!", "", "", "13900000101", ""), "A", "#REF!", "公式没有结果。请改为文字后重新上传。"),
        (("=B9", "", "", "13900000101", ""), "A", "=B9", "公式没有结果。请改为文字后重新上传。"),
        (("林知夏", "大" * 121, "", "13900000101", ""), "B", "大" * 121, "最多 120 字，现为 121 字。"),
    ],
)  # fmt: skip
def test_bad_cells_are_named(
    app: Flask, cells: tuple[object, ...], column: str, value: str, reason: str
) -> None:
    row = begin(make_category(), workbook(cells, LU))
    assert problems(row) == [("名单", 2, column, value, reason)]
    assert outcomes(row) == ["refused", "new"]


def test_id_numbers_in_numeric_cells_are_refused_with_the_reason(app: Flask) -> None:
    row = begin(
        make_category(),
        workbook((*LIN, 110101199003071234), (*LU, ""), head=(*HEAD, "身份证号")),
    )
    assert problems(row) == [
        (
            "名单", 2, "F", "**************1000",
            "证件号码存为数字，后几位已被 Excel 改为 0。请将该列设为“文本”格式后重新填写。",
        )
    ]  # fmt: skip


def test_id_numbers_are_sealed_and_tell_the_same_person(app: Flask) -> None:
    category = make_category()
    with transaction():
        category.asks_id = True
    number = "11010519491231002X"
    head = (*HEAD, "证件号码")
    run(category, workbook((*LIN, number), head=head))
    lin = people()[0]
    assert lin.id_number is not None
    assert number.encode() not in lin.id_number
    assert identity.masked(lin.id, lin.id_number) == "**************002X"
    other_phone = ("林知夏", "", "", "13900000999", "", number)
    wrong = (*LU, "110105194912310021")
    row = begin(category, workbook(other_phone, wrong, head=head))
    assert outcomes(row) == ["differs", "refused"]
    assert [(column, value) for _, _, column, value, _ in problems(row)] == [
        ("F", "**************0021")
    ]


def test_numbers_that_nobody_asks_for_are_not_kept(app: Flask) -> None:
    run(make_category(), workbook((*LIN, "11010519491231002X"), head=(*HEAD, "身份证号")))
    assert people()[0].id_number is None


def two_categories() -> tuple[Category, Category]:
    series = make_series()
    forum, training = make_event(series=series, slug="forum"), make_event(series=series, slug="tr")
    with transaction():
        forum.name_zh, forum.name_en = "高等教育论坛", "Higher Education Forum"
        training.name_zh, training.name_en = "培训", "Training"
    expert = make_category(forum, training, code="expert", seats=None)
    staff = make_category(forum, code="staff", seats=None)
    with transaction():
        expert.name_zh, expert.name_en = "专家", "Expert"
        staff.name_zh, staff.name_en = "工作人员", "Staff"
    return expert, staff


def chosen(category: Category, *cells: str) -> list[tuple[str, list[str]]]:
    data = workbook((*LIN, *cells), head=(*HEAD, "参会类别", "参加活动"))
    run(category, data, category="", events=(), letters=False)
    return [(one.category.code, [e.slug for e in one.events]) for one in people()]


@pytest.mark.parametrize(
    ("kind", "events", "found"),
    [
        ("专家", "高等教育论坛、培训", ("expert", ["forum", "tr"])),
        ("expert", "forum; tr", ("expert", ["forum", "tr"])),
        ("Expert", "training", ("expert", ["tr"])),
        ("专 家", "《高等教育论坛》", ("expert", ["forum"])),
        ("专家", "全部", ("expert", ["forum", "tr"])),
        ("工作人员", "", ("staff", ["forum"])),
    ],
)
def test_categories_and_events_by_every_name(
    app: Flask, kind: str, events: str, found: tuple[str, list[str]]
) -> None:
    expert, _ = two_categories()
    assert chosen(expert, kind, events) == [found]


def test_unknown_categories_and_events_are_named(app: Flask) -> None:
    expert, _ = two_categories()
    data = workbook(
        (*LIN, "专员", "高等教育论坛"),
        (*LU, "专家", "高等教育论坛、运动会"),
        ("方之春", "", "", "13900000103", "", "工作人员", "培训"),
        ("何之冬", "", "", "13900000104", "", "专家", ""),
        ("白之昼", "", "", "13900000105", "", "", "培训"),
        head=(*HEAD, "参会类别", "参加活动"),
    )
    row = begin(expert, data, category="", events=())
    assert problems(row) == [
        ("名单", 2, "F", "专员", "没有这个参会类别。请填写其中之一：专家、工作人员。"),
        ("名单", 3, "G", "高等教育论坛、运动会",
         "没有活动“运动会”。请按日程中的名称填写，多项以“、”分隔。"),
        ("名单", 4, "G", "培训", "请至少选择一项可参加的活动。"),
        ("名单", 5, "G", "", "请填写参加的活动。"),
        ("名单", 6, "F", "", "请填写参会类别。"),
    ]  # fmt: skip


def test_events_may_have_columns_with_ticks(app: Flask) -> None:
    expert, _ = two_categories()
    data = workbook(
        (*LIN, "是", "√"),
        (*LU, "", "1"),
        ("方之春", "", "", "13900000103", "", "也许", "是"),
        head=(*HEAD, "高等教育论坛", "培训"),
    )
    row = begin(expert, data, events=())
    assert [[len(one.event_ids), one.outcome.value] for one in rows(row)][:2] == [
        [2, "new"],
        [1, "new"],
    ]
    assert problems(row) == [("名单", 4, "F", "也许", "请填写“是”或留空。")]


def test_units_are_found_by_their_aliases(app: Flask) -> None:
    with transaction():
        school = Organisation(name_zh="天津市第一中学", pinyin="tian1 jin1")
        db.session.add(OrganisationAlias(alias="天津一中", organisation=school))
    run(make_category(), workbook(("林知夏", "天津一中", "", "13900000101", ""), LU))
    assert [(one.organisation, one.organisation_id) for one in people()] == [
        ("天津市第一中学", school.id),
        ("天津市职业大学", None),
    ]


def test_merged_units_are_read_for_each_row_and_merged_names_refused(app: Flask) -> None:
    book = Workbook()
    page = page_of(book)
    for cells in (("单位", "姓名", "手机"), ("天津一中", "林知夏", "13900000101"),
                  (None, "陆之秋", "13900000102"), (None, None, "13900000103")):  # fmt: skip
        page.append(cells)
    page.merge_cells("A2:A4")
    page.merge_cells("B3:B4")
    row = begin(make_category(), saved(book))
    assert [(one.name, one.organisation) for one in rows(row)][:2] == [
        ("林知夏", "天津一中"),
        ("陆之秋", "天津一中"),
    ]
    assert problems(row) == [("Sheet", 4, "B", "陆之秋", "单元格已合并。请取消合并，逐行填写。")]


def test_hidden_rows_and_sheets(app: Flask) -> None:
    book = Workbook()
    page = page_of(book)
    for cells in (HEAD, LIN, LU):
        page.append(cells)
    page.row_dimensions[3].hidden = True
    hidden = book.create_sheet("旧名单")
    hidden.append(HEAD)
    hidden.append(("方之春", "", "", "13900000103", ""))
    hidden.sheet_state = "hidden"
    book.create_sheet("说明").append(["请填写名单"])
    category = make_category()
    row = begin(category, saved(book))
    assert outcomes(row) == ["new", "hidden"]
    assert [note["zh"] for note in row.notes] == [
        "隐藏的工作表未读取：“旧名单”。",
        "没有表头的工作表未读取：“说明”。",
    ]
    assert outcomes(begin(category, saved(book), hidden=True)) == ["new", "new"]


def test_several_sheets_titles_numbers_and_unknown_columns(app: Flask) -> None:
    book = Workbook()
    first = page_of(book)
    first.title = "天津"
    for cells in (["2024 年参会名单"], ["序号", "姓名", "联系电话", "备注"],
                  [1, "林知夏", "13900000101", "吃素"], [2], [3]):  # fmt: skip
        first.append(cells)
    second = book.create_sheet("北京")
    for cells in (["Name", "Mobile"], ["Ann Lee", "13900000102"]):
        second.append(cells)
    row = begin(make_category(), saved(book))
    assert [(one.sheet, one.number, one.name) for one in rows(row)] == [
        ("天津", 3, "林知夏"),
        ("北京", 2, "Ann Lee"),
    ]
    assert [note["zh"] for note in row.notes] == ["未识别的列未读取：“序号”、“备注”。"]


def test_csv_of_an_old_program(app: Flask) -> None:
    data = "姓名;手机;单位\n林知夏;13900000101;天津一中\n".encode("gb18030")
    assert [(one.number, one.organisation) for one in rows(begin(make_category(), data))] == [
        (2, "天津一中")
    ]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ("林知夏,13900000101\n".encode(), "没有找到表头"),
        ("手机,单位\n13900000101,天津一中\n".encode(), "没有找到表头"),
        ("姓名,手机\n".encode(), "表头下方没有人员"),
        ("姓名,手机,联系电话\n林知夏,13900000101,1\n".encode(), "B 列和 C 列都是“手机”"),
    ],
)
def test_what_is_no_list_is_refused(app: Flask, data: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableTable) as refused:
        begin(make_category(), data)
    assert sentence in str(refused.value)


def test_ways_of_joining_and_languages(app: Flask) -> None:
    event = make_event(mode=Mode.HYBRID)
    data = workbook(
        (*LIN, "线上", "英文"),
        (*LU, "", ""),
        ("方之春", "", "", "13900000103", "", "骑车", "法文"),
        head=(*HEAD, "参会方式", "语言"),
    )
    row = begin(make_category(event), data)
    assert [(one.mode.value, one.language) for one in rows(row)][:2] == [
        ("online", "en"),
        ("onsite", "zh-Hans"),
    ]
    assert problems(row) == [
        ("名单", 4, "F", "骑车", "请填写：线下、线上。"),
        ("名单", 4, "G", "法文", "请填写：中文、英文。"),
    ]


def test_an_event_that_cannot_be_joined_online_is_named(app: Flask) -> None:
    row = begin(make_category(), workbook((*LIN, "线上"), head=(*HEAD, "参会方式")))
    assert [(column, value) for _, _, column, value, _ in problems(row)] == [("F", "线上")]
