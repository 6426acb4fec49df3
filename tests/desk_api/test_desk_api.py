"""The desk's verbs by a token: they do what the pages do, and refuse what the pages refuse."""

from __future__ import annotations

import threading

import pytest

from odziv.store.agents.availability import find_availability, renew_presence
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, append_message, list_messages
from odziv.store.handoffs.withdrawals import withdraw
from tests.desk.conftest import hand_off


def said(text: str = "Pozdravljeni", client_id: str = "p1") -> dict[str, str]:
    return {"client_id": client_id, "text": text}


def test_a_conversation_is_taken_answered_and_resolved(ana, store, waiting):
    queue = ana.get("/queue").get_json()
    assert (queue["waiting"], queue["handoffs"][0]["conversation_id"]) == (1, waiting.id)
    assert queue["handoffs"][0]["customer_is_here"]
    path = f"/conversations/{waiting.id}"
    claimed = ana.post(f"{path}/claim").get_json()
    assert claimed["conversation"]["agent"] == {"id": ana.agent.id, "name": "Ana Kovač"} and claimed["handoff"] is None
    assert ana.post(f"{path}/claim").status_code == 200  # again does no harm
    answer = ana.post(f"{path}/messages", said("**Pozdravljeni**, gospa"))
    assert answer.status_code == 201 and "<strong>" in answer.get_json()["message"]["html"]
    resolved = ana.post(f"{path}/resolve").get_json()["conversation"]
    assert (resolved["status"], resolved["agent"]) == ("resolved", None)
    trail = {(entry.action, (entry.detail or {}).get("token")) for entry in list_entries(store)}
    assert {("claimed", "Ana Kovač's"), ("resolved", "Ana Kovač's")} <= trail


def test_a_repeat_is_the_first_message_and_another_text_a_conflict(ana, store, waiting):
    path = f"/conversations/{waiting.id}"
    ana.post(f"{path}/claim")
    first = ana.post(f"{path}/messages", said()).get_json()
    assert ana.post(f"{path}/messages", said()).get_json() == first
    assert ana.post(f"{path}/messages", said("Drugo")).status_code == 409
    assert ana.post(f"{path}/notes", said()).status_code == 409
    assert len([m for m in list_messages(store, waiting.id) if m.sender == "agent"]) == 1


