"""`flask hub …`: a laptop at the venue as local authority."""

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass

import click
from flask.cli import AppGroup

from eduforum.core.db import db
from eduforum.hub import queries, services
from eduforum.hub.models import Upstream
from eduforum.hub.rules import HubError, is_final, pause_after

hub = AppGroup("hub", help="A laptop at the venue as local authority over its gates.")

_EVERY = click.option(
    "--every", "seconds", type=click.IntRange(5, 3600), help="Go on, once in so many seconds."
)


@dataclass(frozen=True, slots=True)
class Said:
    """How one turn went, and whether anything came of it."""

    text: str
    is_news: bool


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


def _pull_one(upstream: Upstream) -> Said:
    pulled = services.pull(upstream)
    news = bool(pulled.tickets or pulled.moves)
    return Said(f"{pulled.tickets} tickets, {pulled.moves} admissions from elsewhere", news)


def _push_one(upstream: Upstream) -> Said:
    results = services.push(upstream).results
    text = ", ".join(f"{n} {word}" for word, n in sorted(results.items()))
    return Said(text or "nothing to bring up", bool(results))


def _repeat(one: Callable[[Upstream], Said], seconds: int | None) -> None:
    """Once; or again and again until it is stopped, and then a main server that does not answer is
    no reason to end: it is asked less often for a while."""
    if seconds is None:
        _round(one, {}, is_only=True)
        return
    stop, told, misses = _until_stopped(), dict[str, str](), 0
    while True:
        misses = 0 if _round(one, told, is_only=False) else misses + 1
        if stop.wait(pause_after(seconds, misses)):
            return


def _round(one: Callable[[Upstream], Said], told: dict[str, str], *, is_only: bool) -> bool:
    """Every series once; whether the main server answered. What is as before is not said again."""
    found = queries.upstreams()
    if not found:
        raise click.ClickException(
            "This server is no hub yet: flask --app app hub pull --from https://… --code …"
        )
    answered = True
    for upstream in found:
        slug = upstream.series.slug
        try:
            said = one(upstream)
        except HubError as error:
            if is_only or is_final(error):
                raise click.ClickException(f"{slug}: {error}") from None
            answered, said = False, Said(str(error), is_news=False)
        if said.is_news or told.get(slug) != said.text:
            click.echo(f"{slug}: {said.text}", err=not answered)
        told[slug] = said.text
    db.session.rollback()  # the next round reads what is true then
    return answered


def _until_stopped() -> threading.Event:
    """Set by Ctrl-C or SIGTERM: what has begun is finished first. The second time it is cut short."""
    stop = threading.Event()

    def ask(number: int, _frame: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    return stop
