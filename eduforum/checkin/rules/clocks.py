"""The times that devices send, mended as far as they can be; and how long an undo is possible."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FUTURE_TOLERANCE = timedelta(minutes=2)
"""How far a device's clock may differ before it is corrected and the scan is flagged."""
UNDO_WITHIN = timedelta(seconds=60)
"""How long the device that scanned may take it back by itself."""


@dataclass(frozen=True, slots=True)
class MendedTime:
    """When a scan happened as far as can be known, and what was done to say so."""

    effective_at: datetime
    flags: tuple[str, ...]


def mend(
    scanned_at: datetime, *, device_time: datetime, now: datetime, earliest: datetime
) -> MendedTime:
    """Bring a device's time onto the server's clock and into what can be true.

    device_time: what the device's clock said when it sent the scan.
    earliest: before this the device could not scan for the series.

    A clock that differs by more than `FUTURE_TOLERANCE` is corrected by the difference (flag
    `clock`). What is then still in the future or before `earliest` is clamped (flag `clamped`,
    for the future only beyond the tolerance).
    """
    difference = device_time - now
    wrong = abs(difference) > FUTURE_TOLERANCE
    corrected = scanned_at - difference if wrong else scanned_at
    effective = max(min(corrected, now), min(earliest, now))
    clamped = effective > corrected or corrected - now > FUTURE_TOLERANCE
    flags = (("clock",) if wrong else ()) + (("clamped",) if clamped else ())
    return MendedTime(effective, flags)


def undo_refusal(
    *, same_device: bool, supervisor: bool, scanned_at: datetime, now: datetime
) -> str | None:
    """Why a scan may not be taken back: a key of `QUARANTINE_REASONS`, or None if it may.

    The device that scanned may within `UNDO_WITHIN`; a supervisor may at any time.
    """
    if supervisor:
        return None
    if not same_device:
        return "undo_not_own"
    return "undo_too_late" if now - scanned_at > UNDO_WITHIN else None
