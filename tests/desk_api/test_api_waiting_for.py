"""What waits for an agent, an editor or an administrator, by a token: news, mentions, mails put aside, flags, drafts,
the audit trail; in pages that never show a thing twice."""

from __future__ import annotations

import pytest

from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.knowledge.drafts import propose_draft
from odziv.store.knowledge.flags import flag_answer
from odziv.store.mail.aside import list_aside
from tests.desk.conftest import hand_off
from tests.desk.queue.test_aside_page import put_aside
from tests.fixtures import with_mail


@pytest.fixture
def settings(settings):
    return with_mail(settings)


@pytest.fixture
def editor(program):
    return program("Vera Kos", "editor")


def read_all(program, path: str, name: str, limit: int = 2) -> list[dict]:
    """Every page, one after the other."""
    found, cursor = [], None
    while True:
        query = f"limit={limit}" + (f"&cursor={cursor}" if cursor else "")
        page = program.get(f"{path}?{query}").get_json()
        assert len(page[name]) <= limit
        found += page[name]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def mention(store, conversation_id: str, agent_id: int, text: str) -> None:
    with store.write() as connection:
        note = NewMessage("agent", text, f"<p>{text}</p>", internal=True, mentions=(agent_id,))
        append_message(connection, conversation_id, note)


def test_news_are_what_could_be_taken_and_what_own_customers_wrote(ana, waiting):
    assert ana.get("/news").get_json() == {
        "waiting": [{"id": waiting.handoff, "conversation_id": waiting.id, "reason": "requested", "language": "sl"}],
        "messages": [], "unread_mentions": 0,
    }  # fmt: skip
    ana.post("/availability", {"available": False})
    assert ana.get("/news").get_json()["waiting"] == []
    ana.post(f"/conversations/{waiting.id}/claim")
    [written] = ana.get("/news").get_json()["messages"]
    assert written["conversation_id"] == waiting.id


def test_mentions_come_in_pages_and_are_read_in_one_conversation_or_all(store, ana, marek, clock):
    here, there = hand_off(store, "Prva").id, hand_off(store, "Druga").id
    for number in range(5):
        mention(store, here if number % 2 else there, ana.agent.id, f"Note {number}")
        clock.advance(number % 2)  # some at the same moment
    mentions = read_all(ana, "/mentions", "mentions")
    assert {one["html"] for one in mentions} == {f"<p>Note {number}</p>" for number in range(5)} and len(mentions) == 5
    assert read_all(marek, "/mentions", "mentions") == []
    assert ana.post("/mentions/read", {"conversation_id": here}).status_code == 204
    assert ana.get("/news").get_json()["unread_mentions"] == 3
    for _ in range(2):
        assert ana.post("/mentions/read", {"conversation_id": None}).status_code == 204
    assert all(one["read_at"] for one in read_all(ana, "/mentions", "mentions"))
    assert ana.post("/mentions/read", {"conversation_id": "nowhere"}).status_code == 404
    assert ana.post("/mentions/read", {}).status_code == 400


def test_a_mail_that_was_put_aside_becomes_a_conversation_once(store, app, ana):
    for number in range(3):
        put_aside(store, number)
    mails = read_all(ana, "/aside", "mails")
    assert [mail["subject"] for mail in mails] == ["Away 2", "Away 1", "Away 0"]
    path = f"/aside/{mails[0]['id']}"
    assert ana.get(path).get_json()["mail"]["text"]
    first = ana.post(f"{path}/conversation").get_json()["conversation"]
    assert (
        first["status"] == "queued" and ana.post(f"{path}/conversation").get_json()["conversation"]["id"] == first["id"]
    )
    assert len(list_aside(store)) == 2
    assert ana.get(path).status_code == ana.post("/aside/4711/conversation").status_code == 404


def test_flags_and_drafts_are_for_editors(store, ana, editor, clock):
    for number in range(3):
        waiting = hand_off(store, f"Vprašanje {number}")
        with store.write() as connection:
            said = append_message(connection, waiting.id, NewMessage("bot", "Odgovor", "<p>Odgovor</p>"))
        flag_answer(store, waiting.id, said.seq, ana.agent.id, "old")
        fields = {"language": "sl", "category": "orders", "title": f"Naslov {number}", "question": "K?", "answer": "O."}
        propose_draft(store, waiting.id, said.seq, ana.agent.id, **fields)
    for path in ("/flags", "/drafts"):
        assert ana.get(path).status_code == 403
        assert ana.post(f"{path}/1/{'done' if path == '/flags' else 'dismiss'}").status_code == 403
    flags, drafts = read_all(editor, "/flags", "flags"), read_all(editor, "/drafts", "drafts")
    assert [flag["asked"] for flag in flags] == [f"Vprašanje {number}" for number in (2, 1, 0)]
    assert flags[0]["flagged_by"] == "Ana Kovač" and drafts[0]["proposed_by"] == "Ana Kovač"
    for _ in range(2):
        assert editor.post(f"/flags/{flags[1]['id']}/done").status_code == 204
    assert [flag["id"] for flag in read_all(editor, "/flags", "flags")] == [flags[0]["id"], flags[2]["id"]]
    assert editor.post(f"/drafts/{drafts[0]['id']}/dismiss").status_code == 204
    assert editor.post(f"/drafts/{drafts[0]['id']}/dismiss").status_code == 409
    assert [draft["title"] for draft in read_all(editor, "/drafts", "drafts")] == ["Naslov 1", "Naslov 0"]


