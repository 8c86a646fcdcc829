"""`flask sample delegations`: units with people, for demonstrations."""

import click

from eduforum.core.errors import Refusal
from eduforum.core.i18n import Language
from eduforum.delegations.samples import add_delegations
from eduforum.events.queries import all_series, series_by_slug
from eduforum.registration.cli import sample

__all__ = ["sample"]


@sample.command("delegations")
@click.argument("count", type=click.IntRange(1, 12), default=6)
@click.option("--series", "slug", help="The series; the first one if not said.")
def delegations(count: int, slug: str | None) -> None:
    """Make COUNT delegations that have reported invented people, marked as sample data."""
    known = all_series()
    series = series_by_slug(slug) if slug else known[-1] if known else None
    if series is None:
        raise click.ClickException("There is no such series; load one first.")
    try:
        made = add_delegations(series)
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence.to(Language.EN)) from None
    click.echo(f"Sample delegations in {series.slug}: {', '.join(made) or 'all there already'}.")
