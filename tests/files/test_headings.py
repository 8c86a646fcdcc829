"""Columns are known by their headings, whatever people call them."""

import io

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from eduforum.core.i18n import Text
from eduforum.files.tables import Sheet, read_file, read_text
from eduforum.files.tables.headings import Heading, columns_in_order, find_head, heading_key

NAME = Heading("name", Text("姓名", "Name"), ("名字",), required=True)
MOBILE = Heading("mobile", Text("手机", "Mobile"), ("手机号码", "联系电话"))
UNIT = Heading("organisation", Text("单位", "Organisation"), ("工作单位",), required=True)
HEADINGS = (NAME, MOBILE, UNIT)


def pasted(text: str) -> Sheet:
    return read_text(text).sheets[0]


@pytest.mark.parametrize(
    "typed",
    ["姓名", "姓 名", "姓　名", "*姓名", "姓名：", "姓名（必填）", "姓名/Name", "姓名\nName", "姓名 Name",
     "Name (姓名)", "NAME", "name*", "名字"],
)  # fmt: skip
def test_one_heading_in_many_spellings(typed: str) -> None:
    head = find_head(pasted(f'序号\t"{typed}"\t联系电话'), HEADINGS)
    assert head is not None
    assert head.columns == {"name": 1, "mobile": 2}
    assert [cell.text for cell in head.unknown] == ["序号"]
    assert head.missing == [UNIT]


def test_titles_above_the_headings_are_passed_over() -> None:
    sheet = pasted(
        "2024 年论坛参会名单\n填表单位\t天津一中\n姓名\t手机\t工作单位\n林之夏\t1\t天津一中"
    )
    head = find_head(sheet, HEADINGS)
    assert head is not None
    assert head.row == 3
    assert [row.cells[0].text for row in head.below(sheet)] == ["林之夏"]
    first = head.below(sheet)[0]
    cell = head.cell(first, "organisation")
    assert cell is not None
    assert (cell.letter, cell.row, cell.text) == ("C", 4, "天津一中")
    assert head.cell(first, "email") is None


def test_a_second_column_of_one_meaning_is_named() -> None:
    head = find_head(pasted("姓名\t手机\t联系电话\t单位"), HEADINGS)
    assert head is not None
    assert head.columns["mobile"] == 1
    assert {key: cell.letter for key, cell in head.twice.items()} == {"mobile": "C"}


def test_no_heading_is_found_where_there_is_none() -> None:
    assert find_head(pasted("林之夏\t139"), HEADINGS) is None
    assert find_head(pasted("姓名\nx"), HEADINGS, at_least=2) is None


def test_headings_in_two_merged_rows() -> None:
    book = Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    page.append(["姓名", "联系方式", None, "单位"])
    page.append([None, "手机", "邮箱", None])
    page.append(["林之夏", "13900000123", None, "天津一中"])
    for merged in ("A1:A2", "B1:C1", "D1:D2"):
        page.merge_cells(merged)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    head = find_head(read_file(file).sheets[0], HEADINGS)
    assert head is not None
    assert (head.row, head.columns) == (2, {"name": 0, "mobile": 1, "organisation": 3})


def test_columns_in_order_serve_rows_without_headings() -> None:
    head = columns_in_order(HEADINGS)
    assert [row.number for row in head.below(pasted("林之夏\t139"))] == [1]
    assert head.columns == {"name": 0, "mobile": 1, "organisation": 2}


def test_a_heading_all_in_brackets_keeps_its_words() -> None:
    assert heading_key("（姓名）") == "姓名"
    assert heading_key("**") == ""
