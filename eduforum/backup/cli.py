"""`flask backup …`."""

from pathlib import Path

import click
from flask.cli import AppGroup

from eduforum.backup import services
from eduforum.backup.rules import BackupFailed
from eduforum.core.audit import acting_as

backup = AppGroup("backup", help="Back up database and uploads while the server runs; restore.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@backup.command("create")
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path),
              help="Where to; EDUFORUM_BACKUP_DIR if not said.")  # fmt: skip
@click.option("--without-keys", is_flag=True, help="Do not pack the keys; they are kept elsewhere.")
def create(folder: Path | None, without_keys: bool) -> None:
    """Back up everything at this moment. Nobody has to wait, nothing has to be stopped.

    The keys go into an archive of their own, which belongs in another place.
    """
    try:
        with acting_as("command:backup create"):
            made = services.create(folder, with_keys=not without_keys)
    except BackupFailed as failed:
        raise click.ClickException(str(failed)) from None
    click.echo(f"{made.archive}  {made.archive.stat().st_size:,} bytes")
    if made.removed:
        click.echo(f"{made.removed} older ones removed.")
    if made.keys:
        click.echo(f"{made.keys}  keys")
        click.echo(
            "Move the keys to another place now: whoever has both archives can read everything "
            "and forge tickets, and without the keys no backup is of use.",
            err=True,
        )


@backup.command("restore")
@click.argument("file", type=_FILE)
@click.option("--keys", type=_FILE, help="The archive of keys, where this machine has others.")
@click.option("--force", is_flag=True, help="Even where there is a database already.")
def restore(file: Path, keys: Path | None, force: bool) -> None:
    """Put the backup FILE in the place of database and uploads. Every server must be stopped.

    Nothing is changed until the backup is verified. Door devices load everything anew, everybody
    signs in again.
    """
    try:
        with acting_as("command:backup restore"):
            manifest = services.restore(file, keys=keys, force=force)
    except BackupFailed as failed:
        raise click.ClickException(str(failed)) from None
    click.echo(f"Restored what was there at {manifest.made_at}.")
    click.echo("What was there before is kept; remove it when nothing is missing.")
    click.echo("Withdraw again what was withdrawn since then: devices, tokens, roles, passwords.")
