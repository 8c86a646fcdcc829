"""The throw-away PostgreSQL, with the machine's programs and with those of the wheel."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from tests import postgres
from tests.needs import require_or_skip


@pytest.fixture(scope="module", params=["found", "bundled"])
def cluster(request: pytest.FixtureRequest) -> Iterator[str]:
    try:
        with postgres.start(bundled=request.param == "bundled") as url:
            yield url
    except postgres.NoPostgres as error:
        require_or_skip("postgres", str(error))


def ask(url: str, question: str) -> object:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            result = connection.execute(text(question))
            return result.scalar() if result.returns_rows else None
    finally:
        engine.dispose()


def test_it_is_a_utf8_cluster_that_does_not_wait_for_the_disk(cluster: str) -> None:
    assert ask(cluster, "SHOW server_encoding") == "UTF8"
    assert ask(cluster, "SELECT datcollate FROM pg_database WHERE datname = 'postgres'") == "C"
    assert ask(cluster, "SHOW fsync") == "off"
    assert ask(cluster, "SELECT '𠮷·尉迟'") == "𠮷·尉迟"


def test_a_database_made_from_a_template_is_a_copy_and_can_be_dropped(cluster: str) -> None:
    template = postgres.create_database(cluster, "template for-tests")
    ask(template, "CREATE TABLE seats AS SELECT 7 AS free")
    copy = postgres.create_database(cluster, "copy", "template for-tests")
    ask(copy, "UPDATE seats SET free = 6")
    assert ask(copy, "SELECT free FROM seats") == 6
    assert ask(template, "SELECT free FROM seats") == 7

    held = create_engine(copy)
    with held.connect() as connection:
        connection.execute(text("SELECT 1"))
        postgres.drop_database(cluster, "copy")
        connection.invalidate()
    held.dispose()
    assert ask(cluster, "SELECT count(*) FROM pg_database WHERE datname = 'copy'") == 0
    postgres.drop_database(cluster, "copy")


def test_a_durable_cluster_waits_for_the_disk() -> None:
    try:
        with postgres.start(durable=True) as url:
            assert ask(url, "SHOW fsync") == "on"
            assert ask(url, "SHOW synchronous_commit") == "on"
    except postgres.NoPostgres as error:
        require_or_skip("postgres", str(error))


CHILD = """
import time
from tests import postgres
with postgres.start() as url:
    print(url, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_however_the_run_ends(end: signal.Signals) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", CHILD], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert run.stdout is not None
    url = run.stdout.readline().decode().strip()
    if not url:
        run.communicate()
        require_or_skip("postgres", "no cluster could be started")
    folder = Path(str(ask(url, "SHOW data_directory"))).parent
    assert folder.exists()

    run.send_signal(end)
    run.communicate()
    deadline = time.monotonic() + 15
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not folder.exists()
    with pytest.raises(OperationalError, match="refused"):
        ask(url, "SELECT 1")
