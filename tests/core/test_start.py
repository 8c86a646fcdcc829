"""The server as people start and stop it: real processes, a real signal, a data directory."""

import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import text

from eduforum.core import key_file
from eduforum.core.db import db, migrate, transaction
from eduforum.core.prepared import UNFINISHED, is_prepared, newest_migration
from eduforum.core.settings import BadSetting, Settings
from eduforum.web.access import Role
from tests.factories import make_series, make_user
from tests.running import COMMAND, ROOT, environment, family_of, running

SECONDS_TO_END = 20
"""Far more than it takes; the machine may be busy."""


def refused(env: dict[str, str]) -> str:
    """The sentence with which the start is refused."""
    ended = subprocess.run(
        COMMAND, cwd=ROOT, env=env, check=False, capture_output=True, text=True, timeout=120
    )
    assert (ended.returncode, ended.stdout) == (2, ""), ended.stderr
    (sentence,) = ended.stderr.splitlines()
    assert sentence.endswith((".", "…"))
    return sentence


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("EDUFORUM_METRICS", "perhaps", "EDUFORUM_METRICS is 'perhaps'"),
        ("EDUFORUM_METRIC", "1", "EDUFORUM_METRIC is not a setting"),
        ("PORT", "²", "PORT is '²'"),
        ("EDUFORUM_WORKERS", "2", "EDUFORUM_WORKERS must be 0 or 1 on SQLite"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str, sentence: str) -> None:
    assert refused(environment(tmp_path, **{name: value})).startswith(sentence)


def test_a_data_directory_that_cannot_be_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert f"EDUFORUM_DATA_DIR '{file}/data'" in refused(environment(file / "data"))


def test_a_port_in_use_is_named_with_a_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        sentence = refused(environment(tmp_path, PORT=str(port)))
    assert sentence.startswith(f"Port {port} on 127.0.0.1 cannot be used")
    assert f"PORT={port + 1}" in sentence


def test_a_second_server_on_the_same_file_is_refused(tmp_path: Path) -> None:
    with running(environment(tmp_path)):
        sentence = refused(environment(tmp_path))
    assert sentence.startswith(f"Another EduForum server already uses {tmp_path}/eduforum.sqlite3")


def test_a_killed_supervisor_takes_its_server_along(tmp_path: Path) -> None:
    env = environment(tmp_path)
    with running(env) as server:
        processes = server.family()
        os.kill(server.pid, signal.SIGKILL)
        assert_gone(processes)
    with running(env):
        pass


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "eduforum.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("INSERT INTO alembic_version VALUES ('0999_from_tomorrow')")
        database.commit()
    sentence = refused(environment(tmp_path))
    assert "newer version of EduForum (0999_from_tomorrow)" in sentence
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [
            ("alembic_version",)
        ]


def test_what_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "eduforum.sqlite3"
    path.write_text("shopping list " * 100)
    assert refused(environment(tmp_path)).startswith("The database cannot be opened")
    assert path.read_text() == "shopping list " * 100


def test_it_starts_fills_itself_once_and_ends_with_all_its_processes(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    env = environment(folder)

    said = start_and_stop(env, tmp_path / "first", lambda pid: os.killpg(pid, signal.SIGINT))
    assert f"EduForum is at http://127.0.0.1:{env['PORT']}" in said
    assert "The sample series was loaded" in said
    shown = re.search(r"Sign in as (\S+) with the password (\S+)", said)
    assert shown
    assert (folder / "admin_password").read_text().strip() == shown[2]
    for name in ("secret_key", "encryption_keys.json", "admin_password"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600, name

    said = start_and_stop(env, tmp_path / "second", lambda pid: os.kill(pid, signal.SIGTERM))
    assert f"EduForum is at http://127.0.0.1:{env['PORT']}" in said
    assert "sample" not in said
    assert "password" not in said


def test_the_newest_migration_is_known_without_alembic(app: Flask) -> None:
    heads = ScriptDirectory.from_config(migrate.get_config()).get_heads()
    assert list(heads) == [newest_migration()]


def test_a_start_with_nothing_to_prepare(app: Flask, settings: Settings, tmp_path: Path) -> None:
    uri = app.config["SQLALCHEMY_DATABASE_URI"]
    ours = replace(settings, data_dir=str(tmp_path), sqlalchemy_database_uri=uri)
    file = tmp_path / key_file.NAME
    assert not is_prepared(ours), "no keys"
    key_file.make_keys(file)
    assert not is_prepared(ours), "empty"
    make_user(Role.ADMIN)
    assert not is_prepared(ours), "no series"
    make_series()
    assert is_prepared(ours)
    assert not is_prepared(replace(ours, sqlalchemy_database_uri=f"sqlite:///{tmp_path}/other"))
    assert not is_prepared(replace(ours, sqlalchemy_database_uri=f"sqlite:///{file}"))
    assert not is_prepared(replace(ours, sqlalchemy_database_uri="postgresql+psycopg://h/d"))
    (tmp_path / UNFINISHED).touch()
    assert not is_prepared(ours), "a restore was cut off"
    (tmp_path / UNFINISHED).unlink()
    with transaction():
        db.session.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
    assert not is_prepared(ours), "newer than we are"
    file.write_text('{"1": "short"}')
    with pytest.raises(BadSetting, match="is damaged; put it back from a backup"):
        is_prepared(ours)


def test_a_damaged_file_of_keys_is_named_at_a_later_start(tmp_path: Path) -> None:
    env = environment(tmp_path)
    start_and_stop(env, tmp_path / "printed", lambda pid: os.kill(pid, signal.SIGTERM))
    (tmp_path / key_file.NAME).write_text("{}")
    assert "is damaged; put it back from a backup." in refused(env)


@pytest.fixture
def hears_ctrl_c() -> Iterator[None]:
    """What is started hears Ctrl-C, even if the tests run in the background of a shell: there
    everything ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hears_ctrl_c")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_can_be_stopped_while_it_prepares(tmp_path: Path, number: signal.Signals) -> None:
    printed = tmp_path / "printed"
    with printed.open("wb") as out:
        process = subprocess.Popen(
            COMMAND, cwd=ROOT, env=environment(tmp_path / "data"), start_new_session=True,
            stdout=out, stderr=out,
        )  # fmt: skip
    while len(processes := family_of(process.pid)) < 2:
        assert process.poll() is None, printed.read_text()
        time.sleep(0.01)
    os.killpg(process.pid, number)
    assert process.wait(SECONDS_TO_END) == 128 + number
    assert_gone(processes)
    assert printed.read_text() == ""


def is_running(pid: int) -> bool:
    """Not gone, and not only waiting for its parent to notice its end."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def assert_gone(processes: list[int]) -> None:
    """Wait for their end; fail with those that stay."""
    deadline = time.monotonic() + SECONDS_TO_END
    while any(map(is_running, processes)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [pid for pid in processes if is_running(pid)] == []


def start_and_stop(env: dict[str, str], printed: Path, stop: Callable[[int], None]) -> str:
    """Start the server, stop it so, wait for the end of all its processes; what it said."""
    printed.touch()
    with running(env, printed) as server:
        processes = server.family()
        assert len(processes) > 1
        stop(server.pid)
        assert_gone(processes)
    said = printed.read_text()
    assert "Traceback" not in said
    return said
