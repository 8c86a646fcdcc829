"""The worker: delivers the outbox and does the chores of all rooms, until it is told to stop."""

import threading
import time
from collections.abc import Callable

from flask import Flask

from eduforum.core.logging import fault, log
from eduforum.notices.mail import Connection
from eduforum.notices.services import CHORES, beat, bell, deliver_due

BUSY, IDLE = 1.0, 5.0
"""Seconds between two looks at the outbox: after something was delivered, and when nothing was."""
CHORES_EVERY = 5.0
BEAT_EVERY = 30.0
PER_TURN = 20
_SETTLE = 0.05
"""From the bell to the first look: the change that rang is committed within this time."""
_GLANCE = 0.2


def run(app: Flask, stop: threading.Event) -> None:
    """Work until `stop` is set. An error is logged and costs one turn, never the loop."""
    chores_at = beat_at = 0.0
    with app.app_context():
        connection = Connection()
    while not stop.is_set():
        bell.clear()
        if time.monotonic() >= beat_at:
            _do(app, beat)
            beat_at = time.monotonic() + BEAT_EVERY
        if time.monotonic() >= chores_at:
            do_chores(app)
            chores_at = time.monotonic() + CHORES_EVERY
        sent = _deliver(app, connection)
        if sent < PER_TURN:
            connection.close()
            _sleep(BUSY if sent else IDLE, stop)
    connection.close()


def do_chores(app: Flask) -> None:
    """Do each chore once, each in a session of its own; one that fails does not stop the others."""
    for chore in list(CHORES):
        _do(app, chore)


def _do(app: Flask, chore: Callable[[], object]) -> None:
    with app.app_context():
        try:
            chore()
        except Exception as error:
            log.error("chore failed", chore=chore.__name__, **fault(error))


def _deliver(app: Flask, connection: Connection) -> int:
    with app.app_context():
        try:
            return deliver_due(PER_TURN, connection)
        except Exception as error:
            log.error("delivery failed", **fault(error))
            return 0


def _sleep(seconds: float, stop: threading.Event) -> None:
    """Sleep until it is time, the bell rings or `stop` is set."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not bell.is_set():
        if stop.wait(_GLANCE):
            return
    if bell.is_set():
        stop.wait(_SETTLE)
