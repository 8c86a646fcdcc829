"""What the door should do. Pure: no database, no clock, no request.

`kinds` names what there is, `verdicts` says it in words, `facing` is what stands at the door, `limits`
and `presence` are the rules, `judge` decides, `programme` says where to go next, `clocks` mends the times that devices send.
"""

from eduforum.checkin.rules.clocks import (
    FUTURE_TOLERANCE,
    UNDO_WITHIN,
    MendedTime,
    mend,
    undo_refusal,
)
from eduforum.checkin.rules.facing import Movement, PointRules, TicketAtDoor
from eduforum.checkin.rules.incidents import (
    INCIDENT_NAMES,
    Fact,
    Incident,
    IncidentKind,
    incidents,
)
from eduforum.checkin.rules.judge import OVERRIDABLE, Judgement, judge, next_step
from eduforum.checkin.rules.kinds import (
    CODE_LIFE,
    LONGEST_GATE,
    MOST_SCANS,
    NO_SUPERVISOR,
    POINT_KIND_NAMES,
    REPEAT_NAMES,
    BadEnrolCode,
    Because,
    Direction,
    PointKind,
    Repeat,
    Verdict,
)
from eduforum.checkin.rules.limits import WINDOW_TOLERANCE, Unmet
from eduforum.checkin.rules.presence import emptied_at, standing_inside
from eduforum.checkin.rules.programme import Stop, next_stop
from eduforum.checkin.rules.verdicts import (
    EXPLANATIONS,
    PROVISIONAL,
    QUARANTINE_REASONS,
    Saying,
    Tone,
    saying,
)

__all__ = [
    "CODE_LIFE",
    "EXPLANATIONS",
    "FUTURE_TOLERANCE",
    "INCIDENT_NAMES",
    "LONGEST_GATE",
    "MOST_SCANS",
    "NO_SUPERVISOR",
    "OVERRIDABLE",
    "POINT_KIND_NAMES",
    "PROVISIONAL",
    "QUARANTINE_REASONS",
    "REPEAT_NAMES",
    "UNDO_WITHIN",
    "WINDOW_TOLERANCE",
    "BadEnrolCode",
    "Because",
    "Direction",
    "Fact",
    "Incident",
    "IncidentKind",
    "Judgement",
    "MendedTime",
    "Movement",
    "PointKind",
    "PointRules",
    "Repeat",
    "Saying",
    "Stop",
    "TicketAtDoor",
    "Tone",
    "Unmet",
    "Verdict",
    "emptied_at",
    "incidents",
    "judge",
    "mend",
    "next_step",
    "next_stop",
    "saying",
    "standing_inside",
    "undo_refusal",
]
