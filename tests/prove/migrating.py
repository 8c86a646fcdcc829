"""Migrations lose nothing: down to the first and up again on 50,000 registrations, hash by hash."""

import hashlib
import time
from collections.abc import Mapping

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import Connection

from tests.prove.harness import SERIES, Seen, Site, site

REGISTRATIONS = 50_000
FIRST = "0001_main_road"
_BOOKKEEPING = frozenset({"alembic_version"})
Columns = Mapping[str, frozenset[str]]


def run(engine: str, scale: float, faults: str) -> Seen:
    people = max(100, round(REGISTRATIONS * scale))
    with site(engine, (("visitor", 1_000_000),), faults="") as place:
        place.command("sample", "people", str(people), "--series", SERIES)
        top, before = columns(place), hashes(place)
        began = time.monotonic()
        place.command("db", "downgrade", FIRST)
        down = time.monotonic() - began
        if faults:
            place.change("UPDATE registrations SET position = 'x' WHERE id = "
                         "(SELECT id FROM registrations LIMIT 1)")  # fmt: skip
        kept = {
            table: names & top.get(table, frozenset()) for table, names in columns(place).items()
        }
        below = hashes(place, kept)
        began = time.monotonic()
        place.command("db", "upgrade")
        up = time.monotonic() - began
        broken = [
            *_differing(before, below, "down"),
            *_differing(before, hashes(place, kept), "up"),
        ]
        if columns(place) != top:
            broken.append("other tables or columns than before")
        broken += place.audit()
        rows = place.rows("SELECT count(*) FROM registrations")[0][0]
    figures = (
        f"{sum(len(names) for names in kept.values())} kept columns of {len(kept)} tables equal "
        f"with {rows} registrations; down {down:.1f} s, up {up:.1f} s"
    )
    return Seen(figures, broken)


def columns(place: Site) -> Columns:
    """The columns of every table."""
    with _connected(place) as link:
        seen = inspect(link)
        return {
            table: frozenset(column["name"] for column in seen.get_columns(table))
            for table in seen.get_table_names()
            if table not in _BOOKKEEPING
        }


def hashes(place: Site, kept: Columns | None = None) -> dict[tuple[str, str], str]:
    """One hash for every column with the table's keys, over all rows in the order of the keys."""
    found = {}
    with _connected(place) as link:
        seen = inspect(link)
        for table, names in (kept or columns(place)).items():
            key = seen.get_pk_constraint(table)["constrained_columns"]
            if set(key) <= names:
                for name in sorted(names):
                    found[table, name] = _hash(link, table, key, name)
    return found


def _hash(link: Connection, table: str, key: list[str], name: str) -> str:
    order = ", ".join(f'CAST("{column}" AS TEXT)' for column in key)
    digest = hashlib.sha256()
    # SQLite would read the bytes of a key as text, which not all bytes are.
    value = f'quote("{name}")' if link.dialect.name == "sqlite" else f'CAST("{name}" AS TEXT)'
    rows = link.execution_options(yield_per=5000).execute(
        text(f'SELECT {order}, {value} FROM "{table}" ORDER BY {order}')
    )
    for row in rows:
        digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def _connected(place: Site) -> Connection:
    uri = place.uri or f"sqlite:///{place.folder}/eduforum.sqlite3"
    return create_engine(uri).connect()


def _differing(
    before: Mapping[tuple[str, str], str], after: Mapping[tuple[str, str], str], way: str
) -> list[str]:
    return [
        f"{table}.{name} differs after the way {way}"
        for (table, name), digest in after.items()
        if before.get((table, name)) != digest
    ]
