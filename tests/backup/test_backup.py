"""What was backed up comes back whole, or nothing is touched and a sentence says why."""

import gzip
import io
import json
import os
import stat
import tarfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from uuid import uuid4

import flask_migrate
import psycopg
import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from eduforum.accounts.models import SignIn
from eduforum.backup import services
from eduforum.backup.rules import BackupFailed, archive_name, is_due, made_at, outdated
from eduforum.backup.services import AFTER_RESTORE, create, make_due, restore
from eduforum.checkin.services import epoch_of
from eduforum.core import alone, audit, encryption
from eduforum.core.audit import AuditEntry
from eduforum.core.db import db, transaction
from eduforum.core.settings import BadSetting
from eduforum.events.models import Series
from eduforum.files import disk
from eduforum.registration.models import Registration
from eduforum.reports.invariants import findings
from eduforum.web.access import Role
from tests import needs, postgres
from tests.backup.places import content, installed, migration
from tests.factories import make_user
from tests.reports.hall import make_hall

FINISHED = frozenset({"audit_entries", "epochs", "sign_ins"})
"""What a restore itself writes."""


@pytest.fixture(params=["sqlite", "postgresql"])
def uri(request: pytest.FixtureRequest) -> Iterator[Callable[[str], str]]:
    """The address of an empty database for an installation of this name; "" on SQLite."""
    if request.param == "sqlite":
        yield lambda _: ""
        return
    try:
        cluster = postgres.shared_url()
    except postgres.NoPostgres as reason:
        needs.require_or_skip("postgres", str(reason))
    made: dict[str, str] = {}

    def _uri(name: str) -> str:
        if name not in made:
            made[name] = postgres.create_database(cluster, f"{name}_{uuid4().hex}")
        return made[name]

    yield _uri
    for url in made.values():
        postgres.drop_database(cluster, url.rpartition("/")[2])


def fill() -> None:
    """People, tickets, scans, letters, somebody signed in, an upload."""
    hall = make_hall()
    make_user(Role.ORGANISER, series=hall.series)
    for name in ("林知夏", "陈砚秋"):
        hall.scan(hall.person(name), hall.arrival)
    epoch_of(hall.series.id)
    disk.keep(b"a picture")


def epochs() -> list[str]:
    return [epoch_of(series_id) for series_id in db.session.scalars(select(Series.id))]


def uploads(app: Flask) -> dict[str, bytes]:
    root = Path(app.config["FILES_DIR"])
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def test_everything_comes_back_in_another_place(tmp_path: Path, uri: Callable[[str], str]) -> None:
    with installed(tmp_path / "old", uri("old")) as app:
        fill()
        before, files, history = content(besides=FINISHED), uploads(app), epochs()
        made = create(with_keys=True)
        assert made.keys
        for path in (made.archive, made.keys):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert files
    with installed(tmp_path / "new", uri("new"), migrated=False) as app:
        restore(made.archive, keys=made.keys)
        assert content(besides=FINISHED) == before
        assert uploads(app) == files
        assert not set(epochs()) & set(history), "the doors must learn that it is another history"
        assert db.session.scalar(select(func.count()).select_from(SignIn)) == 0
        last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert last
        assert (last.action, last.after["file"]) == ("backup.restore", made.archive.name)
        assert {one.name: one.broken for one in findings(full=True) if one.broken} == {}
        fill()  # it can be written to, and makes tickets


