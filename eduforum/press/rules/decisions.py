"""What a decision must hold. Pure."""

from collections.abc import Collection, Iterable
from datetime import datetime

from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text
from eduforum.press.rules.forms import ROUNDS
from eduforum.press.rules.words import NEEDS_SECOND, Zone


class OutletNotVerified(Refusal):
    code = "outlet-not-verified"

    def __init__(self) -> None:
        super().__init__(
            Text(
                "单位尚未核实，请先核实单位。",
                "The outlet is not verified yet: do that first.",
            )
        )


class NoMoreRounds(Refusal):
    code = "no-more-rounds"

    def __init__(self) -> None:
        super().__init__(
            Text(
                "已要求补充 {n} 次，不能再要求补充，请作出决定。",
                "More was asked for {n} times already: please decide.",
            ).fill(n=ROUNDS)
        )


class CheckNotClear(Refusal):
    code = "check-not-clear"

    def __init__(self, name: str) -> None:
        super().__init__(
            Text(
                "{name}的安全核查尚未通过，不能批准。",
                "{name} has no clear security check and cannot be approved.",
            ).fill(name=name)
        )


class AlreadyAccredited(Refusal):
    """The same person has a pass by another application."""

    code = "already-accredited"

    def __init__(self, name: str, outlet: Text) -> None:
        super().__init__(
            Text(
                "{name}已由“{outlet}”取得采访证，一人一证，不能重复批准。",
                "{name} has a pass from “{outlet}” already; there is one for each person.",
            ).fill(name=name, outlet=outlet)
        )


class NothingProposed(Refusal):
    code = "nothing-proposed"

    def __init__(self) -> None:
        super().__init__(Text("没有待复核的区域。", "No zone waits for a second officer."))


def bad(field: str, zh: str, en: str) -> BadInput:
    """A refusal that belongs beside one field."""
    sentence = Text(zh, en)
    return BadInput(sentence, {field: [sentence]})


def check_deadline(answer_by: datetime | None, now: datetime) -> datetime:
    """Raises `BadInput` beside `answer_by` for none, and for one that has passed."""
    if answer_by is None:
        raise bad("answer_by", "请填写答复期限。", "Say until when they should answer.")
    if answer_by <= now:
        raise bad("answer_by", "答复期限须晚于现在。", "The deadline must lie in the future.")
    return answer_by


def split_zones(zones: Iterable[Zone]) -> tuple[list[str], list[str]]:
    """(granted at once, proposed to a second officer), each in the order of the letters."""
    chosen = sorted(set(zones), key=lambda zone: zone.value)
    now = [zone.value for zone in chosen if zone not in NEEDS_SECOND]
    later = [zone.value for zone in chosen if zone in NEEDS_SECOND]
    return now, later


def check_grant(zones: Collection[Zone], since: datetime, until: datetime) -> None:
    """Raises `BadInput`: a pass admits somewhere, for a time."""
    if not zones:
        raise bad("zones", "请至少选择一个区域。", "Choose at least one zone.")
    if until <= since:
        raise bad("valid_until", "有效期的结束须晚于开始。", "It must end after it begins.")
