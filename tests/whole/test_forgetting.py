"""A deletion leaves nothing of what was said in the data folder: database, Rasa's memory, logs, files."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import uuid

import httpx
import pytest

from odziv.desk.people.passwords import hash_password
from odziv.store import Store
from odziv.store.agents.agent import accept_invitation, invite
from odziv.store.agents.tokens import make_token
from odziv.store.conversations.attachments import write_file
from odziv.store.conversations.conversation import HANGS_ON_IT
from odziv.store.mail.inbound import Incoming, keep_as_message, keep_aside
from odziv.store.schema import attachments
from odziv.store.search.entries import forget_entries
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
    """A customer whom Rasa has answered, and the words that nobody else uses. Later, a person was asked for.

    The words stand wherever a customer can put them: name and address, page, an article's search, a rating, a file.
    """
    visitor, secret = visit(), f"zabec{uuid.uuid4().hex}"
    path = f"/conversations/{visitor.id}"
    visitor.http.get("/articles", params={"q": secret, "language": "en", "site": "demo"})
    visitor.reaction(visitor.say(f"How do I return my {secret}?")["seq"])
    visitor.http.post(f"{path}/rating", json={"about": "bot", "score": 5, "words": secret})
    visitor.http.patch(path, json={"name": secret, "email": f"{secret}@customer.example", "attributes": {"a": secret}})
    pdf = f"%PDF-1.4\n% {secret}\n1 0 obj\n<<>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF\n".encode()
    files = {"file": (f"{secret}.pdf", pdf, "application/pdf")}
    sent, unsent = (visitor.http.post(f"{path}/attachments", files=files) for _ in range(2))
    assert sent.status_code == unsent.status_code == 201, unsent.text
    with_file = {
        "client_id": secret,
        "text": f"The bill of the {secret}",
        "attachments": [sent.json()["attachment"]["id"]],
    }
    visitor.http.post(f"{path}/messages", json=with_file)
    visitor.reaction(visitor.say(f"I want to talk to a person about the {secret}")["seq"])
    visitor.say(f"A letter to {secret}@customer.example is fine")
    write_mails(served, visitor.id, secret)
    assert "rasa/tracker.db" in {name.removesuffix("-wal") for name in where(served, secret)}
    return visitor, secret


def write_mails(served: Served, conversation_id: str, secret: str) -> None:
    """What came by mail meanwhile: an answer in the conversation, and of the same sender what was put aside."""
    store, sender = Store(f"sqlite:///{served.var / 'odziv.sqlite'}"), f"{secret}@customer.example"
    keep_as_message(store, Incoming(secret, f"<{secret}@x>", sender, secret, secret), conversation_id, secret, secret)
    for number in range(20):
        file = write_file(store, f"%PDF-1.4 {secret} {number}".encode(), name=f"{secret}.pdf", type="application/pdf")
        text = f"{secret} {number} " + "I am away. " * 400
        mail = Incoming(f"{secret[:50]}{number}", None, sender, secret, text, [], "an automatic reply")
        keep_aside(store, mail, [file, {"name": f"{secret}.exe", "why": "file_type"}])
    store.close()


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


@pytest.fixture
def desk(served):
    """An administrator's browser at the desk."""
    store, email = Store(f"sqlite:///{served.var / 'odziv.sqlite'}"), f"chief{uuid.uuid4().hex[:6]}@smreka.example"
    accept_invitation(store, invite(store, email, "admin"), email, "Chief", hash_password("correct horse battery"))
    store.close()
    with httpx.Client(base_url=served.url, trust_env=False, follow_redirects=True) as browser:
        fields = {"csrf_token": csrf_of(browser.get("/desk/sign-in").text)}
        browser.post("/desk/sign-in", data={**fields, "email": email, "password": "correct horse battery"})
        yield browser


def csrf_of(page: str) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def test_deleted_at_the_desk(served, told, desk):
    visitor, secret = told
    page = desk.get(f"/desk/conversations/{visitor.id}")
    assert secret in page.text
    token = csrf_of(page.text)
    deleted = desk.post(f"/desk/conversations/{visitor.id}/delete", data={"csrf_token": token})
    assert deleted.status_code == 200 and "Deleted." in deleted.text
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
        forget_entries(connection, visitor.id)  # that version had no search
        for table in HANGS_ON_IT:
            connection.execute(table.delete().where(table.c.conversation_id == visitor.id))
        connection.execute(attachments.delete().where(attachments.c.conversation_id == visitor.id))
        connection.exec_driver_sql("DELETE FROM conversations WHERE id = ?", (visitor.id,))
    store.close()
    assert where(served, secret)
    command = [sys.executable, "-m", "flask", "--app", "server", "forget-deleted", "--unknown-files"]
    command += ["--sender", f"{secret}@customer.example"]
    environment = {**os.environ, "ODZIV_VAR": str(served.var)}
    printed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout
    assert "20 e-mails that were put aside were deleted." in printed
    # Unless the server looked for remains in just these seconds, as it does a minute after its start.
    was_first = "remains_swept" in (served.var / "logs" / "worker.log").read_text()
    assert "dialogues that nobody goes on with removed" in printed and ("\n0 dialogues" not in printed or was_first)
    assert "2 attachments that no conversation has were deleted" in printed
    assert where(served, secret) == []