def test_replaces_only_when_told_and_keeps_what_was_there(
    tmp_path: Path, uri: Callable[[str], str]
) -> None:
    with installed(tmp_path / "here", uri("here")) as app:
        fill()
        made, before = create(), content(besides=FINISHED)
        with transaction():
            db.session.delete(db.session.scalars(select(SignIn)).one())
            audit.record("test.after", "test:1")
        disk.keep(b"a later picture")
        fill()
        after, files = content(), uploads(app)
        with pytest.raises(BackupFailed, match="Use --force"):
            restore(made.archive)
        assert content() == after
        assert uploads(app) == files
        db.session.remove()
        db.engine.dispose()
        restore(made.archive, force=True)
        assert content(besides=FINISHED) == before
        kept = [path.name.split(".replaced-20270301T010000Z")[0]
                for path in (tmp_path / "here").iterdir() if ".replaced-" in path.name]  # fmt: skip
        assert "files" in kept
        if uri("here"):
            assert len(list((tmp_path / "here" / "backups").glob("eduforum-2*"))) == 1, (
                "same second"
            )
        else:
            assert "eduforum.sqlite3" in kept


def test_a_backup_is_read_only_with_its_keys(tmp_path: Path) -> None:
    with installed(tmp_path / "old"):
        fill()
        made = create(with_keys=True)
    with installed(tmp_path / "new", migrated=False):
        with pytest.raises(BackupFailed, match="Give the right ones with --keys"):
            restore(made.archive)
        with pytest.raises(BackupFailed, match=r"cannot be read|holds no keys"):
            restore(made.archive, keys=made.archive)
        assert not (tmp_path / "new" / "eduforum.sqlite3").exists()
    with gzip.open(made.archive) as packed:
        assert (tmp_path / "old" / "secret_key").read_bytes() not in packed.read()


def repacked(source: Path, change: Callable[[tarfile.TarInfo, bytes], bytes | None]) -> Path:
    """The archive with other content; None leaves a member out."""
    target = source.with_name("changed.tar.gz")
    with tarfile.open(source) as old, tarfile.open(target, "w:gz") as new:
        for info in old:
            file = old.extractfile(info)
            assert file
            data = change(info, file.read())
            if data is not None:
                info.size = len(data)
                new.addfile(info, io.BytesIO(data))
    return target


def _renamed(info: tarfile.TarInfo, data: bytes) -> bytes:
    if info.name.startswith("files/"):
        info.name = "files/../../outside"
    return data


def _linked(info: tarfile.TarInfo, data: bytes) -> bytes:
    if info.name.startswith("files/"):
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        return b""
    return data


def _of_tomorrow(info: tarfile.TarInfo, data: bytes) -> bytes:
    if info.name == "manifest.json":
        return json.dumps(json.loads(data) | {"migration": "9999_tomorrow"}).encode()
    return data


def _of_another_engine(info: tarfile.TarInfo, data: bytes) -> bytes:
    return data.replace(b'"sqlite"', b'"postgresql"')


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda info, data: data + b" " if info.name == "database" else data, "is damaged"),
        (lambda info, data: None if info.name.startswith("files/") else data, "is damaged"),
        (lambda info, data: None if info.name == "manifest.json" else data, "is damaged"),
        (lambda info, data: b"{}" if info.name == "manifest.json" else data, "does not say"),
        (
            lambda info, data: data.replace(b'"format": 1', b'"format": 2'),
            "newer version of EduForum",
        ),
        (_renamed, "holds what no backup"),
        (_linked, "holds what no backup"),
        (_of_tomorrow, "stands at 9999_tomorrow"),
        (_of_another_engine, "a backup of postgresql"),
    ],
)
def test_what_is_not_whole_is_refused_and_changes_nothing(
    tmp_path: Path, change: Callable[[tarfile.TarInfo, bytes], bytes | None], sentence: str
) -> None:
    with installed(tmp_path / "here") as app:
        fill()
        bad = repacked(create().archive, change)
        before, files = content(), uploads(app)
        with pytest.raises(BackupFailed, match=sentence):
            restore(bad, force=True)
        assert content() == before
        assert uploads(app) == files
    assert not (tmp_path / "outside").exists()
    assert not list((tmp_path / "here").glob(".restoring*"))


