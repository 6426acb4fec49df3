"""The page "Feedback": no comment goes unheard, and nothing in one is markup."""

from __future__ import annotations

import re

import pytest

from odziv.chat.ratings import draft_note
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.conversations.ratings import rate_conversation
from odziv.store.knowledge.feedback import Verdict, add_feedback, count_unread, list_comments
from tests.desk.conftest import Person


class Articles:
    """Knows one article; nothing has to be learnt for this page."""

    def article(self, identity: str, language: str):
        from types import SimpleNamespace

        return SimpleNamespace(title="<i>Return</i> an item", language="en") if identity == "orders/return" else None


@pytest.fixture
def editor(app, sign_in) -> Person:
    app.extensions["odziv"].knowledge.kb = Articles()
    return sign_in("Eva Novak", "editor")


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.get_data(as_text=True))


def say(
    store, words: str | None = None, reason: str | None = None, article="orders/return", visitor="v", helpful=False
):
    add_feedback(store, Verdict(article, "en", "demo", helpful, visitor, reason, words))


def test_nothing_yet(editor):
    page = text_of(editor.get("/desk/feedback"))
    assert "No ratings yet" in page and "Nothing yet." in page and "No reader has said yet" in page


def test_a_comment_is_shown_until_it_is_read(editor, store):
    say(store, "Where is the <b>form</b>? ana@posta.example", "unclear")
    page = text_of(editor.get("/desk/feedback"))
    assert "Where is the &lt;b&gt;form&lt;/b&gt;? <mark>⟨e-mail⟩</mark>" in page and "Hard to understand" in page
    assert "Something personal was taken out here" in page and "&lt;i&gt;Return&lt;/i&gt; an item" in page
    assert re.search(r'<span>Feedback</span> <span class="count quiet" data-count="1">1<', page)
    [comment] = list_comments(store)
    answer = editor.post(f"/desk/feedback/{comment.id}/read")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/feedback")
    page = text_of(editor.get("/desk/feedback"))
    assert "read by Eva Novak" in page and ">Mark as read<" not in page and count_unread(store) == 0
    assert editor.post(f"/desk/feedback/{comment.id}/read").status_code == 303


def test_shares_are_by_article_the_least_helpful_first(editor, store):
    for number in range(4):
        say(store, visitor=f"v{number}", helpful=number > 0)
        say(store, visitor=f"v{number}", article="orders/gone", helpful=number > 1)
    page = text_of(editor.get("/desk/feedback"))
    assert page.index("50 % helpful") < page.index("75 % helpful") and "orders/gone" in page


def test_ratings_stand_apart_for_bot_and_people(editor, store, waiting):
    with store.write() as connection:
        append_message(connection, waiting.id, NewMessage("agent", "x", "x", agent_id=editor.agent.id))
    rate_conversation(store, waiting.id, "bot", 2, "<b>slow</b> 040 123 456", draft_note=draft_note)
    rate_conversation(store, waiting.id, "person", 5, None, draft_note=draft_note)
    page = text_of(editor.get("/desk/feedback"))
    assert (
        "The assistant, 1 rating" in page and "2.0 <span" in page and "People, 1 rating" in page and "5.0 <span" in page
    )
    assert "&lt;b&gt;slow&lt;/b&gt; <mark>⟨number⟩</mark>" in page
    assert "Rated the assistant 2 of 5." in text_of(editor.get(waiting.path))


@pytest.mark.parametrize("number", ["0", "77", "99999999999999999999999", "-1", "x"])
def test_no_such_comment(editor, number):
    assert editor.post(f"/desk/feedback/{number}/read").status_code in (404, 405)


def test_nothing_without_a_token_or_the_role(editor, sign_in, client, store):
    say(store, "Hm.")
    path = f"/desk/feedback/{list_comments(store)[0].id}/read"
    assert editor.client.post(path).status_code == 400
    agent = sign_in("Ana Kovač")
    assert agent.get("/desk/feedback").status_code == 403 and agent.post(path).status_code == 403
    assert client.get("/desk/feedback").status_code == 303 and count_unread(store) == 1


def test_a_reason_without_words_is_shown_too(editor, store):
    say(store, None, "wrong")
    page = text_of(editor.get("/desk/feedback"))
    assert "Out of date" in page and "Something personal" not in page
