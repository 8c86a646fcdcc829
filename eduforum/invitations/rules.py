"""How an invitation stands, and what a code may look like. Pure."""

import re
from datetime import datetime
from enum import StrEnum

from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.registration.rules import InvitationKind, Rsvp

MOST_AT_ONCE = 500
"""Guests in one list: a longer one is sent in parts."""
MOST_KEPT = 200
"""Guests in one list for whom seats are kept: each of them has a pool at each event."""
MOST_USES = 10_000
CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{4,22}[A-Z0-9]")
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Of codes that are made here: nothing that looks like something else."""


class Standing(StrEnum):
    """What an organiser sees of an invitation at a glance."""

    UNANSWERED = "unanswered"
    YES = "yes"
    NO = "no"
    PASSED_ON = "passed_on"
    USABLE = "usable"
    USED_UP = "used_up"
    OVER = "over"
    WITHDRAWN = "withdrawn"


STANDING_NAMES = {
    Standing.UNANSWERED: Text("待答复", "No answer yet"),
    Standing.YES: Text("接受", "Comes"),
    Standing.NO: Text("不参加", "Does not come"),
    Standing.PASSED_ON: Text("转请他人", "Somebody else"),
    Standing.USABLE: Text("可用", "Can be used"),
    Standing.USED_UP: Text("已用完", "Used up"),
    Standing.OVER: Text("已过期", "Expired"),
    Standing.WITHDRAWN: Text("已撤销", "Withdrawn"),
}
STANDING_TONES = dict.fromkeys(Standing, "idle") | {
    Standing.UNANSWERED: "wait",
    Standing.YES: "ok",
    Standing.USABLE: "ok",
}


def standing_of(
    kind: InvitationKind,
    rsvp: Rsvp,
    *,
    revoked: bool,
    used: int,
    uses_allowed: int,
    valid_until: datetime | None,
    now: datetime,
) -> Standing:
    """An answer stands even when the time to give it is over."""
    over = valid_until is not None and now >= valid_until
    if revoked:
        return Standing.WITHDRAWN
    if kind is InvitationKind.CODE:
        if used >= uses_allowed:
            return Standing.USED_UP
        return Standing.OVER if over else Standing.USABLE
    answered = {
        Rsvp.YES: Standing.YES,
        Rsvp.NO: Standing.NO,
        Rsvp.DELEGATED: Standing.PASSED_ON,
        Rsvp.NONE: Standing.OVER if over else Standing.UNANSWERED,
    }
    return answered[rsvp]


class AnswerNotAllowed(Refusal):
    """The answer cannot be given (any more); the sentence says why."""

    code = "answer-not-allowed"


class ListChanged(Refusal):
    """A list that was looked through is not right any more."""

    code = "list-changed"

    def __init__(self, name: str) -> None:
        super().__init__(
            Text(
                "名单核对后情况有变化（{name}），尚未发出任何邀请，请重新核对。",
                "Something changed since the list was checked ({name}). Nobody was invited; check it again.",
            ).fill(name=name)
        )
