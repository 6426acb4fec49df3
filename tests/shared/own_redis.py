"""A Redis of the tests' own, from Debian's package: on a free port. It keeps nothing and ends with them."""

from __future__ import annotations

import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class OwnRedis:
    """One that can be stopped (it takes connections and says nothing), killed and begun again, at the same address."""

    def __init__(self, folder: Path, *, password: str = "", options: tuple[str, ...] = ()) -> None:
        self.folder, self.port, self.password = folder, free_port(), password
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return (
            f"redis://:{self.password}@127.0.0.1:{self.port}/0" if self.password else f"redis://127.0.0.1:{self.port}"
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @cached_property
    def client(self) -> Redis:
        """Somebody at a prompt."""
        return Redis(port=self.port, password=self.password or None, protocol=2)

    def start(self) -> None:
        command = ["setpriv", "--pdeathsig", "KILL", "redis-server", "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self.folder), *self._options]
        command += ["--requirepass", self.password] if self.password else []
        with open(self.folder / "log", "ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        for _ in range(400):
            try:
                self.client.ping()
                return
            except RedisError:
                assert self._process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.025)
        raise TimeoutError((self.folder / "log").read_text())

    def stop(self) -> None:
        """From now on it answers nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)
            self._process = None


@contextmanager
def running_redis(*, password: str = "", options: tuple[str, ...] = ()) -> Iterator[OwnRedis]:
    with tempfile.TemporaryDirectory(prefix="odziv-redis-") as folder:
        server = OwnRedis(Path(folder), password=password, options=options)
        server.start()
        try:
            yield server
        finally:
            server.kill()
