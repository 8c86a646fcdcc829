"""A closed loop of HTTP clients: each sends its next request when it has its last answer."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import quantiles


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `head` holds further header lines without line ends."""

    method: str
    path: str
    body: bytes = b""
    head: tuple[str, ...] = ()


@dataclass(slots=True)
class Outcome:
    """What a run gave. Times are seconds; `statuses` counts answers by status."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.times) / self.seconds if self.seconds else 0.0

    def percentile(self, percent: int) -> float:
        """In milliseconds."""
        if len(self.times) < 2:
            return 1000 * (self.times or [0.0])[0]
        return 1000 * quantiles(self.times, n=100, method="inclusive")[percent - 1]


def run(
    port: int,
    requests: Callable[[int], Iterator[Request]],
    *,
    clients: int,
    seconds: float,
    keep_bodies: bool = False,
) -> Outcome:
    """Let `clients` loop for `seconds`, each over its own `requests(client number)`."""
    return asyncio.run(_run(port, requests, clients, seconds, keep_bodies))


async def _run(
    port: int,
    requests: Callable[[int], Iterator[Request]],
    clients: int,
    seconds: float,
    keep_bodies: bool,
) -> Outcome:
    outcome = Outcome()
    started = time.perf_counter()
    ends = started + seconds
    await asyncio.gather(
        *(_loop(port, requests(number), ends, outcome, keep_bodies) for number in range(clients))
    )
    outcome.seconds = time.perf_counter() - started
    return outcome


async def _loop(
    port: int, requests: Iterator[Request], ends: float, outcome: Outcome, keep: bool
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        if time.perf_counter() >= ends:
            break
        began = time.perf_counter()
        writer.write(_wire(request))
        status, body, closes = await _answer(reader)
        outcome.times.append(time.perf_counter() - began)
        outcome.statuses[status] = outcome.statuses.get(status, 0) + 1
        if keep:
            outcome.bodies.append(body)
        if closes:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


def _wire(request: Request) -> bytes:
    lines = [
        f"{request.method} {request.path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Content-Length: {len(request.body)}",
        *request.head,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + request.body


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = int(head[9:12])
    fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    if fields.get("transfer-encoding") == "chunked":
        body = await _chunks(reader)
    else:
        length = int(fields.get("content-length", "0"))
        body = await reader.readexactly(length) if length else b""
    return status, body, fields.get("connection") == "close"


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while size := int(await reader.readline(), 16):
        parts.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(parts)
