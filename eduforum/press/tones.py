"""How states look: each tone has a tint and a sign, and the word stands beside it."""

from eduforum.press.rules import InterviewState, PassState, State

STATE_TONES = {
    State.DRAFT: "idle",
    State.SUBMITTED: "wait",
    State.SCREENING: "wait",
    State.NEEDS_INFO: "bad",
    State.VERIFIED: "wait",
    State.CHECKING: "wait",
    State.APPROVED: "ok",
    State.HELD: "wait",
    State.REJECTED: "bad",
    State.APPEALED: "wait",
    State.UPHELD: "bad",
    State.OVERTURNED: "wait",
    State.WITHDRAWN: "idle",
    State.CLOSED: "idle",
}
PASS_TONES = {
    PassState.UNDECIDED: "wait",
    PassState.APPROVED: "ok",
    PassState.HELD: "wait",
    PassState.REJECTED: "bad",
    PassState.PRINTED: "ok",
    PassState.COLLECTED: "ok",
    PassState.SUSPENDED: "bad",
    PassState.LOST: "bad",
    PassState.REISSUED: "ok",
    PassState.REVOKED: "bad",
    PassState.EXPIRED_UNCOLLECTED: "idle",
    PassState.WITHDRAWN: "idle",
    PassState.CLOSED: "idle",
}
INTERVIEW_TONES = {
    InterviewState.REQUESTED: "wait",
    InterviewState.ACCEPTED: "ok",
    InterviewState.MOVED: "ok",
    InterviewState.DECLINED: "idle",
    InterviewState.CANCELLED: "idle",
}
