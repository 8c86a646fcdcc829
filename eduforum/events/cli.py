"""Commands for people and tokens: `flask users …`, `flask tokens …`."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

import click
from flask.cli import AppGroup

from eduforum.accounts import services as accounts
from eduforum.accounts.models import ApiToken, User
from eduforum.accounts.queries import all_tokens, all_users, user_by_email
from eduforum.core import audit
from eduforum.core.contacts import parse_email
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Language, use_language
from eduforum.core.names import clean
from eduforum.core.signing import token_hash
from eduforum.events import grants, queries
from eduforum.events.models import Series
from eduforum.web.access import Role, Scope


class BadUse(click.ClickException):
    """One sentence on stderr, exit 2."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, err=True)


users = AppGroup("users", help="People who sign in.")
tokens = AppGroup("tokens", help="Bearer tokens of programs.")


@users.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--series", "slug", help="Slug of the series; not for admin.")
@click.option("--name", default="")
def add_user(email: str, role: str, slug: str | None, name: str) -> None:
    """Add somebody, or change the role of somebody who is there.

    The password is asked for, or read from the first line of standard input. Who is there keeps
    theirs.
    """
    with _refusals_as_sentences():
        series = _series_for(Role(role), slug)
        address = accounts.FIRST_ADMIN if email == accounts.FIRST_ADMIN else parse_email(email)
        known = user_by_email(address)
        password = None if known else _password()
        user, is_new = accounts.added(address, name=name, password=password)
        grants.set_active(user, True)
        grants.set_only_role(user, Role(role), series_id=series.id if series else None)
    where = f" in {series.slug}" if series else ""
    click.echo(f"{'Added' if is_new else 'Changed'} {user.email}: {role}{where}.")


@users.command("list")
def list_users() -> None:
    """Everybody who signs in, with their roles."""
    held: dict[int, list[str]] = {}
    for grant in queries.all_grants():
        where = f"@{grant.series.slug}" if grant.series else ""
        held.setdefault(grant.user_id, []).append(f"{grant.role.value}{where}")
    for user in all_users():
        state = "" if user.active else "disabled"
        click.echo("\t".join([user.email, user.name, " ".join(held.get(user.id, [])), state]))


@users.command("disable")
@click.argument("email")
def disable_user(email: str) -> None:
    """Sign somebody out everywhere and keep them out."""
    with _refusals_as_sentences():
        grants.set_active(_user(email), False)
    click.echo(f"Disabled {email}.")


@users.command("password")
@click.argument("email")
def set_password(email: str) -> None:
    """Set somebody's password, asked for or read from standard input."""
    with _refusals_as_sentences():
        accounts.set_password(_user(email), _password())
    click.echo(f"Changed the password of {email}.")


@tokens.command("add")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    required=True,
)
@click.option("--series", "slugs", multiple=True, required=True, help="Slug of a series.")
@click.option("--name", default="command line")
def add_token(scopes: Sequence[str], slugs: Sequence[str], name: str) -> None:
    """Make a token and print it; it is not kept and cannot be shown again."""
    with _refusals_as_sentences():
        reached = [_series(slug).id for slug in slugs]
        _, secret = grants.add_token(name, [Scope(scope) for scope in scopes], reached)
    click.echo(secret)


@tokens.command("list")
def list_tokens() -> None:
    """Every token that works, with the number to revoke it by."""
    for token in all_tokens():
        click.echo("\t".join([str(token.id), token.name, " ".join(token.scopes)]))


@tokens.command("revoke")
@click.argument("token")
def revoke_token(token: str) -> None:
    """End a token at once, named by its number or by itself."""
    with _refusals_as_sentences():
        grants.revoke_token(_token(token).id)
    click.echo("The token no longer works.")


def _series_for(role: Role, slug: str | None) -> Series | None:
    if role is Role.ADMIN:
        if slug:
            raise BadUse("An admin reaches every series; leave out --series.")
        return None
    if not slug:
        raise BadUse(f"Say with --series in which series the {role.value} works.")
    return _series(slug)


def _series(slug: str) -> Series:
    series = queries.series_by_slug(slug)
    if series is None:
        raise BadUse(f"There is no series {slug!r}.")
    return series


def _user(email: str) -> User:
    user = user_by_email(clean(email))
    if user is None:
        raise BadUse(f"Nobody signs in as {email!r}.")
    return user


def _token(text: str) -> ApiToken:
    known = token_hash(text)
    found = next((t for t in all_tokens() if text == str(t.id) or t.token_hash == known), None)
    if found is None:
        raise BadUse("There is no such token, or it was revoked before.")
    return found


def _password() -> str:
    if sys.stdin.isatty():
        password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return password
    return sys.stdin.readline().rstrip("\r\n")


@contextmanager
def _refusals_as_sentences() -> Iterator[None]:
    with use_language(Language.EN), audit.acting_as("command line"):
        try:
            yield
        except Refusal as refusal:
            raise BadUse(refusal.sentence.en) from None
