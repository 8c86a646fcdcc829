"""Named reads of people who sign in."""

from collections.abc import Sequence

from sqlalchemy import func, select

from eduforum.accounts.models import ApiToken, SignIn, User
from eduforum.core.contacts import BadContact, parse_email
from eduforum.core.db import db
from eduforum.core.names import clean


def folded(email: str) -> str:
    """An address as it is kept and compared; what cannot be an address is only trimmed."""
    try:
        return parse_email(email)
    except BadContact:
        return clean(email).lower()


def user_by_email(email: str) -> User | None:
    return db.session.scalar(select(User).where(User.email == folded(email)))


def sign_ins_of(user_id: int) -> int:
    """How many browsers `user_id` is signed in with, the idle ones included."""
    count = select(func.count()).select_from(SignIn).where(SignIn.user_id == user_id)
    return db.session.scalar(count) or 0


def all_users() -> Sequence[User]:
    return db.session.scalars(select(User).order_by(User.email)).all()


def all_tokens() -> Sequence[ApiToken]:
    """Every token that works, oldest first."""
    return db.session.scalars(
        select(ApiToken).where(ApiToken.revoked_at.is_(None)).order_by(ApiToken.id)
    ).all()
