"""The organisers' pages of imports."""

from uuid import UUID

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.errors import NotFound, Refusal
from eduforum.core.i18n import Text, plural
from eduforum.events.access import guarded_series
from eduforum.events.queries import events_of
from eduforum.files import tables, xlsx
from eduforum.imports import columns, queries, services, template
from eduforum.imports.forms import ImportForm
from eduforum.imports.models import Import
from eduforum.imports.rules import (
    OUTCOME_NAMES,
    OUTCOME_NOTES,
    STATE_NAMES,
    WORKING,
    ImportState,
    Outcome,
)
from eduforum.registration.queries import categories_of
from eduforum.web.access import Role, requires
from eduforum.web.pagination import Page, changed_url, page_number

pages = Blueprint("imports_desk", __name__)

ACTORS = (Role.ORGANISER, Role.REGISTRAR)
AT_ONCE = 300
"""Rows that are worked off while the browser waits; longer lists are left to the worker."""
_ROOT = "/desk/s/<series>/imports"
_PER_PAGE = 50
_MOST_WRONG = 5000


@pages.route(_ROOT, methods=["GET", "POST"])
@requires(*ACTORS)
def imports(series: str) -> ResponseReturnValue:
    """Upload a list; nobody is registered by that."""
    here = guarded_series()
    open_events = [event for event in events_of(here.id) if event.ends_at > clock.now()]
    form = ImportForm(categories=categories_of(here.id), choosable=open_events)
    if form.validate_on_submit():
        try:
            book = tables.read_file(form.file.data.stream)
            begun = services.begin(
                here, book, file_name=form.file.data.filename or "", options=form.options()
            )
        except tables.UnreadableTable as refusal:
            form.refuse("file", refusal.sentence)
        else:
            _help(begun)
            return redirect(url_for(".one", series=here.slug, import_id=begun.id), 303)
    return render_template(
        "imports/desk.html",
        form=form,
        latest=queries.latest(here.id),
        states=STATE_NAMES,
        working=WORKING,
    ), 422 if form.is_submitted() else 200


@pages.get(f"{_ROOT}/template.xlsx")
@requires(*ACTORS)
def blank(series: str) -> ResponseReturnValue:
    """The workbook to fill in."""
    here = guarded_series()
    open_events = [event for event in events_of(here.id) if event.ends_at > clock.now()]
    name = f"{Text('参会名单模板', 'participants-template')}-{here.slug}.xlsx"
    return xlsx.send_written(
        name,
        xlsx.MIMETYPE,
        lambda file: template.write(file, categories_of(here.id), open_events),
    )


@pages.get(f"{_ROOT}/<uuid:import_id>")
@requires(*ACTORS)
def one(series: str, import_id: UUID) -> ResponseReturnValue:
    """What would happen, what happens, or what happened."""
    return _page(queries.import_or_404(guarded_series().id, import_id))


@pages.get(f"{_ROOT}/<uuid:import_id>/progress")
@requires(*ACTORS)
def progress(series: str, import_id: UUID) -> ResponseReturnValue:
    """How far the work has got, for the page's script."""
    row = queries.import_or_404(guarded_series().id, import_id)
    done, total = _done(row)
    return jsonify({"done": done, "total": total, "state": row.state.value})


@pages.get(f"{_ROOT}/<uuid:import_id>/problems.xlsx")
@requires(*ACTORS)
def problems(series: str, import_id: UUID) -> ResponseReturnValue:
    """What is to be corrected, as a workbook for whoever wrote the list."""
    row = queries.import_or_404(guarded_series().id, import_id)
    if not row.counts.get(Outcome.REFUSED):
        raise NotFound
    wrong = columns.wrong_in(queries.rows_of(row.id, Outcome.REFUSED, limit=_MOST_WRONG, offset=0))
    sheet = xlsx.Sheet(Text("需要更正", "To be corrected"), columns.COLUMNS, wrong)
    name = f"{Text('导入更正单', 'import-corrections')}.xlsx"
    return xlsx.send_written(name, xlsx.MIMETYPE, lambda file: xlsx.write(file, [sheet]))


