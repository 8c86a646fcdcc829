"""Threads that ask together are served together, each with its own answer or failure."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from eduforum.core.gathering import Gathering


class Doubler:
    """Doubles numbers; refuses 13 as a whole; the first call waits until `gate` opens."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.entered, self.gate = threading.Event(), threading.Event()

    def __call__(self, jobs: Sequence[int]) -> list[int]:
        self.calls.append(list(jobs))
        self.entered.set()
        self.gate.wait(10)
        if 13 in jobs:
            raise ValueError("13 is refused")
        return [2 * job for job in jobs]


def _ask_behind(doubler: Doubler, gathering: Gathering[int, int], jobs: range) -> list[object]:
    """Ask for 0 first, for all `jobs` while that is served, and give all answers or errors."""

    def ask(job: int) -> object:
        try:
            return gathering.ask("point", job)
        except Exception as error:
            return str(error)

    with ThreadPoolExecutor(len(jobs) + 1) as pool:
        first = pool.submit(ask, 0)
        assert doubler.entered.wait(10)
        others = []
        for count, job in enumerate(jobs, 1):
            others.append(pool.submit(ask, job))
            while len(gathering._lines["point"].turns) < count:
                pass  # they stand in line in the order of their numbers
        doubler.gate.set()
        return [first.result(), *(other.result() for other in others)]


def test_who_waits_is_served_by_one_call_in_order() -> None:
    doubler = Doubler()
    gathering = Gathering(doubler, most=64)
    assert _ask_behind(doubler, gathering, range(1, 11)) == [2 * n for n in range(11)]
    assert doubler.calls == [[0], list(range(1, 11))]


def test_a_crowd_is_served_in_portions() -> None:
    doubler = Doubler()
    gathering = Gathering(doubler, most=4)
    assert _ask_behind(doubler, gathering, range(1, 11)) == [2 * n for n in range(11)]
    assert [len(call) for call in doubler.calls] == [1, 4, 4, 2]


def test_one_refused_does_not_take_the_others_along() -> None:
    doubler = Doubler()
    gathering = Gathering(doubler, most=64)
    answers = _ask_behind(doubler, gathering, range(11, 16))
    assert answers == [0, 22, 24, "13 is refused", 28, 30]


def test_other_keys_do_not_wait() -> None:
    doubler = Doubler()
    gathering = Gathering(doubler, most=64)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(gathering.ask, "a", 1)
        assert doubler.entered.wait(10)
        second = pool.submit(gathering.ask, "b", 2)
        while len(doubler.calls) < 2:
            pass
        doubler.gate.set()
        assert (first.result(), second.result()) == (2, 4)


def test_a_stop_in_the_middle_reaches_everybody() -> None:
    def stop(jobs: Sequence[int]) -> list[int]:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        Gathering(stop, most=4).ask("point", 1)
