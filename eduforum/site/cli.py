"""`flask series …`: load series from a file, hand one over to the next host."""

from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from eduforum.core.audit import acting_as
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Language
from eduforum.events.queries import regions, series_by_slug
from eduforum.site.copy import CopyInput, copy_series, region_named
from eduforum.site.loader import BadFile, load

series = AppGroup("series", help="Load series from a file; hand one over to the next host.")
_DAY = click.DateTime(["%Y-%m-%d"])


@series.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--on", "day_1", type=_DAY, required=True, help="Day 1 of the file, YYYY-MM-DD.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
def load_file(file: Path, day_1: datetime, dry_run: bool) -> None:
    """Load the series in FILE. Loading it again changes what is otherwise, and doubles nothing."""
    try:
        with acting_as("command:series load"):
            report = load(file.read_bytes(), day_1.date(), dry_run=dry_run)
    except BadFile as bad:
        for mistake in bad.mistakes:
            click.echo(mistake, err=True)
        count = len(bad.mistakes)
        told = "1 mistake" if count == 1 else f"{count} mistakes"
        raise click.ClickException(f"{told} in {file.name}; nothing was loaded.") from None
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}.") from None
    for line in report.lines():
        click.echo(line)
    click.echo("Tried only; nothing was stored." if dry_run else "Loaded.")


@series.command("copy")
@click.argument("old")
@click.argument("new")
@click.option("--host", required=True, help="The region that hosts next: its code or name.")
@click.option("--on", "day_1", type=_DAY, required=True, help="Day 1 of the copy, YYYY-MM-DD.")
@click.option("--name-zh", default="", help="Another name in Chinese.")
@click.option("--name-en", default="", help="Another name in English.")
def copy(old: str, new: str, host: str, day_1: datetime, name_zh: str, name_en: str) -> None:
    """Copy the series OLD to NEW for its next host: the programme, without people.

    The copy is not published; its organisers do that when it is ready.
    """
    copied = series_by_slug(old)
    if copied is None:
        raise click.ClickException(f"There is no series {old}.")
    region = region_named(host)
    if region is None:
        known = ", ".join(f"{r.code} {r.name.to(Language.EN)}" for r in regions())
        raise click.ClickException(f"{host} is no region; these are: {known or 'none'}.")
    given = CopyInput(
        slug=new,
        region_code=region.code,
        day_1=day_1.date(),
        name_zh=name_zh,
        name_en=name_en,
    )
    try:
        with acting_as("command:series copy"):
            made = copy_series(copied.id, given)
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence.en) from None
    click.echo(f"Copied {old} to {made.slug} (number {made.number}); it is not published yet.")
