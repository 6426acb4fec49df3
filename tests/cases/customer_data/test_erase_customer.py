"""Erasure: everything of one customer goes, nothing of anybody else; a receipt says so, and a kill only delays it."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from odziv.cases.customer_data import erasing
from odziv.cases.customer_data.erasing import Erasures, NotErased, erase_customer, go_on, receipt_path
from odziv.cases.customer_data.whose import Customer, Who, find_customer
from odziv.store import Store
from odziv.store.agents.mail_drafts import MailDraft, find_mail_draft, save_mail_draft
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import find_conversation
from odziv.store.customers.erasures import LEASE_MS, Overtaken, begin_erasure, list_erasures, take_erasure
from odziv.store.mail.aside import list_aside
from odziv.store.schema import erasures
from tests.cases.customer_data.conftest import ANNA, begin
from tests.cases.customer_data.rasa_memory import remember, remembered
from tests.cases.elsewhere.fake_worker import NOBODY, worker

ROOT = Path(__file__).parents[3]


def hers(store: Store, settings: Any, case: Any) -> Customer:
    return find_customer(store, settings, Who(conversation_id=case.verified))


def test_all_of_hers_goes_and_nothing_else(store, settings, case, ana):
    remember(settings.var, *case.annas, case.eves)
    receipt = erase_customer(store, settings, hers(store, settings, case), ana.id)
    assert [find_conversation(store, each) for each in case.annas] == [None] * 3
    assert find_conversation(store, case.eves) is not None and remembered(settings.var) == 1
    assert [mail.sender for mail in list_aside(store)] == ["denis@customer.example"]
    assert list(store.files.folder.iterdir()) == []
    counts = receipt["erased"]
    assert (counts["conversations"], counts["dialogues"], counts["mails_put_aside"], counts["files"]) == (3, 3, 1, 2)
    assert counts["messages"] == 7 and counts["mails"] == 1
    assert receipt["complete"] and receipt["by"] == f"agent:{ana.id}"
    assert any("backups made before" in words for words in receipt["remains"])


def test_the_receipt_is_kept_and_says_nothing_of_her(store, settings, case, ana):
    receipt = erase_customer(store, settings, hers(store, settings, case), ana.id)
    assert json.loads(receipt_path(settings, receipt["receipt"]).read_text("utf-8")) == receipt
    (entry,) = list_entries(store, action="erased")
    assert (entry.object, entry.detail) == (f"erasure:{receipt['receipt']}", receipt["erased"])
    assert len(list_entries(store, action="deleted")) == 3
    with store.read() as connection:
        (row,) = connection.execute(select(erasures)).mappings()
    assert row["targets"] is None
    told = json.dumps([receipt, dict(row), entry.detail], default=str).lower()
    assert "anna" not in told and not any(each in told for each in case.annas)


@pytest.mark.sqlite
def test_no_byte_of_her_is_left(store, settings, case):
    erase_customer(store, settings, hers(store, settings, case), None)
    # Eve's, who typed Anna's address, is another's.
    erase_customer(store, settings, Customer((case.eves,), frozenset(), ()), None)
    holding = [path.name for path in settings.var.rglob("*") if path.is_file() and ANNA.encode() in path.read_bytes()]
    assert holding == []


def test_a_new_mail_that_was_begun_to_her_goes_and_is_counted(store, settings, case, ana):
    save_mail_draft(store, ana.id, MailDraft(to=f"Anna <{ANNA}>", text="Your order"))
    receipt = erase_customer(store, settings, hers(store, settings, case), None)
    assert receipt["erased"]["mail_drafts"] == 1
    assert find_mail_draft(store, ana.id) == MailDraft()


def test_who_has_only_mails_put_aside(store, settings, case):
    found = find_customer(store, settings, Who(address="denis@customer.example"))
    receipt = erase_customer(store, settings, found, None)
    assert receipt["erased"] == {"mails_put_aside": 1} and receipt["by"] == "a command on the server"
    assert [mail.sender for mail in list_aside(store)] == [ANNA]


KILLED = """
import os, sys
from odziv.cases.customer_data.erasing import erase_customer
from odziv.cases.customer_data.whose import Who, find_customer
from odziv.settings import Settings
from odziv.store import Store
from pathlib import Path
url, var, conversation, after = sys.argv[1:]
store = Store(url, files=Path(var) / "attachments")
settings = Settings(sites={"demo": {"name": "Smreka"}}, var=Path(var))
def told(count):
    if count == int(after):
        os.kill(os.getpid(), 9)
