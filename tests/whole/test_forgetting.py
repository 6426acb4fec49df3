"""A deletion leaves nothing of what was said in the data folder: database, Rasa's memory, logs, files."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid

import httpx
import pytest

from odziv.store import Store
from odziv.store.agents.agent import accept_invitation, invite
from odziv.store.agents.tokens import make_token
from tests.whole.conftest import ROOT, Served
from tests.whole.test_path import Visitor

pytestmark = [pytest.mark.rasa, pytest.mark.encoder]


def where(served: Served, secret: str) -> list[str]:
    """The files of the data folder that hold `secret`."""
    files = [path for path in served.var.rglob("*") if path.is_file()]
    return [str(path.relative_to(served.var)) for path in files if secret.encode() in path.read_bytes()]


@pytest.fixture
def visit(served):
    """Opens conversations; hangs up after the test."""
    visitors = []

    def open_one() -> Visitor:
        visitors.append(Visitor(served.url, "en"))
        return visitors[-1]

    yield open_one
    for visitor in visitors:
        visitor.close()


@pytest.fixture
def told(served, visit):
    """A customer whom Rasa has answered, and the words that nobody else uses. Later, a person was asked for."""
    visitor, secret = visit(), f"zabec{uuid.uuid4().hex}"
    visitor.reaction(visitor.say(f"How do I return my {secret}?")["seq"])
    visitor.reaction(visitor.say(f"I want to talk to a person about the {secret}")["seq"])
    assert "rasa/tracker.db" in {name.removesuffix("-wal") for name in where(served, secret)}
    return visitor, secret


@pytest.fixture
def program(served):
    """An administrator's program."""
    store, email = Store(f"sqlite:///{served.var / 'odziv.sqlite'}"), f"boss{uuid.uuid4().hex[:6]}@smreka.example"
    boss = accept_invitation(store, invite(store, email, "admin"), email, "Boss", "no hash")
    _, token = make_token(store, boss.id, "test", "admin", days=1)
    store.close()
    return {"Authorization": f"Bearer {token}"}


def test_delete_my_data(served, told):
    visitor, secret = told
    assert visitor.http.delete(f"/conversations/{visitor.id}").json() == {"deleted": 1}
    assert where(served, secret) == []


def test_deleted_by_a_program(served, told, program):
    visitor, secret = told
    deleted = httpx.delete(f"{served.url}/api/desk/v1/conversations/{visitor.id}", headers=program)
    assert deleted.status_code == 204, deleted.text
    assert where(served, secret) == []


def test_deleted_while_rasa_is_still_at_it(served, visit):
    visitor, secret = visit(), f"zabec{uuid.uuid4().hex}"
    for number in range(3):
        visitor.say(f"And number {number} of my {secret}?")
    visitor.http.delete(f"/conversations/{visitor.id}")
    other = visit()
    other.reaction(other.say("How do I return an item?")["seq"])  # by then the turn under way is over, too
    assert where(served, secret) == []


def test_what_an_earlier_version_left_goes_by_a_command(served, told):
    visitor, secret = told
    store = Store(f"sqlite:///{served.var / 'odziv.sqlite'}")
    with store.write() as connection:  # as if deleted without Rasa's memory, and without overwriting
        connection.exec_driver_sql("PRAGMA secure_delete=OFF")
        for table in ("deliveries", "phrasings", "handoffs", "turns", "messages"):
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE conversation_id = ?", (visitor.id,))
        connection.exec_driver_sql("DELETE FROM conversations WHERE id = ?", (visitor.id,))
    store.close()
    assert where(served, secret)
    command = [sys.executable, "-m", "flask", "--app", "server", "forget-deleted"]
    environment = {**os.environ, "ODZIV_VAR": str(served.var)}
    printed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    assert "dialogues of deleted conversations removed" in printed and not printed.startswith("0 ")
    assert where(served, secret) == []
