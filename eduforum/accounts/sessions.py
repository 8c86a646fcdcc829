"""Signed-in browsers: a random token in the signed cookie, its hash in the database."""

from datetime import timedelta

from flask import session
from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from eduforum.accounts.models import SignIn, User
from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.core.signing import new_token, token_hash

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
_TOUCH_EVERY = timedelta(minutes=1)
_KEY = "sign_in"


def start(user: User) -> None:
    """Sign this browser in as `user`. The cookie of before is worth nothing afterwards."""
    token, now = new_token("efs"), clock.now()
    before = session.get(_KEY)
    with transaction():
        db.session.execute(delete(SignIn).where(SignIn.created_at < now - LONGEST))
        if isinstance(before, str):
            db.session.execute(delete(SignIn).where(SignIn.token_hash == token_hash(before)))
        db.session.add(SignIn(token_hash=token_hash(token), user_id=user.id))
        user.last_signed_in_at = now
        with audit.acting_as(f"user:{user.id}"):
            audit.record("user.sign_in", f"user:{user.id}")
    session.clear()
    session[_KEY] = token


def current_user() -> User | None:
    """Who is signed in with this browser, unless idle for 30 minutes or signed in for 12 hours."""
    token = session.get(_KEY)
    if not isinstance(token, str):
        return None
    sign_in = db.session.scalar(
        select(SignIn)
        .where(SignIn.token_hash == token_hash(token))
        .options(joinedload(SignIn.user))
    )
    now = clock.now()
    if sign_in is None or not sign_in.user.active or now - sign_in.created_at > LONGEST:
        return None
    if now - sign_in.last_seen_at > IDLE:
        return None
    if now - sign_in.last_seen_at > _TOUCH_EVERY:
        with transaction():
            db.session.execute(
                update(SignIn)
                .where(SignIn.token_hash == sign_in.token_hash)
                .values(last_seen_at=now)
            )
    return sign_in.user


def end() -> None:
    """Sign this browser out; a copy of its cookie is dead at once."""
    token = session.pop(_KEY, None)
    session.clear()
    if not isinstance(token, str):
        return
    with transaction():
        ended = db.session.scalar(
            delete(SignIn).where(SignIn.token_hash == token_hash(token)).returning(SignIn.user_id)
        )
        if ended is not None:
            audit.record("user.sign_out", f"user:{ended}")
