"""The server on a clock that a run moves: the real one plus what stands in a file.

The machine's own clock stays as it is, and so does the monotonic one, as when an administrator or a
time server sets the clock.
"""

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine
from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from eduforum.serving import build as build_server

FILE = "PROVE_CLOCK_FILE"


def build() -> Flask:
    threading.Thread(target=_follow, daemon=True).start()
    return build_server()


def _follow() -> None:
    """Move the clock of this process whenever the file says another shift."""
    shift, traveller = 0.0, None
    while True:
        wanted = float(Path(os.environ[FILE]).read_text() or 0)
        if wanted != shift:
            if traveller is not None:
                traveller.stop()
            moment = datetime.now(UTC) + timedelta(seconds=wanted)
            traveller = time_machine.travel(moment, tick=True)
            traveller.start()
            shift = wanted
        time.sleep(0.1)


if __name__ == "__main__":
    Granian(
        "tests.prove.shifted:build",
        factory=True,
        address="127.0.0.1",
        port=int(os.environ["PORT"]),
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=8,
        log_level=LogLevels.error,
        websockets=False,
    ).serve()
