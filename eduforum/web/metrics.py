"""How long requests take, for Prometheus. Nothing is measured unless EDUFORUM_METRICS is set.

With several server processes each writes into files of PROMETHEUS_MULTIPROC_DIR, which
`eduforum.server` sets, so that whichever process is asked tells of all.
"""

import os
import time

from flask import Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


def init_app(app: Flask) -> None:
    if not app.config["METRICS"]:
        return
    own = CollectorRegistry()
    app.extensions["metrics"] = own
    seconds = Histogram(
        "eduforum_request_seconds",
        "Time from a request to its answer",
        ["endpoint", "method", "status"],
        buckets=_BUCKETS,
        registry=own,
    )

    app.extensions["answers_from_memory"] = Counter(
        "eduforum_answers_from_memory",
        "Public answers that were given from memory; requests do not count them",
        registry=own,
    )

    @app.before_request
    def _begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def _end(response: Response) -> Response:
        # The endpoint, never the address: that holds secrets and names.
        method = request.method if request.method in _METHODS else "other"
        labels = (request.endpoint or "none", method, f"{response.status_code // 100}xx")
        seconds.labels(*labels).observe(time.perf_counter() - g.began)
        return response


def registry() -> CollectorRegistry:
    """A registry to be told from, of all processes; to add to for one answer."""
    made = CollectorRegistry()
    if os.environ.get(FOLDER):
        MultiProcessCollector(made)  # type: ignore[no-untyped-call]
    else:
        made.register(current_app.extensions["metrics"])
    return made
