"""A real Redis for tests, gone when the test ends."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as NoAnswer

from tests import needs


@contextmanager
def running(folder: Path, *, host: str = "", port: int = 0) -> Iterator[str]:
    """Run a server inside the block and yield its URL: a socket in `folder`, or `host` and `port`."""
    program = shutil.which("redis-server")
    if program is None:
        needs.require_or_skip("redis", "found no redis-server")
    socket = folder / "redis.sock"
    command = [program, "--save", "", "--appendonly", "no", "--dir", str(folder)]
    command += ["--port", str(port), "--unixsocket", str(socket)]
    command += ["--bind", host, "--protected-mode", "no"] if host else []
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait(socket)
        yield f"redis://{host}:{port}/0" if host else f"unix://{socket}"
    finally:
        server.kill()
        server.wait()


def _wait(socket: Path) -> None:
    for _ in range(200):
        try:
            Redis(unix_socket_path=str(socket)).ping()
        except NoAnswer:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("Redis did not answer within 4 s.")