def test_of_many_who_claim_one_wins_and_the_others_are_told_who(program, store):
    waiting = hand_off(store, "Kje je paket?")
    programs = [program(f"{name} Agent") for name in ("Ana", "Bor", "Cene", "Dana", "Eva")]
    answers = {}

    def claim(one) -> None:
        answers[one.agent.id] = one.client.application.test_client().post(
            f"/api/desk/v1/conversations/{waiting.id}/claim", headers={"Authorization": f"Bearer {one.token}"}
        )

    threads = [threading.Thread(target=claim, args=(one,)) for one in programs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = sorted(answer.status_code for answer in answers.values())
    assert statuses == [200, 409, 409, 409, 409]
    winner = find_conversation(store, waiting.id).agent_name
    told = [answer.get_json()["error"]["message"] for answer in answers.values() if answer.status_code == 409]
    assert set(told) == {f"{winner} has it already."}


def test_who_went_back_to_the_bot_waits_for_nobody(ana, waiting, store):
    path = f"/conversations/{waiting.id}"
    withdraw(store, waiting.id, NewMessage("system", "Spet pomočnik.", "<p>Spet pomočnik.</p>"))
    shown = ana.get(path).get_json()
    assert (shown["conversation"]["status"], shown["conversation"]["agent"], shown["handoff"]) == ("bot", None, None)
    assert ana.get("/queue").get_json() == {"waiting": 0, "handoffs": []}
    assert ana.post(f"{path}/claim").status_code == 409
    assert ana.post("/queue/next").get_json()["conversation"] is None


def test_replies_are_for_who_has_it_and_notes_for_everybody(ana, marek, waiting, store):
    path = f"/conversations/{waiting.id}"
    ana.post(f"{path}/claim")
    refused = marek.post(f"{path}/messages", said())
    assert refused.status_code == 409 and "Ana Kovač has" in refused.get_json()["error"]["message"]
    assert marek.post(f"{path}/claim").status_code == 409
    note = marek.post(f"{path}/notes", said("Stranka je VIP")).get_json()["message"]
    assert note["internal"] and note["agent"]["name"] == "Marek Zieliński"
    assert "VIP" not in str(list_messages(store, waiting.id))
    log = ana.get(f"{path}/messages").get_json()
    assert [m["text"] for m in log["messages"] if m["internal"]] == ["Stranka je VIP"]
    assert ana.get(f"{path}/messages?after={log['conversation']['last_seq']}").get_json()["messages"] == []


def test_next_takes_in_fair_order_until_nothing_is_left(ana, store):
    first, second = hand_off(store, "Prvi"), hand_off(store, "Drugi")
    taken = [ana.post("/queue/next").get_json()["conversation"] for _ in range(3)]
    assert [one and one["id"] for one in taken] == [first.id, second.id, None]


def test_passing_on_to_a_colleague_who_is_there_and_to_the_queue(ana, marek, store, waiting):
    path = f"/conversations/{waiting.id}"
    ana.post(f"{path}/claim")
    assert ana.post(f"{path}/transfer", {"to": marek.agent.id}).status_code == 409  # not at the desk
    marek.post("/alive")
    moved = ana.post(f"{path}/transfer", {"to": marek.agent.id, "note": "Prosim"}).get_json()
    assert moved["conversation"]["agent"]["name"] == "Marek Zieliński"
    assert ana.post(f"{path}/transfer", {"to": "queue"}).status_code == 409
    queued = marek.post(f"{path}/transfer", {"to": "queue", "language": "hr", "promise_minutes": 60}).get_json()
    assert queued["conversation"]["status"] == "queued"
    assert queued["handoff"]["language"] == "hr" and queued["handoff"]["promised_at"]


def test_handing_back(ana, waiting):
    path = f"/conversations/{waiting.id}"
    assert ana.post(f"{path}/hand-back").status_code == 409
    ana.post(f"{path}/claim")
    assert ana.post(f"{path}/hand-back").get_json()["conversation"]["status"] == "bot"
    assert ana.post(f"{path}/claim").status_code == 409


def test_pages_of_conversations_neither_repeat_nor_skip(ana, store):
    ids = [hand_off(store, f"{number}").id for number in range(5)]
    got, cursor = [], ""
    while cursor is not None:
        page = ana.get(f"/conversations?limit=2{cursor and '&cursor=' + cursor}").get_json()
        got += [one["id"] for one in page["conversations"]]
        cursor = page["next_cursor"]
    assert sorted(got) == sorted(ids) and len(got) == 5


def test_conversations_are_chosen_by_what_they_have(ana, store):
    sl, hr = hand_off(store, "a", "sl"), hand_off(store, "b", "hr")
    ana.post(f"/conversations/{sl.id}/claim")

    def found(query: str) -> set[str]:
        return {one["id"] for one in ana.get(f"/conversations?{query}").get_json()["conversations"]}

    assert found("language=hr") == {hr.id} and found("status=open") == {sl.id}
    assert found("agent=me") == {sl.id} == found(f"agent={ana.agent.id}") and found("agent=999") == set()
    assert found("site=demo&status=queued") == {hr.id} and found("email=x@y.example") == set()


@pytest.mark.parametrize(
    "query",
    [
        "status=king",
        "status=",
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=1e2",
        "limit=%D9%A1",
        "limit=5&limit=6",
        "agent=you",
        "agent=0",
        "agent=99999999999999999999",
        "unknown=1",
        "limit=5%0A",
    ],
)
@pytest.mark.slow
def test_queries_that_make_no_sense_are_refused(ana, query):
    answer = ana.get(f"/conversations?{query}")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (400, "bad_request")


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "x",
        {},
        {"client_id": "a"},
        {"text": "x"},
        {"client_id": "a", "text": ""},
        {"client_id": "a", "text": " \u200e\n"},
        {"client_id": "a", "text": 5},
        {"client_id": 5, "text": "x"},
        {"client_id": "č", "text": "x"},
        {"client_id": "a\n", "text": "x"},
        {"client_id": "a" * 49, "text": "x"},
        {"client_id": "a", "text": "x" * 10_001},
        {"client_id": "a", "text": "x", "internal": True},
    ],
)
@pytest.mark.slow
def test_bodies_that_make_no_sense_are_refused(ana, waiting, body):
    ana.post(f"/conversations/{waiting.id}/claim")
    assert ana.post(f"/conversations/{waiting.id}/messages", body).status_code == 400


def test_a_body_that_is_too_large_is_refused(ana, waiting):
    path = f"/api/desk/v1/conversations/{waiting.id}/notes"
    headers = {"Authorization": f"Bearer {ana.token}", "Content-Type": "application/json"}
    answer = ana.client.post(path, data=b'{"text": "' + b"x" * 200_000, headers=headers)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    "body",
    [
        {"to": "king"},
        {"to": 1.5},
        {"to": True},
        {"to": "1"},
        {"to": 0},
        {"to": "queue", "language": "de"},
        {"to": "queue", "promise_minutes": 31},
        {"to": "queue", "note": "x" * 4001},
    ],
)
@pytest.mark.slow
def test_passing_on_somewhere_else_is_refused(ana, waiting, body):
    ana.post(f"/conversations/{waiting.id}/claim")
    assert ana.post(f"/conversations/{waiting.id}/transfer", body).status_code == 400


@pytest.mark.parametrize("cursor", ["x", "", "MTIz", "Li4vLi4", "%C4%8D"])
def test_a_cursor_that_no_page_gave_is_not_found(ana, cursor):
    assert ana.get(f"/conversations?cursor={cursor}").status_code == 404


def test_what_does_not_go_together_is_a_conflict(ana, waiting):
    ana.post(f"/conversations/{waiting.id}/claim")
    for body in ({"to": 5, "language": "sl"}, {"to": "queue", "topic": "nonsense"}, {"to": 999.0}):
        assert ana.post(f"/conversations/{waiting.id}/transfer", body).status_code == 409


