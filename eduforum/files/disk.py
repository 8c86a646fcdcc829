"""Where the bytes of uploads lie: random names in a directory that no web server shows."""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from flask import current_app

_SHELVES = 256


def keep(data: bytes) -> str:
    """Write `data` whole and durably; returns its place, which says nothing about it."""
    place = secrets.token_hex(24)
    path = path_of(place)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    _sync(path.parent)
    return place


def path_of(place: str) -> Path:
    """The path of a place. Raises `ValueError` for anything that is not one."""
    if len(place) != 48 or not set(place) <= set("0123456789abcdef"):
        raise ValueError("not a place")
    return _root() / place[:2] / place[2:]


def forget(place: str) -> None:
    """Delete the bytes; nothing happens if they are gone."""
    path_of(place).unlink(missing_ok=True)


def old_places(shelf: int, seconds: float) -> Iterator[str]:
    """Places on one of the 256 shelves that were written more than `seconds` ago."""
    folder = _root() / f"{shelf % _SHELVES:02x}"
    with suppress(FileNotFoundError):
        for entry in os.scandir(folder):
            if entry.stat().st_mtime < time.time() - seconds:
                if entry.name.endswith(".part"):
                    Path(entry.path).unlink(missing_ok=True)
                else:
                    yield f"{folder.name}{entry.name}"


def _root() -> Path:
    return Path(current_app.config["FILES_DIR"])


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
