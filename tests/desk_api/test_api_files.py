"""Files and proposals by a token: the same rules as at the desk."""

from __future__ import annotations

import io

import pytest

from odziv.desk.api import files
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.knowledge.drafts import list_drafts
from tests.desk.conftest import hand_off
from tests.files import PDF, bomb, picture


@pytest.fixture
def mine(ana, waiting):
    """The path of a conversation that Ana has."""
    ana.post(f"/conversations/{waiting.id}/claim")
    return f"/conversations/{waiting.id}"


def upload(program, place: str, data: bytes = PDF, name: str = "račun.pdf"):
    headers = {"Authorization": f"Bearer {program.token}"}
    form = {"file": (io.BytesIO(data), name)}
    return program.client.post(f"/api/desk/v1{place}/attachments", headers=headers, data=form)


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]["code"]


def reply(store, conversation_id: str, sender: str = "agent", agent_id: int | None = None) -> int:
    with store.write() as connection:
        draft = NewMessage(sender, "With the form.", "<p>With the form.</p>", agent_id=agent_id)
        return append_message(connection, conversation_id, draft).seq


def test_a_file_is_sent_with_a_reply_and_fetched_by_colleagues(ana, marek, mine):
    kept = upload(ana, mine)
    file = kept.get_json()["attachment"]
    assert kept.status_code == 201 and (file["name"], file["type"]) == ("račun.pdf", "application/pdf")
    assert code(marek.get(f"{mine}/attachments/{file['id']}")) == (404, "not_found")  # not sent yet
    sent = ana.post(f"{mine}/messages", {"client_id": "1", "text": "Tukaj je.", "attachments": [file["id"]]})
    [shown] = sent.get_json()["message"]["attachments"]
    assert sent.status_code == 201 and shown["id"] == file["id"]
    fetched = marek.get(shown["url"].removeprefix("/api/desk/v1"))
    assert fetched.data == PDF and "sandbox" in fetched.headers["Content-Security-Policy"]
    assert marek.get(f"{mine}/messages").get_json()["messages"][-1]["attachments"] == [shown]
    fetched.close()


def test_a_repeat_with_another_file_is_refused(ana, mine):
    first, second = (upload(ana, mine).get_json()["attachment"]["id"] for _ in range(2))
    body = {"client_id": "1", "text": "Tukaj.", "attachments": [first]}
    assert ana.post(f"{mine}/messages", body).status_code == 201
    assert ana.post(f"{mine}/messages", body).status_code == 201
    assert code(ana.post(f"{mine}/messages", {**body, "attachments": [second]})) == (409, "conflict")
    assert code(ana.post(f"{mine}/messages", {**body, "client_id": "2"})) == (409, "conflict")  # sent already


@pytest.mark.slow
@pytest.mark.parametrize("attachments", [["x"], ["0" * 32] * 6, "0" * 32, [None], [1], [["0" * 32]], {"a": 1}, None])
def test_what_is_no_list_of_files(ana, mine, attachments):
    body = {"client_id": "1", "text": "Tukaj.", "attachments": attachments}
    assert code(ana.post(f"{mine}/messages", body)) == (400, "bad_request")


def test_anothers_file_and_another_conversations(ana, marek, store, mine):
    ours = upload(ana, mine).get_json()["attachment"]["id"]
    other = f"/conversations/{hand_off(store, 'Še nekaj').id}"
    note = {"client_id": "1", "text": "Glej.", "attachments": [ours]}
    assert code(marek.post(f"{mine}/notes", note)) == (409, "conflict")
    assert code(ana.post(f"{other}/notes", note)) == (409, "conflict")
    assert code(ana.get(f"{other}/attachments/{ours}")) == (404, "not_found")
    assert ana.post(f"{mine}/notes", note).status_code == 201


@pytest.mark.slow
@pytest.mark.parametrize("data", [b"", b"<script>alert(1)</script>", b"%PDF-1.4", picture()[:60], bomb()])
def test_what_is_no_file_to_send(ana, mine, data):
    assert upload(ana, mine, data).status_code == 422


def test_not_there_not_one_and_too_often(ana, client, mine, monkeypatch):
    assert code(upload(ana, "/conversations/nobodys")) == (404, "not_found")
    assert code(ana.post(f"{mine}/attachments", {"file": "x"})) == (400, "bad_request")
    assert code(client.post(f"/api/desk/v1{mine}/attachments", data={})) == (401, "unauthorized")
    for missing in ("0" * 32, "..%2F..%2Fodziv.sqlite", "x"):
        assert ana.get(f"{mine}/attachments/{missing}").status_code == 404
    monkeypatch.setattr(files, "FILES_PER_MINUTE", 0)
    assert code(upload(ana, mine))[0] == 429


@pytest.mark.slow
def test_a_reply_teaches_a_phrasing(ana, kb, store, waiting, mine):
    seq = reply(store, waiting.id, agent_id=ana.agent.id)
    path, body = f"{mine}/messages/{seq}/phrasing", {"article": "orders/return", "text": "kam z balerinkami"}
    assert ana.post(path, body).get_json() == ana.post(path, body).get_json() == {"status": "proposed"}
    assert code(ana.post(path, {**body, "article": "orders/nothing"})) == (400, "bad_request")
    assert code(ana.post(path, {**body, "text": "nina@kranjc.example"})) == (422, "not_acceptable")
    assert code(ana.post(path, {**body, "text": " \n "})) == (400, "bad_request")
    assert ana.post(f"{mine}/messages/1/phrasing", body).status_code == 404  # what the customer said teaches nothing


DRAFT = {"language": "sl", "category": "orders", "title": "Balerinke", "question": "Kam z njimi?", "answer": "Nazaj."}


def test_a_reply_becomes_a_draft_once(ana, store, waiting, mine):
    seq = reply(store, waiting.id, agent_id=ana.agent.id)
    path = f"{mine}/messages/{seq}/draft"
    assert ana.post(path, DRAFT).get_json() == {"proposed": True}
    assert ana.post(path, DRAFT).get_json() == {"proposed": False}
    [draft] = list_drafts(store)
    assert (draft.title, draft.answer, draft.category) == ("Balerinke", "Nazaj.", "orders")


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [{"language": "de"}, {"category": "../x"}, {"category": "A"}, {"title": ""},
                                   {"title": "x" * 201}, {"answer": "\u200b"}, {"answer": 1}, {"x": 1}])  # fmt: skip
def test_a_draft_that_is_none(ana, store, waiting, mine, wrong):
    seq = reply(store, waiting.id, agent_id=ana.agent.id)
    assert ana.post(f"{mine}/messages/{seq}/draft", DRAFT | wrong).status_code in (400, 422)
    assert list_drafts(store) == []
    assert ana.post(f"{mine}/messages/99/draft", DRAFT).status_code == 404
