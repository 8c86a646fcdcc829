"""Give and take roles, make and revoke tokens, and know a token's bearer."""

import os
import secrets
from collections.abc import Collection, Sequence
from pathlib import Path

from flask import current_app
from sqlalchemy import bindparam, select

from eduforum.accounts import services as accounts
from eduforum.accounts.models import ApiToken, User
from eduforum.core import audit, clock
from eduforum.core.contacts import parse_email
from eduforum.core.db import db, table_of, transaction
from eduforum.core.errors import NotFound
from eduforum.core.names import clean, mask_email
from eduforum.core.signing import new_token, token_hash
from eduforum.events.models import Grant, TokenGrant
from eduforum.events.roles import check_may_give
from eduforum.events.rules import AlreadyAdmin, LastAdmin
from eduforum.web.access import Principal, Role, Scope


def invite(email: str, role: Role, *, series_id: int, name: str = "", by_admin: bool) -> User:
    """Give the person with this address `role` in a series; somebody new gets a letter.

    The letter's link lets them set their password. `Role.ADMIN` reaches every series.
    Raises `BadContact`, `NotYoursToGive` or `AlreadyAdmin`.
    """
    check_may_give(role, by_admin=by_admin)
    address = accounts.FIRST_ADMIN if clean(email) == accounts.FIRST_ADMIN else parse_email(email)
    with transaction():
        user, is_new = accounts.added(address, name=name)
        give(user, role, series_id=series_id)
        if is_new:
            accounts.send_letter(user, invitation=True)
    return user


def give(user: User, role: Role, *, series_id: int | None) -> None:
    """Give `user` a role; it ends their sign-ins. Nothing happens if they hold it already.

    Raises `AlreadyAdmin` when an administrator would get a lesser role.
    """
    where = None if role is Role.ADMIN else series_id
    with transaction():
        held = _locked_grants(user)
        if any(grant.role is role and grant.series_id == where for grant in held):
            return
        if any(grant.role is Role.ADMIN for grant in held):
            raise AlreadyAdmin
        db.session.add(Grant(user_id=user.id, series_id=where, role=role))
        accounts.end_sign_ins(user.id)
        audit.record(
            "grant.give",
            f"user:{user.id}",
            series_id=where,
            after={"role": role.value, "email": mask_email(user.email)},
        )


def take(user_id: int, role: Role, *, series_id: int, by_admin: bool) -> None:
    """Take a role away; it ends the person's sign-ins.

    Raises `NotFound` if they do not hold it, `NotYoursToGive` or `LastAdmin`.
    """
    check_may_give(role, by_admin=by_admin)
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound
    with transaction():
        where = None if role is Role.ADMIN else series_id
        held = _locked_grants(user)
        grant = next((g for g in held if g.role is role and g.series_id == where), None)
        if grant is None:
            raise NotFound
        if role is Role.ADMIN:
            _check_admin_remains(user)
        _take(user, [grant])


def set_only_role(user: User, role: Role, *, series_id: int | None) -> None:
    """Let `user` hold `role` and no other one in the series (for an administrator: anywhere).

    Raises `LastAdmin` when the last administrator would become something less.
    """
    with transaction():
        held = _locked_grants(user)
        where = None if role is Role.ADMIN else series_id
        surplus = [
            grant
            for grant in held
            if (grant.role, grant.series_id) != (role, where)
            and (role is Role.ADMIN or grant.series_id in {None, series_id})
        ]
        if any(grant.role is Role.ADMIN for grant in surplus):
            _check_admin_remains(user)
        _take(user, surplus)
        db.session.flush()
        give(user, role, series_id=series_id)


def set_active(user: User, active: bool) -> None:
    """Let `user` in or keep them out. Raises `LastAdmin`."""
    with transaction():
        if user.active == active:
            return
        if not active and any(grant.role is Role.ADMIN for grant in _locked_grants(user)):
            _check_admin_remains(user)
        user.active = active
        accounts.end_sign_ins(user.id)
        audit.record("user.enable" if active else "user.disable", f"user:{user.id}")


