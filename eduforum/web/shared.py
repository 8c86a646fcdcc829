"""What all server processes share for moments: Redis, where one is set (`EDUFORUM_REDIS_URL`).

Nothing that must last is kept there. Without Redis, or while it does not answer, each caller has a
way of its own (limits are then counted in the database), so losing it loses nothing but speed.
"""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from flask import Flask, current_app
from werkzeug.utils import import_string

from eduforum.core.logging import fault, log

T = TypeVar("T")
PREFIX = "eduforum:"
_PATIENCE_SECONDS = 0.25
_REST_SECONDS = 5.0
"""For so long nobody asks a Redis that did not answer; each try would cost its time-out."""

# DECR alone would make a counter below zero, without an end, of one that has just ended.
_TAKE_BACK = """
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
if count > 0 then redis.call('DECR', KEYS[1]) end
"""


class Shared:
    """Counters in one Redis (`client` is a `redis.Redis`). Methods answer None when it is away."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._take_back = client.register_script(_TAKE_BACK)
        self._lock = threading.Lock()
        self._rests_until = 0.0

    def count(self, key: str, per: timedelta) -> int | None:
        """Add one to a counter that ends `per` after its first use; its value, or None."""

        def ask() -> int:
            with self._client.pipeline(transaction=True) as both:
                both.set(PREFIX + key, 0, nx=True, px=per)
                both.incr(PREFIX + key)
                return int(both.execute()[1])

        return self._asked(ask)

    def take_back(self, key: str) -> None:
        """Take one from a counter, never below zero."""
        self._asked(lambda: self._take_back(keys=[PREFIX + key]))

    def forget(self, key: str) -> None:
        self._asked(lambda: self._client.delete(PREFIX + key))

    def answers(self) -> bool:
        """Whether it can be reached now, asked without regard to the rest after a failure."""
        self._rests_until = 0.0
        return bool(self._asked(self._client.ping))

    def _asked(self, ask: Callable[[], T]) -> T | None:
        if time.monotonic() < self._rests_until:
            return None
        try:
            return ask()
        except Exception as error:
            with self._lock:
                self._rests_until = time.monotonic() + _REST_SECONDS
            log.warning("redis does not answer", **fault(error))
            return None


def init_app(app: Flask) -> None:
    """Connect to Redis at the first use. Its library takes 20 MiB: loaded only where it is set."""
    url = app.config["REDIS_URL"]
    if not url:
        return
    client = import_string("redis.Redis").from_url(
        url, socket_timeout=_PATIENCE_SECONDS, socket_connect_timeout=_PATIENCE_SECONDS
    )
    app.extensions["shared"] = Shared(client)


def shared() -> Shared | None:
    """The store of this application, or None where no Redis is set."""
    found: Shared | None = current_app.extensions.get("shared")
    return found
