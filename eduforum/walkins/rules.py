"""The refusals of this room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text


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
