"""The facts about the running system, read where they stand."""

import shutil
from datetime import datetime, timedelta
from functools import cache

from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import func, select, text

from eduforum.backup import services as backup
from eduforum.core import clock
from eduforum.core.db import db, migrate
from eduforum.core.turnstile import Turnstile
from eduforum.health.rules import Facts, Mail
from eduforum.notices.models import Notice
from eduforum.notices.queries import pause_of, worker_seen_at
from eduforum.notices.rules import Channel, NoticeState, trouble_text
from eduforum.web.shared import shared


def facts() -> Facts:
    """One reading of everything. Raises `SQLAlchemyError` when the database does not answer."""
    now = clock.now()
    disk = shutil.disk_usage(current_app.config["DATA_DIR"])
    store = shared()
    return Facts(
        now=now,
        migrations=database_revision() == newest_revision(),
        worker_seen_at=worker_seen_at(),
        writer_waiting=writer_waiting(),
        mail=_mail(now),
        disk_free=disk.free,
        disk_total=disk.total,
        redis=store.answers() if store else None,
        base_url=current_app.config["BASE_URL"],
        backup_age=backup.age(),
    )


def database_revision() -> frozenset[str]:
    """The migrations that the database stands at."""
    return frozenset(db.session.scalars(text("SELECT version_num FROM alembic_version")))


@cache
def newest_revision() -> frozenset[str]:
    """Where the migrations of this code end. They do not change while it runs."""
    return frozenset(ScriptDirectory.from_config(migrate.get_config()).get_heads())


def oldest_due_notice(now: datetime) -> timedelta:
    """For how long the oldest due notice has waited."""
    oldest = db.session.scalar(
        select(func.min(Notice.next_attempt_at)).where(Notice.next_attempt_at <= now)
    )
    return now - oldest if oldest else timedelta()


def writer_waiting() -> int | None:
    """How many changes of this process wait for SQLite's one writer; None on PostgreSQL."""
    turnstile: Turnstile | None = current_app.extensions.get("turnstile")
    return turnstile.waiting if turnstile else None


def _mail(now: datetime) -> Mail:
    resting = pause_of(Channel.MAIL)
    failed = db.session.scalar(select(func.count()).where(Notice.state == NoticeState.FAILED))
    return Mail(
        configured=bool(current_app.config["MAIL_SERVER"]),
        oldest_due=oldest_due_notice(now),
        failed=failed or 0,
        paused_until=resting.until if resting else None,
        pause_reason=trouble_text(resting.reason)[0] if resting else None,
    )
