"""Make a backup, make the daily one, put one in the place of what is there."""

import fcntl
import hashlib
import json
import os
import shutil
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from tempfile import mkdtemp

import flask_migrate
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from sqlalchemy import select, text

from eduforum.backup import archive, engines
from eduforum.backup.rules import (
    DATABASE,
    FILES,
    BackupFailed,
    Manifest,
    archive_name,
    is_due,
    outdated,
)
from eduforum.core import alone, audit, clock, encryption
from eduforum.core.audit import AuditEntry, acting_as
from eduforum.core.db import db, migrate, transaction
from eduforum.core.key_file import NAME as SEALING
from eduforum.core.personal import LEDGER
from eduforum.core.prepared import UNFINISHED
from eduforum.core.settings import BadSetting

AFTER_RESTORE: list[Callable[[], object]] = []
"""What other rooms do with a restored database before anybody uses it: filled by the factory.

Each is called in order, in no transaction. One that fails leaves the restore unfinished, and the
server does not start on it."""
SECRET, INDEX = "secret_key", "index_key"
_KEY_FILES = frozenset({SECRET, SEALING, INDEX})
_SUBJECT = "backup"
_RETRY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made. keys: the archive of keys beside it, None when not asked for."""

    archive: Path
    keys: Path | None
    removed: int


def create(folder: Path | None = None, *, with_keys: bool = False) -> Made:
    """Back up database and uploads at this moment, while everybody works on.

    folder: where to; by default where the settings say. Older ones than the newest BACKUP_KEEP
    go. with_keys: also keep the keys, in an archive of their own. Raises `BackupFailed`.
    """
    place = folder or Path(current_app.config["BACKUP_DIR"])
    try:
        with _working_in(place) as staging:
            now = clock.now()
            made = place / archive_name(now)
            copied = staging / DATABASE
            engines.dump(copied)
            about = {"made_at": now.isoformat(), "engine": engines.engine_name(),
                     "migration": _migration(), "keys": _fingerprint()}  # fmt: skip
            archive.write(made, copied, _files_dir(), about)
            keys = _keep_keys(place) if with_keys else None
            gone = outdated(os.listdir(place), current_app.config["BACKUP_KEEP"])
            for name in gone:
                (place / name).unlink()
    except OSError as error:
        raise BackupFailed(f"{place} cannot be written: {error.strerror}.") from None
    with transaction():
        audit.record("backup.create", _SUBJECT, after={"file": made.name, "removed": len(gone)})
    return Made(made, keys, len(gone))


def make_due() -> None:
    """Make the daily backup when its time has come. One that fails is tried again an hour later."""
    wanted = current_app.config["BACKUP_AT"]
    now = clock.now()
    if not wanted or now < current_app.extensions.get("backup_not_before", now):
        return
    if not is_due(now.astimezone(), time.fromisoformat(wanted), _newest(), _began()):
        return
    current_app.extensions["backup_not_before"] = now + _RETRY
    with acting_as("worker"):
        create()


def age() -> timedelta | None:
    """How old the newest backup is, or what was never backed up; None where nobody wants any."""
    if not current_app.config["BACKUP_AT"]:
        return None
    now = clock.now()
    return now - (_newest() or _began() or now)


def restore(source: Path, *, keys: Path | None = None, force: bool = False) -> Manifest:
    """Put a backup in the place of database and uploads, and finish what must follow.

    keys: an archive of keys, where those of the data directory are not the backup's. force: even
    where there is a database. What was there is kept beside it (SQLite) or backed up first
    (PostgreSQL). Raises `BackupFailed`; until everything is verified nothing is changed.
    """
    home = Path(current_app.config["DATA_DIR"]).absolute()
    with _nobody_else(), _unpacked(source, home) as (manifest, staging):
        _check(manifest)
        given = archive.read_keys(keys, _KEY_FILES, frozenset({LEDGER})) if keys else _keys()
        if manifest.keys not in _fingerprints_of(given):
            raise BackupFailed(
                "The keys of this data directory are not those of the backup: without them tickets "
                "cannot be signed and links not opened. Give the right ones with --keys."
            )
        if engines.holds_something():
            _check_replaceable(force=force)
        aside = f"replaced-{clock.now():%Y%m%dT%H%M%SZ}{staging.suffix}"
        (home / UNFINISHED).touch()
        engines.load(staging / DATABASE, staging, aside)
        _load_files(staging / FILES, aside)
        if keys:
            _use_keys(home, given)
        archive.sync_folder(home)
        _finish(source, manifest)
        (home / UNFINISHED).unlink()
    return manifest


def check_finished(app: Flask) -> None:
    """Raise `BadSetting` where a restore was begun and not finished."""
    if (Path(app.config["DATA_DIR"]) / UNFINISHED).exists():
        raise BadSetting("A restore was begun here and not finished; run it again with --force.")


def _finish(source: Path, manifest: Manifest) -> None:
    flask_migrate.upgrade()
    for follow in AFTER_RESTORE:
        follow()
    with transaction():
        audit.record(
            "backup.restore",
            "database",
            after={"file": source.name, "made_at": manifest.made_at},
        )


@contextmanager
def _nobody_else() -> Iterator[None]:
    """Hold what a server would hold. Raises `BackupFailed` when somebody uses the database."""
    file = db.engine.url.database if engines.engine_name() == "sqlite" else None
    if others := engines.others_connected():
        raise BackupFailed(
            f"{others} other connections use this database. Stop all servers and workers first."
        )
    try:
        held = alone.hold(Path(file)) if file else None
    except alone.AlreadyServed:
        raise BackupFailed("A server uses this database. Stop it first.") from None
    try:
        yield
    finally:
        if held is not None:
            held.close()


@contextmanager
def _unpacked(source: Path, home: Path) -> Iterator[tuple[Manifest, Path]]:
    staging = Path(mkdtemp(prefix=".restoring.", dir=home))
    try:
        yield archive.unpack(source, staging), staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _check(manifest: Manifest) -> None:
    here = engines.engine_name()
    if manifest.engine != here:
        raise BackupFailed(f"This is a backup of {manifest.engine}; the settings name {here}.")
    script = ScriptDirectory.from_config(migrate.get_config())
    if manifest.migration not in {revision.revision for revision in script.walk_revisions()}:
        raise BackupFailed(
            f"The backup stands at {manifest.migration}, which this version of EduForum does not "
            "know. Install the version that made it."
        )


def _check_replaceable(*, force: bool) -> None:
    if not force:
        raise BackupFailed(
            "There is a database already. Use --force to put the backup in its place."
        )
    if engines.engine_name() == "postgresql":
        create()


def _load_files(unpacked: Path, aside: str) -> None:
    place = _files_dir()
    if place.exists() and any(place.iterdir()):
        place.rename(place.with_name(f"{place.name}.{aside}"))
    if unpacked.exists():
        shutil.copytree(unpacked, place, dirs_exist_ok=True)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)


def _use_keys(home: Path, given: dict[str, bytes]) -> None:
    """The keys take the place of those that are there; who was erased is added to whom we know."""
    for name, data in (given | _all_erased(home, given)).items():
        draft = home / f"{name}.restored"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(home / name)
    current_app.config["SECRET_KEY"] = given[SECRET].decode().strip()
    encryption.init_app(current_app)


def _all_erased(home: Path, given: dict[str, bytes]) -> dict[str, bytes]:
    """The ledger of the archive and that of this place, each line once."""
    if LEDGER not in given:
        return {}
    here = home / LEDGER
    lines = [
        *given[LEDGER].splitlines(),
        *(here.read_bytes().splitlines() if here.exists() else ()),
    ]
    return {LEDGER: b"".join(line + b"\n" for line in dict.fromkeys(lines))}


@contextmanager
def _working_in(place: Path) -> Iterator[Path]:
    """A folder for what is half done; what an earlier run left half done is removed."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (place / ".lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupFailed("Another backup is being made there at this moment.") from None
        for left in [*place.glob(".making-*"), *place.glob("*.part")]:
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        staging = Path(mkdtemp(prefix=".making-", dir=place))
        try:
            yield staging
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _files_dir() -> Path:
    return Path(current_app.config["FILES_DIR"])


