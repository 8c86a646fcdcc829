"""`flask devices …`: phones and laptops at the doors."""

import click
from flask import current_app
from flask.cli import AppGroup

from eduforum.checkin.services import new_enrol_code
from eduforum.events.queries import series_by_slug

devices = AppGroup("devices", help="Phones and laptops at the doors.")


@devices.command("enrol")
@click.option("--series", "slug", required=True, help="The series whose doors the device serves.")
def enrol(slug: str) -> None:
    """Make a one-time code by which one device enrols, and say where to type it."""
    series = series_by_slug(slug)
    if series is None:
        raise click.ClickException(f"There is no series {slug}.")
    code = new_enrol_code(series.id)
    click.echo(f"Open {current_app.config['BASE_URL']}/door/ on the device and type {code}")
