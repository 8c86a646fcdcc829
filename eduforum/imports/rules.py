"""What may happen to an import, and what its rows turn out to be. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from eduforum.core.errors import BadInput, Refusal
from eduforum.core.i18n import Text, plural

CHUNK = 200
"""Rows that are handled while the database is held."""
LEASE = timedelta(minutes=1)
KEPT = timedelta(days=1)
"""How long an import that nobody finishes keeps what it read."""
MOST_ATTEMPTS = 5
"""Times that work on an import may break off without getting further."""


class ImportState(StrEnum):
    CHECKING = "checking"
    CHECKED = "checked"
    PUBLISHING = "publishing"
    TELLING = "telling"
    DONE = "done"
    REFUSED = "refused"
    DISCARDED = "discarded"


STATE_NAMES = {
    ImportState.CHECKING: Text("核对中", "Being checked"),
    ImportState.CHECKED: Text("待确认", "Waits for you"),
    ImportState.PUBLISHING: Text("导入中", "Being imported"),
    ImportState.TELLING: Text("已导入，正在生成通知", "Imported; letters are being queued"),
    ImportState.DONE: Text("已完成", "Done"),
    ImportState.REFUSED: Text("未导入", "Nothing was imported"),
    ImportState.DISCARDED: Text("已放弃", "Discarded"),
}
WORKING = frozenset({ImportState.CHECKING, ImportState.PUBLISHING, ImportState.TELLING})
"""States in which a worker has something to do."""
UNFINISHED = WORKING | {ImportState.CHECKED, ImportState.REFUSED}


class Action(StrEnum):
    END_CHECK = "end_check"
    CHECK_AGAIN = "check_again"
    COMMIT = "commit"
    PUBLISH = "publish"
    REFUSE = "refuse"
    FINISH = "finish"
    DISCARD = "discard"


_S = ImportState
TRANSITIONS: Mapping[Action, Mapping[ImportState, ImportState]] = {
    Action.END_CHECK: {_S.CHECKING: _S.CHECKED},
    Action.CHECK_AGAIN: {_S.CHECKED: _S.CHECKING, _S.REFUSED: _S.CHECKING},
    Action.COMMIT: {_S.CHECKED: _S.PUBLISHING},
    Action.PUBLISH: {_S.PUBLISHING: _S.TELLING},
    Action.REFUSE: {_S.CHECKING: _S.REFUSED, _S.PUBLISHING: _S.REFUSED},
    Action.FINISH: {_S.TELLING: _S.DONE},
    Action.DISCARD: {
        _S.CHECKING: _S.DISCARDED,
        _S.CHECKED: _S.DISCARDED,
        _S.REFUSED: _S.DISCARDED,
    },
}


class ImportNotAllowed(Refusal):
    """What was asked does not fit the state that the import is in."""

    code = "transition-not-allowed"

    def __init__(self, state: ImportState) -> None:
        super().__init__(
            Text(
                "导入当前为“{state}”，不能进行此操作。",
                "This cannot be done: the import is in the state “{state}”.",
            ).fill(state=STATE_NAMES[state])
        )
        self.state = state

    def members(self) -> Mapping[str, object]:
        return {"state": self.state.value}


def after(action: Action, state: ImportState) -> ImportState:
    """The state that `action` leads to. Raises `ImportNotAllowed`."""
    try:
        return TRANSITIONS[action][state]
    except KeyError:
        raise ImportNotAllowed(state) from None


class Outcome(StrEnum):
    """What a row turns out to be. Only `new` ones register somebody."""

    NEW = "new"
    UNCHANGED = "unchanged"
    DIFFERS = "differs"
    ENDED = "ended"
    REPEATED = "repeated"
    HIDDEN = "hidden"
    REFUSED = "refused"


OUTCOME_NAMES = {
    Outcome.NEW: Text("新增", "New"),
    Outcome.UNCHANGED: Text("已报名，无变化", "Registered, unchanged"),
    Outcome.DIFFERS: Text("已报名，信息不同", "Registered, differs"),
    Outcome.ENDED: Text("曾报名，已取消", "Was registered"),
    Outcome.REPEATED: Text("文件内重复", "Repeated in the file"),
    Outcome.HIDDEN: Text("隐藏行", "Hidden row"),
    Outcome.REFUSED: Text("需更正", "To be corrected"),
}
OUTCOME_NOTES = {
    Outcome.NEW: Text("将报名", "will be registered"),
    Outcome.UNCHANGED: Text("不再导入", "stay as they are"),
    Outcome.DIFFERS: Text(
        "保留现有信息，请在报名详情中修改", "keep what is stored; change it on their own page"
    ),
    Outcome.ENDED: Text(
        "不会重新报名，如需恢复请代为报名",
        "are not registered again; register them by hand if wanted",
    ),
    Outcome.REPEATED: Text("只导入一次", "count once"),
    Outcome.HIDDEN: Text("未读取", "are not read"),
    Outcome.REFUSED: Text("更正后请重新上传", "correct the file and upload it again"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in one cell. column: its letters, "" where the sheet has no such column.

    heading: what the column means. value: what stands there, as in the sheet.
    """

    column: str
    heading: Text
    value: str
    reason: Text

    def as_json(self) -> dict[str, object]:
        return {
            "column": self.column,
            "heading": {"zh": self.heading.zh, "en": self.heading.en},
            "value": self.value,
            "reason": {"zh": self.reason.zh, "en": self.reason.en},
        }


