"""Copy a whole database at one moment while it is in use, and put such a copy in its place."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NoReturn

from flask import current_app
from sqlalchemy import inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from eduforum.backup.rules import BackupFailed
from eduforum.core import faults
from eduforum.core.db import db, is_sqlite

_PROGRAMS = Path("/usr/lib/postgresql")
_IN_SCHEMA = "FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace"
_NOT_OF_EXTENSIONS = (
    "NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
)


def engine_name() -> str:
    return "sqlite" if is_sqlite() else "postgresql"


def dump(target: Path) -> None:
    """Write the database as it is at this moment to `target`. Nobody who writes has to wait.

    Raises `BackupFailed`.
    """
    if is_sqlite():
        _dump_sqlite(target)
    else:
        _run(["pg_dump", "--no-owner", "--no-privileges", f"--file={target}"], _url())


def holds_something() -> bool:
    """Whether there is a database already, even one that cannot be read."""
    file = db.engine.url.database
    if is_sqlite() and not Path(str(file)).exists():
        return False
    try:
        return bool(inspect(db.engine).get_table_names())
    except (DBAPIError, sqlite3.Error):
        return True
    finally:
        db.engine.dispose()


def others_connected() -> int:
    """How many other programs use the database (PostgreSQL only; elsewhere 0)."""
    if is_sqlite():
        return 0
    query = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    db.engine.dispose()
    with db.engine.connect() as connection:
        number = connection.scalar(text(query)) or 0
    db.engine.dispose()
    return int(number)


def load(source: Path, folder: Path, aside: str) -> None:
    """Put what `dump` wrote in the place of the database; whole or not at all.

    folder: for what is needed meanwhile. aside: ends the name under which an earlier SQLite file is
    kept; an earlier content on PostgreSQL is gone. Raises `BackupFailed`.
    """
    db.session.remove()
    if is_sqlite():
        _load_sqlite(source, aside)
    else:
        _load_postgres(source, folder)


def _dump_sqlite(target: Path) -> None:
    """`VACUUM INTO` reads one moment of the write-ahead log: writers go on meanwhile."""
    source = str(db.engine.url.database)
    if faults.active("plain_copy"):
        shutil.copyfile(source, target)
        return
    try:
        with closing(sqlite3.connect(source, timeout=60, isolation_level=None)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        raise BackupFailed(f"The database could not be copied: {error}.") from None


def _load_sqlite(source: Path, aside: str) -> None:
    db.engine.dispose()
    place = Path(str(db.engine.url.database))
    for end in ("-wal", "-shm", ""):
        file = place.with_name(place.name + end)
        if file.exists():
            file.rename(place.with_name(f"{place.name}.{aside}{end}"))
    source.replace(place)


def _load_postgres(source: Path, folder: Path) -> None:
    clear = folder / "clear.sql"
    with db.engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        query = f"SELECT oid::regprocedure {_IN_SCHEMA} AND {_NOT_OF_EXTENSIONS}"
        functions = [str(name) for name in connection.scalars(text(query))]
    db.engine.dispose()
    lines = [f'DROP TABLE IF EXISTS "{name}" CASCADE;' for name in tables]
    lines += [f"DROP FUNCTION IF EXISTS {name} CASCADE;" for name in functions]
    clear.write_text("\n".join(lines))
    options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    _run(["psql", *options, f"--file={clear}", f"--file={source}"], _url())


def _url() -> URL:
    return make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])


def _run(command: Sequence[str], url: URL) -> None:
    """Run one of PostgreSQL's programs; the password goes where no list of processes shows it."""
    name, *arguments = command
    program = _program(name)
    where = url.set(drivername="postgresql", password=None).render_as_string()
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    ended = subprocess.run(
        [program, f"--dbname={where}", *arguments],
        env=os.environ | secret,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        _tell(name, ended.stderr)


def _tell(name: str, said: str) -> NoReturn:
    lines = [line for line in said.splitlines() if "error" in line.lower()] or said.splitlines()
    raise BackupFailed(f"{name} failed: {lines[0].strip() if lines else 'it said nothing'}")


def _program(name: str) -> str:
    """Where PostgreSQL's program is: the newest installed, else whatever PATH has."""
    installed = sorted(_PROGRAMS.glob(f"*/bin/{name}"), key=lambda path: _version(path))
    found = str(installed[-1]) if installed else shutil.which(name)
    if found is None:
        raise BackupFailed(
            f"{name} is not on this machine. Install PostgreSQL's client programs "
            "(Debian: postgresql-client), of the server's version or newer."
        )
    return found


def _version(path: Path) -> int:
    digits = "".join(filter(str.isdigit, path.parents[1].name))
    return int(digits or 0)
