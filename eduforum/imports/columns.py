"""What is to be corrected in a list, one line for each cell: to hand to whoever wrote it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eduforum.core.i18n import Text
from eduforum.files.columns import Column
from eduforum.imports.models import ImportRow


@dataclass(frozen=True, slots=True)
class Wrong:
    """One cell that is wrong, or a row (column "")."""

    row: ImportRow
    column: str
    heading: Text
    value: str
    reason: Text


COLUMNS: Sequence[Column[Wrong]] = (
    Column("sheet", Text("工作表", "Sheet"), lambda one: one.row.sheet),
    Column("row", Text("行", "Row"), lambda one: one.row.number, 6),
    Column("column", Text("列", "Column"), lambda one: one.column, 6),
    Column("heading", Text("列名", "Heading"), lambda one: one.heading),
    Column("name", Text("姓名", "Name"), lambda one: one.row.name),
    Column("value", Text("原值", "Value"), lambda one: one.value, 24),
    Column("reason", Text("需要更正", "What is wrong"), lambda one: one.reason, 60),
)


def wrong_in(rows: Iterable[ImportRow]) -> Iterator[Wrong]:
    """Every mistake of these rows."""
    for row in rows:
        for problem in row.problems:
            yield _wrong(row, problem)


def _wrong(row: ImportRow, problem: Mapping[str, Any]) -> Wrong:
    heading, reason = problem["heading"], problem["reason"]
    return Wrong(
        row=row,
        column=problem["column"] or "",
        heading=Text(heading["zh"], heading["en"]),
        value=problem["value"] or "",
        reason=Text(reason["zh"], reason["en"]),
    )
