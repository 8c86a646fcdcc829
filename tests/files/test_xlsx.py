"""Workbooks: text stays text, whatever somebody typed."""

import io
import tracemalloc
from collections.abc import Iterator

import pytest
from flask import Flask
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from eduforum.core.i18n import Language, Text, use_language
from eduforum.files import xlsx
from eduforum.files.columns import HIDDEN, Column, cell, chosen

NASTY = [
    "=1+1",
    '=HYPERLINK("https://evil.example","x")',
    "{=SUM(1)}",
    "https://example.org/x",
    "mailto:a@example.org",
    "0012345678901234567",
    "+8613900000123",
    "-1",
    "@SUM(1)",
    "<b>&\"'",
    "𠮷𬱖㛃䶮",
    "古丽娜尔·吐尔逊",
]
COLUMNS = [
    Column[tuple[str, int]]("text", Text("文字", "Text"), lambda row: row[0], 20),
    Column[tuple[str, int]]("number", Text("数", "Number"), lambda row: row[1], 8),
]


def written(*sheets: xlsx.Sheet) -> bytes:
    file = io.BytesIO()
    xlsx.write(file, sheets)
    return file.getvalue()


def opened(data: bytes) -> Worksheet:
    page = load_workbook(io.BytesIO(data)).worksheets[0]
    assert isinstance(page, Worksheet)
    return page


def test_every_text_comes_back_as_it_was_and_is_no_formula() -> None:
    rows = [(text, number) for number, text in enumerate(NASTY)]
    data = written(xlsx.Sheet(Text("报名", "People"), COLUMNS, rows))
    found = list(opened(data).iter_rows(min_row=2))
    assert [line[0].value for line in found] == NASTY
    assert {line[0].data_type for line in found} <= {"s", "inlineStr"}
    assert all(line[0].hyperlink is None for line in found)
    assert [line[1].value for line in found] == list(range(len(NASTY)))


def test_calamine_reads_the_same() -> None:
    data = written(xlsx.Sheet("报名", COLUMNS, [(NASTY[0], 7), ("𠮷", 8)]))
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    assert book.sheet_names == ["报名"]
    assert book.get_sheet_by_index(0).to_python() == [["文字", "数"], ["=1+1", 7.0], ["𠮷", 8.0]]


def test_head_is_bold_frozen_and_filtered() -> None:
    page = opened(written(xlsx.Sheet("报名", COLUMNS, [("a", 1), ("b", 2)])))
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:B3"
    assert page["A1"].font.b
    assert page.column_dimensions["A"].width == pytest.approx(20, abs=1)


def test_heads_speak_the_current_language() -> None:
    with use_language(Language.EN):
        page = opened(written(xlsx.Sheet(Text("报名", "People"), COLUMNS, [])))
    assert page.title == "People"
    assert [head.value for head in page[1]] == ["Text", "Number"]


@pytest.mark.parametrize(
    ("wanted", "title"),
    [
        ("a/b:c*d?[e]\\f", "a b c d  e  f"),
        ("", "1"),
        ("'x'", "x"),
        ("History", "History 2"),
        ("长" * 40, "长" * 31),
    ],
)
def test_sheet_titles_are_such_as_excel_takes(wanted: str, title: str) -> None:
    assert xlsx.sheet_title(wanted) == title


def test_sheets_of_one_name_are_numbered() -> None:
    data = written(xlsx.Sheet("A", COLUMNS, []), xlsx.Sheet("a", COLUMNS, []))
    assert load_workbook(io.BytesIO(data)).sheetnames == ["A", "a 2"]


def test_text_longer_than_a_cell_is_cut() -> None:
    page = opened(written(xlsx.Sheet("A", COLUMNS, [("长" * 40_000, 1)])))
    assert page["A2"].value == "长" * xlsx.LONGEST_CELL


def test_memory_stays_flat() -> None:
    def rows(count: int) -> Iterator[tuple[str, int]]:
        return ((f"某某某{number}", number) for number in range(count))

    def peak(count: int) -> int:
        tracemalloc.start()
        with io.BytesIO() as file:
            xlsx.write(file, [xlsx.Sheet("A", COLUMNS, rows(count))])
            size = len(file.getvalue())
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most - 2 * size

    assert peak(8000) < 2 * peak(800) + 500_000


def test_answer_names_the_file_for_old_and_new_programs(app: Flask) -> None:
    with app.test_request_context():
        response = xlsx.send("报名-x.xlsx", [xlsx.Sheet("A", COLUMNS, [("a", 1)])])
        response.direct_passthrough = False
        data = response.get_data()
        response.close()
    named = response.headers["Content-Disposition"]
    assert "filename=-x.xlsx" in named
    assert "filename*=UTF-8''%E6%8A%A5%E5%90%8D-x.xlsx" in named
    assert response.content_length == len(data)
    assert opened(data)["A2"].value == "a"


def test_personal_columns_are_masked_without_the_right() -> None:
    masked = Column[str]("m", Text("手机", "M"), str, personal=True, masked=lambda _: "139****0123")
    hidden = Column[str]("n", Text("证件", "N"), str, personal=True)
    assert cell(masked, "+8613900000123", in_full=False) == "139****0123"
    assert cell(masked, "+8613900000123", in_full=True) == "+8613900000123"
    assert cell(hidden, "secret", in_full=False) == HIDDEN
    assert cell(hidden, "", in_full=False) == ""


def test_chosen_keeps_the_order_of_the_registry() -> None:
    assert [c.key for c in chosen(COLUMNS, ["number", "nothing", "text"])] == ["text", "number"]
