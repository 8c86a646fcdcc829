"""Two hosts on one PostgreSQL and one Redis; one host dies while 2,000 people register.

Each host is a network namespace of its own on one bridge, so that everything they share goes over
a network. The run itself moves into the namespace of the database.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from tests import postgres, redis_server
from tests.prove.harness import (
    Answer,
    CannotRun,
    Client,
    History,
    Seen,
    Site,
    person,
    registered,
    say,
    series_file,
    together,
)
from tests.running import ROOT

DATABASE, HOSTS = "eduforum-db", ("eduforum-a", "eduforum-b")
ADDRESS = {DATABASE: "10.77.0.1", HOSTS[0]: "10.77.0.2", HOSTS[1]: "10.77.0.3"}
PORT = 8000
PEOPLE, CONNECTIONS, SEATS_SHARE, DIES_AT = 2000, 32, 0.25, 0.3
ENROL_LIMIT = 20
"""So often one network may try an enrol code, whichever host it asks (`checkin.api`)."""


def run(_engine: str, scale: float, faults: str) -> Seen:
    """Lay the network, and run `_inside` where the database is."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        raise CannotRun("network namespaces need root and the program ip (iproute2)")
    if shutil.which("redis-server") is None:
        raise CannotRun("found no redis-server")
    with _network():
        command = ["ip", "netns", "exec", DATABASE, sys.executable, "-m", "tests.prove.hosts"]
        ended = subprocess.run(
            [*command, "--people", str(max(200, round(PEOPLE * scale))), "--faults", faults],
            cwd=ROOT, check=False, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
    if ended.returncode:
        return Seen("the run itself failed", ["no figures"])
    found = json.loads(ended.stdout.splitlines()[-1])
    return Seen(found["figures"], found["broken"])


@contextmanager
def _network() -> Iterator[None]:
    """A bridge in the namespace of the database, and a cable from it to each host."""
    names = (DATABASE, *HOSTS)
    try:
        for name in names:
            _ip("netns", "add", name)
            _ip("-n", name, "link", "set", "lo", "up")
        _ip("-n", DATABASE, "link", "add", "br0", "type", "bridge")
        _ip("-n", DATABASE, "addr", "add", f"{ADDRESS[DATABASE]}/24", "dev", "br0")
        _ip("-n", DATABASE, "link", "set", "br0", "up")
        for number, name in enumerate(HOSTS):
            end = f"to-{number}"
            _ip("-n", DATABASE, "link", "add", end, "type", "veth", "peer", "eth0", "netns", name)
            _ip("-n", DATABASE, "link", "set", end, "master", "br0", "up")
            _ip("-n", name, "addr", "add", f"{ADDRESS[name]}/24", "dev", "eth0")
            _ip("-n", name, "link", "set", "eth0", "up")
        yield
    except subprocess.CalledProcessError as error:
        raise CannotRun(f"the network could not be laid: {error.stderr.strip()}") from None
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


class Host(Site):
    """A server in the namespace `name`, with a data directory of its own."""

    def __init__(self, name: str, folder: Path, uri: str, **settings: str) -> None:
        super().__init__(folder, uri, **settings)
        self.name, self.address, self.port = name, ADDRESS[name], PORT
        self.env["PORT"] = str(PORT)
        self.launcher = ("ip", "netns", "exec", name)


def _inside(people: int, faults: str) -> Seen:
    with ExitStack() as stack:
        around = Path(stack.enter_context(tempfile.TemporaryDirectory(dir="/var/tmp")))
        around.chmod(0o755)
        address = ADDRESS[DATABASE]
        cluster = stack.enter_context(
            postgres.start(durable=True, parent=around, address=address, network="10.77.0.0/24")
        )
        uri = postgres.create_database(cluster, "prove").replace("127.0.0.1", address)
        redis = stack.enter_context(redis_server.running(around, host=address, port=6379))
        hosts = _installed(around, uri, redis, people, faults)
        for host in hosts:
            stack.callback(host.stop)
            host.start()
        return _register(hosts, people)


def _installed(around: Path, uri: str, redis: str, people: int, faults: str) -> list[Host]:
    settings = {
        "EDUFORUM_SECRET_KEY": "the same on every host, for this run",
        "EDUFORUM_REDIS_URL": redis,
        "EDUFORUM_BASE_URL": "https://forum.example.org",
        "EDUFORUM_BIND": "0.0.0.0",
        "EDUFORUM_WORKERS": "1",
        "EDUFORUM_BACKUP_AT": "",
    }
    if faults:
        settings |= {"EDUFORUM_TESTING": "true", "EDUFORUM_TEST_FAULTS": faults}
    hosts = []
    for name in HOSTS:
        folder = around / name
        folder.mkdir()
        hosts.append(Host(name, folder, uri, **settings))
    first, second = hosts
    first.command("db", "upgrade")
    day_1 = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()
    file = series_file(around, [("visitor", round(SEATS_SHARE * people))])
    first.command("series", "load", str(file), "--on", day_1)
    first.change("UPDATE pools SET waiting_limit = 0")
    shutil.copy(first.folder / "encryption_keys.json", second.folder)
    return hosts


def _register(hosts: list[Host], people: int) -> Seen:
    told, dead, numbers = History(), set[str](), iter(range(people))
    head = hosts[0].token("register")
    together(
        *(_client(hosts, head, numbers, told, dead, place) for place in range(CONNECTIONS)),
        _death(hosts[0], people, told, dead),
    )
    survivor = hosts[1]
    kept = survivor.ids("registrations")
    seats = round(SEATS_SHARE * people)
    broken = told.server_errors() + survivor.audit()
    if lost := set(told.ok.values()) - kept:
        broken.append(f"{len(lost)} were told of a seat that is not there")
    if len(kept) != seats:
        broken.append(f"{len(kept)} people on {seats} seats")
    if unanswered := people - len(told.ok) - len(told.refused):
        broken.append(f"{unanswered} never had an answer")
    hosts[0].start()  # the host comes back, and what both count is one count
    through = _tries(hosts)
    if through != ENROL_LIMIT:
        broken.append(f"{through} tries of {ENROL_LIMIT} allowed were let through")
    figures = (
        f"{len(kept)} people on {seats} seats, {len(told.ok) + len(told.refused)} of {people} "
        f"answered though one of two hosts died; {through} tries let through on both together"
    )
    return Seen(figures, broken)


async def _client(
    hosts: list[Host], head: str, numbers: Iterator[int], told: History, dead: set[str], place: int
) -> None:
    """Register one person after the other; what gets no answer is sent again to the other host."""
    clients = {host.name: Client(PORT, head, address=host.address) for host in hosts}
    for number in numbers:
        key = f"Idempotency-Key: {uuid4()}"
        answer: Answer | None = None
        tries = 0
        while answer is None and tries < 20:
            living = [host.name for host in hosts if host.name not in dead]
            client = clients[living[(place + tries) % len(living)]]
            tries += 1
            try:
                async with asyncio.timeout(10):
                    answer = await client.ask(
                        "POST", "/api/v1/series/prove/registrations", person(number), key
                    )
            except TimeoutError:
                client.close()
        told.note(str(number), answer, registered)
    for client in clients.values():
        client.close()


async def _death(host: Host, people: int, told: History, dead: set[str]) -> None:
    while len(told.ok) + len(told.refused) < DIES_AT * people:
        await asyncio.sleep(0.01)
    host.end_for_good()
    dead.add(host.name)


def _tries(hosts: list[Host]) -> int:
    """How many of 30 tries from one address, on both hosts in turn, are not refused as too many."""
    statuses: list[int] = []

    async def _all() -> None:
        clients = [Client(PORT, address=host.address) for host in hosts]
        for number in range(30):
            body = {"code": f"WRONG{number:03}", "name": "A"}
            answer = await clients[number % 2].ask("POST", "/api/v1/devices:enrol", body)
            statuses.append(answer.status if answer else 0)

    together(_all())
    return sum(status != 429 for status in statuses)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--faults", default="")
    given = parser.parse_args()
    say(json.dumps(asdict(_inside(given.people, given.faults)), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
