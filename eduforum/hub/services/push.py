"""Bring up what the gates of this hub scanned: the same protocol by which a phone does."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from eduforum.checkin.models import Scan
from eduforum.checkin.rules import NO_SUPERVISOR, Direction
from eduforum.checkin.services.reading import PICKED_SERIAL
from eduforum.core import clock
from eduforum.core.db import db, transaction
from eduforum.hub import queries
from eduforum.hub.models import Delivered, Upstream
from eduforum.hub.services.line import Line
from eduforum.hub.services.pull import start_over
from eduforum.hub.services.secrets import token_of

_MOST = 200
_UNREADABLE = "unreadable:"
"""In front of the hash of what was read and is no ticket: of that a fact keeps no more."""


@dataclass(slots=True)
class Pushed:
    """How many scans the main server stored, had already, or kept apart; by its own words."""

    results: Counter[str] = field(default_factory=Counter)


def push(upstream: Upstream) -> Pushed:
    """Send every scan that the main server does not have. Under its own id each counts once there,
    however often it is sent. Cut short, nothing is lost. Raises `HubError`."""
    line, pushed = Line(upstream.base_url, token_of(upstream)), Pushed()
    while batch := queries.to_deliver(upstream.series_id, _MOST):
        point_id = batch[0][0].point_id
        ours = [(scan, serial) for scan, serial in batch if scan.point_id == point_id]
        answer = line.post(
            f"/points/{point_id}/scans",
            {
                "epoch": upstream.epoch,
                "device_time": clock.now().isoformat(),
                "scans": [_sent(scan, serial) for scan, serial in ours],
            },
        )
        if upstream.epoch and answer["epoch"] != upstream.epoch:
            start_over(upstream, answer["epoch"])
        _note(upstream.series_id, answer["results"], pushed)
    with transaction():
        db.session.get_one(Upstream, upstream.series_id).pushed_at = clock.now()
    return pushed


def _sent(scan: Scan, serial: int | None) -> dict[str, Any]:
    """A fact as a device sends it: its ticket by serial, its time as it was mended here.

    Numbers of the gates' own counts stay here: up there the hub is one device. What was taken back
    in vain, or could not be read, goes up as something that is no ticket.
    """
    undoing = scan.undoes_id is not None
    readable = serial is not None and scan.direction is not Direction.UNDO
    code = f"{PICKED_SERIAL}{serial:014x}" if readable else f"{_UNREADABLE}{scan.code_hash}"
    in_vain = scan.direction is Direction.UNDO and not undoing
    return {
        "id": str(scan.id),
        "seq": 0,
        "code": "" if undoing else code,
        "direction": Direction.IN.value if in_vain else scan.direction.value,
        "scanned_at": scan.effective_at.isoformat(),
        "local_verdict": scan.verdict.value,
        "override": "" if NO_SUPERVISOR in scan.flags else scan.override,
        "gate": scan.gate,
        "answers": dict(scan.answers),
        "undoes": str(scan.undoes_id) if undoing else None,
        "manual": readable,
    }


def _note(series_id: int, results: list[dict[str, Any]], pushed: Pushed) -> None:
    """Whatever became of them, the main server has them: facts are never refused."""
    with transaction():
        for result in results:
            db.session.merge(
                Delivered(scan_id=UUID(result["id"]), series_id=series_id, result=result["result"])
            )
            pushed.results[result["result"]] += 1
