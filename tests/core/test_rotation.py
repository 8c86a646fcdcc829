"""A rotation seals everything anew while people work, and goes on where it was cut short."""

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from eduforum.core import encryption, rotation
from eduforum.core.db import db, new_id, transaction
from eduforum.core.encryption import blind_index, seal, unseal
from eduforum.core.settings import Settings
from eduforum.factory import create_app
from eduforum.registration.models import Registration
from eduforum.registration.rules import State
from tests.factories import make_category
from tests.running import ROOT, environment


def place(registration_id: object) -> str:
    return f"registrations:{registration_id}:id_number"


def make_people(count: int) -> None:
    """People with numbers that are invented; each number ends with its row's place."""
    category = make_category()
    rows = []
    for n in range(count):
        id_ = new_id()
        number = f"E{n:08}"
        rows.append(
            {
                "id": id_, "series_id": category.series_id, "category_id": category.id,
                "state": State.WITHDRAWN, "name": f"样本{n}", "name_key": f"样本{n}",
                "pinyin_key": "", "pinyin": "", "initials": "", "submit_id": uuid4().hex,
                "id_type": "passport", "id_number": seal(number.encode(), place(id_)),
                "id_index": blind_index(f"passport:{number}", "series:1"),
            }
        )  # fmt: skip
    with transaction():
        db.session.execute(insert(Registration), rows)


def by_key() -> dict[int, int]:
    """How many numbers are sealed with which key."""
    db.session.rollback()
    found: dict[int, int] = {}
    for sealed in db.session.scalars(select(Registration.id_number)):
        assert sealed
        found[sealed[0]] = found.get(sealed[0], 0) + 1
    return found


def numbers() -> list[str]:
    db.session.rollback()
    rows = db.session.execute(select(Registration.id, Registration.id_number))
    return sorted(unseal(row.id_number, place(row.id)).decode() for row in rows)


@pytest.fixture
def own_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Flask], None]:
    """Give an application keys that no other test has."""

    def give(app: Flask) -> None:
        folder = tmp_path / "keys"
        folder.mkdir()
        monkeypatch.setitem(app.config, "DATA_DIR", str(folder))
        encryption.init_app(app)

    return give


def test_every_row_is_sealed_anew_and_says_the_same(
    either_app: Flask, own_keys: Callable[[Flask], None]
) -> None:
    own_keys(either_app)
    make_people(450)
    before, changed_at = numbers(), db.session.scalars(select(Registration.updated_at)).all()
    assert by_key() == {1: 450}
    done = list(rotation.rotate())
    assert by_key() == {2: 450}
    assert max(done) <= 200
    assert numbers() == before
    db.session.rollback()
    assert db.session.scalars(select(Registration.updated_at)).all() == changed_at
    list(rotation.rotate())
    assert by_key() == {3: 450}


def test_cut_short_it_goes_on_and_makes_no_further_key(
    either_app: Flask, own_keys: Callable[[Flask], None]
) -> None:
    own_keys(either_app)
    make_people(450)
    running = rotation.rotate()
    next(running)
    running.close()
    assert by_key() == {1: 250, 2: 200}
    assert rotation.remaining() == 250
    list(rotation.rotate())
    assert by_key() == {2: 450}
    assert list(encryption.all_keys()) == [1, 2]


def test_others_seal_with_the_new_key_without_a_restart(settings: Settings, tmp_path: Path) -> None:
    shared = replace(settings, data_dir=str(tmp_path))
    server, command = create_app(shared), create_app(shared)
    with server.app_context():
        old = seal(b"1", "here")
    with command.app_context():
        encryption.add_key()
    with server.app_context():
        new = seal(b"2", "here")
        assert (old[0], new[0]) == (1, 2)
        assert (unseal(old, "here"), unseal(new, "here")) == (b"1", b"2")
    assert (tmp_path / "encryption_keys.json").stat().st_mode & 0o777 == 0o600


def test_what_changes_meanwhile_is_not_written_over(
    app: Flask, own_keys: Callable[[Flask], None]
) -> None:
    own_keys(app)
    make_people(250)
    running = rotation.rotate()
    next(running)
    last = db.session.scalars(select(Registration.id).order_by(Registration.id.desc())).first()
    with transaction():
        row = db.session.get_one(Registration, last)
        row.id_number = seal(b"E99999999", place(last))
    list(running)
    assert "E99999999" in numbers()
    assert by_key() == {2: 250}


def test_a_rotation_killed_in_the_middle_is_finished_by_the_next(tmp_path: Path) -> None:
    """The real command, killed with SIGKILL again and again; no number is lost."""
    env = environment(tmp_path)
    command = [sys.executable, "-m", "flask", "--app", "app"]
    subprocess.run([*command, "db", "upgrade"], cwd=ROOT, env=env, check=True, capture_output=True)
    app = create_app(Settings.from_env({k: v for k, v in env.items() if k.startswith("EDUFORUM_")}))
    with app.app_context():
        make_people(2_000)
        before = numbers()
        for chunks in (1, 3):
            process = subprocess.Popen(
                [*command, "keys", "rotate"],
                cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            assert process.stdout
            seen = 0
            for line in process.stdout:
                seen += "sealed anew" in line
                if seen == chunks:
                    break
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdout.close()
            db.session.rollback()  # what was read before the command ran is old
            left = rotation.remaining()
            assert 0 < left < 2_000, "it was killed in the middle"
            assert numbers() == before
        said = subprocess.run(
            [*command, "keys", "rotate"],
            cwd=ROOT, env=env, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        assert said.startswith("An earlier rotation was cut short;")
        assert said.endswith("All protected data is sealed with key 2.\n")
        assert by_key() == {2: 2_000}
        assert numbers() == before
        assert db.session.scalar(select(func.count()).select_from(Registration)) == 2_000
        db.session.remove()
        db.engine.dispose()
