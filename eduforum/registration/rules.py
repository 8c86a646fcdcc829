"""Who gets a seat, and what may happen to a registration. Pure: no database, clock or request."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar
from uuid import UUID

from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text
from eduforum.events.rules import Mode

Person = TypeVar("Person")


class State(StrEnum):
    SUBMITTED = "submitted"
    RETURNED = "returned"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    CONFIRMED = "confirmed"
    ON_LEAVE = "on_leave"
    REPLACED = "replaced"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Admission(StrEnum):
    """How a category lets people in."""

    OPEN = "open"
    BY_APPROVAL = "by_approval"
    BY_INVITATION = "by_invitation"
    BY_DELEGATION = "by_delegation"


class InvitationKind(StrEnum):
    CODE = "code"
    PERSONAL = "personal"


class Rsvp(StrEnum):
    """What an invited person answered; delegated: somebody else comes in his place."""

    NONE = "none"
    YES = "yes"
    NO = "no"
    DELEGATED = "delegated"


STATE_NAMES = {
    State.SUBMITTED: Text("待审核", "Under review"),
    State.RETURNED: Text("退回补充", "Returned"),
    State.WAITLISTED: Text("候补", "Waiting list"),
    State.OFFERED: Text("候补待确认", "Seat offered"),
    State.CONFIRMED: Text("已确认", "Confirmed"),
    State.ON_LEAVE: Text("请假", "On leave"),
    State.REPLACED: Text("已换人", "Replaced"),
    State.DECLINED: Text("未通过", "Declined"),
    State.WITHDRAWN: Text("已取消", "Withdrawn"),
    State.CANCELLED: Text("主办方取消", "Cancelled by the organiser"),
    State.EXPIRED: Text("候补已过期", "Offer expired"),
}
ADMISSION_NAMES = {
    Admission.OPEN: Text("在线报名", "Open"),
    Admission.BY_APPROVAL: Text("审核后确认", "By approval"),
    Admission.BY_INVITATION: Text("凭邀请", "By invitation"),
    Admission.BY_DELEGATION: Text("由单位报送", "By delegation"),
}

IN_LINE = frozenset({State.WAITLISTED})
LIVE = frozenset(
    {
        State.SUBMITTED,
        State.RETURNED,
        State.WAITLISTED,
        State.OFFERED,
        State.CONFIRMED,
        State.ON_LEAVE,
    }
)
"""States in which something may still happen by itself or by the person."""
BLOCKS_ANOTHER = LIVE | {State.DECLINED}
"""States in which the same person cannot register again; matches the unique indexes."""


KEEPS_A_USE = BLOCKS_ANOTHER
"""States in which a registration uses up the invitation that it came by."""


def holds_a_seat(state: State, *, pending_holds: bool) -> bool:
    """Whether a registration in `state` takes a seat in its pools.

    Confirmed and offered always do; submitted and returned unless the category says otherwise.
    """
    if state in (State.SUBMITTED, State.RETURNED):
        return pending_holds
    return state in (State.CONFIRMED, State.OFFERED)


class Action(StrEnum):
    """Everything that can happen to a registration after it was made."""

    APPROVE = "approve"
    DECLINE = "decline"
    RETURN = "return"
    RESUBMIT = "resubmit"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    OFFER = "offer"
    ACCEPT = "accept"
    ACCEPT_FOR_REVIEW = "accept_for_review"
    EXPIRE = "expire"
    LEAVE = "leave"
    COME_BACK = "come_back"
    REVIEW_AGAIN = "review_again"
    REOPEN = "reopen"
    SUBSTITUTE = "substitute"
    ENQUEUE = "enqueue"


_S = State
TRANSITIONS: dict[Action, dict[State, State]] = {
    Action.APPROVE: {_S.SUBMITTED: _S.CONFIRMED, _S.RETURNED: _S.CONFIRMED},
    Action.DECLINE: {
        _S.SUBMITTED: _S.DECLINED,
        _S.RETURNED: _S.DECLINED,
        _S.WAITLISTED: _S.DECLINED,
    },
    Action.RETURN: {_S.SUBMITTED: _S.RETURNED},
    Action.RESUBMIT: {_S.RETURNED: _S.SUBMITTED},
    Action.WITHDRAW: dict.fromkeys(LIVE, _S.WITHDRAWN),
    Action.CANCEL: dict.fromkeys(LIVE, _S.CANCELLED),
    Action.OFFER: {_S.WAITLISTED: _S.OFFERED},
    Action.ACCEPT: {_S.OFFERED: _S.CONFIRMED},
    Action.ACCEPT_FOR_REVIEW: {_S.OFFERED: _S.SUBMITTED},
    Action.EXPIRE: {_S.OFFERED: _S.EXPIRED},
    Action.LEAVE: {_S.CONFIRMED: _S.ON_LEAVE},
    Action.COME_BACK: {_S.ON_LEAVE: _S.CONFIRMED},
    Action.REVIEW_AGAIN: {_S.CONFIRMED: _S.SUBMITTED},
    Action.REOPEN: {_S.DECLINED: _S.SUBMITTED},
    Action.SUBSTITUTE: {
        _S.CONFIRMED: _S.REPLACED,
        _S.SUBMITTED: _S.REPLACED,
        _S.ON_LEAVE: _S.REPLACED,
    },
    Action.ENQUEUE: {
        _S.DECLINED: _S.WAITLISTED,
        _S.WITHDRAWN: _S.WAITLISTED,
        _S.CANCELLED: _S.WAITLISTED,
        _S.EXPIRED: _S.WAITLISTED,
    },
}


class TransitionNotAllowed(Refusal):
    code = "transition-not-allowed"

    def __init__(self, action: Action, state: State) -> None:
        super().__init__(
            Text(
                "当前状态为“{state}”，不能进行此操作。",
                "This cannot be done: the registration is in the state “{state}”.",
            ).fill(state=STATE_NAMES[state])
        )
        self.action, self.state = action, state

    def members(self) -> Mapping[str, object]:
        return {"state": self.state.value}


class RegistrationClosed(Refusal):
    code = "registration-closed"


class InvitationNotValid(RegistrationClosed):
    """The link or code was good once, and lets nobody in any more; the sentence says why."""

    code = "invitation-not-valid"


class PoolFull(Refusal):
    """No seat and no place in line; the sentence names the pool."""

    code = "pool-full"

    def __init__(self, pool: Text) -> None:
        super().__init__(Text("“{pool}”名额已满。", "“{pool}” is full.").fill(pool=pool))
        self.pool = pool

    def members(self) -> Mapping[str, object]:
        return {"pool": {"zh": self.pool.zh, "en": self.pool.en}}


class AlreadyRegistered(Refusal):
    """The same person is registered in this series. Says nothing about that registration."""

    code = "already-registered"

    def __init__(self) -> None:
        super().__init__(
            Text(
                "您已经报名。我们已将查看链接发送到报名时填写的联系方式。",
                "You are already registered. We have sent the link to the contact on file.",
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whom a pool counts: registrations that have all it names. None is not asked for."""

    event_id: int | None = None
    session_id: UUID | None = None
    category_id: int | None = None
    mode: Mode | None = None
    delegation_id: UUID | None = None
    invitation_id: UUID | None = None
    region: str | None = None
    option: str | None = None

    def within(self, other: "Scope") -> bool:
        """Whether everybody who counts here counts in `other` as well."""
        return (
            other.event_id in (None, self.event_id)
            and other.session_id in (None, self.session_id)
            and other.category_id in (None, self.category_id)
            and other.mode in (None, self.mode)
            and other.delegation_id in (None, self.delegation_id)
            and other.invitation_id in (None, self.invitation_id)
            and other.region in (None, self.region)
            and other.option in (None, self.option)
        )

    @property
    def whom(self) -> tuple[UUID | None, UUID | None, str | None]:
        """Whose seats a reserving pool keeps free."""
        return self.delegation_id, self.invitation_id, self.region


