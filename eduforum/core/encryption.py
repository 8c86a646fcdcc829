"""Encryption at rest: AES-256-GCM, a key id in front, bound to the row it belongs to."""

import json
import os
from base64 import b64decode, b64encode
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, current_app

from eduforum.core.settings import BadSetting

_NONCE = 12


class CannotDecrypt(Exception):
    """The value was not sealed by a key we hold, or not for this place."""


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


def init_app(app: Flask) -> None:
    """Load the keys, or make the first one. The highest id seals; all of them open.

    Raises `BadSetting` for a file that holds no keys.
    """
    path = Path(app.config["DATA_DIR"]) / "encryption_keys.json"
    if not path.exists():
        _make(path)
    try:
        app.extensions["encryption_keys"] = _read(path.read_text())
    except (ValueError, TypeError, AttributeError):
        raise BadSetting(f"{path} is damaged; put it back from a backup.") from None


def _read(text: str) -> dict[int, bytes]:
    """Keys by their id. Raises ValueError, TypeError or AttributeError for anything else."""
    keys = {int(name): b64decode(key, validate=True) for name, key in json.loads(text).items()}
    if not keys or not all(0 < i < 256 and len(key) == 32 for i, key in keys.items()):
        raise ValueError
    return keys


def _keys() -> dict[int, bytes]:
    keys: dict[int, bytes] = current_app.extensions["encryption_keys"]
    return keys


def _make(path: Path) -> None:
    """Readable by the owner only. Whole at once: another process may start in this moment."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({"1": b64encode(AESGCM.generate_key(256)).decode()}, file)
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