erase_customer(store, settings, find_customer(store, settings, Who(conversation_id=conversation)), None, told)
"""


@pytest.mark.parametrize("after", [1, 3])
def test_a_killed_one_goes_on(store, settings, case, after):
    remember(settings.var, *case.annas)
    url = store.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", KILLED, url, str(settings.var), case.verified, str(after)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL
    assert [find_conversation(store, each) is None for each in case.annas].count(True) == after
    (waiting,) = list_erasures(store)
    assert (waiting.status, waiting.counts["conversations"]) == ("waiting", after)
    worker = Erasures(store, settings)
    store.clock.advance(2 * LEASE_MS)
    assert worker.work_off() == 1
    (done,) = list_erasures(store)
    assert (done.status, done.counts["conversations"], done.counts["messages"]) == ("done", 3, 7)
    assert remembered(settings.var) == 0 and receipt_path(settings, done.id).exists()
    assert worker.work_off() == 0


def test_nobody_takes_one_that_goes_on(store, settings, case):
    def told(_count: int) -> None:
        store.clock.advance(LEASE_MS - 1)
        assert take_erasure(store) is None

    assert erase_customer(store, settings, hers(store, settings, case), None, told)["complete"]


def test_who_was_silent_for_too_long_leaves_it_to_the_other(store, settings, case):
    slow = begin_erasure(store, case.annas, {ANNA}, None)
    store.clock.advance(LEASE_MS)
    other = take_erasure(store)
    with pytest.raises(Overtaken):
        go_on(store, settings, slow)
    assert find_conversation(store, case.earlier) is not None  # what can't be counted is not deleted
    assert go_on(store, settings, other)["erased"]["conversations"] == 3


def test_it_is_not_complete_while_rasa_remembers(store, settings, case, monkeypatch):
    remember(settings.var, *case.annas)

    def fail(*_arguments: Any) -> int:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(erasing, "forget_trackers", fail)
    with pytest.raises(NotErased, match="Rasa remembers"):
        erase_customer(store, settings, hers(store, settings, case), None)
    assert [each.status for each in list_erasures(store)] == ["waiting"] and list_entries(store, action="erased") == []
    monkeypatch.undo()
    store.clock.advance(LEASE_MS)
    assert Erasures(store, settings).work_off() == 1
    assert remembered(settings.var) == 0 and [each.status for each in list_erasures(store)] == ["done"]


@pytest.mark.parametrize("elsewhere", ["nobody", "refuses", "another version's"])
def test_it_is_not_complete_while_a_rasa_elsewhere_remembers(store, settings, case, elsewhere):
    remember(settings.var, *case.annas)
    content, status = (b"no", 503) if elsewhere == "refuses" else (b"[]", 200)
    with worker(b'{"dialogues": 2}') as (there, asked), worker(content, status) as (bad, _):
        away = settings.model_copy(update={"workers": (there, NOBODY if elsewhere == "nobody" else bad)})
        with pytest.raises(NotErased, match="not every worker says that the Rasa beside it has forgotten"):
            erase_customer(store, away, hers(store, settings, case), None)
        assert [each.status for each in list_erasures(store)] == ["waiting"] and asked
        store.clock.advance(LEASE_MS)
        both = settings.model_copy(update={"workers": (there,)})
        assert Erasures(store, both).work_off() == 1
    (erased,) = list_erasures(store)
    assert erased.status == "done" and erased.counts["dialogues"] == 3 + 2 and remembered(settings.var) == 0


def test_a_receipt_that_cannot_be_written_is_in_the_database(store, settings, case):
    (settings.var / "receipts").write_text("no folder")
    receipt = erase_customer(store, settings, hers(store, settings, case), None)
    assert receipt["complete"] and list_erasures(store)[0].id == receipt["receipt"]


def run(app, *arguments: str):
    return app.test_cli_runner().invoke(args=["customer", *arguments])


def test_by_command_first_without_deleting(app, store, case):
    dry = run(app, "erase", "demo:a1")
    assert dry.exit_code == 0 and "3 conversations, 1 e-mails put aside would be erased" in dry.output
    assert find_conversation(store, case.verified) is not None and list_erasures(store) == []
    assert run(app, "erasures").output == ""
    done = run(app, "erase", "demo:a1", "--yes")
    assert done.exit_code == 0 and find_conversation(store, case.verified) is None and case.eves in done.output
    assert json.loads(run(app, "erasures").output)["erased"]["conversations"] == 3
    again = run(app, "erase", "demo:a1", "--yes")
    assert again.exit_code == 1 and "Nothing is known" in again.output


def test_by_command_that_it_is_not_complete(app, case, monkeypatch):
    def fail(*_arguments: Any) -> int:
        raise sqlite3.DatabaseError("file is not a database")

    monkeypatch.setattr(erasing, "forget_trackers", fail)
    done = run(app, "erase", "demo:a1", "--yes")
    assert done.exit_code == 1 and "It is not complete" in done.output
    assert json.loads(run(app, "erasures").output)["complete"] is False


def test_many_go_in_steps(store, settings, monkeypatch):
    monkeypatch.setattr(erasing, "AT_ONCE", 2)
    ids = [begin(store, customer="m", verified=True) for _ in range(5)]
    told: list[int] = []
    receipt = erase_customer(
        store, settings, find_customer(store, settings, Who(conversation_id=ids[0])), None, told.append
    )
    assert told == [1, 2, 3, 4, 5] and receipt["erased"]["conversations"] == 5
