"""Check that the migrations build exactly what the models say, on a database made for this.

`python -m tools.migrations` exits 1 when they differ. It never touches the database that the
environment or `.env` names.
"""

import os
import subprocess
import sys
from tempfile import TemporaryDirectory


def main() -> int:
    """Run every migration on an empty database, then compare. Returns the exit code."""
    with TemporaryDirectory() as folder:
        env = os.environ | {
            "EDUFORUM_DATA_DIR": folder,
            "EDUFORUM_SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/check.sqlite3",
        }
        for action in ("upgrade", "check"):
            command = [sys.executable, "-m", "flask", "--app", "app", "db", action]
            code = subprocess.run(command, env=env, check=False).returncode
            if code:
                return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