@dataclass(frozen=True, slots=True)
class Shortage:
    """A pool with fewer free seats than the import needs."""

    pool: Text
    needs: int
    free: int


class NotEnoughSeats(Refusal):
    """A group is taken whole or not at all; the sentence names every pool that is too small."""

    code = "pool-full"

    def __init__(self, short: Sequence[Shortage]) -> None:
        each = [
            Text(
                "“{pool}”需要 {needs} 席，空席 {free}", "“{pool}” needs {needs} and has {free} free"
            ).fill(pool=one.pool, needs=one.needs, free=one.free)
            for one in short
        ]
        super().__init__(
            Text(
                f"名额不足，未导入任何人：{'；'.join(one.zh for one in each)}。",
                f"Not enough seats, nobody was imported: {'; '.join(one.en for one in each)}.",
            )
        )
        self.pool = short[0].pool

    def members(self) -> Mapping[str, object]:
        return {"pool": {"zh": self.pool.zh, "en": self.pool.en}}


class BadRows(BadInput):
    """Rows are to be corrected first: a list is imported whole or not at all."""

    code = "import-refused"

    def __init__(self, count: int) -> None:
        super().__init__(
            plural(
                count,
                "有 {n} 行需更正，未导入任何人。请更正文件后重新上传。",
                "{n} row is to be corrected, nobody was imported. Correct the file and upload it"
                " again.",
                "{n} rows are to be corrected, nobody was imported. Correct the file and upload"
                " it again.",
            )
        )


class NothingNew(Refusal):
    """Everybody in the list is registered already."""

    code = "nothing-new"

    def __init__(self) -> None:
        super().__init__(Text("名单中没有需要新增的人员。", "Nobody in the list is new."))


class Overtaken(Refusal):
    """Between the check and the import somebody registered the same person."""

    code = "import-overtaken"

    def __init__(self) -> None:
        super().__init__(
            Text(
                "核对后报名情况有变化，未导入任何人。请重新核对。",
                "Registrations have changed since the check; nobody was imported. Check it again.",
            )
        )


class ImportBroken(Refusal):
    """The work broke off again and again."""

    code = "import-broken"

    def __init__(self) -> None:
        super().__init__(
            Text(
                "系统多次未能完成，未导入任何人。请重新核对，仍不成功时请联系管理员。",
                "The system could not finish it; nobody was imported. Check it again, and tell an"
                " administrator if it fails once more.",
            )
        )
