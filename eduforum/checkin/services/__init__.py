"""Everything that can happen at the door. Each function is one whole change."""

from eduforum.checkin.services.devices import (
    DEVICE_REVOKED,
    enrol,
    find_device,
    new_enrol_code,
    note_report,
    revoke,
    set_supervisor,
)
from eduforum.checkin.services.foresight import foresee
from eduforum.checkin.services.points import (
    PointInput,
    add_point,
    change_point,
    epoch_of,
    renew_epochs,
)
from eduforum.checkin.services.reading import PICKED, Reading
from eduforum.checkin.services.scans import Outcome, Result, Scanner, record, undo
from eduforum.checkin.services.settling import (
    assign_scan,
    dismiss_scan,
    fold_in,
    settle_incident,
)

__all__ = [
    "DEVICE_REVOKED",
    "PICKED",
    "Outcome",
    "PointInput",
    "Reading",
    "Result",
    "Scanner",
    "add_point",
    "assign_scan",
    "change_point",
    "dismiss_scan",
    "enrol",
    "epoch_of",
    "find_device",
    "fold_in",
    "foresee",
    "new_enrol_code",
    "note_report",
    "record",
    "renew_epochs",
    "revoke",
    "set_supervisor",
    "settle_incident",
    "undo",
]
