"""Who was erased: a file beside the keys that no restore of the database puts back.

One line for each erasure on request: when, and whom, hashed under our own key. A backup made
before an erasure still holds the person; after a restore this file tells whom to erase again.
"""

import os
from pathlib import Path

from flask import current_app

from eduforum.core import clock
from eduforum.core.encryption import blind_index
from eduforum.core.personal import LEDGER

_SCOPE = "erased"


def path() -> Path:
    return Path(current_app.config["DATA_DIR"]) / LEDGER


def note(subject: str) -> None:
    """Write one line, on disk before this returns. Lines of several processes never mix."""
    line = f"{clock.now():%Y-%m-%dT%H:%M:%SZ} {blind_index(subject, _SCOPE)}\n".encode()
    handle = os.open(path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, line)
        os.fsync(handle)
    finally:
        os.close(handle)


class Ledger:
    """The file as it was when this was made."""

    def __init__(self) -> None:
        text = path().read_text() if path().exists() else ""
        self._marks = frozenset(line.rpartition(" ")[2] for line in text.splitlines())

    def __len__(self) -> int:
        return len(self._marks)

    def holds(self, subject: str) -> bool:
        return blind_index(subject, _SCOPE) in self._marks
