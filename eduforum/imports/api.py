"""Lists of people through the API: one call that checks, or checks and registers."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NotRequired, TypedDict

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from eduforum.core.i18n import Text
from eduforum.events.access import guarded_series
from eduforum.files import tables
from eduforum.imports import queries, services
from eduforum.imports.models import Import, ImportRow
from eduforum.imports.rules import (
    WORKING,
    BadRows,
    ImportBroken,
    ImportNotAllowed,
    ImportState,
    NotEnoughSeats,
    Outcome,
    Overtaken,
)
from eduforum.registration.api.shapes import Code
from eduforum.web.access import Scope, scoped
from eduforum.web.operations import Group, operation
from eduforum.web.schema import Both, Id, Items, Line, both
from eduforum.web.uploads import sent_form

endpoints = Blueprint("imports_api", __name__)

_PAUSE = 0.2
_AT_A_TIME = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportBody:
    """What is said beside the file."""

    dry_run: Annotated[
        bool, Text("只核对，不报名任何人", "Only check it; nobody is registered")
    ] = False
    category: Annotated[
        str,
        Line(60),
        Text("未注明类别的行的类别，code", "The category of rows that name none, its code"),
    ] = ""
    events: Annotated[
        tuple[Code, ...],
        Items(100),
        Text("未注明活动的行参加的活动，slug", "What rows that name no events come to, slugs"),
    ] = ()
    hidden_rows: Annotated[bool, Text("也读取隐藏的行", "Read hidden rows as well")] = False
    review: Annotated[
        bool, Text("进入待审核，而不直接确认", "They go to review instead of being confirmed")
    ] = False
    letters: Annotated[bool, Text("向本人发送通知", "They get a letter")] = True


class BadCell(TypedDict):
    """A cell to be corrected. column: "" where the sheet has no such column."""

    sheet: str
    row: int
    column: str
    heading: Both
    value: str
    reason: str


class ImportedRow(TypedDict):
    """What a row turned out to be. id: of the registration that it made, or that was there."""

    sheet: str
    row: int
    outcome: Outcome
    id: NotRequired[Id]


class PoolUse(TypedDict):
    pool: Both
    needs: int
    free: int


class ImportAnswer(TypedDict):
    """What would happen, or what happened. counts: rows by outcome."""

    dry_run: bool
    counts: dict[str, int]
    rows: list[ImportedRow]
    cells: list[BadCell]
    seats: list[PoolUse]
    notes: list[str]


class ImportRefused(BadRows):
    """The same as at the desk, with every cell."""

    def __init__(self, count: int, cells: Sequence[BadCell]) -> None:
        super().__init__(count)
        self._cells = cells

    def members(self) -> Mapping[str, object]:
        return {"cells": list(self._cells)}


@endpoints.post("/series/<series>/registrations:import")
@scoped(Scope.MANAGE)
@operation(
    Group.REGISTRATIONS,
    Text("导入名单", "Import a list of people"),
    {200: ImportAnswer},
    about=Text(
        "文件为 .xlsx 或 CSV。全部导入，或一人也不导入；已报名的人员不会重复导入，因此同一文件可以"
        "再次发送。dry_run 只返回逐行结果。有单元格需更正时返回 import-refused 及全部单元格。",
        "The file is .xlsx or CSV. Everybody in it is registered, or nobody; whoever is registered "
        "already is not again, so the same file may be sent twice. dry_run only tells what each "
        "row would be. When cells are to be corrected, import-refused names all of them.",
    ),
    upload=ImportBody,
    refuses=(
        tables.UnreadableTable, BadRows, NotEnoughSeats, Overtaken, ImportBroken, ImportNotAllowed,
    ),
)  # fmt: skip
def import_registrations(series: str) -> ResponseReturnValue:
    """Register everybody in a list who is new, or say what keeps them out."""
    here = guarded_series()
    file, body = sent_form(ImportBody)
    begun = services.begin(
        here,
        tables.read_file(file.stream),
        file_name=file.filename or "",
        options=services.Options(
            category=body.category,
            events=body.events,
            hidden=body.hidden_rows,
            review=body.review,
            letters=body.letters,
        ),
    )
    row = _finished(begun)
    answer = _answer(row, dry_run=body.dry_run)
    if body.dry_run or not row.counts.get(Outcome.NEW) or answer["cells"]:
        services.discard(here.id, row.id)
        if answer["cells"] and not body.dry_run:
            raise ImportRefused(row.counts[Outcome.REFUSED], answer["cells"])
        return jsonify(answer)
    try:
        row = services.commit(here.id, row.id)
    except NotEnoughSeats:
        services.discard(here.id, row.id)
        raise
    _finished(row)
    return jsonify(answer)


def _finished(row: Import) -> Import:
    """Work on it, or wait for whoever does. Raises what refused it."""
    while row.state in WORKING:
        services.work_off(row.series_id, row.id)
        row = queries.import_or_404(row.series_id, row.id)
        if row.state in WORKING:
            time.sleep(_PAUSE)
    if row.state is ImportState.REFUSED:
        refused = (
            ImportBroken if (row.refusal or {}).get("code") == ImportBroken.code else Overtaken
        )
        services.discard(row.series_id, row.id)
        raise refused
    return row


def _answer(row: Import, *, dry_run: bool) -> ImportAnswer:
    staged = list(_staged(row))
    return {
        "dry_run": dry_run,
        "counts": {outcome.value: row.counts.get(outcome, 0) for outcome in Outcome},
        "rows": [_row(one, dry_run=dry_run) for one in staged],
        "cells": [_cell(one, problem) for one in staged for problem in one.problems],
        "seats": [
            {"pool": both(use.pool), "needs": use.needs, "free": use.free}
            for use in services.seat_uses(row)
        ],
        "notes": [str(Text(note["zh"], note["en"])) for note in row.notes],
    }


def _staged(row: Import) -> Sequence[ImportRow]:
    return [
        one
        for start in range(0, row.total, _AT_A_TIME)
        for one in queries.rows_of(row.id, None, limit=_AT_A_TIME, offset=start)
    ]


def _row(one: ImportRow, *, dry_run: bool) -> ImportedRow:
    found: ImportedRow = {"sheet": one.sheet, "row": one.number, "outcome": one.outcome}
    if one.registration_id and not (dry_run and one.outcome is Outcome.NEW):
        found["id"] = str(one.registration_id)
    return found


def _cell(one: ImportRow, problem: Mapping[str, Any]) -> BadCell:
    heading, reason = problem["heading"], problem["reason"]
    return {
        "sheet": one.sheet,
        "row": one.number,
        "column": problem["column"],
        "heading": both(Text(heading["zh"], heading["en"])),
        "value": problem["value"],
        "reason": str(Text(reason["zh"], reason["en"])),
    }
