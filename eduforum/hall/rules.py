"""The code on a room's screen: it follows from the point and the time, and is stored nowhere."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from uuid import UUID

from eduforum.core.errors import Refusal
from eduforum.core.i18n import Text

STEP = timedelta(seconds=30)
"""How long one code stands on the screen."""
ACCEPTED = 3
"""How many codes are good at once: the one that stands there, and those just before it."""
JOIN_BEFORE = timedelta(minutes=30)
"""How long before it begins an online room can be joined."""
_MAC = 12
_LENGTH = 16 + _MAC


class CodeIsOld(Refusal):
    """The code was shown too long ago, or never."""

    code = "room-code-old"
    status = 410

    def __init__(self) -> None:
        super().__init__(
            Text(
                "二维码已更新，请重新扫描会场大屏上的二维码。",
                "This code is over. Scan the one on the room’s screen again.",
            )
        )


def step_at(now: datetime) -> int:
    """The number of the step that `now` lies in."""
    return int(now.timestamp()) // int(STEP.total_seconds())


def room_code(key: bytes, point: UUID, step: int) -> str:
    """The code of a point in one step: its id and 96 bits that only `key` can make."""
    return urlsafe_b64encode(point.bytes + _mac(key, point, step)).rstrip(b"=").decode()


def point_of(key: bytes, code: str, now: datetime) -> UUID:
    """The point whose code this is. Raises `CodeIsOld` unless it is one of the last `ACCEPTED`."""
    try:
        raw = urlsafe_b64decode(code + "=" * (-len(code) % 4))
    except ValueError:
        raise CodeIsOld from None
    if len(raw) != _LENGTH:
        raise CodeIsOld
    point, mac = UUID(bytes=raw[:16]), raw[16:]
    newest = step_at(now)
    steps = range(newest - ACCEPTED + 1, newest + 1)
    if not any(hmac.compare_digest(mac, _mac(key, point, step)) for step in steps):
        raise CodeIsOld
    return point


def _mac(key: bytes, point: UUID, step: int) -> bytes:
    return hmac.digest(key, point.bytes + step.to_bytes(8, "big"), "sha256")[:_MAC]
