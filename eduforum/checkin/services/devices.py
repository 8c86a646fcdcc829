"""Phones and laptops at the doors: how they come to the series, and how they leave it."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from eduforum.checkin import queries
from eduforum.checkin.models import Device, EnrolCode
from eduforum.checkin.rules import CODE_LIFE, BadEnrolCode
from eduforum.core import audit, clock
from eduforum.core.db import db, transaction
from eduforum.core.errors import NotFound
from eduforum.core.names import clean
from eduforum.core.signing import new_token, token_hash
from eduforum.web.access import Principal, Scope

DEVICE_REVOKED: list[Callable[[int, UUID], None]] = []
"""What else happens when a device of a series is shut out, in the same transaction: rooms above add
themselves in `factory`."""
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that looks like something else
_CODE_LENGTH = 8
_LONGEST_NAME = 60
_LONGEST_APP = 20
_MOST_UNSENT = 1_000_000
_DOOR = "efd"
_TOUCH_EVERY = timedelta(minutes=1)


def new_enrol_code(series_id: int, *, supervisor: bool = False) -> str:
    """A code by which one device enrols within `CODE_LIFE`. It is told once and kept as a hash.

    supervisor: the device will be in a supervisor's hands.
    """
    code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
    with transaction():
        now = clock.now()
        db.session.execute(delete(EnrolCode).where(EnrolCode.expires_at < now - timedelta(days=1)))
        db.session.add(
            EnrolCode(
                code_hash=token_hash(code),
                series_id=series_id,
                made_by=audit.current_actor(),
                supervisor=supervisor,
                expires_at=now + CODE_LIFE,
            )
        )
        audit.record(
            "enrol_code.make",
            f"series:{series_id}",
            series_id=series_id,
            after={"supervisor": True} if supervisor else None,
        )
    return code


def enrol(code: str, name: str, *, prefix: str = _DOOR) -> tuple[Device, str]:
    """Make a device out of a one-time code, and tell its bearer secret, which is never told again.

    prefix: in front of the secret; only devices of the door are let in by `find_device`.

    Case, spaces and hyphens in the code do not matter. Raises `BadEnrolCode`.
    """
    typed = "".join(code.upper().split()).replace("-", "")
    token = new_token(prefix)
    with transaction():
        known = queries.locked_enrol_code(token_hash(typed))
        if known is None or known.used_at is not None or known.expires_at <= clock.now():
            raise BadEnrolCode
        known.used_at = clock.now()
        device = Device(
            series_id=known.series_id,
            name=clean(name)[:_LONGEST_NAME],
            token_hash=token_hash(token),
            supervisor=known.supervisor,
            last_seen_at=clock.now(),
        )
        db.session.add(device)
        db.session.flush()
        audit.record(
            "device.enrol",
            f"device:{device.id}",
            series_id=device.series_id,
            after={"name": device.name, "code_by": known.made_by}
            | ({"supervisor": True} if device.supervisor else {}),
        )
    return device, token


def revoke(series_id: int, device_id: UUID) -> Device:
    """Shut a device out at once. What it scanned stays. Raises `NotFound`."""
    with transaction():
        device = queries.device_or_404(series_id, device_id)
        if device.revoked_at is None:
            device.revoked_at = clock.now()
            audit.record(
                "device.revoke",
                f"device:{device.id}",
                series_id=series_id,
                before={"name": device.name},
            )
            for react in DEVICE_REVOKED:
                react(series_id, device.id)
    return device


def set_supervisor(series_id: int, device_id: UUID, *, supervisor: bool) -> Device:
    """Give a device a supervisor's right, or take it away: from its next scan. Raises `NotFound`."""
    with transaction():
        device = queries.device_or_404(series_id, device_id)
        if device.revoked_at is not None:
            raise NotFound
        if device.supervisor != supervisor:
            device.supervisor = supervisor
            audit.record(
                "device.supervisor",
                f"device:{device.id}",
                series_id=series_id,
                before={"supervisor": not supervisor},
                after={"supervisor": supervisor},
            )
    return device


def note_report(device_id: UUID, *, unsent: int, app: str) -> None:
    """Keep how many scans a device says it has not sent, and which version of the app it runs."""
    unsent, app = max(0, min(unsent, _MOST_UNSENT)), clean(app)[:_LONGEST_APP]
    device = db.session.get(Device, device_id)
    if device is None or (device.unsent, device.app_version) == (unsent, app):
        return
    with transaction():
        db.session.execute(
            update(Device).where(Device.id == device_id).values(unsent=unsent, app_version=app)
        )


def find_device(token: str) -> Principal | None:
    """The device that holds this bearer secret, unless it was revoked; notes its last contact."""
    device = queries.device_by_hash(token_hash(token)) if token.startswith(f"{_DOOR}_") else None
    if device is None:
        return None
    found = Principal(
        kind="device",
        id=str(device.id),
        name=device.name,
        scopes=frozenset({Scope.DOOR}),
        series_ids=frozenset({device.series_id}),
        since=device.enrolled_at,
    )
    touch(device)
    return found


def touch(device: Any) -> None:
    """Note the last contact of a device (a row of `queries.device_by_hash`), not at every request."""
    now = clock.now()
    if device.last_seen_at is None or now - device.last_seen_at > _TOUCH_EVERY:
        with transaction():
            db.session.execute(
                update(Device).where(Device.id == device.id).values(last_seen_at=now)
            )
