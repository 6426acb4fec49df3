"""The web process without Rasa, started again whenever it ends: what takes mail in and sends it, and little else."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from bench.parts.processes import Process, below, kill, read_process
from bench.parts.product import ROOT, NotStarted, end_of, free_ports, write_config

START_SECONDS = 120.0


class WebAlone:
    """As `Product`, with one process that matters; there are no articles, so every question goes to a person."""

    def __init__(self, folder: Path, more: dict[str, Any]) -> None:
        self.folder, self.var, self.log = folder, folder / "var", folder / "server.log"
        port, nobodys = free_ports(2)
        self.url = f"http://127.0.0.1:{port}"
        (folder / "articles").mkdir(parents=True, exist_ok=True)
        config = write_config(folder, {**more, "articles": str(folder / "articles"), "rasa_port": nobodys})
        self._environment = {
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "ODZIV_CONFIG": str(config),
            "ODZIV_PORT": str(port),
            "ODZIV_VAR": str(self.var),
        }
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> WebAlone:
        self._start()
        try:
            ends = time.monotonic() + START_SECONDS
            while not self.is_ready():
                if time.monotonic() > ends:
                    raise NotStarted(f"the web process:\n{end_of(self.log)}")
                time.sleep(0.2)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def roles(self) -> dict[str, Process]:
        """Gunicorn's master and worker; a master that ended is started again."""
        assert self._child is not None
        if self._child.poll() is not None:
            self._start()
        master = read_process(self._child.pid)
        workers = below(self._child.pid)
        return {**({"master": master} if master else {}), **({"worker": workers[0]} if workers else {})}

    def is_ready(self) -> bool:
        """Whether it answers and can store; that there are no articles is as it should be here."""
        self.roles()
        try:
            parts = httpx.get(f"{self.url}/health", timeout=5.0, trust_env=False).json()["parts"]
        except (httpx.HTTPError, ValueError, KeyError):
            return False
        return bool(parts["web"] == parts["store"] == "ok")

    def stop(self) -> list[Process]:
        """Ends it; returns what it left running, which is killed."""
        if self._child is None:
            return []
        left = below(self._child.pid)
        self._child.terminate()
        try:
            self._child.wait(30.0)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        time.sleep(0.5)
        return [process for process in left if kill(process)]

    def _start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "server:create_app()"]
        with self.log.open("ab") as output:
            self._child = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