class Keeps(Protocol):
    """A pool, as far as it may keep its unused seats free for its people."""

    @property
    def scope(self) -> Scope: ...
    @property
    def reserving(self) -> bool: ...


K = TypeVar("K", bound=Keeps)


def keeping_in(pool: K, pools: Iterable[K]) -> list[K]:
    """The pools among `pools` that keep their unused seats free in `pool`.

    Of those that lie in one another and are for the same people only the outermost counts: a
    guest for whom seats are kept at three events takes one seat where people are counted once.
    Nothing is kept in a pool that keeps seats itself.
    """
    if pool.reserving:
        return []
    inside = [
        one for one in pools if one.reserving and one is not pool and one.scope.within(pool.scope)
    ]
    alike: dict[object, list[K]] = {}
    for one in inside:
        alike.setdefault(one.scope.whom, []).append(one)
    return [
        one
        for one in inside
        if not any(
            outer is not one and one.scope.within(outer.scope) for outer in alike[one.scope.whom]
        )
    ]


@dataclass(frozen=True, slots=True)
class Quota:
    """How full one pool is, for somebody who counts in it. Numbers are people.

    blocked: seats that are kept for others (`Pool.reserving`). promised: seats among those that
    are kept for this person's delegation, invitation or region.
    """

    name: Text
    size: int
    held: int
    waiting: int
    waiting_limit: int | None
    blocked: int = 0
    promised: int = 0

    @property
    def free(self) -> int:
        return max(0, self.size - self.held - self.blocked, self.promised)

    @property
    def line_is_full(self) -> bool:
        return self.waiting_limit is not None and self.waiting >= self.waiting_limit


