"""What the door should do. Pure: no database, no clock, no request.

`kinds` names what there is, `verdicts` says it in words, `judge` decides, `clocks` mends the times
that devices send.
"""

from eduforum.checkin.rules.clocks import (
    FUTURE_TOLERANCE,
    UNDO_WITHIN,
    MendedTime,
    mend,
    undo_refusal,
)
from eduforum.checkin.rules.judge import (
    OVERRIDABLE,
    WINDOW_TOLERANCE,
    Judgement,
    Movement,
    PointRules,
    TicketAtDoor,
    judge,
    next_step,
)
from eduforum.checkin.rules.kinds import (
    CODE_LIFE,
    MOST_SCANS,
    POINT_KIND_NAMES,
    REPEAT_NAMES,
    BadEnrolCode,
    Direction,
    PointKind,
    Repeat,
    Verdict,
)
from eduforum.checkin.rules.verdicts import QUARANTINE_REASONS, Saying, Tone, saying

__all__ = [
    "CODE_LIFE",
    "FUTURE_TOLERANCE",
    "MOST_SCANS",
    "OVERRIDABLE",
    "POINT_KIND_NAMES",
    "QUARANTINE_REASONS",
    "REPEAT_NAMES",
    "UNDO_WITHIN",
    "WINDOW_TOLERANCE",
    "BadEnrolCode",
    "Direction",
    "Judgement",
    "MendedTime",
    "Movement",
    "PointKind",
    "PointRules",
    "Repeat",
    "Saying",
    "TicketAtDoor",
    "Tone",
    "Verdict",
    "judge",
    "mend",
    "next_step",
    "saying",
    "undo_refusal",
]
