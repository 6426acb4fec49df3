"""Two web processes, two workers and two Rasas, each started alone, on one PostgreSQL: together they are one Odziv."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx
import pytest

from bench.parts.product import free_ports
from odziv.store import Store
from odziv.store.agents.agent import accept_invitation, invite
from odziv.store.agents.tokens import make_token
from tests.postgresql.server import PostgreSQLServer
from tests.waiting import wait_until
from tests.whole.conftest import ROOT, Served, lifted_limits
from tests.whole.test_killed_parts import streaming
from tests.whole.test_path import PERSON, QUESTIONS, Visitor

pytestmark = [pytest.mark.rasa, pytest.mark.encoder, pytest.mark.postgresql]
START_SECONDS = 240.0
QUESTION, ARTICLE = QUESTIONS["sl"]


class Part:
    """One process, started alone, and what it printed."""

    def __init__(self, role: str, environment: dict[str, str]) -> None:
        self.printed: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "server.py", role],
            cwd=ROOT, env={**os.environ, **environment}, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with self.process.stdout as lines:
            self.printed.extend(lines)

    def kill(self) -> None:
        """It and all that it started, at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)
        self._reader.join(10)

    def end(self) -> None:
        """By SIGTERM, as a service manager does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.kill()
        self._reader.join(10)


class Installation:
    """All six: `webs` are two addresses of the same Odziv."""

    def __init__(self, folder: Path, address: str, parts: ExitStack) -> None:
        found = iter(free_ports(6))
        ports = {name: [next(found), next(found)] for name in ("web", "worker", "rasa")}
        config, var = lifted_limits(folder / "var"), folder / "var"
        text = config.read_text("utf-8")
        for key, name in (("workers", "worker"), ("rasa_urls", "rasa")):
            listed = ", ".join(f"http://127.0.0.1:{port}" for port in ports[name])
            text = text.replace(f"  {key}: []", f"  {key}: [{listed}]")
        config.write_text(text, "utf-8")
        self.webs = [f"http://localhost:{port}" for port in ports["web"]]
        self.parts: dict[str, list[Part]] = {"web": [], "worker": [], "rasa": []}
        for number in range(2):
            own = {
                "ODZIV_CONFIG": str(config),
                "ODZIV_VAR": str(var),
                "ODZIV_DATABASE_URL": address,
                "ODZIV_PORT": str(ports["web"][number]),
                "ODZIV_WORKER_PORT": str(ports["worker"][number]),
                "ODZIV_RASA_PORT": str(ports["rasa"][number]),
            }
            for role, started in self.parts.items():
                started.append(part := Part(role, own))
                parts.callback(part.end)

    def is_well(self) -> bool:
        """Whether both web processes say so."""
        for parts in self.parts.values():
            for part in parts:
                assert part.process.poll() is None, "".join(part.printed)
        return all(health_of(url) == "ok" for url in self.webs)


def health_of(url: str) -> str:
    try:
        return httpx.get(f"{url}/health", timeout=10.0, trust_env=False).json()["status"]
    except (httpx.HTTPError, ValueError, KeyError):
        return ""


@contextmanager
def running(folder: Path, address: str) -> Iterator[Installation]:
    with ExitStack() as parts:
        found = Installation(folder, address, parts)
        wait_until(found.is_well, START_SECONDS)
        yield found


@pytest.fixture
def address(postgresql: PostgreSQLServer) -> Iterator[str]:
    """An empty database's."""
    yield postgresql.create("several")
    postgresql.drop("several")


@pytest.fixture
def folder(served: Served, tmp_path: Path) -> Path:
    """A data folder with what was trained and embedded already."""
    for part in ("index", "rasa"):
        shutil.copytree(served.var / part, tmp_path / "var" / part, ignore=shutil.ignore_patterns("tracker.db*"))
    return tmp_path


def agents_token(address: str, folder: Path) -> str:
    with closing(Store(address, files=folder / "var" / "attachments")) as store:
        ana = accept_invitation(store, invite(store, None, "agent"), "ana@smreka.example", "Ana", "no hash")
        return make_token(store, ana.id, "test", "agent", days=None)[1]


def ask_desk(url: str, token: str, method: str, path: str, **body: str) -> dict:
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.request(method, f"{url}/api/desk/v1{path}", json=body or None, headers=headers, timeout=30)
    assert answer.is_success, answer.text
    return answer.json()


def ask_once(url: str) -> list[str]:
    """Who wrote in a new conversation with a question, which was answered from the right article."""
    with closing(Visitor(url, "sl")) as visitor:
        answer = visitor.reaction(visitor.say(QUESTION)["seq"])
        assert (answer["sender"], answer["answer"]["article"]) == ("bot", ARTICLE)
        log = visitor.http.get(f"/conversations/{visitor.id}/messages").json()["messages"]
        return [message["sender"] for message in log]


def talk_to_an_agent(installation: Installation, token: str) -> None:
    """A customer at one web process, an agent at the other."""
    here, there = installation.webs
    with closing(Visitor(here, "sl")) as visitor, streaming(visitor) as told:
        visitor.say(QUESTION)
        assert [told.get(timeout=30)["sender"] for _ in range(2)] == ["customer", "bot"]
        visitor.say(PERSON["sl"])
        assert [told.get(timeout=30)["sender"] for _ in range(2)] == ["customer", "system"]
        waiting = ask_desk(there, token, "GET", "/queue")["handoffs"]
        assert [handoff["conversation_id"] for handoff in waiting] == [visitor.id]
        ask_desk(there, token, "POST", f"/conversations/{visitor.id}/claim")
        ask_desk(there, token, "POST", f"/conversations/{visitor.id}/messages", text="Živjo!", client_id="a1")
        while (message := told.get(timeout=30))["sender"] != "agent":
            pass
        assert message["text"] == "Živjo!"
        visitor.say("Hvala!")
        log = ask_desk(there, token, "GET", f"/conversations/{visitor.id}/messages")
        assert "Hvala!" in str(log)


def test_they_are_one_odziv_and_losing_one_of_each_leaves_one(folder: Path, address: str):
    with running(folder, address) as installation:
        talk_to_an_agent(installation, agents_token(address, folder))
        with ThreadPoolExecutor(8) as pool:
            asked = list(pool.map(ask_once, installation.webs * 10))
        assert asked == [["customer", "bot"]] * 20
        for role in ("worker", "rasa"):
            installation.parts[role].pop(0).kill()
            with ThreadPoolExecutor(4) as pool:
                assert list(pool.map(ask_once, installation.webs * 4)) == [["customer", "bot"]] * 8
        installation.parts["web"].pop(0).kill()
        assert ask_once(installation.webs[1]) == ["customer", "bot"]
        parts = [installation.parts["web"][0], installation.parts["worker"][0]]
    assert [part.process.returncode for part in parts] == [0, 0]
    told = "".join(line for part in parts for line in part.printed)
    assert "Traceback" not in told, told
