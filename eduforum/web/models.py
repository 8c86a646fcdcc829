"""Answers kept for clients that ask twice."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from eduforum.core import clock
from eduforum.core.db import Model


class IdempotentAnswer(Model):
    """The answer to one `Idempotency-Key`, stored with the change it reports.

    key: who asked, the address and the client's key, hashed together. sealed_body: what was
    answered; it may hold links and secrets.
    """

    __tablename__ = "idempotent_answers"

    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[str]
    status: Mapped[int]
    sealed_body: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
