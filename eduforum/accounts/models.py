"""People who sign in, their sessions, and tokens for programs."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from eduforum.core import clock
from eduforum.core.db import Model


class User(Model):
    """Somebody who signs in at the desk. What he may do is in `events.models.Grant`."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str]
    language: Mapped[str] = mapped_column(default="zh-Hans")
    active: Mapped[bool] = mapped_column(default=True)
    reset_version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_signed_in_at: Mapped[datetime | None]


class SignIn(Model):
    """One signed-in browser. Deleting the row signs it out at once."""

    __tablename__ = "sign_ins"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_seen_at: Mapped[datetime] = mapped_column(default=clock.now)

    user: Mapped[User] = relationship()


class ApiToken(Model):
    """A bearer secret for a program, kept as a hash. Its series are in `events.models.TokenGrant`."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    revoked_at: Mapped[datetime | None]
