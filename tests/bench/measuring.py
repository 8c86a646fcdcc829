"""One table of works: how many a second, how long each took, what CPU it cost the server."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.bench.client import Outcome, Request, run
from tests.running import Server

CLIENTS = (1, 8, 32)
SERIES = "bench"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. Rates are per second, times in milliseconds."""

    engine: str
    work: str
    clients: int
    rate: float
    p50: float
    p99: float
    cpu: float
    ratio: float
    unexpected: int


class Bench:
    """Runs the works on one engine and keeps their rows."""

    def __init__(self, engine: str, server: Server, size: int, seconds: float) -> None:
        self.engine, self.server, self.size, self.seconds = engine, server, size, seconds
        self.rows: list[Row] = []
        self.floor: dict[int, float] = {}

    def work(
        self,
        name: str,
        requests: Callable[[int], Iterator[Request]],
        *,
        clients: int,
        expected: frozenset[int] = frozenset({200}),
        each: float = 1,
    ) -> Outcome:
        """Measure one work; `each` things are done by one request, or a part of one."""
        cpu = self.server.cpu()
        outcome = run(self.server.port, requests, clients=clients, seconds=self.seconds)
        done = max(1, len(outcome.times))
        rate = outcome.per_second * each
        if name == "healthz":
            self.floor[clients] = outcome.per_second
        row = Row(
            engine=self.engine,
            work=name,
            clients=clients,
            rate=rate,
            p50=outcome.percentile(50),
            p99=outcome.percentile(99),
            cpu=1000 * (self.server.cpu() - cpu) / done / each,
            ratio=outcome.per_second / self.floor.get(clients, outcome.per_second),
            unexpected=sum(n for s, n in outcome.statuses.items() if s not in expected),
        )
        self.rows.append(row)
        show(row)
        return outcome


def show(row: Row) -> None:
    say(
        f"{row.engine:<11}{row.work:<26}{row.clients:>4}{row.rate:>10.1f}{row.p50:>9.1f}"
        f"{row.p99:>9.1f}{row.cpu:>8.2f}{row.ratio:>8.2f}{row.unexpected:>6}"
    )


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def forever(path: str, *head: str) -> Callable[[int], Iterator[Request]]:
    def requests(_client: int) -> Iterator[Request]:
        while True:
            yield Request("GET", path, head=head)

    return requests
