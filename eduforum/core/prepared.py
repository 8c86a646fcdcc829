"""Whether a start has anything to prepare, asked before anything heavy is imported.

`eduforum.prepare` takes as long as the server needs to come up, and mostly finds nothing to do.
What it would find is read here from the files alone; where that does not settle it, it runs.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from eduforum.core.key_file import NAME, read_keys
from eduforum.core.settings import Settings

_MIGRATIONS = Path(__file__).parents[2] / "migrations" / "versions"
UNFINISHED = "restore_unfinished"
"""In the data directory while a backup is put back, and after that was cut off."""


def is_prepared(settings: Settings) -> bool:
    """Whether the SQLite file is at the newest migration and holds a series and somebody who can
    sign in. On PostgreSQL never: that is for `eduforum.prepare` to find out.

    Raises `BadSetting` for a damaged file of keys.
    """
    folder, database = Path(settings.data_dir), settings.sqlite_file
    if database is None or not database.exists() or not (folder / NAME).exists():
        return False
    read_keys(folder / NAME)
    return not (folder / UNFINISHED).exists() and _is_filled(database)


def newest_migration() -> str:
    """The revision of the newest migration: files are numbered, and named after what they are."""
    return max(path.stem for path in _MIGRATIONS.glob("[0-9]*.py"))


def _is_filled(database: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)) as link:
            found = link.execute("SELECT version_num FROM alembic_version").fetchall()
            return found == [(newest_migration(),)] and all(
                link.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()
                for table in ("series", "users")
            )
    except sqlite3.Error:
        return False
