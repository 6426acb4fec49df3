"""One real Odziv, started with `python server.py` in an empty data folder, for all tests of the whole path."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bench.parts.product import free_ports
from tests.doc_blocks import settings_blocks

ROOT = Path(__file__).parents[2]
START_SECONDS = 900  # a bare CI machine trains and embeds meanwhile


@dataclass
class Served:
    """A running Odziv: its address, data folder, process, and what it printed."""

    url: str
    var: Path
    process: subprocess.Popen[str]
    printed: list[str] = field(default_factory=list)
    serving: threading.Event = field(default_factory=threading.Event)
    follower: threading.Thread | None = None

    @property
    def invitation(self) -> str:
        """The one-time link that creates the first agent."""
        return re.search(r"https?://\S+/desk/invite/\S+", "".join(self.printed)).group()

    def follow(self) -> None:
        """Collects the output until the process ends."""
        with self.process.stdout as lines:
            for line in lines:
                self.printed.append(line)
                if "Ctrl-C stops it" in line:
                    self.serving.set()
        self.serving.set()


def start(var: Path, **more: str) -> Served:
    """Starts Odziv, with `more` in its environment, and waits until it says that it serves."""
    port, rasa_port, worker_port = free_ports(3)
    environment = {
        **os.environ,
        "ODZIV_PORT": str(port),
        "ODZIV_RASA_PORT": str(rasa_port),
        "ODZIV_WORKER_PORT": str(worker_port),
        "ODZIV_VAR": str(var),
        "ODZIV_CONFIG": str(lifted_limits(var)),
        **more,
    }
    process = subprocess.Popen(
        [sys.executable, "server.py"],
        cwd=ROOT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    served = Served(f"http://localhost:{port}", var, process)
    served.follower = threading.Thread(target=served.follow, daemon=True)
    served.follower.start()
    if not served.serving.wait(START_SECONDS) or process.poll() is not None:
        process.kill()
        pytest.fail("Odziv did not start:\n" + "".join(served.printed))
    return served


def lifted_limits(var: Path) -> Path:
    """The shipped settings with README's site put in, and one with few articles, but for the limits: here a whole crowd
    comes from one address."""
    text = (ROOT / "config.yml").read_text(encoding="utf-8")
    readme = next(block for place, block in settings_blocks().items() if place.startswith("README.md"))
    sites = "  #sites:\n    #demo:\n      #name: Smreka\n      #origins: []\n"
    assert sites in text
    more = "    demo:\n      name: Smreka\n    only-orders:\n      name: Orders\n      tags: [orders]\n"
    text = text.replace(sites, readme.removeprefix("odziv:\n").rstrip() + f"\n{more}", 1)
    path = var.parent / "config.yml"
    path.write_text(re.sub(r"(_per_minute_per_\w+): \d+", r"\1: 10000", text), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """Odziv, from an empty folder to a clean stop."""
    var = tmp_path_factory.mktemp("served") / "var"
    if prepared := os.environ.get("ODZIV_TEST_PREPARED"):  # a data folder whose model and index save minutes
        for part in ("index", "rasa"):
            shutil.copytree(Path(prepared) / part, var / part)
    served = start(var)
    yield served
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(60) == 0, "".join(served.printed)
    served.follower.join(10)
