"""Saved replies at the desk: written by editors, offered to agents in the conversation's language, filled in."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from odziv.cases.saved_replies.catalogue import LONGEST_TEXT
from odziv.store.agents.saved_replies import add_saved_reply, list_saved_replies
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.schema import conversations
from tests.desk.conftest import Waiting, hand_off

FIELDS = {"shortcut": "thanks", "name": "Thanks", "text-sl": "Hvala, {{customer.name}}!", "text-en": "Thank you!"}


def text_of(response) -> str:
    return response.get_data(as_text=True)


@pytest.fixture
def editor(sign_in):
    return sign_in("Vera Novak", "editor")


def offered(person, waiting: Waiting) -> dict:
    answer = person.get(f"{waiting.path}/saved-replies")
    assert answer.status_code == 200
    return {reply["shortcut"]: reply for reply in answer.get_json()}


def save(store, person, **texts: str) -> int:
    return add_saved_reply(store, "thanks", "Thanks", texts, person.agent.id)


def test_an_editor_writes_changes_and_deletes(editor, store):
    assert "Nothing saved yet" in text_of(editor.get("/desk/replies"))
    assert editor.post("/desk/replies/new", **FIELDS).status_code == 303
    [reply] = list_saved_replies(store)
    assert reply.texts == {"sl": "Hvala, {{customer.name}}!", "en": "Thank you!"}
    assert "/thanks" in text_of(editor.get("/desk/replies"))
    path = f"/desk/replies/{reply.id}"
    assert "Hvala, {{customer.name}}!" in text_of(editor.get(path))
    assert editor.post(path, **{**FIELDS, "version": "1", "text-en": ""}).status_code == 303
    assert list_saved_replies(store)[0].texts == {"sl": "Hvala, {{customer.name}}!"}
    assert editor.post(f"{path}/delete", version="2").status_code == 303
    assert list_saved_replies(store) == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"text-sl": "Živjo, {{customer.nmae}}"}, "Slovenian: there is no placeholder {{customer.nmae}}. Did you"),
        ({"text-sl": "{{agent.name"}, "Slovenian: a placeholder is not complete"),
        ({"text-sl": "", "text-en": "  \n", "text-pl": "", "name": "Zostaje"}, "at least one language"),
        ({"text-sl": "x" * (LONGEST_TEXT + 1)}, "5,001 characters"),
        ({"text-sl": "a\0b"}, "can’t be shown"),
        ({"shortcut": "Two words"}, "A shortcut has".lower()),
        ({"shortcut": "-x"}, "shortcut has"),
        ({"shortcut": ""}, "shortcut has"),
        ({"name": ""}, "a name of up to"),
        ({"name": "x" * 81}, "a name of up to"),
        ({"name": "a\u202eb"}, "a name of up to"),
    ],
)
@pytest.mark.slow
def test_what_can_not_be_saved_is_explained_and_nothing_typed_is_lost(editor, store, change, word):
    answer = editor.post("/desk/replies/new", **{**FIELDS, "text-pl": "Zostaje", **change})
    assert answer.status_code == 422
    assert word in text_of(answer) and "Zostaje" in text_of(answer)
    assert list_saved_replies(store) == []


def test_a_shortcut_belongs_to_one_reply(editor, store):
    save(store, editor, en="Hi")
    answer = editor.post("/desk/replies/new", **FIELDS)
    assert answer.status_code == 422 and "another reply has the shortcut /thanks" in text_of(answer)


@pytest.mark.slow
@pytest.mark.parametrize("version", ["1", "", "x", "9" * 30, "-1"])
def test_whoever_edits_an_old_state_is_told_and_keeps_their_words(editor, store, version):
    path = f"/desk/replies/{save(store, editor, en='Hi')}"
    editor.post(path, **{**FIELDS, "version": "1"})
    answer = editor.post(path, **{**FIELDS, "version": version, "text-sl": "Moje besede"})
    assert answer.status_code == 409 and "Moje besede" in text_of(answer)
    assert editor.post(f"{path}/delete", version=version).status_code == 409
    assert len(list_saved_replies(store)) == 1


def test_nothing_that_is_saved_becomes_markup(editor, store):
    hostile = "</textarea><script>alert(1)</script>\"'>"
    answer = editor.post("/desk/replies/new", shortcut="x", name=hostile, **{"text-en": hostile})
    assert answer.status_code == 303
    for path in ("/desk/replies", f"/desk/replies/{list_saved_replies(store)[0].id}"):
        assert "<script>alert" not in text_of(editor.get(path))


def test_agents_use_them_but_do_not_write_them(ana, waiting, store):
    reply_id = save(store, ana, sl="Hvala")
    for path in ("/desk/replies", "/desk/replies/new", f"/desk/replies/{reply_id}"):
        assert ana.get(path).status_code == 403
    assert ana.post("/desk/replies/new", **FIELDS).status_code == 403
    assert ana.post(f"/desk/replies/{reply_id}/delete", version="1").status_code == 403
    assert offered(ana, waiting)["thanks"]["text"] == "Hvala"


def test_a_reply_comes_in_the_conversations_language_or_says_in_which(ana, store):
    save(store, ana, sl="Hvala", en="Thanks", hr="Hvala vam")
    assert offered(ana, hand_off(store, "Cześć", "pl"))["thanks"]["text"] == "Thanks"
    assert offered(ana, hand_off(store, "Cześć", "pl"))["thanks"]["other_language"] == "English"
    assert offered(ana, hand_off(store, "Bok", "hr"))["thanks"]["text"] == "Hvala vam"
    assert offered(ana, hand_off(store, "Bok", "hr"))["thanks"]["other_language"] is None


def test_it_is_found_by_shortcut_name_and_text_without_diacritics(ana, waiting, store):
    save(store, ana, sl="Številka naročila", pl="Łódź")
    found = offered(ana, waiting)["thanks"]["search"]
    assert "thanks" in found and "stevilka narocila" in found and "lodz" in found


def rename(store, waiting, name):
    with store.write() as connection:
        connection.execute(update(conversations).where(conversations.c.id == waiting.id).values(name=name))


def test_placeholders_are_filled_in_for_this_conversation(ana, store, kb):
    waiting = hand_off(store, "Rad bi vrnil čevlje")
    rename(store, waiting, "Maja  Horvat")
    text = "{{customer.name}}|{{customer.first_name}}|{{agent.name}}|{{conversation.language}}|{{site.name}}"
    save(store, ana, sl=f"{text}\n{{{{article.title}}}}: {{{{article.link}}}}")
    first, second = offered(ana, waiting)["thanks"]["text"].split("\n")
    assert first == "Maja Horvat|Maja|Ana Kovač|slovenščina|Smreka"
    assert second == "Vračilo izdelka: [Vračilo izdelka](http://localhost:8080/help/sl/orders/return)"


def test_what_is_not_known_leaves_no_placeholder(ana, store):
    save(store, ana, sl="Dober dan, {{customer.name}}!\nVeč: {{article.link}}")
    assert offered(ana, hand_off(store, "x"))["thanks"]["text"] == "Dober dan!"


def test_an_article_that_is_no_longer_published_is_not_linked(ana, store, kb, waiting):
    with store.write() as connection:
        gone = [{"article": "orders/gone", "language": "sl", "title": "x", "confidence": 0.9}]
        append_message(connection, waiting.id, NewMessage("bot", "x", "x", considered=gone))
    save(store, ana, sl="Več: {{article.link}}\nHvala")
    assert offered(ana, waiting)["thanks"]["text"] == "Hvala"


@pytest.mark.parametrize(
    ("name", "greeting"),
    [
        ("[x](javascript:alert(1))", "Živjo, x javascript:alert 1!"),
        ("{{agent.name}}", "Živjo, agent.name!"),
        ("<img src=x>", "Živjo, img src=x!"),
        ("\u202e\u200b \n", "Živjo!"),
        ("**_`", "Živjo!"),
        ("x" * 500, f"Živjo, {'x' * 80}!"),
    ],
)
@pytest.mark.slow
def test_a_customers_name_is_only_a_name(ana, store, waiting, name, greeting):
    rename(store, waiting, name)
    save(store, ana, sl="Živjo, {{customer.name}}!")
    assert offered(ana, waiting)["thanks"]["text"] == greeting


def test_an_unknown_conversation_is_not_found(ana):
    assert ana.get("/desk/conversations/nothing/saved-replies").status_code == 404


def test_a_placeholder_is_never_sent_to_a_customer(ana, taken):
    answer = ana.post(f"{taken.path}/messages", text="Živjo, {{customer.name}}", kind="reply")
    assert answer.status_code == 422 and "{{customer.name}}" in text_of(answer)
    assert ana.post(f"{taken.path}/messages", text="Use {{customer.name}}", kind="note").status_code == 303
    assert ana.post(f"{taken.path}/messages", text="In Jinja: {{ user }}", kind="reply").status_code == 303
