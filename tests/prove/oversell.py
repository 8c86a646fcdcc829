"""Never one seat over: 2,000 people, 64 connections, 50 seats, and the server dies three times."""

import asyncio
import random
from itertools import count
from uuid import uuid4

from tests.prove.harness import Client, History, Seen, Site, person, registered, say, site, together

SEATS, CONNECTIONS, PEOPLE, RUNS, KILLS = 50, 64, 2000, 20, 3


def run(engine: str, scale: float, faults: str) -> Seen:
    runs = max(1, round(RUNS * scale))
    people = PEOPLE if scale >= 0.1 else max(200, round(PEOPLE * scale * 10))
    categories = [(f"run-{n}", SEATS) for n in range(runs)]
    broken: list[str] = []
    answered = unknown = 0
    with site(engine, categories, faults=faults) as place:
        place.start()
        head = place.token("register")
        for category, _ in categories:
            told = rush(place, head, category, people)
            wrong = compare(place, category, told)
            answered, unknown = (
                answered + len(told.ok) + len(told.refused),
                unknown + len(told.unknown),
            )
            broken += [f"{category}: {word}" for word in wrong]
            say(f"    {category}: {len(told.ok)} seats told, {told.statuses()}, "
                f"{len(told.unknown)} unknown{', BROKEN' if wrong else ''}")  # fmt: skip
        place.stop()
        broken += place.audit()
        over = place.rows("SELECT coalesce(sum(held - size), 0) FROM pools WHERE held > size")[0][0]
        figures = (
            f"{over} over in {runs} runs of {people} POSTs, {KILLS} kills each: "
            f"{answered} answered, {unknown} unknown, {place.starts} starts"
        )
    return Seen(figures, broken)


def rush(place: Site, head: str, category: str, people: int) -> History:
    told, numbers = History(), count()
    offset = random.randrange(10_000) * 10_000

    async def _client() -> None:
        client = Client(place.port, head)
        for number in numbers:
            if number >= people:
                break
            key = f"Idempotency-Key: {uuid4()}"
            body = person(offset + number, category)
            answer = await client.ask("POST", "/api/v1/series/prove/registrations", body, key)
            told.note(str(number), answer, registered)
        client.close()

    async def _killer() -> None:
        for share in sorted(random.uniform(0.02, 0.8) for _ in range(KILLS)):
            while len(told.ok) + len(told.refused) + len(told.unknown) < share * people:
                await asyncio.sleep(0.01)
            place.kill_one()

    together(*(_client() for _ in range(CONNECTIONS)), _killer())
    place.wait_ready()
    return told


def compare(place: Site, category: str, told: History) -> list[str]:
    kept = {
        str(one).replace("-", "")
        for (one,) in place.rows(
            "SELECT r.id FROM registrations r JOIN categories c ON c.id = r.category_id "
            f"WHERE c.code = '{category}' AND r.state = 'confirmed'"
        )
    }
    wrong = told.server_errors()
    if len(kept) > SEATS:
        wrong.append(f"{len(kept)} people on {SEATS} seats")
    if lost := set(told.ok.values()) - kept:
        wrong.append(f"{len(lost)} were told of a seat that is not there")
    if len(kept) < SEATS and len(told.refused) > len(told.unknown):
        wrong.append(f"only {len(kept)} of {SEATS} seats were given")
    return wrong
