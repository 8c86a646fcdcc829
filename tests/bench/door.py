"""What a device at a door fetches: everything once, then what has changed."""

import gzip
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any
from uuid import uuid4

from tests.bench.measuring import Bench, say

CHANGES = 100


def bundle(bench: Bench, point: str, token: str, texts: list[str]) -> dict[str, float]:
    """Fetch the whole bundle as a phone does, let `CHANGES` people in, fetch what is new."""
    link = HTTPConnection("127.0.0.1", bench.server.port)
    head = {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"}
    began = time.perf_counter()
    pages = list(_pages(link, point, head, ""))
    seconds = time.perf_counter() - began
    _scan(link, point, head, texts[-CHANGES:])
    news = list(_pages(link, point, head, pages[-1][1]["cursor"]))
    found = {
        "bundle_tickets": sum(len(page["roster"]) for _, page in pages),
        "bundle_bytes_gzipped": sum(size for size, _ in pages),
        "bundle_seconds": seconds,
        "delta_after_100_bytes_gzipped": sum(size for size, _ in news),
    }
    say(
        f"{bench.engine:<11}bundle of {found['bundle_tickets']} tickets: "
        f"{found['bundle_bytes_gzipped'] / 1e6:.2f} MB gzipped in {len(pages)} pages, "
        f"{seconds:.1f} s; after {CHANGES} changes {found['delta_after_100_bytes_gzipped']} bytes"
    )
    return found


def _pages(
    link: HTTPConnection, point: str, head: dict[str, str], cursor: str
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each page with its bytes on the line."""
    more = True
    while more:
        link.request("GET", f"/api/v1/points/{point}/bundle?cursor={cursor}", headers=head)
        answer = link.getresponse()
        sent = answer.read()
        is_packed = answer.headers.get("Content-Encoding") == "gzip"
        page = json.loads(gzip.decompress(sent) if is_packed else sent)
        cursor, more = page["cursor"], page["more"]
        yield len(sent), page


def _scan(link: HTTPConnection, point: str, head: dict[str, str], texts: list[str]) -> None:
    now = datetime.now(UTC).isoformat()
    scans = [
        {"id": str(uuid4()), "seq": 1, "code": text, "direction": "in", "scanned_at": now}
        for text in texts
    ]
    body = json.dumps({"device_time": now, "scans": scans})
    path = f"/api/v1/points/{point}/scans"
    link.request("POST", path, body, head | {"Content-Type": "application/json"})
    answer = link.getresponse()
    assert answer.status == 200, answer.read()
    answer.read()
