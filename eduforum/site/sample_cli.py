"""`flask sample press`: outlets with people, for demonstrations."""

import click

from eduforum.core.errors import Refusal
from eduforum.core.i18n import Language
from eduforum.events.queries import all_series, series_by_slug
from eduforum.registration.cli import sample
from eduforum.site.press_samples import add_press

__all__ = ["sample"]


@sample.command("press")
@click.option("--series", "slug", help="The series; the first one if not said.")
def press(slug: str | None) -> None:
    """Make outlets of invented people, marked as sample data, one in each stage of its life."""
    known = all_series()
    series = series_by_slug(slug) if slug else known[-1] if known else None
    if series is None:
        raise click.ClickException("There is no such series; load one first.")
    try:
        made = add_press(series)
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence.to(Language.EN)) from None
    click.echo(f"Sample outlets in {series.slug}: {', '.join(made) or 'none to add'}.")