@pages.post(f"{_ROOT}/<uuid:import_id>/commit")
@requires(*ACTORS)
def commit(series: str, import_id: UUID) -> ResponseReturnValue:
    """Register everybody who is new."""
    here = guarded_series()
    try:
        row = services.commit(here.id, import_id)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _page(queries.import_or_404(here.id, import_id), refusal)
    _help(row)
    return redirect(url_for(".one", series=here.slug, import_id=import_id), 303)


@pages.post(f"{_ROOT}/<uuid:import_id>/check")
@requires(*ACTORS)
def check(series: str, import_id: UUID) -> ResponseReturnValue:
    """Look through it again."""
    here = guarded_series()
    _help(services.check_again(here.id, import_id))
    return redirect(url_for(".one", series=here.slug, import_id=import_id), 303)


@pages.post(f"{_ROOT}/<uuid:import_id>/discard")
@requires(*ACTORS)
def discard(series: str, import_id: UUID) -> ResponseReturnValue:
    """Forget it."""
    here = guarded_series()
    services.discard(here.id, import_id)
    flash(str(Text("名单已放弃，读取的内容已删除。", "The list is discarded; what was read is deleted.")), "ok")  # fmt: skip
    return redirect(url_for(".imports", series=here.slug), 303)


def _help(row: Import) -> None:
    if row.total <= AT_ONCE:
        services.work_off(row.series_id, row.id)


def _done(row: Import) -> tuple[int, int]:
    if row.state is ImportState.TELLING:
        return row.told, row.counts.get(Outcome.NEW, 0)
    return row.checked if row.state is ImportState.CHECKING else 0, row.total


def _page(row: Import, refusal: Refusal | None = None) -> ResponseReturnValue:
    shown = _shown(row)
    total = row.counts.get(shown, 0) if shown else row.total
    number = page_number()
    checked = row.state in (ImportState.CHECKED, ImportState.REFUSED)
    rows = queries.rows_of(
        row.id, shown, limit=_PER_PAGE, offset=(number - 1) * _PER_PAGE
    ) if checked else []  # fmt: skip
    uses = services.seat_uses(row) if row.state is ImportState.CHECKED else []
    return render_template(
        "imports/one.html",
        row=row,
        page=Page(rows, number, _PER_PAGE, total),
        tabs=_tabs(row, shown) if checked else [],
        done=_done(row),
        refusal=refusal,
        uses=uses,
        short=[use for use in uses if use.short],
        new=row.counts.get(Outcome.NEW, 0),
        bad=row.counts.get(Outcome.REFUSED, 0),
        states=STATE_NAMES,
        working=row.state in WORKING,
        outcomes=OUTCOME_NAMES,
        outcome_notes=OUTCOME_NOTES,
        categories={one.id: one for one in categories_of(row.series_id)},
        events={one.id: one for one in events_of(row.series_id)},
        options=services.Options.of(row.options),
        plural=plural,
    ), refusal.status if refusal else 200


def _shown(row: Import) -> Outcome | None:
    """The outcome asked for; what is to be corrected comes first."""
    asked = request.args.get("outcome")
    if asked in list(Outcome):
        return Outcome(asked)
    return Outcome.REFUSED if asked is None and row.counts.get(Outcome.REFUSED) else None


def _tabs(row: Import, shown: Outcome | None) -> list[dict[str, object]]:
    tabs: list[dict[str, object]] = [
        {
            "label": OUTCOME_NAMES[outcome],
            "url": changed_url(outcome=outcome.value, page=None),
            "count": row.counts[outcome],
            "current": outcome is shown,
        }
        for outcome in (Outcome.REFUSED, *(one for one in Outcome if one is not Outcome.REFUSED))
        if row.counts.get(outcome)
    ]
    everything = {
        "label": Text("全部", "All"),
        "url": changed_url(outcome="", page=None),
        "count": row.total,
        "current": shown is None,
    }
    return [*tabs, everything]