@pytest.mark.parametrize("kept", [0, 100, 5000])
def test_a_broken_off_archive_is_refused(tmp_path: Path, kept: int) -> None:
    with installed(tmp_path / "here"):
        fill()
        made = create().archive
        made.write_bytes(made.read_bytes()[:kept])
        with pytest.raises(BackupFailed):
            restore(made, force=True)


def test_the_server_must_be_stopped(tmp_path: Path) -> None:
    with installed(tmp_path / "here"):
        made = create().archive
        with alone.hold(tmp_path / "here" / "eduforum.sqlite3"):
            with pytest.raises(BackupFailed, match="Stop it first"):
                restore(made, force=True)
            create()  # but a backup needs nobody to stop
        restore(made, force=True)


def test_on_postgres_everybody_must_have_left(tmp_path: Path, empty_postgres: str) -> None:
    cluster = postgres.shared_url()
    name = f"left_{uuid4().hex}"
    url = postgres.create_database(cluster, name, template=empty_postgres)
    with installed(tmp_path / "here", url):
        made = create().archive
        with psycopg.connect(url.replace("+psycopg", "")):
            with pytest.raises(BackupFailed, match="1 other connections"):
                restore(made, force=True)
            create()
    postgres.drop_database(cluster, name)


def test_an_unfinished_restore_keeps_the_server_from_starting(tmp_path: Path) -> None:
    def fails() -> None:
        raise RuntimeError

    with installed(tmp_path / "here") as app:
        fill()
        made = create().archive
        AFTER_RESTORE.append(fails)
        with pytest.raises(RuntimeError):
            restore(made, force=True)
        with pytest.raises(BadSetting, match="not finished"):
            services.check_finished(app)
        AFTER_RESTORE.remove(fails)
        restore(made, force=True)
        services.check_finished(app)


def test_an_older_database_is_brought_up_to_date(tmp_path: Path) -> None:
    with installed(tmp_path / "here"):
        newest = migration()
        flask_migrate.downgrade(revision="0002_uploads")
        # The trail is written by today's code, which fits this older table as well.
        made = create().archive
        flask_migrate.upgrade()
        restore(made, force=True)
        assert migration() == newest
        assert [one.name for one in findings() if one.broken] == []


def test_old_ones_go_and_other_files_stay(tmp_path: Path, clock: time_machine.Traveller) -> None:
    with installed(tmp_path / "here") as app:
        app.config["BACKUP_KEEP"] = 2
        folder = tmp_path / "elsewhere"
        names = []
        for _ in range(4):
            clock.shift(60)
            names.append(create(folder).archive.name)
            (folder / "notes.txt").touch()
        (folder / ".making-left").mkdir()
        (folder / "x.part").touch()
        create(folder)
    assert sorted(os.listdir(folder)) == [".lock", *names[-2:], "notes.txt"]


def test_names_and_what_goes() -> None:
    moment = datetime(2027, 3, 1, 1, 2, 3, tzinfo=UTC)
    assert archive_name(moment) == "eduforum-20270301T010203Z.tar.gz"
    assert made_at(archive_name(moment)) == moment
    assert made_at("eduforum-keys-0123.tar") is None
    assert made_at("eduforum-20270301T010203Z.tar.gz.part") is None
    assert outdated(["x", *(archive_name(moment + timedelta(days=n)) for n in range(3))], 1) == [
        archive_name(moment + timedelta(days=1)),
        archive_name(moment),
    ]


AT = time(3, 30)
MADE = datetime(2027, 3, 1, 3, 30, 5, tzinfo=UTC)
LONG_AGO = MADE - timedelta(days=9)


