"""Callers that come while another is served are served together by whoever is next.

For small writes that come in crowds, as scans at the doors do: they share the statements, the
transaction and the sync that each would need alone. Why: docs/decisions/0018-scans-are-gathered.md.
"""

import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar, cast
from weakref import WeakValueDictionary

Job = TypeVar("Job")
Answer = TypeVar("Answer")


class _Turn(Generic[Job, Answer]):
    """One caller who waits for an answer."""

    __slots__ = ("answer", "error", "job", "served")

    def __init__(self, job: Job) -> None:
        self.job = job
        self.served = False
        self.answer: Answer | None = None
        self.error: BaseException | None = None


class _Line(Generic[Job, Answer]):
    """Those who wait under one key, and the lock of the one who serves."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.turns: deque[_Turn[Job, Answer]] = deque()


class Gathering(Generic[Job, Answer]):
    """Serves the jobs of several threads by one call of `serve` for those with the same key.

    serve: gets at most `most` jobs in the order they came and gives an answer for each, or raises
    and has done nothing; then each is served alone, so that none fails for another's sake.
    """

    def __init__(self, serve: Callable[[Sequence[Job]], Sequence[Answer]], most: int) -> None:
        self._serve = serve
        self._most = most
        self._guard = threading.Lock()
        self._lines: WeakValueDictionary[Hashable, _Line[Job, Answer]] = WeakValueDictionary()

    def ask(self, key: Hashable, job: Job) -> Answer:
        """The answer to `job`, or what `serve` raised for it."""
        turn: _Turn[Job, Answer] = _Turn(job)
        with self._guard:
            line = self._lines.get(key)
            if line is None:
                line = self._lines[key] = _Line()
            line.turns.append(turn)
        while not turn.served:
            with line.lock:
                if not turn.served:
                    self._serve_all([line.turns.popleft() for _ in range(self._share(line))])
        if turn.error is not None:
            raise turn.error
        return cast(Answer, turn.answer)

    def _share(self, line: _Line[Job, Answer]) -> int:
        return min(len(line.turns), self._most)

    def _serve_all(self, turns: Sequence[_Turn[Job, Answer]]) -> None:
        try:
            answers = self._serve([turn.job for turn in turns])
        except BaseException as error:
            if len(turns) == 1 or not isinstance(error, Exception):
                for turn in turns:
                    turn.error, turn.served = error, True
            else:
                for turn in turns:
                    self._serve_all([turn])
        else:
            for turn, answer in zip(turns, answers, strict=True):
                turn.answer, turn.served = answer, True
