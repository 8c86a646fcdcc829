"""What is sealed opens only here, with our keys, unchanged."""

import json
import stat
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from eduforum.core import encryption
from eduforum.core.encryption import CannotDecrypt, seal, unseal
from eduforum.core.settings import BadSetting, Settings
from eduforum.factory import create_app

PLACE = "registrations:1:id_number"
PLAIN = b"120101199001011234"


def test_what_was_sealed_opens_in_its_place_alone(app: Flask) -> None:
    sealed = seal(PLAIN, PLACE)
    assert PLAIN not in sealed
    assert sealed != seal(PLAIN, PLACE), "equal values must not look equal"
    assert unseal(sealed, PLACE) == PLAIN
    assert unseal(seal(b"", PLACE), PLACE) == b""
    with pytest.raises(CannotDecrypt):
        unseal(sealed, "registrations:2:id_number")


def test_no_change_and_no_cut_goes_unnoticed(app: Flask) -> None:
    sealed = seal(PLAIN, PLACE)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        for broken in (bytes(changed), sealed[:place]):
            with pytest.raises(CannotDecrypt):
                unseal(broken, PLACE)


def test_the_newest_key_seals_and_older_ones_still_open(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "encryption_keys.json"
    place = replace(settings, data_dir=str(tmp_path))
    with create_app(place).app_context():
        old = seal(PLAIN, PLACE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    keys = json.loads(path.read_text())
    path.write_text(json.dumps({**keys, "2": b64encode(bytes(32)).decode()}))
    with create_app(place).app_context():
        new = seal(PLAIN, PLACE)
        assert (old[0], new[0]) == (1, 2)
        assert unseal(old, PLACE) == unseal(new, PLACE) == PLAIN
    path.write_text(json.dumps({"2": b64encode(bytes(32)).decode()}))
    with create_app(place).app_context(), pytest.raises(CannotDecrypt, match="missing"):
        unseal(old, PLACE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}",
        "[]",
        '{"one": ""}',
        '{"1": "c2hvcnQ="}',
        '{"1": 5}',
        f'{{"256": "{"A" * 43}="}}',
    ],
)
def test_a_damaged_key_file_stops_the_start_and_stays_as_it_is(
    app: Flask, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "encryption_keys.json"
    path.write_text(text)
    app.config["DATA_DIR"] = str(tmp_path)
    with pytest.raises(BadSetting, match=f"{path} is damaged"):
        encryption.init_app(app)
    assert path.read_text() == text
