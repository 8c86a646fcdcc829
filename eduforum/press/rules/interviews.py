"""What may happen to the request for an interview. Pure. One table; every other step raises."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text
from eduforum.press.rules.states import LIVE_PASSES, PassState
from eduforum.press.rules.words import INTERVIEW_NAMES, InterviewState


class Answer(StrEnum):
    """What can happen to it. decline: it is not given, also after it had been agreed; cancel: what
    was agreed, or asked for, falls away."""

    ACCEPT = "accept"
    MOVE = "move"
    DECLINE = "decline"
    CANCEL = "cancel"


_S = InterviewState
AGREED = frozenset({_S.ACCEPTED, _S.MOVED})
"""There is a time, and calendars that know of it."""
TRANSITIONS: Mapping[Answer, Mapping[InterviewState, InterviewState]] = {
    Answer.ACCEPT: dict.fromkeys((_S.REQUESTED, _S.DECLINED, _S.CANCELLED), _S.ACCEPTED),
    Answer.MOVE: dict.fromkeys((_S.ACCEPTED, _S.MOVED), _S.MOVED),
    Answer.DECLINE: dict.fromkeys((_S.REQUESTED, _S.ACCEPTED, _S.MOVED), _S.DECLINED),
    Answer.CANCEL: dict.fromkeys((_S.REQUESTED, _S.ACCEPTED, _S.MOVED), _S.CANCELLED),
}
SHORTEST, LONGEST, USUAL = timedelta(minutes=5), timedelta(hours=4), timedelta(minutes=20)


class InterviewNotAllowed(Refusal):
    code = "transition-not-allowed"
    status = 409

    def __init__(self, state: InterviewState) -> None:
        super().__init__(
            Text(
                "专访当前状态为“{state}”，不能进行此操作。",
                "This cannot be done: the interview is in the state “{state}”.",
            ).fill(state=INTERVIEW_NAMES[state])
        )
        self.state = state


class NotAccredited(Refusal):
    """Times are given to people who may come."""

    code = "not-accredited"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            Text(
                "该人员没有有效的采访证，请先批准采访申请。",
                "This person holds no valid pass: approve the application first.",
            )
        )


class Clash(Refusal):
    """Somebody, or a room, is spoken for at this time; it can be agreed all the same."""

    code = "interview-clash"
    status = 409

    def __init__(self) -> None:
        sentence = Text(
            "与其他安排时间重叠，请改时间或地点，或勾选“仍按此安排”。",
            "It overlaps with another one: change the time or the place, or tick that it stands.",
        )
        super().__init__(sentence, {"starts_at": [sentence]})


def after(answer: Answer, state: InterviewState) -> InterviewState:
    """The state that `answer` leads to. Raises `InterviewNotAllowed`."""
    if state not in TRANSITIONS[answer]:
        raise InterviewNotAllowed(state)
    return TRANSITIONS[answer][state]


def open_to(state: InterviewState) -> frozenset[Answer]:
    """What may happen now."""
    return frozenset(answer for answer, steps in TRANSITIONS.items() if state in steps)


def check_accredited(state: PassState) -> None:
    """Raises `NotAccredited`."""
    if state not in LIVE_PASSES:
        raise NotAccredited


def check_time(starts_at: datetime | None, length: timedelta, now: datetime) -> datetime:
    """When it begins. Raises `BadInput` beside `starts_at` or `minutes`."""
    if starts_at is None:
        raise _bad("starts_at", "请填写开始时间。", "Enter when it begins.")
    if starts_at <= now:
        raise _bad("starts_at", "开始时间须晚于现在。", "It must begin in the future.")
    if not SHORTEST <= length <= LONGEST:
        raise _bad("minutes", "时长为 5 至 240 分钟。", "It lasts from 5 to 240 minutes.")
    return starts_at


def check_reason(reason: str) -> str:
    """What the outlet is told. Raises `BadInput` beside `reason` for nothing."""
    if not reason.strip():
        raise _bad("reason", "请填写原因，将写入通知。", "Say why; it goes into the letter.")
    return reason.strip()


def check_guest(name: str, email: str) -> None:
    """An address belongs to somebody with a name. Raises `BadInput` beside `guest_name`."""
    if email and not name:
        raise _bad(
            "guest_name", "请填写受访方联系人姓名。", "Enter the name of whoever is written to."
        )


def _bad(field: str, zh: str, en: str) -> BadInput:
    sentence = Text(zh, en)
    return BadInput(sentence, {field: [sentence]})
