"""Fixtures for tests that restore a whole installation."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade

from eduforum.core.audit import acting_as
from eduforum.core.db import db
from eduforum.core.settings import Settings
from eduforum.factory import create_app


@pytest.fixture
def home(settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    """An installation with a data directory of its own."""
    folder = tmp_path / "home"
    app = create_app(
        replace(
            settings,
            data_dir=str(folder),
            files_dir=str(folder / "files"),
            sqlalchemy_database_uri=f"sqlite:///{folder}/eduforum.sqlite3",
        )
    )
    with app.app_context(), acting_as("system"):
        upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()
