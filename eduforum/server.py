"""`python -m eduforum.server`: check everything, prepare the database, and serve.

The supervisor imports no rooms, so it stays small: a short process prepares, unless everything is
as it should be, then server processes are started. On SQLite there is one, and the worker is a thread of it; on PostgreSQL there are
several, and `flask --app app worker` runs beside them.
"""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from eduforum.core.alone import hold
from eduforum.core.prepared import is_prepared
from eduforum.core.settings import BadSetting, Settings

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Where the server processes count together (`web.metrics`)."""
REFUSED = 2
CRASHED = 1
STOPPED = 128
"""With the number of the signal added, as shells have it."""


def main() -> int:
    """Serve until Ctrl-C or SIGTERM.

    Returns 2, after one sentence, when the start is refused, and 1 when server processes die again
    and again, so that a service manager starts us anew.
    """
    try:
        settings = Settings.from_env().prepared()
        port = _port()
        _check_free(settings.bind, port)
        alone = hold(settings.sqlite_file) if settings.sqlite_file else None
        prepared = is_prepared(settings)
    except BadSetting as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED
    if "EDUFORUM_BASE_URL" not in os.environ and settings.base_url == Settings.base_url:
        os.environ["EDUFORUM_BASE_URL"] = f"http://127.0.0.1:{port}"
    if not prepared and (code := _prepare()):
        return code
    _say_where(settings)
    if settings.metrics:
        _count_together()
    server = Granian(
        "eduforum.serving:build",
        factory=True,
        address=settings.bind,
        port=port,
        interface=Interfaces.WSGI,
        workers=settings.workers or (1 if settings.on_sqlite else 2),
        blocking_threads=settings.threads,
        backlog=2048,
        log_level=LogLevels.error,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
    )
    server.serve()
    if alone is not None:
        alone.close()
    return 0 if server.interrupt_signal else CRASHED


def _count_together() -> None:
    """Give the server processes a folder for their metrics, before they load the library."""
    folder = tempfile.mkdtemp(prefix="eduforum-metrics-")
    os.environ[METRICS_FOLDER] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


def _prepare() -> int:
    """Run `eduforum.prepare`; its exit code. It ends with us, without a word, when we are stopped.

    In a session of its own it does not hear Ctrl-C. We hear it only once there is a process that
    we can end: one that comes while the process is being made would leave it behind.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED + signal.SIGTERM))
    stops = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)
    command = [sys.executable, "-m", "eduforum.prepare"]
    with subprocess.Popen(command, start_new_session=True) as child:
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, stops)
            return child.wait()
        except KeyboardInterrupt:
            return STOPPED + signal.SIGINT
        finally:
            child.kill()


def _say_where(settings: Settings) -> None:
    listening = f"http://127.0.0.1:{_port()}"
    base = os.environ.get("EDUFORUM_BASE_URL", settings.base_url).rstrip("/")
    elsewhere = f" (listening on {listening})" if base != listening else ""
    pages = (("Public site", "/"), ("Desk", "/desk/"), ("Door", "/door/"), ("API", "/api/v1/docs"))
    lines = [f"  {name:<12}{base}{path}" for name, path in pages]
    said = ["", f"EduForum is at {base}{elsewhere}", *lines, "", "Ctrl-C stops everything.", "", ""]
    sys.stdout.write("\n".join(said))
    sys.stdout.flush()


def _port() -> int:
    text = os.environ.get("PORT", "8000")
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise BadSetting(f"PORT is {text!r}; it must be a number from 1 to 65535.")
    return int(text)


def _check_free(address: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            raise BadSetting(
                f"Port {port} on {address} cannot be used: {error.strerror}. "
                f"Stop what uses it, or choose another: make run PORT={port + 1}."
            ) from None


if __name__ == "__main__":
    sys.exit(main())
