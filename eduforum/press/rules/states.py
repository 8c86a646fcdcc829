"""What may happen to an application of the press and to each person's card, and by whom. Pure.

One table for each: every other step raises. An application is what an outlet sent in for one
series; what becomes of its people after the decision (printed, collected, lost) is the pass.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text


class State(StrEnum):
    """Where an application stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SCREENING = "screening"
    NEEDS_INFO = "needs_info"
    VERIFIED = "verified"
    CHECKING = "checking"
    APPROVED = "approved"
    HELD = "held"
    REJECTED = "rejected"
    APPEALED = "appealed"
    UPHELD = "upheld"
    OVERTURNED = "overturned"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class Action(StrEnum):
    """Everything that can happen to an application after its draft was made."""

    SUBMIT = "submit"
    SCREEN = "screen"
    ASK = "ask"
    ANSWER = "answer"
    VERIFY_OUTLET = "verify_outlet"
    START_CHECK = "start_check"
    END_CHECK = "end_check"
    APPROVE = "approve"
    HOLD = "hold"
    REJECT = "reject"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    OVERTURN = "overturn"
    WITHDRAW = "withdraw"
    CLOSE = "close"


class PassState(StrEnum):
    """Where one person's pass stands."""

    UNDECIDED = "undecided"
    APPROVED = "approved"
    HELD = "held"
    REJECTED = "rejected"
    PRINTED = "printed"
    COLLECTED = "collected"
    SUSPENDED = "suspended"
    LOST = "lost"
    REISSUED = "reissued"
    REVOKED = "revoked"
    EXPIRED_UNCOLLECTED = "expired_uncollected"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class PassAction(StrEnum):
    """Everything that can happen to one person's pass. lose: the card is reported lost and void;
    reissue: a new number takes its place, to be printed. reinstate: back to where it was."""

    APPROVE = "approve"
    HOLD = "hold"
    REJECT = "reject"
    PRINT = "print"
    COLLECT = "collect"
    LOSE = "lose"
    REISSUE = "reissue"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    REVOKE = "revoke"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    CLOSE = "close"


class Actor(StrEnum):
    """Who acts, seen from one application.

    FIRST: the officer whose decision is to be looked at again. TIED: an officer who belongs to the
    outlet. SYSTEM: a deadline or a period that ended.
    """

    APPLICANT = "applicant"
    OFFICER = "officer"
    FIRST = "first"
    TIED = "tied"
    SYSTEM = "system"


STATE_NAMES = {
    State.DRAFT: Text("草稿", "Draft"),
    State.SUBMITTED: Text("待审查", "Received"),
    State.SCREENING: Text("审查中", "Under review"),
    State.NEEDS_INFO: Text("待补充", "More asked for"),
    State.VERIFIED: Text("单位已核实", "Outlet verified"),
    State.CHECKING: Text("安全核查中", "Security check"),
    State.APPROVED: Text("已通过", "Approved"),
    State.HELD: Text("名额待定", "On hold"),
    State.REJECTED: Text("未通过", "Rejected"),
    State.APPEALED: Text("复核中", "Appealed"),
    State.UPHELD: Text("复核维持", "Rejection upheld"),
    State.OVERTURNED: Text("复核改判", "Rejection overturned"),
    State.WITHDRAWN: Text("已撤回", "Withdrawn"),
    State.CLOSED: Text("已结束", "Closed"),
}
PASS_NAMES = {
    PassState.UNDECIDED: Text("未决定", "Undecided"),
    PassState.APPROVED: Text("已通过", "Approved"),
    PassState.HELD: Text("名额待定", "On hold"),
    PassState.REJECTED: Text("未通过", "Rejected"),
    PassState.PRINTED: Text("已制证", "Card printed"),
    PassState.COLLECTED: Text("已领证", "Collected"),
    PassState.SUSPENDED: Text("已暂停", "Suspended"),
    PassState.LOST: Text("已挂失", "Lost"),
    PassState.REISSUED: Text("已补发，待制证", "Reissued, to be printed"),
    PassState.REVOKED: Text("已撤销", "Revoked"),
    PassState.EXPIRED_UNCOLLECTED: Text("逾期未领", "Not collected"),
    PassState.WITHDRAWN: Text("已撤回", "Withdrawn"),
    PassState.CLOSED: Text("已结束", "Closed"),
}
ACTION_NAMES = {
    Action.SUBMIT: Text("提交", "submit"),
    Action.SCREEN: Text("开始审查", "begin the review"),
    Action.ASK: Text("要求补充", "ask for more"),
    Action.ANSWER: Text("补充材料", "answer"),
    Action.VERIFY_OUTLET: Text("核实单位", "verify the outlet"),
    Action.START_CHECK: Text("送安全核查", "send to the security check"),
    Action.END_CHECK: Text("登记核查结果", "enter the result of the check"),
    Action.APPROVE: Text("批准", "approve"),
    Action.HOLD: Text("列为待定", "put on hold"),
    Action.REJECT: Text("不予批准", "reject"),
    Action.APPEAL: Text("申请复核", "appeal"),
    Action.UPHOLD: Text("维持原决定", "uphold the rejection"),
    Action.OVERTURN: Text("改判", "overturn the rejection"),
    Action.WITHDRAW: Text("撤回", "withdraw"),
    Action.CLOSE: Text("结束", "close"),
}

