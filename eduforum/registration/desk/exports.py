"""What the table shows, as a file."""

from flask import request
from flask.typing import ResponseReturnValue

from eduforum.core import audit, clock
from eduforum.core.dates import local
from eduforum.core.db import transaction
from eduforum.core.i18n import Text
from eduforum.core.names import mask_email, mask_mobile
from eduforum.events.access import guarded_series
from eduforum.files import csv_text, xlsx
from eduforum.files.columns import chosen
from eduforum.registration import table
from eduforum.registration.columns import columns_of
from eduforum.registration.desk.frame import (
    READERS,
    asked_columns,
    asked_filter,
    kept_args,
    may_act,
    pages,
)
from eduforum.web.access import requires

_LEAST_NUMBER = 7


@pages.post("/desk/s/<series>/registrations/export")
@requires(*READERS)
def export(series: str) -> ResponseReturnValue:
    """The same people, columns and order as the table; contacts in full only for who may act."""
    shown, in_full = asked_filter(), may_act()
    kind = "csv" if request.form.get("format") == "csv" else "xlsx"
    with transaction():
        known = table.known_of(guarded_series())
        wanted = table.ids(known, shown)
        keys = [column.key for column in chosen(columns_of(known), asked_columns(known))]
        audit.record(
            "registration.export",
            f"series:{known.series.id}",
            series_id=known.series.id,
            after={
                "count": len(wanted),
                "format": kind,
                "columns": keys,
                "in_full": in_full,
                "filters": _filters_for_audit(),
            },
        )
    known = table.known_of(guarded_series())
    columns = chosen(columns_of(known), keys)
    rows = table.every_row(known, wanted)
    name = _filename(known.series.slug, known.series.time_zone, kind)
    if kind == "csv":
        return csv_text.send(name, columns, rows, in_full=in_full)
    sheet = xlsx.Sheet(Text("报名", "Registrations"), columns, rows, in_full)
    return xlsx.send(name, [sheet])


def _filename(slug: str, zone: str, kind: str) -> str:
    title = Text("报名", "registrations")
    return f"{title}-{slug}-{local(clock.now(), zone):%Y%m%d-%H%M}.{kind}"


def _filters_for_audit() -> dict[str, list[str]]:
    """The address' filters; a contact that was looked for is masked."""
    kept: dict[str, list[str]] = {}
    for name, value in kept_args():
        kept.setdefault(name, []).append(_masked(value) if name == "q" else value)
    return kept


def _masked(typed: str) -> str:
    if "@" in typed:
        return mask_email(typed)
    digits = sum(character.isdigit() for character in typed)
    return mask_mobile(typed) if digits >= _LEAST_NUMBER else typed
