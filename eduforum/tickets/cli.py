"""`flask keys …`: the keys that sign tickets."""

import click
from flask.cli import AppGroup

from eduforum.events.queries import series_by_slug
from eduforum.tickets.services import rotate_key

keys = AppGroup("keys", help="Keys that sign tickets.")


@keys.command("rotate")
@click.option("--series", "slug", required=True, help="The series whose key is changed.")
def rotate(slug: str) -> None:
    """Sign new tickets with a new key. Tickets of the old keys stay valid."""
    series = series_by_slug(slug)
    if series is None:
        raise click.ClickException(f"There is no series {slug}.")
    key = rotate_key(series.id)
    click.echo(f"New tickets of {slug} are signed with key {key.key_id} from now on.")
