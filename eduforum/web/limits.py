"""How often somebody may try: counted where every process and host agrees.

That is Redis where one is set (`web.shared`), else the database.
"""

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from ipaddress import ip_address

from flask import current_app
from sqlalchemy import case, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.dml import ReturningInsert

from eduforum.core import clock
from eduforum.core.db import Model, db, is_sqlite, transaction
from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.web.shared import shared


class TooOften(Refusal):
    code = "too-many-requests"
    status = 429

    def __init__(self) -> None:
        super().__init__(
            Text("操作过于频繁，请稍后再试。", "Too many attempts. Please try again later.")
        )


class Tally(Model):
    """How often one thing was tried in the current window. The subject is kept as a hash."""

    __tablename__ = "tallies"

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)


def spend(purpose: str, subject: str, *, most: int, per: timedelta) -> None:
    """Count one try of `purpose` by `subject`. Raises `TooOften` past `most` tries in `per`."""
    key = _key(purpose, subject)
    store = shared()
    count = store.count(key, per) if store else None
    if count is None:
        count = _counted_in_database(key, per)
    if count > most:
        raise TooOften


def forgive(purpose: str, subject: str) -> None:
    """Forget the tries of `subject`, as after a success."""
    key = _key(purpose, subject)
    if store := shared():
        store.forget(key)
    with transaction():
        db.session.execute(delete(Tally).where(Tally.key == key))


def give_back(purpose: str, subject: str) -> None:
    """Uncount one try of `subject` that turned out well."""
    key = _key(purpose, subject)
    if store := shared():
        store.take_back(key)
    with transaction():
        db.session.execute(
            update(Tally).where(Tally.key == key, Tally.count > 0).values(count=Tally.count - 1)
        )


def _counted_in_database(key: str, per: timedelta) -> int:
    now = clock.now()
    with transaction():
        count = db.session.execute(_counted_once_more(key, now, now + per)).scalar_one()
        if count == 1:
            db.session.execute(delete(Tally).where(Tally.ends_at <= now))
    return count


@contextmanager
def evenly(seconds: float) -> Iterator[None]:
    """Take `seconds` whatever happens inside, so that the time tells nothing."""
    started = time.perf_counter()
    try:
        yield
    finally:
        time.sleep(max(0.0, seconds - (time.perf_counter() - started)))


class Window:
    """Counts in this process alone and writes nothing: for what happens hundreds of times a second.

    It protects the machine, not a secret: with several processes, each lets `most` through. What
    must hold exactly is counted by `spend`. The window slides: the last one counts for the part
    of it that still lies within `seconds`.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self.most, self.seconds = most, seconds
        self._lock = threading.Lock()
        self._number = 0
        self._before: Counter[str] = Counter()
        self._now: Counter[str] = Counter()

    def spend(self, subject: str) -> None:
        """Count one try by `subject`. Raises `TooOften` past `most` tries in `seconds`."""
        number, part = divmod(time.monotonic(), self.seconds)
        with self._lock:
            if number != self._number:
                self._before = self._now if number == self._number + 1 else Counter()
                self._now, self._number = Counter(), int(number)
            left = self._before[subject] * (1 - part / self.seconds)
            if left + self._now[subject] >= self.most:
                raise TooOften
            self._now[subject] += 1


def spend_network(purpose: str, address: str | None, *, most: int, seconds: float) -> None:
    """Count one try from a network in this process. Raises `TooOften`.

    A whole school stands behind one IPv4 address, one household behind a /64 of IPv6. Nobody is
    counted on this machine's own address: behind a proxy that is not announced
    (`trusted_proxies`) it would be everybody at once.
    """
    network = _network(address)
    if network is None:
        return
    windows: dict[str, Window] = current_app.extensions.setdefault("windows", {})
    windows.setdefault(purpose, Window(most, seconds)).spend(network)


def _network(address: str | None) -> str | None:
    try:
        found = ip_address(address or "")
    except ValueError:
        return address or ""
    # A proxy that listens on both writes IPv4 as ::ffff:192.0.2.1.
    found = getattr(found, "ipv4_mapped", None) or found
    if found.is_loopback:
        return None
    return str(found) if found.version == 4 else found.exploded[:19]


def _counted_once_more(key: str, now: datetime, ends_at: datetime) -> ReturningInsert[int]:
    """One statement, so that two first tries at the same moment are two tries."""
    insert = sqlite.insert if is_sqlite() else postgresql.insert
    # A window that ends later than any could: the clock was set back.
    over = (Tally.ends_at <= now) | (Tally.ends_at > ends_at)
    return (
        insert(Tally)
        .values(key=key, count=1, ends_at=ends_at)
        .on_conflict_do_update(
            index_elements=[Tally.key],
            set_={
                "count": case((over, 1), else_=Tally.count + 1),
                "ends_at": case((over, ends_at), else_=Tally.ends_at),
            },
        )
        .returning(Tally.count)
    )


def _key(purpose: str, subject: str) -> str:
    return f"{purpose}:{hashlib.sha256(subject.encode()).hexdigest()[:32]}"
