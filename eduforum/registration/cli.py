"""`flask sample …`: people for demonstrations and load, marked as sample data."""

import click
from flask.cli import AppGroup

from eduforum.core.errors import Refusal
from eduforum.core.i18n import Language
from eduforum.events.models import Series
from eduforum.events.queries import all_series, series_by_slug
from eduforum.registration.rules import STATE_NAMES, State
from eduforum.registration.samples import add_people

sample = AppGroup("sample", help="Sample data for demonstrations and load.")


@sample.command("people")
@click.argument("count", type=click.IntRange(1, 500_000))
@click.option("--series", "slug", help="The series; the first one if not said.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another draws other people.")
@click.option("--yes", is_flag=True, help="Even where real people have registered.")
def people(count: int, slug: str | None, seed: int, yes: bool) -> None:
    """Register COUNT invented people, marked as sample data, in various states.

    They go by the rules for everybody: no pool is ever over its size, and when seats and lines are
    full the rest is turned away. Letters to them are queued like all others.
    """
    series = _series(slug)
    try:
        result = add_people(series.id, count, seed=seed, among_real=yes)
    except Refusal as refusal:
        hint = " Use --yes to add them all the same." if refusal.code == "real-people" else ""
        raise click.ClickException(f"{refusal.sentence.to(Language.EN)}{hint}") from None
    parts = [
        f"{result.states[state]} {STATE_NAMES[state].to(Language.EN).lower()}"
        for state in State
        if result.states[state]
    ]
    click.echo(f"Sample people in {series.slug}: {', '.join(parts)}.")
    if result.turned_away:
        click.echo(f"{result.turned_away} were turned away: no seat and no place in line.")


def _series(slug: str | None) -> Series:
    known = all_series()
    found = series_by_slug(slug) if slug else known[-1] if known else None
    if found is None:
        told = f"There is no series {slug}." if slug else "There is no series yet; load one first."
        raise click.ClickException(told)
    return found
