"""The file of the keys that seal what is encrypted at rest: read, made and replaced whole."""

import json
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from eduforum.core.settings import BadSetting

NAME = "encryption_keys.json"
MOST_KEYS = 255
_LENGTH = 32


def new_key() -> bytes:
    """A key of 256 bits."""
    return secrets.token_bytes(_LENGTH)


def read_keys(path: Path) -> dict[int, bytes]:
    """The keys by their id. Raises `BadSetting` for a file that holds no keys."""
    try:
        named = json.loads(path.read_text())
        keys = {int(name): b64decode(key, validate=True) for name, key in named.items()}
    except (ValueError, TypeError, AttributeError):
        keys = {}
    if not keys or not all(0 < i <= MOST_KEYS and len(key) == _LENGTH for i, key in keys.items()):
        raise BadSetting(f"{path} is damaged; put it back from a backup.")
    return keys


def make_keys(path: Path) -> None:
    """The first key. Another process may start in this moment: the first file stays."""
    draft = _draft(path, {1: new_key()})
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def write_keys(path: Path, keys: Mapping[int, bytes]) -> None:
    """Put a new file in place of the old one, whole and on disk."""
    os.replace(_draft(path, keys), path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _draft(path: Path, keys: Mapping[int, bytes]) -> Path:
    """Readable by the owner only."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({str(number): b64encode(key).decode() for number, key in keys.items()}, file)
        file.flush()
        os.fsync(file.fileno())
    return draft