_S, _P, _A = State, PassState, Actor
_OPEN = (
    _S.DRAFT, _S.SUBMITTED, _S.SCREENING, _S.NEEDS_INFO, _S.VERIFIED, _S.CHECKING,
    _S.APPROVED, _S.HELD, _S.APPEALED, _S.OVERTURNED,
)  # fmt: skip
_READY = (_S.VERIFIED, _S.HELD, _S.OVERTURNED)
TRANSITIONS: Mapping[Action, Mapping[State, State]] = {
    Action.SUBMIT: {_S.DRAFT: _S.SUBMITTED},
    Action.SCREEN: {_S.SUBMITTED: _S.SCREENING, _S.NEEDS_INFO: _S.SCREENING},
    Action.ASK: {_S.SCREENING: _S.NEEDS_INFO, _S.VERIFIED: _S.NEEDS_INFO},
    Action.ANSWER: {_S.NEEDS_INFO: _S.SCREENING},
    # Overturned before the outlet was verified: that is made good, and the rest decided.
    Action.VERIFY_OUTLET: {_S.SCREENING: _S.VERIFIED, _S.OVERTURNED: _S.OVERTURNED},
    Action.START_CHECK: {_S.VERIFIED: _S.CHECKING},
    Action.END_CHECK: {_S.CHECKING: _S.VERIFIED},
    # From APPROVED as well: people of it who were held find a place.
    Action.APPROVE: dict.fromkeys((*_READY, _S.APPROVED), _S.APPROVED),
    Action.HOLD: {_S.VERIFIED: _S.HELD, _S.OVERTURNED: _S.HELD},
    Action.REJECT: dict.fromkeys((_S.SCREENING, _S.NEEDS_INFO, _S.VERIFIED, _S.HELD), _S.REJECTED),
    Action.APPEAL: {_S.REJECTED: _S.APPEALED},
    Action.UPHOLD: {_S.APPEALED: _S.UPHELD},
    Action.OVERTURN: {_S.APPEALED: _S.OVERTURNED},
    Action.WITHDRAW: dict.fromkeys(_OPEN, _S.WITHDRAWN),
    Action.CLOSE: dict.fromkeys(
        (_S.APPROVED, _S.HELD, _S.REJECTED, _S.UPHELD, _S.APPEALED, _S.WITHDRAWN), _S.CLOSED
    ),
}
_HELD_PASSES = (_P.APPROVED, _P.PRINTED, _P.COLLECTED, _P.REISSUED)
PASS_TRANSITIONS: Mapping[PassAction, Mapping[PassState, PassState]] = {
    PassAction.APPROVE: dict.fromkeys((_P.UNDECIDED, _P.HELD, _P.REJECTED), _P.APPROVED),
    PassAction.HOLD: {_P.UNDECIDED: _P.HELD, _P.REJECTED: _P.HELD},
    PassAction.REJECT: {_P.UNDECIDED: _P.REJECTED, _P.HELD: _P.REJECTED},
    PassAction.PRINT: {_P.APPROVED: _P.PRINTED, _P.REISSUED: _P.PRINTED},
    PassAction.COLLECT: {_P.PRINTED: _P.COLLECTED},
    PassAction.LOSE: {_P.PRINTED: _P.LOST, _P.COLLECTED: _P.LOST},
    PassAction.REISSUE: {_P.LOST: _P.REISSUED},
    PassAction.SUSPEND: dict.fromkeys(_HELD_PASSES, _P.SUSPENDED),
    # Back to where it was; that is kept beside the pass.
    PassAction.REINSTATE: {_P.SUSPENDED: _P.APPROVED},
    PassAction.REVOKE: dict.fromkeys((*_HELD_PASSES, _P.SUSPENDED, _P.LOST), _P.REVOKED),
    PassAction.EXPIRE: dict.fromkeys(
        (_P.APPROVED, _P.PRINTED, _P.REISSUED), _P.EXPIRED_UNCOLLECTED
    ),
    PassAction.WITHDRAW: dict.fromkeys(
        (_P.UNDECIDED, _P.HELD, *_HELD_PASSES, _P.SUSPENDED, _P.LOST), _P.WITHDRAWN
    ),
    PassAction.CLOSE: dict.fromkeys((p for p in _P if p is not _P.CLOSED), _P.CLOSED),
}
_ANY_OFFICER = frozenset({_A.OFFICER, _A.FIRST})
_ANOTHER = frozenset({_A.OFFICER})
_AT_THE_DESK = _ANY_OFFICER | {_A.TIED}
_APPLICANT = frozenset({_A.APPLICANT})
_SYSTEM = frozenset({_A.SYSTEM})
BY: Mapping[Action, frozenset[Actor]] = {
    Action.SUBMIT: _APPLICANT,
    Action.SCREEN: _ANY_OFFICER,
    Action.ASK: _ANY_OFFICER,
    Action.ANSWER: _APPLICANT,
    Action.VERIFY_OUTLET: _ANY_OFFICER,
    Action.START_CHECK: _ANY_OFFICER,
    Action.END_CHECK: _ANY_OFFICER,
    Action.APPROVE: _ANY_OFFICER,
    Action.HOLD: _ANY_OFFICER,
    Action.REJECT: _ANY_OFFICER,
    Action.APPEAL: _APPLICANT,
    Action.UPHOLD: _ANOTHER,
    Action.OVERTURN: _ANOTHER,
    Action.WITHDRAW: _APPLICANT,
    Action.CLOSE: _SYSTEM,
}
PASS_BY: Mapping[PassAction, frozenset[Actor]] = {
    PassAction.APPROVE: _ANY_OFFICER,
    PassAction.HOLD: _ANY_OFFICER,
    PassAction.REJECT: _ANY_OFFICER,
    PassAction.PRINT: _AT_THE_DESK,
    PassAction.COLLECT: _AT_THE_DESK,
    PassAction.LOSE: _AT_THE_DESK | _APPLICANT,
    PassAction.REISSUE: _AT_THE_DESK,
    PassAction.SUSPEND: _AT_THE_DESK,
    PassAction.REINSTATE: _ANY_OFFICER,
    PassAction.REVOKE: _AT_THE_DESK,
    PassAction.EXPIRE: _SYSTEM,
    PassAction.WITHDRAW: _APPLICANT,
    PassAction.CLOSE: _SYSTEM,
}
OPEN_TO_APPLICANT = frozenset({State.DRAFT, State.NEEDS_INFO})
"""States in which the outlet may change what it wrote."""
WAITING = frozenset(
    {State.SUBMITTED, State.SCREENING, State.VERIFIED, State.CHECKING, State.APPEALED, State.OVERTURNED}
)  # fmt: skip
"""States in which it is the press office's turn."""
LIVE_PASSES = frozenset(_HELD_PASSES)
"""Passes that admit."""


