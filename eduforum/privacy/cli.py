"""`flask privacy run`: forget what is over its time."""

import click
from flask.cli import AppGroup

from eduforum.core import clock
from eduforum.core.audit import acting_as
from eduforum.core.i18n import Language
from eduforum.events.queries import series_by_slug
from eduforum.privacy import services
from eduforum.privacy.rules import GROUP_NAMES

privacy = AppGroup("privacy", help="How long personal data is kept.")


@privacy.command("run")
@click.option("--dry-run", is_flag=True, help="Say what goes when, and change nothing.")
@click.option("--series", "slug", default="", help="One series only.")
def run(dry_run: bool, slug: str) -> None:
    """Erase personal data that is over its time. The server does this by itself once a day.

    The system stays in use meanwhile. Cut short, the next run goes on with what is left.
    """
    if slug and series_by_slug(slug) is None:
        raise click.ClickException(f"There is no series {slug}.")
    if dry_run:
        _tell(slug)
        return
    done: dict[str, int] = {}
    with acting_as("command:privacy run"):
        for due, people in services.run(slug):
            key = f"{due.slug}: {GROUP_NAMES[due.group].to(Language.EN)}"
            done[key] = done.get(key, 0) + people
            click.echo(f"{key}, {done[key]} people")
    click.echo("Erased." if done else "Nothing is over its time.")


def _tell(slug: str) -> None:
    now = clock.now()
    for due in services.preview():
        if slug not in ("", due.slug):
            continue
        when = "never: no event has a date" if due.goes_at is None else f"{due.goes_at:%Y-%m-%d}"
        mark = "now" if due.is_over(now) and due.people else when
        name = GROUP_NAMES[due.group].to(Language.EN)
        click.echo(f"{mark}  {due.slug}: {name}, {due.people} people, {due.days} days")
    click.echo("Tried only; nothing was erased.")
