"""`python -m eduforum.prepare`: bring the database up to date, and fill it the first time."""

import logging
import sys
from datetime import timedelta
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import upgrade
from sqlalchemy.exc import DBAPIError

from eduforum.backup.services import check_finished
from eduforum.core import clock
from eduforum.core.db import db, migrate
from eduforum.core.settings import BadSetting, Settings
from eduforum.events.grants import first_admin
from eduforum.events.queries import any_series
from eduforum.factory import create_app
from eduforum.site.loader import load

SAMPLE = Path(__file__).parent / "site" / "sample" / "jjj-education-2024.yaml"
DAYS_AHEAD = timedelta(days=14)
REFUSED = 2


def main() -> int:
    """Migrate; on an empty database load the sample series and make the first administrator.

    Returns 2, after one sentence, for a database that cannot be used. What is found out here,
    `core.prepared` must find out as well: it decides whether this runs.
    """
    logging.disable(logging.INFO)
    try:
        app = create_app(Settings.from_env())
        check_finished(app)
        with app.app_context():
            _migrate()
            lines = _first_start()
    except BadSetting as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED
    if lines:
        sys.stdout.write("\n".join(["", *lines, ""]))
    return 0


def _migrate() -> None:
    try:
        with db.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_heads()
    except DBAPIError as error:
        reason = str(error.orig).splitlines()[0]
        raise BadSetting(f"The database cannot be opened: {reason}.") from None
    script = ScriptDirectory.from_config(migrate.get_config())
    known = {revision.revision for revision in script.walk_revisions()}
    if unknown := set(current) - known:
        raise BadSetting(
            f"The database was made by a newer version of EduForum ({', '.join(sorted(unknown))}). "
            "Install that version, or restore a backup that fits this one."
        )
    if set(current) != set(script.get_heads()):
        upgrade()


def _first_start() -> list[str]:
    lines = []
    if not any_series():
        day_one = (clock.now() + DAYS_AHEAD).date()
        load(SAMPLE.read_bytes(), day_one)
        lines.append(f"The sample series was loaded; its first day is {day_one.isoformat()}.")
    folder = Path(current_app.config["DATA_DIR"])
    made = first_admin(folder)
    if made:
        email, password = made
        lines += [
            f"Sign in as {email} with the password {password}",
            f"(kept in {folder / 'admin_password'} until you change it).",
        ]
    return lines


if __name__ == "__main__":
    sys.exit(main())
