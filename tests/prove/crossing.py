"""What gates have scanned comes up, whatever happens on the way: answers cut, the server killed.

Every gate has its scans on its disk before anybody asks the server, and sends them until it has an
answer, as the door app does. Of the answers 30 % are cut after the scans were sent; meanwhile the
server is killed, most often in the middle of a batch.
"""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from tests.prove.harness import SERIES, Answer, Client, Seen, Site, say, site, together

GATES, SCANS, KILLS = 8, 16_000, 50
BATCH = 50
CUT = 0.3


def run(engine: str, scale: float, faults: str) -> Seen:
    kills, scans = max(2, round(KILLS * scale)), max(GATES * BATCH, round(SCANS * scale))
    with site(engine, faults=faults) as place:
        place.command("sample", "people", str(min(1000, scans // 4)), "--series", SERIES)
        place.start()
        texts = [row[0] for row in place.rows("SELECT text FROM tickets WHERE standing = 'valid'")]
        head, point = place.token("read", "door"), place.arrival_point()
        gates = [_Gate(place, head, point, _batches(texts, scans // GATES)) for _ in range(GATES)]
        done = _storm(place, gates, kills)
        place.wait_ready()
        stored = {
            _name(name): verdict for name, verdict in place.rows("SELECT id, verdict FROM scans")
        }
        doubled = place.rows(
            "SELECT ticket_id FROM scans WHERE verdict = 'admitted' "
            "GROUP BY ticket_id HAVING count(*) > 1"
        )
        place.stop()
        broken = place.audit()
    told = {name: verdict for gate in gates for name, verdict in gate.told.items()}
    lost = set(told) - set(stored)
    changed = [name for name in set(told) & set(stored) if told[name] != stored[name]]
    strange = set(stored) - set(told)
    for number, words in (
        (len(lost), "scans that were answered are gone"),
        (len(doubled), "tickets were admitted twice"),
        (len(changed), "scans got another answer than is stored"),
        (len(strange), "scans are stored that no gate knows to be"),
    ):
        if number:
            broken.append(f"{number} {words}")
    figures = (
        f"{len(lost)} lost and {len(doubled)} twice of {len(told)} scans at {GATES} gates; "
        f"{sum(gate.cut for gate in gates)} of {sum(gate.asked for gate in gates)} answers cut, "
        f"{done} kills -9, {sum(gate.again for gate in gates)} scans sent more than once"
    )
    return Seen(figures, broken)


def _name(kept: Any) -> str:
    return UUID(str(kept)).hex


def _batches(texts: list[str], number: int) -> list[list[dict[str, Any]]]:
    now = datetime.now(UTC).isoformat()
    scans = [
        {"id": str(uuid4()), "seq": seq, "code": random.choice(texts), "direction": "in",
         "scanned_at": now}
        for seq in range(1, number + 1)
    ]  # fmt: skip
    return [scans[start : start + BATCH] for start in range(0, number, BATCH)]


@dataclass(slots=True)
class _Gate:
    """One gate with its scans. told: the answer to each, once it has come."""

    place: Site
    head: str
    point: str
    batches: list[list[dict[str, Any]]]
    told: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    cut: int = 0
    again: int = 0

    async def deliver(self, storm: "_Storm") -> None:
        client = Client(self.place.port, self.head)
        for batch in self.batches:
            await storm.pace()
            while not self._heard(await self._send(client, batch)):
                self.again += len(batch)
        client.close()

    async def _send(self, client: Client, batch: list[dict[str, Any]]) -> Answer | None:
        """Send once; None where no answer comes, or it is cut."""
        body = {"device_time": datetime.now(UTC).isoformat(), "scans": batch}
        self.asked += 1
        answer = await client.ask("POST", f"/api/v1/points/{self.point}/scans", body)
        if random.random() < CUT:
            self.cut += 1
            client.close()
            return None
        return answer

    def _heard(self, answer: Answer | None) -> bool:
        if answer is None or not answer.ok:
            return False
        for result in answer.json()["results"]:
            self.told[_name(result["id"])] = result["verdict"]
        return True


class _Storm:
    """Kills while the gates deliver; the gates never come to their end before the kills do."""

    def __init__(self, place: Site, kills: int, batches: int) -> None:
        self.place, self.kills, self.batches = place, kills, batches
        self.done = self.sent = 0

    async def pace(self) -> None:
        self.sent += 1
        while self.done < self.kills and self.sent > self.batches * (self.done + 1) / self.kills:
            await asyncio.sleep(0.02)

    async def kill(self) -> None:
        while self.done < self.kills:
            await asyncio.sleep(random.uniform(0.05, 0.4))
            if random.random() < 0.25:
                self.place.kill_all()
            else:
                self.place.kill_one()
            await asyncio.sleep(0.2)
            await asyncio.to_thread(self.place.wait_ready)
            self.done += 1
            if self.done % 10 == 0:
                say(f"    {self.done} kills, {self.sent} batches")


def _storm(place: Site, gates: list[_Gate], kills: int) -> int:
    storm = _Storm(place, kills, sum(len(gate.batches) for gate in gates))
    together(*(gate.deliver(storm) for gate in gates), storm.kill())
    return storm.done
