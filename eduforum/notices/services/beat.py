"""Workers say that they work, so that a silent one is noticed before the letters are missed."""

import os
import socket
from datetime import timedelta

from sqlalchemy import delete

from eduforum.core import clock
from eduforum.core.db import db, transaction
from eduforum.notices.models import WorkerBeat

FORGET = timedelta(days=1)


def beat() -> None:
    """Note that this process works now, and forget those that have been silent for a day."""
    now, name = clock.now(), f"{socket.gethostname()}:{os.getpid()}"
    with transaction():
        db.session.merge(WorkerBeat(name=name, seen_at=now))
        db.session.execute(delete(WorkerBeat).where(WorkerBeat.seen_at < now - FORGET))