def first_admin(data_dir: str | Path | None = None) -> tuple[str, str] | None:
    """Make the first administrator and return their address and password.

    None if there is anybody already. The password also stands in `<data_dir>/admin_password`,
    which only the owner may read, until it is changed.
    """
    password = secrets.token_urlsafe(12)
    path = Path(data_dir or current_app.config["DATA_DIR"]) / accounts.FIRST_PASSWORD_FILE
    with transaction():
        if accounts.is_anybody_there():
            return None
        user, _ = accounts.added(accounts.FIRST_ADMIN, name="", password=password)
        give(user, Role.ADMIN, series_id=None)
        _write_secret(path, password)
    return user.email, password


def add_token(
    name: str, scopes: Collection[Scope], series_ids: Sequence[int]
) -> tuple[ApiToken, str]:
    """Make a token that reaches `series_ids` with `scopes`; the secret is shown this once."""
    secret = new_token("eft")
    with transaction():
        token = ApiToken(
            name=clean(name), token_hash=token_hash(secret), scopes=sorted(set(scopes))
        )
        db.session.add(token)
        db.session.flush()
        for series_id in dict.fromkeys(series_ids):
            db.session.add(TokenGrant(token_id=token.id, series_id=series_id))
            audit.record(
                "token.add",
                f"token:{token.id}",
                series_id=series_id,
                after={"name": token.name, "scopes": token.scopes},
            )
    return token, secret


def revoke_token(token_id: int, *, series_id: int | None = None) -> None:
    """End a token at once; with `series_id` only there, as others may need it elsewhere.

    Raises `NotFound` if there is no such token (there), or it was revoked before.
    """
    with transaction():
        token = db.session.get(ApiToken, token_id, with_for_update=True, populate_existing=True)
        grants = db.session.scalars(select(TokenGrant).where(TokenGrant.token_id == token_id)).all()
        ending = [g for g in grants if series_id in {None, g.series_id}]
        if token is None or token.revoked_at or (series_id is not None and not ending):
            raise NotFound
        for grant in ending:
            audit.record("token.revoke", f"token:{token_id}", series_id=grant.series_id)
            db.session.delete(grant)
        if len(ending) == len(grants):
            token.revoked_at = clock.now()


_TOKEN, _REACH = table_of(ApiToken), table_of(TokenGrant)
_BEARER = (
    select(_TOKEN.c.id, _TOKEN.c.name, _TOKEN.c.scopes, _REACH.c.series_id)
    .select_from(_TOKEN.outerjoin(_REACH, _REACH.c.token_id == _TOKEN.c.id))
    .where(_TOKEN.c.token_hash == bindparam("token_hash"), _TOKEN.c.revoked_at.is_(None))
)


def bearer_of_token(secret: str) -> Principal | None:
    """Who carries `secret`: found by its hash, so that no comparison tells how close a guess is."""
    if not secret.startswith("eft_"):
        return None
    rows = db.session.execute(_BEARER, {"token_hash": token_hash(secret)}).all()
    if not rows:
        return None
    token = rows[0]
    return Principal(
        kind="token",
        id=str(token.id),
        name=token.name,
        scopes=frozenset(Scope(scope) for scope in token.scopes),
        series_ids=frozenset(row.series_id for row in rows if row.series_id is not None),
    )


def _locked_grants(user: User) -> Sequence[Grant]:
    """What `user` holds; whoever else changes their grants waits."""
    db.session.execute(select(User.id).where(User.id == user.id).with_for_update())
    return db.session.scalars(select(Grant).where(Grant.user_id == user.id)).all()


def _take(user: User, grants: Sequence[Grant]) -> None:
    for grant in grants:
        db.session.delete(grant)
        audit.record(
            "grant.take",
            f"user:{user.id}",
            series_id=grant.series_id,
            before={"role": grant.role.value, "email": mask_email(user.email)},
        )
    if grants:
        accounts.end_sign_ins(user.id)


def _check_admin_remains(leaving: User) -> None:
    """Lock all administrators, so that the last two cannot unmake each other."""
    admins = db.session.scalars(
        select(Grant)
        .where(Grant.series_id.is_(None))
        .order_by(Grant.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    active = set(
        db.session.scalars(
            select(User.id).where(User.id.in_([g.user_id for g in admins]), User.active)
        )
    )
    if active <= {leaving.id}:
        raise LastAdmin


def _write_secret(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(f"{text}\n")
