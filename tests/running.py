"""The real server as people start it, on a database of its own, watched from outside."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMMAND = [sys.executable, "-m", "eduforum.server"]
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `started_in` is the time until /readyz answered, in seconds."""

    port: int
    pid: int
    env: dict[str, str]
    started_in: float

    def cpu(self) -> float:
        """CPU seconds of all its processes so far."""
        return sum(_cpu(pid) for pid in family_of(self.pid))

    def memory(self) -> float:
        """MiB that its processes hold together (proportional set size: shared pages once)."""
        return sum(_pss(pid) for pid in family_of(self.pid)) / 1024

    def processes(self) -> int:
        return len(self.family())

    def family(self) -> list[int]:
        """The ids of all its processes."""
        return family_of(self.pid)


def command(env: dict[str, str], *arguments: str) -> str:
    """Run `flask --app app …` beside the server and return what it printed."""
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", *arguments],
        cwd=ROOT, env=env, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip


def environment(folder: Path, database: str = "", **more: str) -> dict[str, str]:
    """What the server and its commands are started with; nothing of ours comes from outside."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("EDUFORUM_")}
    if database:
        clean["EDUFORUM_SQLALCHEMY_DATABASE_URI"] = database
    return clean | {"EDUFORUM_DATA_DIR": str(folder), "PORT": str(free_port())} | more


@contextmanager
def running(env: dict[str, str], printed: Path = Path(os.devnull)) -> Iterator[Server]:
    """Start the server, wait until it is ready, and stop it after the block.

    What it prints goes to `printed`; into a file, also what it says on standard error.
    """
    began = time.perf_counter()
    with printed.open("ab") as out:
        process = subprocess.Popen(
            COMMAND, cwd=ROOT, env=env, start_new_session=True,
            stdout=out, stderr=out if printed.is_file() else None,
        )  # fmt: skip
    try:
        _wait_until_ready(process, int(env["PORT"]))
        yield Server(int(env["PORT"]), process.pid, env, time.perf_counter() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(1200):
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with {process.returncode}.")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("The server was not ready within 60 s.")


def family_of(pid: int) -> list[int]:
    """The process and all below it."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:
        return []
    return [pid, *(child for name in text.split() for child in family_of(int(name)))]


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _pss(pid: int) -> int:
    """Kilobytes."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
