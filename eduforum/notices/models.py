"""The outbox, and the addresses of programs that want to know."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from eduforum.core import clock
from eduforum.core.db import Json, Model, new_id
from eduforum.notices.rules import Channel, NoticeState


class Notice(Model):
    """One message to one person or program.

    kind: the template, `templates/notices/<kind>.txt`, or the webhook's `type`.
    values: what fills it, as JSON. subject, text, html: frozen at the first attempt or first view.
    recipient: the address; "" when the person has none (state `no_address`).
    about: what it is about, `registration:<id>`.
    message_id: fixed for all attempts. useful_until: after it nothing is sent any more.
    attempts: failed and running ones since it was last queued.
    next_attempt_at: when a worker may claim it; while it is leased, when the lease ends.
    """

    __tablename__ = "notices"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    series_id: Mapped[int | None]
    channel: Mapped[Channel] = mapped_column(default=Channel.MAIL)
    kind: Mapped[str]
    language: Mapped[str] = mapped_column(default="zh-Hans")
    recipient: Mapped[str] = mapped_column(default="")
    recipient_name: Mapped[str] = mapped_column(default="")
    values: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    about: Mapped[str] = mapped_column(default="")
    state: Mapped[NoticeState] = mapped_column(default=NoticeState.QUEUED)
    subject: Mapped[str | None]
    text: Mapped[str | None]
    html: Mapped[str | None]
    message_id: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    next_attempt_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    useful_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        CheckConstraint(
            "(state IN ('queued', 'sending')) = (next_attempt_at IS NOT NULL)",
            name="open_has_next_attempt",
        ),
        CheckConstraint(
            "(state = 'sending') = (leased_until IS NOT NULL)", name="sending_is_leased"
        ),
        CheckConstraint("state <> 'sent' OR sent_at IS NOT NULL", name="sent_has_time"),
        Index(
            "ix_notices_due",
            "next_attempt_at",
            sqlite_where=sql("next_attempt_at IS NOT NULL"),
            postgresql_where=sql("next_attempt_at IS NOT NULL"),
        ),
        Index(None, "series_id", "created_at"),
        Index(None, "series_id", "state"),
        Index(None, "about"),
    )


class ChannelPause(Model):
    """A channel that rests because nothing can be sent through it.

    failures: in a row; the row goes when something was sent. reason: as in `Notice.last_error`.
    """

    __tablename__ = "channel_pauses"

    channel: Mapped[Channel] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    failures: Mapped[int]
    reason: Mapped[str]


class WorkerBeat(Model):
    """When a worker last said that it works. name: its host and process."""

    __tablename__ = "worker_beats"

    name: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]


class Webhook(Model):
    """A program that is told of state changes (Standard Webhooks). No types: all of them."""

    __tablename__ = "webhooks"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    series_id: Mapped[int] = mapped_column(index=True)
    url: Mapped[str]
    types: Mapped[list[str]] = mapped_column(default=list)
    sealed_secret: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]
