"""The long runs of `make prove`, each for seconds and without its control, on this very code.

Oversell and gates have short forms of their own (`registration/test_oversell.py`,
`checkin/test_race.py`), letters as well (`notices/test_worker.py`). Restores and rotation are tried
on PostgreSQL by `backup` and `core/test_rotation.py`; `make prove` takes both engines.
"""

import subprocess
import sys

import pytest

from tests import needs
from tests.running import ROOT

pytestmark = pytest.mark.timeout(900)
SHORT = [
    ("sync", "sqlite", 0.02),
    ("kills", "sqlite", 0.01),
    ("crossing", "sqlite", 0.04),
    ("disk", "sqlite", 0.1),
    ("browsers", "sqlite", 0.01),
    ("clocks", "sqlite", 1.0),
    ("migrating", "sqlite", 0.004),
    ("migrating", "postgresql", 0.004),
    ("drill", "sqlite", 0.01),
    ("rotating", "sqlite", 0.01),
    ("beside", "sqlite", 0.2),
]


@pytest.mark.parametrize(("name", "engine", "scale"), SHORT)
def test_the_promise_holds_for_a_short_while(name: str, engine: str, scale: float) -> None:
    command = [sys.executable, "-m", "tests.prove", "--no-control", "--only", name]
    command += ["--engine", engine, "--scale", str(scale)]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    lacking = [line for line in ended.stdout.splitlines() if "was not run:" in line]
    if lacking and engine == "postgresql":
        needs.require_or_skip("postgres", lacking[0])
    if lacking and name == "browsers":
        needs.require_or_skip("browser", lacking[0])
    if lacking:
        pytest.skip(lacking[0])
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr[-2000:]}"
