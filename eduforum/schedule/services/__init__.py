"""Whole changes of what happens when and where."""

from eduforum.schedule.services.ceremonies import (
    AgreementInput,
    PartyInput,
    delete_agreement,
    save_agreement,
    set_plaques,
)
from eduforum.schedule.services.moments import (
    RoomInput,
    cancel_event,
    create_event,
    delete_event,
    delete_room,
    edit_event,
    input_of,
    restore_event,
    save_room,
)
from eduforum.schedule.services.sessions import (
    PersonInput,
    SessionInput,
    create_session,
    delete_session,
    edit_session,
    set_session_cancelled,
)

__all__ = [
    "AgreementInput",
    "PartyInput",
    "PersonInput",
    "RoomInput",
    "SessionInput",
    "cancel_event",
    "create_event",
    "create_session",
    "delete_agreement",
    "delete_event",
    "delete_room",
    "delete_session",
    "edit_event",
    "edit_session",
    "input_of",
    "restore_event",
    "save_agreement",
    "save_room",
    "set_plaques",
    "set_session_cancelled",
]
