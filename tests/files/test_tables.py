"""Tables that people send are read as they look, or refused with a sentence that says what to do."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
import xlsxwriter
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from eduforum.core.i18n import Language, Text, use_language
from eduforum.files import csv_text
from eduforum.files.columns import Column
from eduforum.files.tables import (
    Book,
    Cell,
    Kind,
    Sheet,
    UnreadableTable,
    as_date,
    letter,
    limits,
    read_file,
    read_text,
)

PEOPLE = [
    ["姓名", "手机", "备注"],
    ["林之夏", "13900000123", "甲,乙;丙"],
    ["古丽娜尔·吐尔逊", "", "𠮷"],
]


def sheet_of(fill: Callable[[Worksheet], None]) -> bytes:
    book = Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    page.title = "名单"
    fill(page)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read(data: bytes) -> Book:
    return read_file(io.BytesIO(data))


def only(book: Book) -> Sheet:
    (sheet,) = book.sheets
    return sheet


def texts(book: Book) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in only(book).rows]


def refusal(data: bytes) -> str:
    with pytest.raises(UnreadableTable) as refused:
        read(data)
    assert refused.value.sentence.en
    return str(refused.value)


def test_a_workbook_keeps_sheet_row_column_text_and_kind() -> None:
    def fill(page: Worksheet) -> None:
        page["B2"] = "姓名"
        page["C2"] = 13800138000
        page["D2"] = True
        page["E2"] = datetime(2024, 11, 28, 9, 5)  # noqa: DTZ001  (cells know no zone)
        page["F2"] = date(2024, 11, 28)
        page["G2"] = time(9, 5)
        page["H2"] = timedelta(hours=30)
        page["I2"] = 0.1
        page["J2"] = "#N/A"

    sheet = only(read(sheet_of(fill)))
    assert sheet.name == "名单"
    (row,) = sheet.rows
    assert row.number == 2
    assert [(c.letter, c.text, c.kind) for c in row.filled()] == [
        ("B", "姓名", Kind.TEXT),
        ("C", "13800138000", Kind.NUMBER),
        ("D", "TRUE", Kind.BOOL),
        ("E", "2024-11-28 09:05", Kind.DATE),
        ("F", "2024-11-28", Kind.DATE),
        ("G", "09:05", Kind.DATE),
        ("H", "30:00", Kind.DATE),
        ("I", "0.1", Kind.NUMBER),
        ("J", "#N/A", Kind.ERROR),
    ]
    assert row.at(0) == Cell(2, 0)
    assert row.at(99) == Cell(2, 99)


def test_digits_that_excel_destroyed_are_known() -> None:
    def fill(page: Worksheet) -> None:
        page.append([110101199003071234, 13800138000, "110101199003071234", "1.10101E+17"])

    (row,) = only(read(sheet_of(fill))).rows
    assert [(c.text, c.lost_digits) for c in row.cells] == [
        ("110101199003071000", True),
        ("13800138000", False),
        ("110101199003071234", False),
        ("1.10101E+17", True),
    ]


def test_formulas_show_their_kept_value_and_are_named_without_one() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet()
        page.write_formula("A1", '="林"&"之夏"', None, "林之夏")
        page.write_formula("B1", "=1+1", None, 2)
        page.write_formula("C1", "=1/0", None, "#DIV/0!")
    assert [(c.text, c.kind) for c in only(read(file.getvalue())).rows[0].cells] == [
        ("林之夏", Kind.TEXT),
        ("2", Kind.NUMBER),
        ("#DIV/0!", Kind.ERROR),
    ]

    def fill(page: Worksheet) -> None:
        page["A1"] = "=B1&C1"  # this library writes no values: nobody ever calculated it

    (cell,) = only(read(sheet_of(fill))).rows[0].cells
    assert (cell.text, cell.kind) == ("=B1&C1", Kind.ERROR)


def test_merged_cells_all_show_the_value_but_make_no_rows() -> None:
    def fill(page: Worksheet) -> None:
        page.append(["单位", "姓名"])
        page.append(["天津一中", "林之夏"])
        page.append([None, "陆之秋"])
        page.merge_cells("A2:A9")

    rows = only(read(sheet_of(fill))).rows
    assert [row.number for row in rows] == [1, 2, 3]
    assert [(c.text, c.merged) for c in rows[2].cells] == [("天津一中", True), ("陆之秋", False)]


def test_hidden_rows_are_marked_and_hidden_sheets_named() -> None:
    def fill(page: Worksheet) -> None:
        for name in ("林之夏", "陆之秋", "方之春"):
            page.append([name])
        page.row_dimensions[2].hidden = True
        assert page.parent is not None
        page.parent.create_sheet("旧名单").sheet_state = "hidden"
        page.parent.create_sheet("代码").sheet_state = "veryHidden"

    book = read(sheet_of(fill))
    assert [(row.number, row.hidden) for row in only(book).rows] == [
        (1, False),
        (2, True),
        (3, False),
    ]
    assert book.hidden == ["旧名单", "代码"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_csv_in_every_encoding_with_every_separator(
    encoding: str, separator: str, ends: str
) -> None:
    lines = [separator.join(f'"{cell}"' for cell in row) for row in PEOPLE]
    data = ends.join(lines).encode(encoding)
    assert texts(read(data)) == [PEOPLE[0], PEOPLE[1], PEOPLE[2]]
    assert only(read(data)).name == ""


def test_csv_counts_its_rows_as_a_spreadsheet_does() -> None:
    book = read('姓名,备注\n\n林之夏,"两\n行"\n , \n陆之秋,x\n'.encode())
    assert [(row.number, row.cells[0].text) for row in only(book).rows] == [
        (1, "姓名"),
        (3, "林之夏"),
        (5, "陆之秋"),
    ]
    named = read("sep=;\n姓名;备注\n林之夏;a,b,c\n".encode())
    assert [row.number for row in only(named).rows] == [2, 3]
    assert texts(named)[1] == ["林之夏", "a,b,c"]


def test_a_separator_inside_cells_does_not_mislead() -> None:
    book = read("参会名单\n姓名,活动\n甲,a;b;c\n乙,a;b;c\n丙,a;b;c\n".encode())
    assert texts(book)[1:] == [["姓名", "活动"], *([name, "a;b;c"] for name in "甲乙丙")]


def test_rows_copied_from_a_spreadsheet() -> None:
    # A quotation mark that nobody closes stands for itself.
    assert texts(read_text('甲\t"管\n乙\t丙')) == [["甲", '"管'], ["乙", "丙"]]
    assert texts(read_text('林之夏\t"天津\n一中"\t"说""好"""\r\n陆之秋\tx')) == [
        ["林之夏", "天津\n一中", '说"好"'],
        ["陆之秋", "x"],
    ]


