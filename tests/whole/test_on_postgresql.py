"""The main job with PostgreSQL as the database: a question, an answer, a person, and a restart that loses nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
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


def end(served: Served) -> str:
    """Stops it; returns what it printed."""
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(60) == 0, "".join(served.printed)
    served.follower.join(10)
    return "".join(served.printed)


def ask_desk(served: Served, token: str, method: str, path: str, **body) -> dict:
    """Calls the desk's interface for programs."""
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.request(method, f"{served.url}/api/desk/v1{path}", json=body or None, headers=headers, timeout=30)
    assert answer.is_success, answer.text
    return answer.json()


def test_a_question_an_answer_a_person_and_a_restart(address: str, var: Path):
    first = start(var, ODZIV_DATABASE_URL=address)
    with closing(Store(address)) as store:
        ana = accept_invitation(store, invite(store, "ana@smreka.example", "agent"), "ana@smreka.example", "Ana", "-")
        token = make_token(store, ana.id, "test", "agent")[1]
    with closing(Visitor(first.url, "sl")) as visitor:
        answer = visitor.reaction(visitor.say(QUESTION)["seq"])
        assert (answer["sender"], answer["answer"]["article"]) == ("bot", ARTICLE)
        visitor.reaction(visitor.say(PERSON["sl"])["seq"])
        waiting = ask_desk(first, token, "GET", "/queue")["handoffs"]
        assert [handoff["conversation_id"] for handoff in waiting] == [visitor.id]
        ask_desk(first, token, "POST", f"/conversations/{visitor.id}/claim")
        ask_desk(first, token, "POST", f"/conversations/{visitor.id}/messages", text="Živjo!", client_id="a1")
        log = visitor.http.get(f"/conversations/{visitor.id}/messages").json()
        assert (log["conversation"]["status"], log["messages"][-1]["text"]) == ("open", "Živjo!")
        assert httpx.get(f"{first.url}/health").json()["status"] == "ok"
        printed = end(first)
        second = start(var, ODZIV_DATABASE_URL=address)
        with httpx.Client(base_url=f"{second.url}/api/v1", headers=visitor.http.headers) as again:
            assert again.get(f"/conversations/{visitor.id}/messages").json() == log
    found = ask_desk(second, token, "GET", "/search?q=sotor")
    assert [each["conversation"]["id"] for each in found["hits"]] == [visitor.id]
    backup = [sys.executable, "-m", "flask", "--app", "server", "backup", str(var / "backup.zip")]
    where = {"ODZIV_VAR": str(var), "ODZIV_DATABASE_URL": address, "ODZIV_CONFIG": str(var.parent / "config.yml")}
    told = subprocess.run(backup, cwd=ROOT, env={**os.environ, **where}, capture_output=True, text=True)
    assert told.returncode == 1 and "pg_dump" in told.stderr
    assert httpx.get(f"{second.url}/health").json()["status"] == "ok"
    printed += end(second) + "".join(path.read_text("utf-8") for path in (var / "logs").glob("*.log"))
    assert PASSWORD not in printed and "c0rrect" not in printed and not list(var.glob("odziv.sqlite*"))
