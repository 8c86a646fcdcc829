"""CSV: opened by Excel, read by programs, harmless to both."""

import csv
import io

import pytest

from eduforum.core.i18n import Text
from eduforum.files import csv_text
from eduforum.files.columns import Column

COLUMNS = [
    Column[str]("text", Text("文字", "Text"), str),
    Column[str]("length", Text("字数", "Length"), len),
]


def written(*rows: str) -> bytes:
    file = io.BytesIO()
    csv_text.write(file, COLUMNS, rows)
    return file.getvalue()


def test_it_is_utf_8_with_a_mark_and_keeps_every_text() -> None:
    data = written("𠮷𬱖㛃䶮", 'a,"b"\nc', "古丽娜尔·吐尔逊")
    assert data.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert read == [
        ["文字", "字数"],
        ["𠮷𬱖㛃䶮", "4"],
        ['a,"b"\nc', "7"],
        ["古丽娜尔·吐尔逊", "8"],
    ]


@pytest.mark.parametrize(
    ("typed", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1+1", "'+1+1"),
        ("-1+1", "'-1+1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("+8613900000123", "+8613900000123"),
        ("+86 =1", "'+86 =1"),
        ("林知夏", "林知夏"),
        (7, 7),
    ],
)
def test_nothing_acts_as_a_formula(typed: str | int, cell: str | int) -> None:
    assert csv_text.harmless(typed) == cell
