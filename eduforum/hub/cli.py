"""`flask hub …`: a laptop at the venue as local authority."""

import time
from collections.abc import Callable

import click
from flask.cli import AppGroup

from eduforum.hub import queries, services
from eduforum.hub.models import Upstream
from eduforum.hub.rules import HubError, Refused

hub = AppGroup("hub", help="A laptop at the venue as local authority over its gates.")

_EVERY = click.option(
    "--every", "seconds", type=click.IntRange(5, 3600), help="Go on, once in so many seconds."
)


@hub.command("pull")
@click.option("--from", "base_url", help="The main server, the first time: https://…")
@click.option("--code", help="With --from: a one-time code from its desk.")
@click.option("--name", default="Hub", show_default=True, help="With --from: its name there.")
@_EVERY
def pull(base_url: str | None, code: str | None, name: str, seconds: int | None) -> None:
    """Bring series, points, tickets and admissions down from the main server."""
    if base_url:
        if not code:
            raise click.ClickException("Give --code, a one-time code from the main server's desk.")
        try:
            services.join(base_url, code, name)
        except HubError as error:
            raise click.ClickException(str(error)) from None
    _repeat(_pull_one, seconds)


@hub.command("push")
@_EVERY
def push(seconds: int | None) -> None:
    """Bring up what the gates of this hub scanned."""
    _repeat(_push_one, seconds)


def _pull_one(upstream: Upstream) -> str:
    pulled = services.pull(upstream)
    return f"{pulled.tickets} tickets, {pulled.moves} admissions from elsewhere"


def _push_one(upstream: Upstream) -> str:
    results = services.push(upstream).results
    return ", ".join(f"{n} {word}" for word, n in sorted(results.items())) or "nothing to bring up"


def _repeat(one: Callable[[Upstream], str], seconds: int | None) -> None:
    """Once; or again and again, and then a main server that does not answer is no reason to end."""
    while True:
        found = queries.upstreams()
        if not found:
            raise click.ClickException(
                "This server is no hub yet: flask --app app hub pull --from https://… --code …"
            )
        for upstream in found:
            slug = upstream.series.slug
            try:
                click.echo(f"{slug}: {one(upstream)}")
            except HubError as error:
                if seconds is None or isinstance(error, Refused):
                    raise click.ClickException(f"{slug}: {error}") from None
                click.echo(f"{slug}: {error}", err=True)
        if seconds is None:
            return
        time.sleep(seconds)
