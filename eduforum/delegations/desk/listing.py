"""All delegations of a series: how far each is, who came, whether its link works."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue

from eduforum.core import clock
from eduforum.core.i18n import Text
from eduforum.delegations import queries
from eduforum.delegations.desk.frame import READERS, ROOT, Came, may_act, pages, who_came
from eduforum.delegations.queries import Counts
from eduforum.delegations.services.letters import total_of
from eduforum.events.access import guarded_series
from eduforum.registration.models import Delegation, Pool
from eduforum.registration.rules import State
from eduforum.web.access import requires


@dataclass(frozen=True, slots=True)
class Line:
    """One delegation in the list."""

    delegation: Delegation
    counts: Counts
    pools: Sequence[Pool]
    came: Came | None
    over: bool

    @property
    def total(self) -> int | None:
        return total_of(self.pools)

    def count(self, *states: State) -> int:
        return sum(self.counts.states.get(state, 0) for state in states)

    @property
    def standing(self) -> tuple[Text, str]:
        """How it stands, and the tone of that."""
        if self.delegation.revoked_at is not None:
            return Text("链接已停用", "Link revoked"), "idle"
        if self.count(State.RETURNED):
            return Text("有退回待更正", "Corrections asked"), "bad"
        if self.over:
            return Text("已截止", "Closed"), "idle"
        if self.counts.drafts:
            return Text("填写中", "Being filled in"), "wait"
        if self.delegation.submitted_at is not None:
            return Text("已报送", "Reported"), "ok"
        return Text("未报送", "Nothing yet"), "wait"


@pages.get(ROOT)
@requires(*READERS)
def delegations(series: str) -> ResponseReturnValue:
    """The list, with totals."""
    here = guarded_series()
    found = queries.delegations_of(here.id)
    counts = queries.counts_of(here.id)
    pools = queries.pools_of([one.id for one in found])
    came, now = who_came(), clock.now()
    lines = [
        Line(
            one,
            counts.get(one.id, Counts()),
            pools[one.id],
            came.get(one.id),
            now >= one.edit_until,
        )
        for one in found
    ]
    return render_template(
        "delegations/desk_list.html",
        lines=lines,
        any_came=any(line.came for line in lines),
        may_act=may_act(),
        states=State,
    )
