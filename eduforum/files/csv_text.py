"""CSV as Excel opens it: UTF-8 with a byte order mark, and no cell that acts as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import IO, Any

from flask import Response

from eduforum.files.columns import Column, cell
from eduforum.files.xlsx import send_written

MIMETYPE = "text/csv; charset=utf-8"
# Chinese and Japanese versions of Excel read the full-width signs as well.
_FORMULA = re.compile(r"[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_NUMBER_WITH_CODE = re.compile(r"\+[0-9]+")


def write(
    file: IO[bytes], columns: Sequence[Column[Any]], rows: Iterable[Any], *, in_full: bool = False
) -> None:
    """Write a head and one line for every item (RFC 4180)."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow([harmless(str(column.label)) for column in columns])
    for item in rows:
        writer.writerow([harmless(cell(column, item, in_full=in_full)) for column in columns])
    text.detach()


def send(
    filename: str,
    columns: Sequence[Column[Any]],
    rows: Iterable[Any],
    *,
    in_full: bool = False,
) -> Response:
    """Write the file to a temporary one and send that."""
    return send_written(
        filename, MIMETYPE, lambda file: write(file, columns, rows, in_full=in_full)
    )


def harmless(value: str | int) -> str | int:
    """The value with an apostrophe before what a spreadsheet would take for a formula.

    A number with its country code (+8613900000123) is no formula and stays as it is.
    """
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER_WITH_CODE.fullmatch(value):
        return f"'{value}"
    return value
