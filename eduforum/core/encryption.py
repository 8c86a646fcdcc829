"""Encryption at rest: AES-256-GCM, a key id in front, bound to the row it belongs to."""

import fcntl
import hashlib
import hmac
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, current_app

from eduforum.core import key_file
from eduforum.core.settings import kept_secret

_NONCE = 12


class CannotDecrypt(Exception):
    """The value was not sealed by a key we hold, or not for this place."""


class KeyRingFull(Exception):
    """A key id is one byte: no further key can be made."""


def seal(plain: bytes, bound_to: str) -> bytes:
    """Encrypt `plain`. `bound_to` names the row and field: elsewhere it will not open."""
    keys = _keys()
    key_id = max(keys)
    nonce = os.urandom(_NONCE)
    return bytes([key_id]) + nonce + AESGCM(keys[key_id]).encrypt(nonce, plain, bound_to.encode())


def unseal(sealed: bytes, bound_to: str) -> bytes:
    """Decrypt what `seal` made for the same place. Raises `CannotDecrypt`."""
    key = _keys().get(sealed[0]) if sealed else None
    if key is None:
        raise CannotDecrypt("The key for this value is missing from the data directory.")
    nonce, body = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    try:
        return AESGCM(key).decrypt(nonce, body, bound_to.encode())
    except (InvalidTag, ValueError):
        raise CannotDecrypt("This value was changed, or belongs to another row.") from None


def newest_key() -> int:
    """The id of the key that seals now."""
    return max(_keys())


def all_keys() -> dict[int, bytes]:
    """Every key that opens, by its id, oldest first: for a copy of them kept in another place."""
    return dict(sorted(_keys().items()))


def index_key() -> bytes:
    """The key of `blind_index`: for a copy of it kept in another place."""
    key: bytes = current_app.extensions["index_key"]
    return key


def add_key() -> int:
    """Make a key that seals from now on, in every process that uses this file; returns its id.

    On disk before anything is sealed with it. Raises `KeyRingFull` after 255 keys.
    """
    ring = _ring()
    with ring.path.with_name(f"{ring.path.name}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        keys = ring.keys()
        key_id = max(keys) + 1
        if key_id > key_file.MOST_KEYS:
            raise KeyRingFull
        key_file.write_keys(ring.path, {**keys, key_id: key_file.new_key()})
    return key_id


def blind_index(value: str, scope: str) -> str:
    """What tells that two values of one scope are equal, and nothing else without our key.

    HMAC-SHA-256 under a key of its own, so that the index outlives every change of the others.
    """
    return hmac.new(index_key(), f"{scope}\0{value}".encode(), hashlib.sha256).hexdigest()


def init_app(app: Flask) -> None:
    """Load the keys, or make the first ones. The highest id seals; all of them open.

    Raises `BadSetting` for a file that holds no keys.
    """
    folder = Path(app.config["DATA_DIR"])
    path = folder / key_file.NAME
    if not path.exists():
        key_file.make_keys(path)
    ring = _Ring(path)
    ring.keys()
    app.extensions["encryption_keys"] = ring
    app.extensions["index_key"] = kept_secret(folder / "index_key").encode()


class _Ring:
    """The keys in a file, read anew when another process has added one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int] | None = None
        self._keys: dict[int, bytes] = {}

    def keys(self) -> dict[int, bytes]:
        """Raises `BadSetting` for a file that holds no keys."""
        found = self.path.stat()
        stamp = (found.st_ino, found.st_mtime_ns)
        if stamp != self._seen:
            self._keys, self._seen = key_file.read_keys(self.path), stamp
        return self._keys


def _ring() -> _Ring:
    ring: _Ring = current_app.extensions["encryption_keys"]
    return ring


def _keys() -> dict[int, bytes]:
    return _ring().keys()
