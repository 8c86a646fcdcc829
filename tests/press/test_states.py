"""Which states follow each other, and who may bring them about: every state with every actor."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from eduforum.press.rules import (
    APPLICATIONS,
    PASSES,
    Action,
    Actor,
    PassAction,
    PassState,
    State,
)
from eduforum.press.rules.states import (
    ACTION_NAMES,
    LIVE_PASSES,
    PASS_NAMES,
    STATE_NAMES,
    Machine,
    NotYours,
    TransitionNotAllowed,
    officer_as,
)
from eduforum.press.rules.words import (
    CHECK_NAMES,
    COVERAGE_NAMES,
    GROUP_NAMES,
    INTERVIEW_NAMES,
    ITEM_ASKS,
    ITEM_NAMES,
    METHOD_NAMES,
    OUTLET_STATE_NAMES,
    OUTLET_TYPE_NAMES,
    REASON_NAMES,
    ROLE_NAMES,
    VERDICT_NAMES,
    VISA_NAMES,
    ZONE_NAMES,
    Item,
    MediaGroup,
    OutletType,
    Visa,
    group_of,
    items_of,
)
from tests.golden import assert_golden

GOLDEN = Path(__file__).parent / "golden"


def told(machine: Machine[Any, Any], action: Any, state: Any, actor: Actor) -> str:
    try:
        return str(machine.after(action, state, actor).value)
    except TransitionNotAllowed:
        return "-"
    except NotYours:
        return "not yours"


def table(machine: Machine[Any, Any], states: Any, actions: Any) -> Iterator[str]:
    for state, actor in product(states, Actor):
        steps = [f"{a.value}={told(machine, a, state, actor)}" for a in actions]
        yield f"{state.value} · {actor.value}: {' '.join(step for step in steps if not step.endswith('=-'))}"


def test_every_state_with_every_actor() -> None:
    """What each may do, and what is refused to whom; what is not named raises for everybody."""
    lines = [
        "# applications",
        *table(APPLICATIONS, State, Action),
        "",
        "# passes",
        *table(PASSES, PassState, PassAction),
        "",
    ]
    assert_golden("\n".join(lines), GOLDEN / "states.txt")


@pytest.mark.parametrize(
    ("machine", "states"), [(APPLICATIONS, State), (PASSES, PassState)], ids=["application", "pass"]
)
def test_every_state_is_reached_and_only_ends_are_left_by_nothing(
    machine: Machine[Any, Any], states: Any
) -> None:
    steps = machine.transitions.values()
    reached = {after for step in steps for after in step.values()}
    left = {before for step in steps for before in step}
    first = {State.DRAFT, PassState.UNDECIDED}
    assert set(states) - reached - first == set()
    assert set(states) - left == {states["CLOSED"]}


def test_what_is_open_is_what_is_not_refused() -> None:
    for state, actor in product(State, Actor):
        open_to = APPLICATIONS.open_to(state, actor)
        for action in Action:
            refused = told(APPLICATIONS, action, state, actor) in ("-", "not yours")
            assert (action in open_to) is not refused


def test_nobody_decides_about_the_own_outlet_nor_about_the_own_decision() -> None:
    decisions = {Action.APPROVE, Action.HOLD, Action.REJECT, Action.UPHOLD, Action.OVERTURN}
    for state in State:
        assert not APPLICATIONS.open_to(state, Actor.TIED) & decisions
    for pass_state in PassState:
        assert not PASSES.open_to(pass_state, Actor.TIED) & {
            PassAction.APPROVE, PassAction.HOLD, PassAction.REJECT, PassAction.REINSTATE,
        }  # fmt: skip
    assert APPLICATIONS.open_to(State.APPEALED, Actor.FIRST) == frozenset()
    with pytest.raises(NotYours) as refused:
        APPLICATIONS.after(Action.UPHOLD, State.APPEALED, Actor.FIRST)
    assert refused.value.sentence.zh == "原决定由您作出，须由另一位媒体管理人员办理。"
    assert officer_as("user:1", first="user:1", tied=False) is Actor.FIRST
    assert officer_as("user:2", first="user:1", tied=False) is Actor.OFFICER
    assert officer_as("user:1", first="", tied=False) is Actor.OFFICER
    assert officer_as("user:1", first="user:1", tied=True) is Actor.TIED


def test_an_appeal_is_made_once() -> None:
    after = APPLICATIONS.after(Action.UPHOLD, State.APPEALED, Actor.OFFICER)
    with pytest.raises(TransitionNotAllowed) as refused:
        APPLICATIONS.after(Action.APPEAL, after, Actor.APPLICANT)
    assert refused.value.members() == {"state": "upheld"}


def test_a_pass_that_is_lost_admits_nobody_before_it_is_reissued() -> None:
    lost = PASSES.after(PassAction.LOSE, PassState.COLLECTED, Actor.OFFICER)
    assert lost not in LIVE_PASSES
    assert PASSES.open_to(lost, Actor.OFFICER) == {PassAction.REISSUE, PassAction.REVOKE}


def test_everything_has_a_name_in_both_languages() -> None:
    names = (
        STATE_NAMES, PASS_NAMES, ACTION_NAMES, CHECK_NAMES, COVERAGE_NAMES, GROUP_NAMES, INTERVIEW_NAMES,
        ITEM_ASKS, ITEM_NAMES, METHOD_NAMES, OUTLET_STATE_NAMES, OUTLET_TYPE_NAMES, REASON_NAMES, ROLE_NAMES,
        VERDICT_NAMES, VISA_NAMES, ZONE_NAMES,
    )  # fmt: skip
    for named in names:
        kind = type(next(iter(named)))
        assert set(kind) - set(named) <= {Visa.NONE}
        assert all(text.zh and text.en for text in named.values())


def test_foreign_media_are_asked_for_more() -> None:
    assert group_of(OutletType.NEW_MEDIA) is MediaGroup.MAINLAND
    assert group_of(OutletType.FOREIGN) is MediaGroup.FOREIGN
    whole, each = items_of(MediaGroup.FOREIGN)
    assert Item.CUSTOMS in whole
    assert Item.VISA in each
    assert items_of(MediaGroup.HK_MACAO_TAIWAN) == items_of(MediaGroup.MAINLAND)