@pytest.mark.parametrize(
    ("later", "newest", "began", "due"),
    [
        (timedelta(hours=23, minutes=59), MADE, LONG_AGO, False),
        (timedelta(days=1), MADE, LONG_AGO, True),
        (timedelta(hours=20), MADE, LONG_AGO, False),
        (timedelta(days=1, hours=20), MADE, LONG_AGO, True),
        (timedelta(hours=21), None, MADE, False),
        (timedelta(days=1), None, MADE, True),
        (timedelta(days=1), None, None, False),
    ],
)
def test_when_one_is_due(
    later: timedelta, newest: datetime | None, began: datetime | None, due: bool
) -> None:
    assert is_due(MADE.replace(second=0) + later, AT, newest, began) is due


def test_the_worker_makes_one_a_day(tmp_path: Path, clock: time_machine.Traveller) -> None:
    with installed(tmp_path / "here") as app:
        app.config["BACKUP_AT"] = "03:30"
        fill()
        folder = tmp_path / "here" / "backups"
        made = []
        for _ in range(16):
            make_due()
            made.append(len(os.listdir(folder)) - 1 if folder.exists() else 0)
            clock.shift(timedelta(hours=3))
        assert made[0] == 0
        assert made[-1] == 2
        assert not list(folder.glob("*keys*")), "keys go elsewhere, by hand"
        clock.shift(timedelta(days=2))
        age = services.age()
        assert age is not None
        assert timedelta(days=2) < age < timedelta(days=3)
        app.config["BACKUP_AT"] = ""
        assert services.age() is None
        make_due()
        assert len(list(folder.glob("eduforum-*"))) == 2


def test_one_that_fails_is_tried_again_an_hour_later(
    tmp_path: Path, clock: time_machine.Traveller
) -> None:
    with installed(tmp_path / "here") as app:
        fill()
        app.config["BACKUP_DIR"] = str(tmp_path / "file" / "backups")
        (tmp_path / "file").touch()
        clock.shift(timedelta(days=1))
        with pytest.raises(BackupFailed, match="cannot be written"):
            make_due()
        make_due()
        (tmp_path / "file").unlink()
        clock.shift(timedelta(minutes=61))
        make_due()
        assert len(list((tmp_path / "file" / "backups").glob("eduforum-*"))) == 1


def test_commands(tmp_path: Path) -> None:
    with installed(tmp_path / "old") as app:
        fill()
        made = app.test_cli_runner().invoke(args=["backup", "create", "--to", str(tmp_path / "b")])
        assert made.exit_code == 0, made.output
        assert "Move the keys to another place now" in made.output
        [archive] = (tmp_path / "b").glob("eduforum-2*")
        [keys] = (tmp_path / "b").glob("eduforum-keys-*")
        people = db.session.scalar(select(func.count()).select_from(Registration))
    with installed(tmp_path / "new", migrated=False) as app:
        run = app.test_cli_runner().invoke
        refused = run(args=["backup", "restore", str(archive)])
        assert (refused.exit_code, refused.output.count("\n")) == (1, 1)
        done = run(args=["backup", "restore", str(archive), "--keys", str(keys)])
        assert done.exit_code == 0, done.output
        assert "Restored what was there at 2027-03-01T01:00:00+00:00." in done.output
        assert db.session.scalar(select(func.count()).select_from(Registration)) == people


def test_without_the_programs_of_postgres_it_says_so(
    tmp_path: Path, empty_postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = postgres.shared_url()
    name = f"bare_{uuid4().hex}"
    url = postgres.create_database(cluster, name, template=empty_postgres)
    monkeypatch.setattr("eduforum.backup.engines._PROGRAMS", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with installed(tmp_path / "here", url), pytest.raises(BackupFailed, match="postgresql-client"):
        create()
    postgres.drop_database(cluster, name)


def test_a_backup_made_before_a_rotation_opens_with_the_keys_of_today(tmp_path: Path) -> None:
    with installed(tmp_path / "data"):
        sealed = encryption.seal(b"kept", "here")
        made = create(tmp_path / "backups")
        encryption.add_key()
        restore(made.archive, force=True)
        assert encryption.unseal(sealed, "here") == b"kept"
        assert encryption.newest_key() == 2
