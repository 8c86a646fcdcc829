"""`flask keys …`: the key that protects stored data, and the keys that sign tickets."""

import click
from flask.cli import AppGroup

from eduforum.core import encryption, rotation
from eduforum.core.audit import acting_as
from eduforum.events.queries import series_by_slug
from eduforum.tickets.services import rotate_key

keys = AppGroup("keys", help="Keys that protect stored data, and keys that sign tickets.")


@keys.command("rotate")
@click.option("--series", "slug", default="", help="Change the key that signs a series' tickets.")
def rotate(slug: str) -> None:
    """Seal all protected data anew with a new key; with --series, sign its tickets with a new one.

    The system stays in use meanwhile. Cut short, it goes on where it was when it is run again. Old
    keys stay in the file, for backups are opened with them; tickets of old keys stay valid.
    """
    with acting_as("command:keys rotate"):
        if slug:
            _rotate_signing_key(slug)
        else:
            _rotate_encryption_key()


def _rotate_encryption_key() -> None:
    done, unfinished = 0, rotation.remaining()
    if unfinished:
        click.echo(f"An earlier rotation was cut short; {unfinished} rows are left.")
    try:
        for changed in rotation.rotate():
            done += changed
            click.echo(f"{done} rows sealed anew.")
    except encryption.KeyRingFull:
        raise click.ClickException("There are 255 keys already; no further one fits.") from None
    except encryption.CannotDecrypt as error:
        raise click.ClickException(f"{error} Nothing more was changed.") from None
    click.echo(f"All protected data is sealed with key {encryption.newest_key()}.")


def _rotate_signing_key(slug: str) -> None:
    series = series_by_slug(slug)
    if series is None:
        raise click.ClickException(f"There is no series {slug}.")
    key = rotate_key(series.id)
    click.echo(f"New tickets of {slug} are signed with key {key.key_id} from now on.")