class TransitionNotAllowed(Refusal):
    code = "transition-not-allowed"

    def __init__(self, state: State | PassState) -> None:
        name = STATE_NAMES[state] if isinstance(state, State) else PASS_NAMES[state]
        super().__init__(
            Text(
                "当前状态为“{state}”，不能进行此操作。",
                "This cannot be done: it is in the state “{state}”.",
            ).fill(state=name)
        )
        self.state = state

    def members(self) -> Mapping[str, object]:
        return {"state": self.state.value}


class NotYours(Refusal):
    """The step exists, but not for whoever asks."""

    code = "not-yours-to-decide"
    status = 403

    def __init__(self, actor: Actor) -> None:
        super().__init__(_NOT_YOURS[actor])
        self.actor = actor


_NOT_YOURS = {
    Actor.APPLICANT: Text(
        "此操作由媒体中心办理，请等待结果。",
        "This is done by the press office; please wait for its answer.",
    ),
    Actor.OFFICER: Text(
        "此操作须由媒体单位办理，请联系其联络人。",
        "Only the outlet can do this; please contact its focal person.",
    ),
    Actor.FIRST: Text(
        "原决定由您作出，须由另一位媒体管理人员办理。",
        "You made the decision in question: another press officer has to do this.",
    ),
    Actor.TIED: Text(
        "您与该单位有关联，须由另一位媒体管理人员办理。",
        "You are tied to this outlet: another press officer has to do this.",
    ),
    Actor.SYSTEM: Text("系统不办理此操作。", "The system does not do this."),
}

S = TypeVar("S", State, PassState)
A = TypeVar("A", Action, PassAction)


@dataclass(frozen=True, slots=True)
class Machine(Generic[A, S]):
    """A table of transitions, and who may take which."""

    transitions: Mapping[A, Mapping[S, S]]
    by: Mapping[A, frozenset[Actor]]

    def after(self, action: A, state: S, actor: Actor) -> S:
        """The state that `action` leads to. Raises `TransitionNotAllowed`, then `NotYours`."""
        if state not in self.transitions[action]:
            raise TransitionNotAllowed(state)
        if actor not in self.by[action]:
            raise NotYours(actor)
        return self.transitions[action][state]

    def open_to(self, state: S, actor: Actor) -> frozenset[A]:
        """What this actor may do now."""
        return frozenset(
            action
            for action, steps in self.transitions.items()
            if state in steps and actor in self.by[action]
        )


APPLICATIONS: Machine[Action, State] = Machine(TRANSITIONS, BY)
PASSES: Machine[PassAction, PassState] = Machine(PASS_TRANSITIONS, PASS_BY)


def officer_as(actor: str, *, first: str, tied: bool) -> Actor:
    """What an officer is to an application. first: who made the decision to be looked at again."""
    if tied:
        return Actor.TIED
    return Actor.FIRST if first and actor == first else Actor.OFFICER
