"""One admission per ticket: eight gates read it within five milliseconds."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from tests.prove.harness import SERIES, Answer, Client, Seen, Site, site

GATES, TICKETS = 8, 1000
WITHIN = 0.005


def run(engine: str, scale: float, faults: str) -> Seen:
    number = max(20, round(TICKETS * scale))
    with site(engine, faults=faults) as place:
        place.command("sample", "people", str(number), "--series", SERIES)
        place.start()
        texts = [text for (text,) in place.rows(
            "SELECT text FROM tickets WHERE standing = 'valid' ORDER BY id")][:number]  # fmt: skip
        answers, spreads = asyncio.run(_race(place, texts))
        place.stop()
        doubled = place.rows(
            "SELECT ticket_id FROM scans WHERE verdict = 'admitted' "
            "GROUP BY ticket_id HAVING count(*) > 1"
        )
        stored = place.rows("SELECT count(*) FROM scans")[0][0]
        broken = [*judge(answers), *place.audit()]
        if doubled:
            broken.append(f"{len(doubled)} tickets admitted more than once")
        if stored != len(texts) * GATES:
            broken.append(f"{stored} scans stored of {len(texts) * GATES}")
    late = sum(spread > WITHIN for spread in spreads)
    figures = (
        f"{len(doubled)} doubles of {len(texts)} tickets at {GATES} gates; sent within "
        f"{1000 * sorted(spreads)[len(spreads) // 2]:.1f} ms (median), {late} later than 5 ms"
    )
    return Seen(figures, broken)


async def _race(place: Site, texts: list[str]) -> tuple[list[list[Answer | None]], list[float]]:
    head = place.token("read", "door")
    first = Client(place.port, head)
    listed = await first.ask("GET", f"/api/v1/series/{SERIES}/points")
    assert listed is not None
    assert listed.ok, listed
    point = next(one["id"] for one in listed.json()["items"] if one["kind"] == "arrival")
    gates = [Client(place.port, head) for _ in range(GATES)]
    for gate in gates:
        await gate.connected()
    answers, spreads = [], []
    for text in texts:
        sent: list[float] = []
        tasks = [_scan(gate, point, text, sent) for gate in gates]
        answers.append(await asyncio.gather(*tasks))
        spreads.append(max(sent) - min(sent))
    return answers, spreads


async def _scan(gate: Client, point: str, text: str, sent: list[float]) -> Answer | None:
    now = datetime.now(UTC).isoformat()
    scan = {"id": str(uuid4()), "seq": 1, "code": text, "direction": "in", "scanned_at": now}
    body = {"device_time": now, "scans": [scan]}
    sent.append(time.perf_counter())
    return await gate.ask("POST", f"/api/v1/points/{point}/scans", body)


def judge(answers: list[list[Answer | None]]) -> list[str]:
    """Exactly one gate opens; the others say when and where somebody was let in before."""
    wrong = 0
    for told in answers:
        results: list[Any] = [one.json()["results"][0] for one in told if one and one.ok]
        verdicts = sorted(result["verdict"] for result in results)
        places = [r["first"] for r in results if r["verdict"] == "already_admitted"]
        is_right = verdicts == ["admitted"] + ["already_admitted"] * (GATES - 1)
        is_right = is_right and all(p and p["at"] and p["point"] for p in places)
        wrong += not is_right
    return [f"{wrong} tickets were answered wrongly"] if wrong else []
