"""`flask sample invitations`: guests with every answer, for demonstrations."""

import click

from eduforum.core.errors import Refusal
from eduforum.core.i18n import Language
from eduforum.events.queries import all_series, series_by_slug
from eduforum.invitations.samples import add_invitations
from eduforum.registration.cli import sample

__all__ = ["sample"]


@sample.command("invitations")
@click.option("--series", "slug", help="The series; the first one if not said.")
def invitations(slug: str | None) -> None:
    """Invite invented people, marked as sample data, one with each answer, and make two codes."""
    known = all_series()
    series = series_by_slug(slug) if slug else known[-1] if known else None
    if series is None:
        raise click.ClickException("There is no such series; load one first.")
    try:
        made = add_invitations(series)
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence.to(Language.EN)) from None
    click.echo(f"Sample invitations in {series.slug}: {made or 'there already'}.")
