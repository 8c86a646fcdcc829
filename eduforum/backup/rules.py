"""What a backup says of itself, when the next one is due, which ones go."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from typing import Self

FORMAT = 1
PREFIX, SUFFIX = "eduforum-", ".tar.gz"
MANIFEST, DATABASE, FILES = "manifest.json", "database", "files/"
_STAMP = "%Y%m%dT%H%M%SZ"
_DAY = timedelta(days=1)


class BackupFailed(Exception):
    """A backup was not made or not restored. The message is one sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What stands in a backup beside its content.

    engine: `sqlite` or `postgresql`. migration: where the database stood. keys: the fingerprint of
    the keys that open it. contents: the SHA-256 of everything in it, by name.
    """

    made_at: str
    engine: str
    migration: str
    keys: str
    contents: Mapping[str, str]

    def to_json(self) -> bytes:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Raises `BackupFailed` for what is no manifest, or one of a later format."""
        try:
            said = json.loads(data)
            number = said.pop("format")
            found = cls(**said)
            texts = (found.made_at, found.engine, found.migration, found.keys)
            if not all(isinstance(one, str) for one in (*texts, *found.contents.values())):
                raise TypeError
        except (ValueError, TypeError, KeyError, AttributeError):
            raise BackupFailed("The backup does not say what is in it; it is damaged.") from None
        if number != FORMAT:
            raise BackupFailed("The backup was made by a newer version of EduForum; install that.")
        return found


def archive_name(made_at: datetime) -> str:
    """The name of a backup made then (aware, UTC); names sort by time."""
    return f"{PREFIX}{made_at.strftime(_STAMP)}{SUFFIX}"


def made_at(name: str) -> datetime | None:
    """When the backup of this name was made; None for what is no backup."""
    stamp = name.removeprefix(PREFIX).removesuffix(SUFFIX)
    if f"{PREFIX}{stamp}{SUFFIX}" != name:
        return None
    try:
        return datetime.strptime(f"{stamp}+0000", f"{_STAMP}%z")
    except ValueError:
        return None


def outdated(names: Sequence[str], keep: int) -> list[str]:
    """Which of the files in a folder are backups that go when the newest `keep` (≥ 1) stay."""
    return sorted((name for name in names if made_at(name)), reverse=True)[keep:]


def is_due(now: datetime, at: time, newest: datetime | None, began: datetime | None) -> bool:
    """Whether today's backup is still to be made.

    now: in the zone in which `at` is meant. newest: when the last one was made. began: since when
    there is anything to keep (None: nothing). A time that passed while nothing ran is made up for.
    """
    today = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    last_time = today if today <= now else today - _DAY
    if began is None or began > last_time:
        return False
    return newest is None or newest < last_time
