"""The audit trail: what is in it, what never is, how it is read, and that it ends."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, update

from odziv.cases.queue_monitor import QueueMonitor
from odziv.desk.reports.audit import WORDS, AuditRetention
from odziv.settings import Desk
from odziv.store.agents.agent import set_disabled
from odziv.store.audit import ACTIONS, coming_from, list_entries, record, record_alone
from odziv.store.conversations.conversation import delete_conversation
from odziv.store.conversations.messages import NewMessage
from odziv.store.handoffs.withdrawals import withdraw
from odziv.store.knowledge.phrasings import decide_phrasing
from odziv.store.schema import audit, phrasings
from tests.desk.conftest import PASSWORD, add_agent, csrf_of

DAY = 24 * 60 * 60 * 1000


def actions(store, **filters) -> list[str]:
    return [entry.action for entry in reversed(list_entries(store, **filters))]


def test_every_action_has_words():
    assert set(WORDS) == set(ACTIONS)


def test_signing_in_and_out_and_failing_to(app, client, store):
    agent = add_agent(store, "Ana Kovač")
    for email, password in ((agent.email, "wrong"), ("nobody@x.example", "my secret"), (agent.email, PASSWORD)):
        client.post("/desk/sign-in", data={"csrf_token": csrf_of(client), "email": email, "password": password})
    client.post("/desk/sign-out", data={"csrf_token": csrf_of(client)})
    entries = list_entries(store)[:4][::-1]
    assert [entry.action for entry in entries] == ["sign_in_failed", "sign_in_failed", "sign_in", "sign_out"]
    assert [entry.agent_id for entry in entries] == [None, None, agent.id, agent.id]
    assert [entry.object for entry in entries] == [f"agent:{agent.id}", None, f"agent:{agent.id}", f"agent:{agent.id}"]
    assert {entry.address for entry in entries} == {"127.0.0.0/24"}


def test_what_happens_to_a_conversation(ana, waiting, store):
    ana.post(f"/desk/handoffs/{waiting.handoff}/claim")
    ana.post(f"/desk/handoffs/{waiting.handoff}/claim")  # again: nothing happens, nothing is noted
    ana.post(f"{waiting.path}/messages", text="A secret answer", kind="reply")
    ana.post(f"{waiting.path}/release", status="resolved")
    delete_conversation(store, waiting.id)
    delete_conversation(store, waiting.id)
    about = [entry for entry in list_entries(store) if entry.object == f"conversation:{waiting.id}"]
    assert [entry.action for entry in about] == ["deleted", "resolved", "claimed"]
    assert [entry.agent_id for entry in about] == [None, ana.agent.id, ana.agent.id]


def test_passing_on_and_handing_back(ana, marek, waiting, store):
    ana.post(f"/desk/handoffs/{waiting.handoff}/claim")
    ana.post(f"{waiting.path}/transfer", to=str(marek.agent.id), note="A secret note")
    ana.post(f"{waiting.path}/transfer", to="queue", language="sl")  # no longer hers: nothing is noted
    marek.post(f"{waiting.path}/transfer", to="queue", language="sl")
    marek.post(f"/desk/handoffs/{waiting.handoff}/claim")
    marek.post(f"{waiting.path}/release", status="bot")
    about = [entry for entry in list_entries(store) if entry.object == f"conversation:{waiting.id}"][::-1]
    assert [(entry.action, entry.agent_id) for entry in about] == [
        ("claimed", ana.agent.id),
        ("passed_on", ana.agent.id),
        ("passed_on", marek.agent.id),
        ("claimed", marek.agent.id),
        ("handed_back", marek.agent.id),
    ]
    assert [entry.detail for entry in about[1:3]] == [{"to": "Marek Zieliński"}, {"to": "the queue"}]
    with store.read() as connection:
        assert "A secret note" not in repr(connection.execute(select(audit)).all())


def test_what_the_queue_does_by_itself(ana, taken, waiting, store, settings):
    set_disabled(store, ana.agent.id, True)
    for _ in range(2):
        QueueMonitor(store, settings).look()
    [back] = list_entries(store, action="taken_back")
    assert (back.agent_id, back.object, back.address) == (ana.agent.id, f"conversation:{taken.id}", None)
    assert back.detail == {"because": "disabled"}
    set_disabled(store, ana.agent.id, False)
    automatic = settings.desk.model_copy(update={"assignment": "auto"})
    QueueMonitor(store, settings.model_copy(update={"desk": automatic})).look()
    [given] = list_entries(store, action="assigned")
    assert (given.agent_id, given.object) == (ana.agent.id, f"conversation:{taken.id}")


@pytest.mark.parametrize("status", ["accepted", "dismissed"])
def test_a_decision_about_a_phrasing_without_its_words(ana, waiting, store, status):
    with store.write() as connection:
        row = {"article": "orders/return", "language": "en", "text": "my own words", "count": 1, "status": "proposed"}
        place = {"conversation_id": waiting.id, "seq": 1, "created_at": store.clock()}
        phrasing_id = connection.execute(insert(phrasings).values(**row, **place)).inserted_primary_key[0]
    assert decide_phrasing(store, phrasing_id, status, ana.agent.id)
    assert not decide_phrasing(store, phrasing_id, status, ana.agent.id)
    [entry] = list_entries(store, action=f"phrasing_{status}")
    assert (entry.agent_id, entry.object) == (ana.agent.id, f"phrasing:{phrasing_id}")
    assert entry.detail == {"article": "orders/return", "language": "en"}


def test_what_happens_to_people(boss, ana, store):
    person = f"/desk/people/{ana.agent.id}"
    boss.post(f"{person}/role", role="editor")
    boss.post(f"{person}/role", role="editor")
    boss.post(f"{person}/reset")
    boss.post(f"{person}/state", state="disabled")
    boss.post(f"{person}/state", state="disabled")
    boss.post(f"{person}/state", state="enabled")
    done = [entry for entry in reversed(list_entries(store)) if entry.agent_id == boss.agent.id][-4:]
    assert [entry.action for entry in done] == ["role_changed", "reset_link_made", "disabled", "enabled"]
    assert {entry.object for entry in done} == {f"agent:{ana.agent.id}"}
    assert done[0].detail == {"before": "agent", "after": "editor"}


def test_no_secret_and_no_text_is_in_it(boss, ana, waiting, store):
    link = boss.post("/desk/people/invite", email="nova@smreka.example", role="agent").text.split("/desk/invite/")[1]
    reset = boss.post(f"/desk/people/{ana.agent.id}/reset").text.split("/desk/reset/")[1]
    ana.post(f"/desk/handoffs/{waiting.handoff}/claim")
    ana.post(f"{waiting.path}/messages", text="A secret answer", kind="reply")
    with store.read() as connection:
        everything = repr(connection.execute(select(audit)).all())
    for secret in (link[:43], reset[:43], PASSWORD, "A secret answer", "Rad bi govoril", "127.0.0.1"):
        assert secret not in everything


def test_an_entry_stands_or_falls_with_the_thing_itself(ana, store):
    before = len(list_entries(store))
    with pytest.raises(RuntimeError), store.write() as connection:
        record(connection, "claimed", ana.agent.id, "conversation:c")
        raise RuntimeError
    assert len(list_entries(store)) == before
    with pytest.raises(ValueError, match="ACTIONS"):
        record_alone(store, "danced", ana.agent.id)


def test_an_address_does_not_outlive_its_request(ana, store):
    ana.get("/desk/queue")
    record_alone(store, "exported")
    with coming_from("192.0.2.0/24"):
        record_alone(store, "exported")
    assert [entry.address for entry in list_entries(store, action="exported")] == ["192.0.2.0/24", None]


def test_the_page_is_filtered_by_person_and_action(boss, ana, marek, store):
    with store.write() as connection:
        record(connection, "exported", ana.agent.id, "queue", conversations=3)
        record(connection, "deleted", marek.agent.id, "conversation:abcdef123")
        record(connection, "role_changed", marek.agent.id, f"agent:{ana.agent.id}", before="agent", after="editor")
    whole = boss.get("/desk/audit").text
    assert "conversations 3" in whole and "Customer abcdef" in whole and "before agent, after editor" in whole
    hers = boss.get(f"/desk/audit?person={ana.agent.id}").text
    assert "conversations 3" in hers and "after editor" in hers and "Customer abcdef" not in hers
    deleted = boss.get("/desk/audit?action=deleted").text
    assert "Customer abcdef" in deleted and "conversations 3" not in deleted


def test_the_page_says_that_a_customer_went_back_to_the_bot(boss, waiting, store):
    withdraw(store, waiting.id, NewMessage("system", "Spet pomočnik.", "<p>Spet pomočnik.</p>"))
    page = boss.get("/desk/audit?action=withdrawn").text
    assert "The customer" in page and f"Customer {waiting.id[:6]}" in page and "A command on the server" not in page


def test_pages_hold_everything_once_newest_first(boss, store):
    for number in range(120):
        record_alone(store, "exported", boss.agent.id, "queue", number=1000 + number)
    seen, path = [], f"/desk/audit?action=exported&person={boss.agent.id}"
    while path:
        page = boss.get(path).text
        seen += [int(piece[:4]) for piece in page.split(">number ")[1:]]
        link = next((piece for piece in page.split('href="') if "before=" in piece.split('"')[0]), None)
        path = link.split('"')[0].replace("&amp;", "&") if link else None
    assert seen == [1119 - number for number in range(120)]


@pytest.mark.parametrize(
    "query",
    ["person=x", "person=-1", "before=99999999999999999999", "before=1e3", "action=danced", "action=%00", "person=٣"],
)
def test_a_filter_that_makes_no_sense_is_named(boss, query):
    answer = boss.get(f"/desk/audit?{query}")
    assert answer.status_code == 400 and 'role="alert"' in answer.text


@pytest.mark.parametrize(
    "query", ["person=", "person=4711", "before=0", f"before={2**63 - 1}", "action=&person=&before="]
)
def test_a_filter_that_finds_nothing_is_no_failure(boss, query):
    assert boss.get(f"/desk/audit?{query}").status_code == 200


def test_what_is_in_it_is_shown_as_text(boss, store):
    record_alone(store, "exported", None, "<script>alert(1)</script>", x="<img src=x>")
    page = boss.get("/desk/audit").text
    assert "<script>alert" not in page and "<img src=x>" not in page


def test_old_entries_are_removed_at_the_start_of_each_day(store, settings):
    record_alone(store, "exported", None, "old")
    record_alone(store, "exported", None, "kept")
    with store.write() as connection:
        old = audit.c.object == "old"
        connection.execute(update(audit).where(old).values(at=store.clock() - 30 * DAY - 1000))
    retention = AuditRetention(store, settings.model_copy(update={"desk": Desk(audit_days=30)}))
    retention.start()
    retention.stop()  # ends after the run that it began with
    assert [entry.object for entry in list_entries(store, action="exported")] == ["kept"]


def test_the_page_says_that_nobody_closed_what_was_closed_for_silence(boss, waiting, store):
    with store.write() as connection:
        record(connection, "closed_silent", None, f"conversation:{waiting.id}")
    page = boss.get("/desk/audit?action=closed_silent").text
    assert "Odziv itself" in page and "A command on the server" not in page
