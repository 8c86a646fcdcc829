"""What may become of a walk-in, and the refusals of this room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text

BLOCK = 50
"""How many tickets of each category a device holds for when there is no network."""
MOST_FORMS = 100
"""How many forms a device sends at once."""


class Settled(StrEnum):
    """What became of a form that was filled in without a network."""

    WAITING = "waiting"
    REGISTERED = "registered"
    MERGED = "merged"
    REJECTED = "rejected"


class Reason(StrEnum):
    """Why such a form was not registered by itself."""

    FULL = "full"
    KNOWN = "known"
    SAME_NAME = "same_name"
    CLOSED = "closed"
    INVALID = "invalid"
    TICKET = "ticket"


SETTLED_NAMES = {
    Settled.WAITING: Text("待核对", "To be decided"),
    Settled.REGISTERED: Text("已登记", "Registered"),
    Settled.MERGED: Text("已并入", "Merged"),
    Settled.REJECTED: Text("未接受", "Not accepted"),
}
REASON_NAMES = {
    Reason.FULL: Text("名额已满", "No seat left"),
    Reason.KNOWN: Text("本人已报名", "Registered already"),
    Reason.SAME_NAME: Text("有同名人员", "Somebody has the same name"),
    Reason.CLOSED: Text("类别不接受补报名", "Category takes no walk-ins"),
    Reason.INVALID: Text("填写有误", "The form is not right"),
    Reason.TICKET: Text("临时证不可用", "The ticket is not usable"),
}
_NEXT = {Settled.WAITING: frozenset({Settled.REGISTERED, Settled.MERGED, Settled.REJECTED})}


def check_settling(before: Settled, after: Settled) -> None:
    """Raise `SettledBefore` unless a form in `before` may become `after`: once, and for good."""
    if after not in _NEXT.get(before, frozenset()):
        raise SettledBefore(before)


class SettledBefore(Refusal):
    """Somebody else has decided on this form."""

    code = "settled-before"

    def __init__(self, state: Settled) -> None:
        super().__init__(
            Text(
                "此条已处理，结果：{state}。", "This was decided already. The outcome: {state}."
            ).fill(state=SETTLED_NAMES[state])
        )


class DeviceOnly(Refusal):
    """Tickets are signed ahead for an enrolled device, which can be shut out, and for nobody else."""

    code = "device-only"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            Text(
                "此操作仅限已登记的签到设备。",
                "Only a device that was enrolled at the desk may do this.",
            )
        )


class NotConfirmedYet(Refusal):
    """Whom a walk-in is to be merged with has no ticket."""

    code = "not-confirmed"

    def __init__(self) -> None:
        sentence = Text(
            "该报名尚未确认，请先确认，再并入。",
            "That registration is not confirmed. Confirm it first, then merge.",
        )
        super().__init__(sentence, {"person": [sentence]})


@dataclass(frozen=True, slots=True)
class Namesake:
    """Somebody of the same name, as the door may know them. ticket: its id, "" without one."""

    name: str
    unit: str
    category: Text
    state: Text
    ticket: str


class NotForWalkIns(Refusal):
    """The category takes no walk-ins."""

    code = "no-walk-ins"

    def __init__(self) -> None:
        super().__init__(
            Text(
                "此类别不接受现场补报名，请改选类别或联系主办方。",
                "This category takes no walk-ins. Choose another, or ask the organiser.",
            )
        )


class KnownHere(Refusal):
    """The same person is registered already: there is a ticket to be found."""

    code = "already-registered"

    def __init__(self) -> None:
        super().__init__(
            Text(
                "此人已报名，请按姓名查找后签到，无需补报名。",
                "This person is registered already. Find them by name and check them in.",
            )
        )


class SameName(Refusal):
    """Somebody of this name is registered; only whoever stands there can tell if it is the same."""

    code = "same-name"

    def __init__(self, found: Sequence[Namesake]) -> None:
        super().__init__(
            Text(
                "已有同名人员，请先核对是否同一人。",
                "Somebody of this name is registered. Check first whether it is the same person.",
            )
        )
        self.found = found

    def members(self) -> Mapping[str, Any]:
        return {
            "people": [
                {
                    "name": one.name,
                    "unit": one.unit,
                    "category": {"zh": one.category.zh, "en": one.category.en},
                    "state": {"zh": one.state.zh, "en": one.state.en},
                    "code": f"id:{one.ticket}" if one.ticket else "",
                }
                for one in self.found
            ]
        }
