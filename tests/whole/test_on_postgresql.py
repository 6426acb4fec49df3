"""The main job with PostgreSQL as the database: a question, an answer, a person, and a restart that loses nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from odziv.store import Store
from odziv.store.agents.agent import accept_invitation, invite
from odziv.store.agents.tokens import make_token
from tests.postgresql.server import PASSWORD, PostgreSQLServer
from tests.whole.conftest import ROOT, Served, start
from tests.whole.test_path import PERSON, QUESTIONS, Visitor

pytestmark = [pytest.mark.rasa, pytest.mark.encoder, pytest.mark.postgresql]
QUESTION, ARTICLE = QUESTIONS["sl"]


@pytest.fixture(scope="module")
def address(postgresql: PostgreSQLServer) -> Iterator[str]:
    """A new database's, of somebody who has a password and owns it."""
    postgresql.run("DROP ROLE IF EXISTS guarded", f"CREATE ROLE guarded LOGIN PASSWORD '{PASSWORD}'")
    postgresql.run("CREATE DATABASE whole OWNER guarded TEMPLATE template0")
    yield postgresql.url("whole", user="guarded", password=PASSWORD)
    postgresql.drop("whole")


@pytest.fixture(scope="module")
def var(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with what was trained and embedded already."""
    var = tmp_path_factory.mktemp("on-postgresql") / "var"
    for part in ("index", "rasa"):
        shutil.copytree(served.var / part, var / part, ignore=shutil.ignore_patterns("tracker.db*"))
    return var


@contextmanager
def running(var: Path, address: str) -> Iterator[Served]:
    """The product with this database, from its start to a clean end."""
    served = start(var, ODZIV_DATABASE_URL=address)
    try:
        yield served
    finally:
        served.process.send_signal(signal.SIGTERM)
        status = served.process.wait(60)
        served.follower.join(10)
    assert status == 0, "".join(served.printed)


def ask_desk(served: Served, token: str, method: str, path: str, **body) -> dict:
    """Calls the desk's interface for programs."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.request(method, f"{served.url}/api/desk/v1{path}", json=body or None, headers=headers, timeout=30)
    assert answer.is_success, answer.text
    return answer.json()


def ask_and_be_answered(served: Served, token: str, visitor: Visitor) -> dict:
    """A customer asks, is answered, wants a person, and one writes; returns the log."""
    answer = visitor.reaction(visitor.say(QUESTION)["seq"])
    assert (answer["sender"], answer["answer"]["article"]) == ("bot", ARTICLE)
    visitor.reaction(visitor.say(PERSON["sl"])["seq"])
    waiting = ask_desk(served, token, "GET", "/queue")["handoffs"]
    assert [handoff["conversation_id"] for handoff in waiting] == [visitor.id]
    ask_desk(served, token, "POST", f"/conversations/{visitor.id}/claim")
    ask_desk(served, token, "POST", f"/conversations/{visitor.id}/messages", text="Živjo!", client_id="a1")
    log = read_log(served, visitor)
    assert (log["conversation"]["status"], log["messages"][-1]["text"]) == ("open", "Živjo!")
    return log


def read_log(served: Served, visitor: Visitor) -> dict:
    """All that the customer can read."""
    path, headers = f"/api/v1/conversations/{visitor.id}/messages", visitor.http.headers
    return httpx.get(f"{served.url}{path}", headers={"Authorization": headers["Authorization"]}).json()


def refused_backup(var: Path, address: str) -> str:
    """What the command says that copies SQLite's file."""
    command = [sys.executable, "-m", "flask", "--app", "server", "backup", str(var / "backup.zip")]
    where = {"ODZIV_VAR": str(var), "ODZIV_DATABASE_URL": address, "ODZIV_CONFIG": str(var.parent / "config.yml")}
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **where}, capture_output=True, text=True)
    assert done.returncode == 1
    return done.stderr


def test_a_question_an_answer_a_person_and_a_restart(address: str, var: Path):
    with running(var, address) as first:
        with closing(Store(address, files=var / "attachments")) as store:
            ana = accept_invitation(store, invite(store, None, "agent"), "ana@smreka.example", "Ana", "no hash")
            token = make_token(store, ana.id, "test", "agent", days=None)[1]
        with closing(Visitor(first.url, "sl")) as visitor:
            log = ask_and_be_answered(first, token, visitor)
        assert httpx.get(f"{first.url}/health").json()["status"] == "ok"
    with running(var, address) as second:
        assert read_log(second, visitor) == log
        found = ask_desk(second, token, "GET", "/search?q=sotor")["hits"]
        assert [hit["conversation"]["id"] for hit in found] == [visitor.id]
        assert "pg_dump" in refused_backup(var, address)
        assert httpx.get(f"{second.url}/health").json()["status"] == "ok"
    told = [*first.printed, *second.printed, *(path.read_text("utf-8") for path in (var / "logs").glob("*.log"))]
    assert not [each for each in told if PASSWORD in each or "c0rrect" in each]
    assert not list(var.glob("odziv.sqlite*"))
