"""What one server process runs."""

import gc
import multiprocessing
import os
import signal
import threading

from flask import Flask

from eduforum.core.alone import hold
from eduforum.core.settings import Settings
from eduforum.factory import create_app
from eduforum.notices import worker


def build() -> Flask:
    """The application; on SQLite with the worker in a thread beside it.

    The thread is a daemon: whatever it leaves half done is taken up again after its lease.
    """
    threading.Thread(target=_end_with_supervisor, name="supervisor", daemon=True).start()
    settings = Settings.from_env()
    app = create_app(settings)
    if settings.sqlite_file:
        # An earlier process may still be answering its last request.
        app.extensions["alone"] = hold(settings.sqlite_file, "serving", wait=True)
        stop = threading.Event()
        threading.Thread(target=worker.run, args=(app, stop), name="worker", daemon=True).start()
    # What lives as long as we do is not looked through again by every full collection.
    gc.collect()
    gc.freeze()
    return app


def _end_with_supervisor() -> None:
    """Stop as on SIGTERM when the supervisor was killed: nobody could stop us any more."""
    supervisor = multiprocessing.parent_process()
    if supervisor is not None:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGTERM)
