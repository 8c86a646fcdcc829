"""Lists as people send them, and what becomes of them."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import func, select

from eduforum.core.db import db
from eduforum.events.models import Series
from eduforum.files.tables import read_file
from eduforum.imports import services
from eduforum.imports.models import Import, ImportRow
from eduforum.imports.queries import import_or_404
from eduforum.imports.rules import Outcome
from eduforum.imports.services import Options
from eduforum.registration.models import Category, Registration

HEAD = ("姓名", "单位", "职务", "手机", "邮箱")
LIN = ("林知夏", "天津市职业大学", "教师", "13900000101", "lin@example.org")
LU = ("陆之秋", "天津市职业大学", "教师", "13900000102", "lu@example.org")
FANG = ("方之春", "北京市第一中学", "校长", "13900000103", "")


def workbook(*rows: Sequence[object], head: Sequence[object] = HEAD, sheet: str = "名单") -> bytes:
    """A workbook with these rows below the headings."""
    book = Workbook()
    page = book.active
    assert isinstance(page, Worksheet)
    page.title = sheet
    for row in (head, *rows):
        page.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def begin(category: Category, data: bytes, /, **options: Any) -> Import:
    """Upload a list for the events of a category, and look through it."""
    usual = {
        "category": category.code,
        "events": tuple(event.slug for event in category.events),
    }
    row = services.begin(
        series_of(category),
        read_file(io.BytesIO(data)),
        file_name="名单.xlsx",
        options=Options(**(usual | options)),
    )
    services.work_off(row.series_id, row.id)
    return fresh(row)


def run(category: Category, data: bytes, /, **options: Any) -> Import:
    """Upload a list, confirm it, and do all of the work."""
    row = begin(category, data, **options)
    services.commit(row.series_id, row.id)
    services.work_off(row.series_id, row.id)
    return fresh(row)


def fresh(row: Import) -> Import:
    db.session.rollback()
    db.session.expire_all()
    return import_or_404(row.series_id, row.id)


def series_of(category: Category) -> Series:
    return db.session.get_one(Series, category.series_id)


def rows(row: Import, outcome: Outcome | None = None) -> Sequence[ImportRow]:
    found = select(ImportRow).where(ImportRow.import_id == row.id).order_by(ImportRow.id)
    if outcome:
        found = found.where(ImportRow.outcome == outcome)
    return db.session.scalars(found).all()


def outcomes(row: Import) -> list[str]:
    return [one.outcome.value for one in rows(row)]


def problems(row: Import) -> list[tuple[str, int, str, str, str]]:
    """(sheet, row, column, value, reason in Chinese) of everything that is wrong."""
    return [
        (one.sheet, one.number, problem["column"], problem["value"], problem["reason"]["zh"])
        for one in rows(row)
        for problem in one.problems
    ]


def people() -> list[Registration]:
    return list(db.session.scalars(select(Registration).order_by(Registration.name)))


def count(model: type[Any], **equal: object) -> int:
    found = select(func.count()).select_from(model).filter_by(**equal)
    return db.session.execute(found).scalar_one()


def counts(row: Import) -> Mapping[str, int]:
    return row.counts
