"""Load series from a file: checked as a whole, stored as a whole, and any number of times.

Things are found again by what names them: regions by code, organisations by name, series, events
and categories by slug or code, rooms, agreements and plaques by name. The file decides what it
says; what it does not say (descriptions, speakers, English names) stays as the organisers left it,
and nothing is deleted that a file no longer names.
"""

from datetime import date

from eduforum.core import audit
from eduforum.core.db import db, transaction
from eduforum.core.errors import Refusal
from eduforum.events.queries import organisation_named, regions
from eduforum.site.loader.checking import check
from eduforum.site.loader.nodes import BadFile
from eduforum.site.loader.report import Report
from eduforum.site.loader.storing import store

__all__ = ["BadFile", "Report", "load"]


class _OnlyTried(Exception):
    """Takes everything back that a dry run has stored."""


def load(content: bytes, day_1: date, *, dry_run: bool = False) -> Report:
    """Load the series of a YAML file whose day 1 is `day_1`, and say what that changed.

    One transaction. People whose event moves are told, as if somebody had moved it at the desk.
    dry_run: do all of it and keep nothing. Raises `BadFile` with every mistake.
    """
    report = Report()
    try:
        with transaction():
            plan = check(
                content,
                lambda name: organisation_named(name) is not None,
                {region.name_zh: region.name_en for region in regions()},
            )
            store(plan, day_1, report)
            audit.record("series.load", "series", after={"series": [s.slug for s in plan.series]})
            db.session.flush()
            if dry_run:
                raise _OnlyTried
    except _OnlyTried:
        pass
    except Refusal as refusal:  # what is on record forbids something that the file alone allows
        raise BadFile([refusal.sentence.en]) from refusal
    return report
