"""Installations with a data directory of their own, and what a database holds."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import text

from eduforum.core.audit import acting_as
from eduforum.core.db import db
from eduforum.core.settings import Settings
from eduforum.factory import create_app


@contextmanager
def installed(folder: Path, uri: str = "", *, migrated: bool = True) -> Iterator[Flask]:
    """The application in a data directory; with `migrated` it has its tables."""
    settings = Settings(
        data_dir=str(folder),
        sqlalchemy_database_uri=uri,
        base_url="https://forum.example.org",
        testing=True,
        wtf_csrf_enabled=False,
    )
    app = create_app(settings.checked())
    with app.app_context(), acting_as("system"):
        if migrated:
            upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()


def content(*, besides: frozenset[str] = frozenset()) -> dict[str, str]:
    """A hash of the rows of every table, whatever their order."""
    db.session.rollback()
    found = {}
    for table in db.metadata.sorted_tables:
        if table.name not in besides:
            rows = sorted(repr(tuple(row)) for row in db.session.execute(table.select()))
            found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    db.session.rollback()
    return found


def migration() -> str:
    return str(db.session.scalar(text("SELECT version_num FROM alembic_version")))