def test_our_own_csv_comes_back_as_it_was() -> None:
    typed = ["=1+1", "-1", "@x", "+8613900000123", "'quoted", "＝1"]
    column = Column[str]("text", Text("文字", "Text"), lambda text: text)
    file = io.BytesIO()
    csv_text.write(file, [column], typed)
    assert texts(read(file.getvalue()))[1:] == [[text] for text in typed]


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2024-11-28", date(2024, 11, 28)),
        ("2024/11/8", date(2024, 11, 8)),
        ("2024.11.28", date(2024, 11, 28)),
        ("2024 年 11 月 28 日", date(2024, 11, 28)),
        ("２０２４年１１月２８日", date(2024, 11, 28)),
        ("20241128", date(2024, 11, 28)),
        ("2024-11-28 09:00", date(2024, 11, 28)),
        ("2024-13-01", None),
        ("11/28", None),
        ("明天", None),
    ],
)
def test_days_typed_as_text(typed: str, day: date | None) -> None:
    assert as_date(Cell(1, 0, typed, Kind.TEXT)) == day


def test_letters_of_columns() -> None:
    assert [letter(n) for n in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "另存为“.xlsx”"),
        (
            bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"),
            "取消打开密码",
        ),
        (b"<html><table><tr><td>1", "不支持旧的“.xls”"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", "不支持旧的“.xls”"),
        (b"PK\x03\x04 cut off", "已损坏"),
        (b"\xff\xff\xfe\x80", "编码"),
        (b"a,b\x00c", "编码"),
        (b"", "没有内容"),
        (b" \r\n , ,\r\n", "没有内容"),
        (b"x" * (limits.MOST_BYTES + 1), "不得超过 10 MB"),
        (b"a\n" * (limits.MOST_ROWS + 1), "不得超过 50000 行"),
        (b"," * limits.MOST_COLUMNS + b"a", "不得超过 200 列"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(data: bytes, sentence: str) -> None:
    assert sentence in refusal(data)


def zipped(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


def changed(data: bytes, part: str, change: Callable[[bytes], bytes] | bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change if isinstance(change, bytes) else change(parts[part])
    return zipped(parts)


def simple() -> bytes:
    return sheet_of(lambda page: page.append(["姓名", "林之夏"]))


SHEET = "xl/worksheets/sheet1.xml"


def test_other_archives_are_no_workbooks() -> None:
    assert "不是“.xlsx”工作簿" in refusal(zipped({"content.xml": b"<office/>"}))


def test_a_single_cell_far_away_allocates_nothing() -> None:
    def far(page: Worksheet) -> None:
        page["A1"], page["XFD1048576"] = 1, 1

    assert "不得超过" in refusal(sheet_of(far))

    def wide(page: Worksheet) -> None:
        page["A1"], page["GR20000"] = 1, 1

    assert "表格过大" in refusal(sheet_of(wide))


def test_formatted_empty_cells_far_away_do_no_harm() -> None:
    data = changed(
        simple(),
        SHEET,
        lambda xml: xml.replace(
            b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
        ),
    )
    assert texts(read(data)) == [["姓名", "林之夏"]]


def test_bombs_are_not_unpacked() -> None:
    huge = b" " * (limits.MOST_UNPACKED + 1)
    assert "解压后过大" in refusal(changed(simple(), SHEET, lambda xml: xml + huge))
    assert "解压后过大" in refusal(
        changed(simple(), "xl/styles.xml", lambda xml: xml + b" " * (limits.MOST_STRINGS + 1))
    )
    many = {f"xl/x{n}": b"" for n in range(limits.MOST_PARTS + 1)}
    assert "解压后过大" in refusal(zipped({"xl/workbook.xml": b"<workbook/>"} | many))


def test_a_false_size_in_the_archive_does_not_help() -> None:
    data = bytearray(changed(simple(), SHEET, lambda xml: xml + b" " * 1_000_000))
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(SHEET.encode()))
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    assert "已损坏" in refusal(bytes(data))


def test_no_entity_is_expanded() -> None:
    doctype = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "x">]>'
    for part in (SHEET, "xl/workbook.xml"):
        data = changed(simple(), part, lambda xml: doctype + xml.partition(b"?>")[2])
        assert "已损坏" in refusal(data)


def test_a_merged_range_over_the_whole_sheet_does_no_harm() -> None:
    ranges = b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    data = changed(
        simple(), SHEET, lambda xml: xml.replace(b"</sheetData>", b"</sheetData>" + ranges)
    )
    assert texts(read(data)) == [["姓名", "林之夏"]]


@pytest.mark.parametrize(
    "part", [SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"]
)
def test_damage_anywhere_is_refused_or_read_but_never_fails(part: str) -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["姓名", 1, 2.5, True])
        page.write_datetime(1, 0, date(2024, 11, 28), book.add_format({"num_format": "yyyy-mm-dd"}))
        page.merge_range("A3:B4", "合并")
    whole = file.getvalue()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        xml = archive.read(part)
    refused = 0
    for at in range(0, len(xml), max(1, len(xml) // 80)):
        for damage in (b"<", b"\xff9", b"999999999999", b""):
            try:
                read(changed(whole, part, xml[:at] + damage + xml[at + 2 :]))
            except UnreadableTable:
                refused += 1
    assert refused


def test_refusals_speak_both_languages() -> None:
    with use_language(Language.EN):
        assert refusal(b"") == "There is nothing in the file. Check it and upload it again."
