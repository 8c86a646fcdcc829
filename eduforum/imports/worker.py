"""Takes up imports in a thread of its own: letters do not wait for lists, nor lists for letters."""

import threading

from flask import Flask, current_app

from eduforum.core import clock
from eduforum.core.logging import fault, log
from eduforum.imports import queries, services


def take_up() -> bool:
    """See to it that somebody works when an import waits for work; whether one does."""
    if queries.waits_for_work(clock.now()) is None:
        return False
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    thread: threading.Thread | None = app.extensions.get("imports")
    if thread is None or not thread.is_alive():
        thread = threading.Thread(target=_work, args=(app,), name="imports", daemon=True)
        app.extensions["imports"] = thread
        thread.start()
    return True


def _work(app: Flask) -> None:
    """Work until nothing waits. What breaks off is taken up again when its lease has ended."""
    with app.app_context():
        try:
            while (found := queries.waits_for_work(clock.now())) is not None:
                services.work_off(*found)
        except Exception as error:
            log.error("import failed", **fault(error))
