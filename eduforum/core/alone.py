"""One server for one SQLite file: a lock file beside it says whether there is one."""

import fcntl
from pathlib import Path
from typing import IO

from eduforum.core.settings import BadSetting


class AlreadyServed(BadSetting):
    """Another server runs on this database."""

    def __init__(self, database: Path) -> None:
        super().__init__(
            f"Another EduForum server already uses {database}. Stop it first, or set "
            "EDUFORUM_DATA_DIR to another directory; several servers need PostgreSQL."
        )


def hold(database: Path, part: str = "server", *, wait: bool = False) -> IO[bytes]:
    """Be the only `part` of this database while the returned file is open, however we end.

    wait: until an earlier one, which is ending, has ended. Otherwise raises `AlreadyServed`, and
    `BadSetting` where no file can be made.
    """
    path = database.with_name(f"{database.name}.{part}")
    try:
        file = path.open("ab")
    except OSError as error:
        raise BadSetting(f"{path} cannot be written: {error.strerror}.") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        file.close()
        raise AlreadyServed(database) from None
    return file
