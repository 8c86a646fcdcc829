"""What one server process runs."""

import threading

from flask import Flask

from eduforum.core.settings import Settings
from eduforum.factory import create_app
from eduforum.notices import worker


def build() -> Flask:
    """The application; on SQLite with the worker in a thread beside it.

    The thread is a daemon: whatever it leaves half done is taken up again after its lease.
    """
    settings = Settings.from_env()
    app = create_app(settings)
    if settings.on_sqlite:
        stop = threading.Event()
        threading.Thread(target=worker.run, args=(app, stop), name="worker", daemon=True).start()
    return app
