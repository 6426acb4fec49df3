"""Starts the product as its users do (`python server.py`), in a data folder of its own, with high limits."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import yaml

from bench.parts.processes import Process, below, is_alive, kill, roles
from odziv.settings import ROOT

# A load generator is one visitor at one address who asks as fast as it can: that is what limits are against.
LIFTED = {
    "messages_per_minute_per_visitor": 1_000_000,
    "messages_per_minute_per_address": 1_000_000,
    "conversations_per_minute_per_address": 1_000_000,
    "streams_per_address": 2000,
}


class NotStarted(Exception):
    """The product, or plain Rasa, did not come up; the message has the end of its log."""


def write_config(folder: Path, more: dict[str, Any] | None = None) -> Path:
    """The shipped config.yml with the limits lifted, `more` settings, and nothing else changed."""
    document = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    document["odziv"].update(more or {})
    document["odziv"]["limits"] = {**(document["odziv"].get("limits") or {}), **LIFTED}
    target = folder / "config.yml"
    target.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return target


def copy_prepared(prepared: Path | None, var: Path) -> None:
    """Saves a start its training: the product itself makes anew what does not fit its inputs."""
    for part in ("index", "rasa/models", "rasa/vectors.npz"):
        source, target = (prepared or var) / part, var / part
        if not target.exists() and source.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if source.is_dir() else shutil.copyfile)(source, target)


def free_port() -> int:
    """A port of this machine nobody listens on right now."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """So many different ones: each is held until all are found, or one could be found twice."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def stop_tidily() -> None:
    """Has SIGTERM end this program the way Ctrl-C does, so that what it started is stopped."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped by SIGTERM"))


class Product:
    """A running product; `with Product(folder) as product:` waits until it serves, and stops it."""

    def __init__(
        self,
        folder: Path,
        prepared: Path | None = None,
        say: Callable[[str], None] = print,
        more: dict[str, Any] | None = None,
    ) -> None:
        self.folder, self._prepared, self._say, self._more = folder, prepared, say, more
        self.var = folder / "var"
        self.log = folder / "server.log"
        self.port, self.rasa_port, self.worker_port = free_ports(3)
        self.url = f"http://127.0.0.1:{self.port}"
        self.known: dict[tuple[int, int], Process] = {}
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Product:
        self.var.mkdir(parents=True, exist_ok=True)
        copy_prepared(self._prepared, self.var)
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "ODZIV_CONFIG": str(write_config(self.folder, self._more)),
            "ODZIV_PORT": str(self.port),
            "ODZIV_RASA_PORT": str(self.rasa_port),
            "ODZIV_WORKER_PORT": str(self.worker_port),
            "ODZIV_VAR": str(self.var),
        }
        with self.log.open("wb") as output:
            self._child = subprocess.Popen(
                [sys.executable, "server.py"], cwd=ROOT, env=environment,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            wait_for("the product", self.has_started, self._child, self.log, self._say)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The supervisor's number."""
        assert self._child is not None
        return self._child.pid

    def roles(self) -> dict[str, Process]:
        """The processes below the supervisor by role; every one ever seen here is looked for after the stop."""
        found = roles(self.pid)
        self.known.update({(process.pid, process.started): process for process in found.values()})
        return found

    def has_started(self) -> bool:
        """Whether it has said so: its own check message has been round by then."""
        return "is serving" in self.log.read_text(errors="replace") and self.is_ready()

    def is_ready(self) -> bool:
        """Whether customers are answered, with Rasa's help."""
        try:
            answer = httpx.get(f"{self.url}/health", timeout=5.0, trust_env=False)
            return answer.status_code == 200 and answer.json()["parts"]["rasa"] == "ok"
        except (httpx.HTTPError, ValueError, KeyError):
            return False

    def stop(self, grace: float = 45.0) -> list[Process]:
        """Stops the product and returns what it left running, which is then killed."""
        if self._child is None:
            return []
        self.known.update({(process.pid, process.started): process for process in below(self._child.pid)})
        if self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(grace)
            except subprocess.TimeoutExpired:
                self._say(f"the product did not stop within {grace:g} s and is killed")
                self._child.kill()
                self._child.wait()
        time.sleep(1.0)  # a killed parent's children need a moment to notice
        left = [process for process in self.known.values() if is_alive(process)]
        for process in left:
            kill(process)
        self.known.clear()
        return left


def wait_for(
    what: str, is_ready: Callable[[], bool], child: subprocess.Popen[bytes], log: Path,
    say: Callable[[str], None], timeout: float = 600.0,
) -> None:  # fmt: skip
    """Waits with a line every ten seconds. Raises NotStarted when it ends, or takes longer than `timeout`."""
    started, told = time.monotonic(), 0.0
    while not is_ready():
        passed = time.monotonic() - started
        if child.poll() is not None or passed > timeout:
            why = f"ended with {child.returncode}" if child.poll() is not None else f"not ready after {timeout:.0f} s"
            raise NotStarted(f"{what}: {why}\n{end_of(log)}")
        if passed >= told + 10:
            told = passed
            say(f"  waiting for {what} … {passed:.0f} s")
        time.sleep(0.3)
    say(f"  {what} is ready after {time.monotonic() - started:.0f} s")


def end_of(log: Path, lines: int = 15) -> str:
    """The last lines of a log; of a line that was overwritten in place, as progress bars are, what stood last."""
    text = log.read_bytes().decode(errors="replace")
    return "\n".join(line.rsplit("\r", 1)[-1] for line in text.replace("\r\n", "\n").rstrip().split("\n")[-lines:])
