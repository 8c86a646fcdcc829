"""`flask notices …` and `flask worker`."""

import signal
import threading

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from eduforum.core.db import is_sqlite
from eduforum.notices import services
from eduforum.notices.worker import run

commands = AppGroup("notices", help="Send the messages that wait in the outbox.")


@commands.command()
@click.option(
    "--limit",
    default=100,
    show_default=True,
    type=click.IntRange(1),
    help="Most to try in one run.",
)
def deliver(limit: int) -> None:
    """Send notices that are due. Safe to run from several machines at once."""
    if not current_app.config["MAIL_SERVER"]:
        click.echo("EDUFORUM_MAIL_SERVER is not set: letters stay in the outbox.", err=True)
    click.echo(f"{services.deliver_due(limit)} notices sent")


@click.command()
@with_appcontext
def worker() -> None:
    """Deliver notices and do the chores until stopped (PostgreSQL; run as many as you want)."""
    if is_sqlite():
        raise click.ClickException(
            "On SQLite the worker is part of the server, so there is nothing to start here."
        )
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    run(app, stop)
