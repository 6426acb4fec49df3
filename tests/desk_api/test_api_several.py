"""Several conversations at once by a token: what came of each, once, and taken back before it happens."""

from __future__ import annotations

import pytest

from odziv.cases.macros.several import MOST_AT_ONCE
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import add_customer_message, list_messages
from odziv.store.engine import DAY_MS
from odziv.store.handoffs.handoff import list_handoffs_of
from odziv.store.labels.marks import list_labels_of
from odziv.store.macros.scheduled_actions import forget_finished
from tests.desk.conftest import hand_off


@pytest.fixture
def three(store) -> list[str]:
    return [hand_off(store, text).id for text in ("Prva", "Druga", "Tretja")]


@pytest.fixture
def label(boss) -> int:
    return boss.post("/labels", {"client_id": "vip", "name": "VIP", "colour": "red"}).get_json()["label"]["id"]


def ask(program, do: str, ids, *, client_id: str = "night", **more):
    body = {"client_id": client_id, "do": do, "conversations": [{"id": one} for one in ids], **more}
    return program.post("/several", body)


def results(answer) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    return {one["conversation_id"]: one["status"] for one in answer.get_json()["results"]}


def test_each_is_done_by_itself_and_says_why_not(store, ana, marek, boss, three, label):
    assert set(results(ask(ana, "take", three, client_id="a")).values()) == {"done"}
    assert {find_conversation(store, one).agent_id for one in three} == {ana.agent.id}
    refused = ask(marek, "take", three, client_id="b")
    assert (
        set(results(refused).values()) == {"refused"} and "administrator" in refused.get_json()["results"][0]["problem"]
    )
    assert set(results(ask(boss, "take", three[:1], client_id="c")).values()) == {"done"}  # an administrator may
    assert results(ask(ana, "label", three, client_id="d", label=label)) == dict.fromkeys(three, "done")
    assert all(list_labels_of(store, [one])[one] for one in three)
    assert results(ask(ana, "unlabel", three[:2], client_id="e", label=label)) == dict.fromkeys(three[:2], "done")
    assert results(ask(ana, "priority", three[1:], client_id="f", priority="urgent")) == dict.fromkeys(
        three[1:], "done"
    )
    assert results(ask(ana, "resolve", three, client_id="g")) == {
        three[0]: "refused",
        three[1]: "done",
        three[2]: "done",
    }
    assert results(ask(boss, "spam", three[:1], client_id="h")) == {three[0]: "done"}
    assert [find_conversation(store, one).status for one in three] == ["spam", "resolved", "resolved"]


def test_given_to_a_colleague_by_who_may(store, ana, marek, boss, three):
    marek.post("/alive")
    assert set(results(ask(ana, "assign", three, to=marek.agent.id)).values()) == {"refused"}
    assert set(results(ask(boss, "assign", three, to=marek.agent.id)).values()) == {"done"}
    assert {find_conversation(store, one).agent_id for one in three} == {marek.agent.id}


def test_a_repeat_does_nothing_again_and_tells_the_same(store, ana, three, label):
    first = ask(ana, "label", three[:2], label=label)
    ana.call("DELETE", f"/conversations/{three[0]}/labels/{label}")
    again = ask(ana, "label", three[:2], label=label)
    assert again.get_json() == first.get_json() == ana.get("/several/night").get_json()
    assert not list_labels_of(store, [three[0]])
    for other in (ask(ana, "label", three[1:], label=label), ask(ana, "spam", three[:2])):
        assert other.status_code == 409
    assert find_conversation(store, three[0]).status == "queued"


def test_broken_off_in_between_the_rest_is_done(store, ana, three, label):
    ask(ana, "label", three[:1], label=label)
    assert results(ask(ana, "label", three, label=label)) == dict.fromkeys(three, "done")


def test_taken_back_before_it_happens_nothing_has(app, store, clock, ana, marek, three, label):
    before = [list_handoffs_of(store, one) for one in three]
    waits = ask(ana, "priority", three, priority="urgent", undo_seconds=10)
    assert set(results(waits).values()) == {"waiting"} and waits.get_json()["undo_until"]
    assert marek.get("/several/night").status_code == marek.post("/several/night/undo").status_code == 404
    for _ in range(2):
        assert set(results(ana.post("/several/night/undo")).values()) == {"undone"}
    clock.advance(10_000)
    app.extensions["odziv"].scheduled_actions.look()
    assert [list_handoffs_of(store, one) for one in three] == before
    assert list_entries(store, action="several_undone")[0].detail["conversations"] == 3


def test_when_the_seconds_are_over_it_is_done(app, store, clock, ana, three):
    ask(ana, "priority", three, priority="high", undo_seconds=10)
    clock.advance(10_000)
    app.extensions["odziv"].scheduled_actions.look()
    told = ana.get("/several/night")
    assert set(results(told).values()) == {"done"} and told.get_json()["undo_until"] is None
    assert {list_handoffs_of(store, one)[0].priority for one in three} == {"high"}
    assert ana.post("/several/night/undo").status_code == 409


def test_what_would_leave_a_customer_unread_is_not_resolved(store, ana, three):
    ask(ana, "take", three, client_id="take")
    seen = find_conversation(store, three[0]).last_seq
    add_customer_message(store, three[0], "later", "Še nekaj!", "")
    body = {"client_id": "r", "do": "resolve", "conversations": [{"id": three[0], "seen": seen}]}
    answer = ana.post("/several", body)
    assert results(answer) == {three[0]: "refused"} and "written" in answer.get_json()["results"][0]["problem"]
    assert list_messages(store, three[0])[-1].text == "Še nekaj!"


def test_it_is_one_audit_entry_for_all_and_forgotten_after_a_day(store, clock, ana, three, label):
    ask(ana, "label", [*three, three[0]], label=label)
    [entry] = list_entries(store, action="several_changed")
    assert (entry.detail["what"], entry.detail["conversations"]) == ("label", 3)
    clock.advance(DAY_MS + 1)
    forget_finished(store)
    assert ana.get("/several/night").status_code == 404


def test_ids_of_nobody_are_refused_one_by_one(ana, three, label):
    assert results(ask(ana, "label", ["nowhere", "<b>", three[0]], label=label)) == {
        three[0]: "done", "nowhere": "refused", "<b>": "refused"}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [{"do": "delete"}, {"do": "label"}, {"do": "label", "label": 0}, {"do": "spam", "label": 1}, {"do": "priority"},
     {"do": "priority", "priority": "extreme"}, {"do": "assign"}, {"do": "assign", "to": "1"}, {"conversations": []},
     {"conversations": [{"id": ""}]}, {"conversations": ["x"]}, {"conversations": [{"id": "x"}] * (MOST_AT_ONCE + 1)},
     {"conversations": [{"id": "x", "seen": -1}]}, {"client_id": "a b"}, {"undo_seconds": 61}, {"undo_seconds": -1},
     {"do": "take", "undo_seconds": 5}, {"more": 1}],
)  # fmt: skip
def test_a_body_is_checked(ana, change):
    body = {"client_id": "night", "do": "spam", "conversations": [{"id": "x"}], **change}
    assert ana.post("/several", body).status_code == 400
    assert ana.get("/several/night").status_code == 404