def test_articles_are_searched(ana, kb):
    articles = ana.get("/articles?q=How do I return an item&language=en&limit=2").get_json()["articles"]
    assert 0 < len(articles) <= 2 and articles[0]["url"].startswith("http") and 0 <= articles[0]["confidence"] <= 1
    assert ana.get("/articles?q=%20").get_json() == {"articles": []}
    assert ana.get("/articles").status_code == 400 and ana.get("/articles?q=x&limit=21").status_code == 400


def test_phrasings_are_decided_by_editors(program, store, kb, monkeypatch):
    from odziv.store.knowledge.phrasings import propose

    editor = program("Eva Urednik", "editor")
    waiting = hand_off(store, "Rada bi vrnila šotor")
    monkeypatch.setattr("odziv.store.knowledge.phrasings._asked_in", lambda *_: 1)
    with store.write() as connection:
        propose(connection, waiting.id, "orders/return", "sl")
    [phrasing] = editor.get("/phrasings").get_json()["phrasings"]
    path = f"/phrasings/{phrasing['id']}"
    done = editor.post(f"{path}/dismiss")
    assert done.get_json()["phrasing"]["status"] == "dismissed"
    assert editor.post(f"{path}/accept", {"text": "Rada bi vrnila"}).status_code == 409
    assert editor.post("/phrasings/999/dismiss").status_code == 404
    assert editor.get("/phrasings").get_json() == {"phrasings": []}


def test_a_conversation_is_deleted_for_good(boss, store, waiting):
    assert boss.call("DELETE", f"/conversations/{waiting.id}").status_code == 204
    assert find_conversation(store, waiting.id) is None
    assert boss.call("DELETE", f"/conversations/{waiting.id}").status_code == 404
    entry = list_entries(store, action="deleted")[0]
    assert (entry.agent_id, entry.detail["token"]) == (boss.agent.id, "Špela Novak's")


def test_acting_is_a_sign_of_life_and_reading_is_none(ana, store, waiting):
    ana.get("/queue")
    assert find_availability(store, ana.agent.id).seen_at == 0
    ana.post(f"/conversations/{waiting.id}/notes", said())
    assert find_availability(store, ana.agent.id).is_online(store.clock())
    [agent] = ana.get("/agents").get_json()["agents"]
    assert agent["online"] and agent["capacity"] == 6


def test_who_one_is(ana):
    assert ana.get("/me").get_json() == {
        "agent": {"id": ana.agent.id, "name": "Ana Kovač", "role": "agent"},
        "token": {"id": ana.token_id, "name": "Ana Kovač's"},
    }


@pytest.mark.parametrize("path", ["/conversations/nope", "/conversations/nope/messages", "/conversations/%00"])
def test_what_does_not_exist_is_a_404_in_json(ana, path):
    assert ana.get(path).get_json()["error"]["code"] == "not_found"
    assert ana.get(path).status_code == 404


def test_a_wrong_method_is_refused(ana):
    assert ana.call("PUT", "/queue").status_code == 405


def test_notes_of_others_stay_out_of_an_answer_for_customers(ana, store, waiting):
    with store.write() as connection:
        append_message(connection, waiting.id, NewMessage("system", "entry", "entry", internal=True))
    messages = ana.get(f"/conversations/{waiting.id}/messages").get_json()["messages"]
    assert [m["internal"] for m in messages][-1] is True
    renew_presence(store, ana.agent.id)


def test_a_long_log_is_read_in_pages(store, program, waiting):
    for number in range(7):
        add_customer_message(store, waiting.id, f"more-{number}", "And another thing", "")
    ana, read, more = program("Eva Novak"), [], 1
    while more:
        page = ana.get(f"/conversations/{waiting.id}/messages?limit=3&after={read[-1] if read else 0}").get_json()
        assert len(page["messages"]) <= 3
        read, more = read + [message["seq"] for message in page["messages"]], page["more"]
    whole = ana.get(f"/conversations/{waiting.id}/messages").get_json()
    assert read == [message["seq"] for message in whole["messages"]] and whole["more"] == 0
    for limit in ("0", "201", "x"):
        assert ana.get(f"/conversations/{waiting.id}/messages?limit={limit}").status_code == 400


@pytest.mark.parametrize("verb", ["resolve", "hand-back"])
def test_a_program_that_says_what_it_read_leaves_nothing_unanswered(ana, store, waiting, verb):
    path = f"/conversations/{waiting.id}"
    ana.post(f"{path}/claim")
    read = list_messages(store, waiting.id)[-1].seq
    add_customer_message(store, waiting.id, "late", "Še nekaj!", "<p>Še nekaj!</p>")
    refused = ana.post(f"{path}/{verb}?seen={read}")
    assert refused.status_code == 409 and "has written meanwhile" in refused.get_json()["error"]["message"]
    assert ana.post(f"{path}/{verb}?seen=x").status_code == 400
    assert ana.post(f"{path}/{verb}?seen={list_messages(store, waiting.id)[-1].seq}").status_code == 200