def unused(size: int, held: int) -> int:
    """How many seats of a reserving pool are kept free for its people."""
    return max(0, size - held)


def after(action: Action, state: State) -> State:
    """The state that `action` leads to. Raises `TransitionNotAllowed`."""
    try:
        return TRANSITIONS[action][state]
    except KeyError:
        raise TransitionNotAllowed(action, state) from None


def place(quotas: Sequence[Quota], *, reviewed: bool) -> State:
    """The state a new application starts in, given every pool it counts in.

    A seat is needed in all of them; a free seat that somebody in line could take is not free (the
    services serve the line before they ask). Raises `PoolFull`, naming the pool, when the line of
    a full pool is full as well.
    """
    full = [quota for quota in quotas if not quota.free]
    if not full:
        return State.SUBMITTED if reviewed else State.CONFIRMED
    for quota in full:
        if quota.line_is_full:
            raise PoolFull(quota.name)
    return State.WAITLISTED


@dataclass(slots=True)
class Seats:
    """One pool's numbers, to try out what would happen; `key` is the pool's."""

    key: int
    scope: Scope
    size: int
    held: int
    blocked: int = 0
    reserving: bool = False

    @property
    def unused(self) -> int:
        return unused(self.size, self.held)


def would_be_offered(
    line: Iterable[tuple[Person, Sequence[Seats]]],
) -> Iterator[tuple[Person, Sequence[Seats]]]:
    """Walk the line: each person with the pools that have no seat when it is his turn; none of
    them means he is offered one. Changes the numbers as the offers would."""
    for person, pools in line:
        missing = [pool for pool in pools if not _has_seat(pool, pools)]
        if not missing:
            _take(pools)
        yield person, missing


def _has_seat(pool: Seats, pools: Sequence[Seats]) -> bool:
    promised = any(one.unused for one in keeping_in(pool, pools))
    return promised or pool.held + pool.blocked < pool.size


def _take(pools: Sequence[Seats]) -> None:
    for pool in pools:
        pool.blocked -= sum(one.unused > 0 for one in keeping_in(pool, pools))
    for pool in pools:
        pool.held += 1


def check_open(now: datetime, opens_at: datetime, closes_at: datetime) -> None:
    """Raise `RegistrationClosed` unless `opens_at <= now < closes_at`."""
    if now < opens_at:
        raise RegistrationClosed(Text("报名尚未开始。", "Registration has not opened yet."))
    if now >= closes_at:
        raise RegistrationClosed(Text("报名已截止。", "Registration has closed."))