def _migration() -> str:
    db.session.rollback()
    return str(db.session.scalar(text("SELECT version_num FROM alembic_version")))


def _newest() -> datetime | None:
    """When the last backup was made, by whichever host."""
    made = select(AuditEntry.at).where(AuditEntry.subject == _SUBJECT)
    return db.session.scalar(made.order_by(AuditEntry.id.desc()).limit(1))


def _began() -> datetime | None:
    return db.session.scalar(select(AuditEntry.at).order_by(AuditEntry.id).limit(1))


def _keys() -> dict[str, bytes]:
    """The keys in use, as files. The highest secrets there are: never logged, never in a backup."""
    sealing = {
        str(number): b64encode(key).decode() for number, key in encryption.all_keys().items()
    }
    secret = current_app.config["SECRET_KEY"]
    return {
        SECRET: secret.encode(),
        SEALING: json.dumps(sealing).encode(),
        INDEX: encryption.index_key(),
    }


def _fingerprint() -> str:
    return _fingerprints_of(_keys())[-1]


def _fingerprints_of(keys: dict[str, bytes]) -> list[str]:
    """Tells keys apart and says nothing of them: as they were with the first sealing key alone,
    and after each one that was added since, for those open all that was sealed before."""
    ring = sorted(json.loads(keys[SEALING]).items(), key=lambda item: int(item[0]))
    fixed = keys[SECRET].strip() + b"\0" + keys[INDEX].strip() + b"\0"
    rings = [json.dumps(dict(ring[:n])).encode() for n in range(1, len(ring) + 1)]
    return [hashlib.sha256(fixed + one).hexdigest()[:16] for one in rings]


def _keep_keys(place: Path) -> Path:
    """One archive for each set of keys: they seldom change, and go to another place. Who was
    erased until now goes along, for a backup may be older than that."""
    target = place / f"eduforum-keys-{_fingerprint()}.tar"
    ledger = Path(current_app.config["DATA_DIR"]) / LEDGER
    erased = {LEDGER: ledger.read_bytes()} if ledger.exists() else {}
    archive.write_keys(target, _keys() | erased)
    return target
