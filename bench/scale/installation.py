"""So many web processes, workers and Rasas, each started alone, on a PostgreSQL and a Redis of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx

from bench.parts.processes import below, cpu_seconds, memory_mb
from bench.parts.product import ROOT, NotStarted, copy_prepared, end_of, free_ports, write_config
from tests.postgresql.server import EMPTY, PostgreSQLServer, find_programs, running_server
from tests.shared.own_redis import OwnRedis, running_redis

ROLES = ("web", "worker", "rasa")
START_SECONDS, STOP_SECONDS = 480.0, 45.0
# As an operator has it: what is committed is on the disk. Two connections short of what nine processes may take.
POSTGRESQL = ("listen_addresses=", "max_connections=400", "shared_buffers=256MB")


class Installation:
    """`count` of each kind. `webs` are the addresses that customers are sent to in turns."""

    def __init__(self, folder: Path, count: int, prepared: Path, say: Callable[[str], None]) -> None:
        self.folder, self.count, self._prepared, self._say = folder, count, prepared, say
        found = iter(free_ports(count * len(ROLES)))
        ports = {role: [next(found) for _ in range(count)] for role in ROLES}
        self._ports = ports
        self.webs = [f"http://127.0.0.1:{port}" for port in ports["web"]]
        self._children: list[tuple[str, subprocess.Popen[bytes]]] = []
        self._stack = ExitStack()
        self.postgresql: PostgreSQLServer | None = None
        self._redis: OwnRedis | None = None
        self.database = ""

    def __enter__(self) -> Installation:
        try:
            self._start()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def _start(self) -> None:
        programs = find_programs()
        if programs is None:
            raise NotStarted("PostgreSQL 15 or newer is missing; on Debian: apt-get install postgresql")
        self.postgresql = self._stack.enter_context(running_server(programs, POSTGRESQL))
        self.postgresql.run(f"CREATE DATABASE {EMPTY}")
        self.database = self.postgresql.create("scale")
        self._redis = self._stack.enter_context(running_redis())
        copy_prepared(self._prepared, self.folder / "var")
        config = write_config(self.folder, self._addresses())
        self._stack.callback(self._stop)
        for number in range(self.count):
            for role in ROLES:
                self._children.append((role, self._begin(role, number, config)))
        self._wait()

    def _addresses(self) -> dict[str, list[str]]:
        return {
            "workers": [f"http://127.0.0.1:{port}" for port in self._ports["worker"]],
            "rasa_urls": [f"http://127.0.0.1:{port}" for port in self._ports["rasa"]],
        }

    def _begin(self, role: str, number: int, config: Path) -> subprocess.Popen[bytes]:
        assert self._redis is not None
        own = {
            "ODZIV_CONFIG": str(config),
            "ODZIV_VAR": str(self.folder / "var"),
            "ODZIV_DATABASE_URL": self.database,
            "ODZIV_REDIS_URL": self._redis.url,
            **{f"ODZIV_{name}PORT": str(self._ports[kind][number])
               for kind, name in (("web", ""), ("worker", "WORKER_"), ("rasa", "RASA_"))},
        }  # fmt: skip
        with self._log(role, number).open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "server.py", role], cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1", **own},
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip

    def _log(self, role: str, number: int) -> Path:
        return self.folder / f"{role}-{number}.log"

    def _wait(self) -> None:
        """Until every web process finds everything well. Raises NotStarted."""
        began = time.monotonic()
        while not all(map(is_well, self.webs)):
            for place, (role, child) in enumerate(self._children):
                if child.poll() is not None or time.monotonic() - began > START_SECONDS:
                    log = end_of(self._log(role, place // len(ROLES)))
                    raise NotStarted(f"{role} {place // len(ROLES)}, after {time.monotonic() - began:.0f} s:\n{log}")
            time.sleep(0.5)
        self._say(f"  {self.count} of each are ready after {time.monotonic() - began:.0f} s")

    def _stop(self) -> None:
        for _, child in self._children:
            if child.poll() is None:
                child.terminate()
        ends = time.monotonic() + STOP_SECONDS
        for role, child in self._children:
            try:
                child.wait(max(0.1, ends - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._say(f"  {role} did not stop within {STOP_SECONDS:g} s and is killed")
                child.kill()
                child.wait()

    def pids(self) -> dict[str, list[int]]:
        """The processes of each part; with each those that it started."""
        assert self.postgresql is not None and self._redis is not None
        roots = {role: [child.pid for own, child in self._children if own == role] for role in ROLES}
        roots.update(PostgreSQL=[self.postgresql.pid], Redis=[self._redis.pid])
        return {
            part: [pid for root in found for pid in (root, *(process.pid for process in below(root)))]
            for part, found in roots.items()
        }

    def processor_seconds(self) -> dict[str, float]:
        """What each part has used so far."""
        return {part: cpu_seconds(pids) for part, pids in self.pids().items()}

    def memory_mb(self) -> dict[str, float]:
        """Proportional set size of each part."""
        return {part: memory_mb(pids)["pss"] for part, pids in self.pids().items()}


def is_well(url: str) -> bool:
    """Whether that web process says so."""
    try:
        return httpx.get(f"{url}/health", timeout=10.0, trust_env=False).json()["status"] == "ok"
    except (httpx.HTTPError, ValueError, KeyError):
        return False