def test_a_draft_is_written_as_edited(store, kb, folder, ana, editor, waiting):
    fields = {
        "language": "sl",
        "category": "orders",
        "title": "Darilni zavoj",
        "question": "Ali zavijete?",
        "answer": "Da.",
    }
    propose_draft(store, waiting.id, 1, ana.agent.id, **fields)
    [draft] = read_all(editor, "/drafts", "drafts")
    path, edited = f"/drafts/{draft['id']}/accept", {**fields, "answer": "Da, za 2 €.", "slug": "darilo"}
    assert editor.post(path, {**edited, "status": "internal"}).status_code == 400
    assert ana.post(path, {**edited, "status": "draft"}).status_code == 403
    answer = editor.post(path, {**edited, "status": "draft"})
    assert answer.status_code == 200 and answer.get_json()["file"].endswith("darilo.md")
    [written] = folder.rglob("darilo.md")
    assert "Da, za 2 €." in written.read_text(encoding="utf-8")
    assert editor.post(path, {**edited, "status": "draft"}).status_code == 409


def test_the_audit_trail_is_administrators_in_pages(ana, boss, waiting):
    ana.post(f"/conversations/{waiting.id}/claim")
    for number in range(3):
        boss.post("/labels", {"client_id": str(number), "name": f"L{number}", "colour": "red"})
    assert ana.get("/audit").status_code == 403
    saved = read_all(boss, "/audit", "entries")
    assert len({entry["id"] for entry in saved}) == len(saved) > 4
    labels = boss.get("/audit?action=label_saved").get_json()["entries"]
    assert [entry["detail"]["name"] for entry in labels] == ["L2", "L1", "L0"]
    [claimed] = boss.get(f"/audit?agent={ana.agent.id}&action=claimed").get_json()["entries"]
    assert claimed["object"] == f"conversation:{waiting.id}" and claimed["agent"]["name"] == "Ana Kovač"
    assert boss.get("/audit?action=never").status_code == boss.get("/audit?agent=me").status_code == 400


@pytest.mark.parametrize("path", ["/mentions", "/aside", "/flags", "/drafts", "/audit", "/views/{view}/conversations"])
@pytest.mark.parametrize("cursor", ["x", "%00", "MX5hfjE", "LTE", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5"])
def test_a_cursor_of_nobodys_is_not_found(boss, path, cursor):
    view = boss.post("/views", {"client_id": "v", "name": "V", "filters": {}}).get_json()["view"]["id"]
    answer = boss.get(f"{path.format(view=view)}?cursor={cursor}")
    assert answer.status_code == 404 or (path, cursor) == ("/mentions", "MX5hfjE")  # "1~a~1" might be one


def test_a_view_shows_its_conversations_in_pages(store, ana, clock):
    ids = []
    for number in range(5):
        ids.append(hand_off(store, f"Kje je paket {number}?").id)
        clock.advance(1)
    hand_off(store, "Gdzie?", "pl")
    for client_id, narrowed, expected in (
        ("oldest", {"order": "oldest"}, ids),
        ("newest", {"order": "newest"}, ids[::-1]),
        ("words", {"q": "paket"}, ids[::-1]),
    ):
        view = ana.post("/views", {"client_id": client_id, "name": "V", "filters": {"language": "sl", **narrowed}})
        shown = read_all(ana, f"/views/{view.get_json()['view']['id']}/conversations", "conversations")
        assert [one["id"] for one in shown] == expected


def test_snoozed_ones_are_told_from_open_ones(ana, store):
    first, second = hand_off(store, "Prva").id, hand_off(store, "Druga").id
    for one in (first, second):
        ana.post(f"/conversations/{one}/claim")
    ana.post(f"/conversations/{first}/snooze", {"minutes": 60})
    for state, expected in (("snoozed", [first]), ("open", [second]), ("resolved", [])):
        shown = ana.get(f"/conversations?state={state}").get_json()["conversations"]
        assert [one["id"] for one in shown] == expected
