"""Spam at the desk."""

from __future__ import annotations

import pytest

from odziv.chat.json import conversation_json
from odziv.store.conversations.conversation import find_conversation
from tests.desk.conftest import hand_off
from tests.desk.conversation.test_conversation import HOSTILE, text_of


def test_an_agent_marks_spam_and_takes_it_back(ana, marek, waiting, store):
    assert ana.post(f"{waiting.path}/spam").status_code == 303
    assert waiting.id not in text_of(ana.get("/desk/list/queue"))
    page = text_of(marek.get("/desk/spam"))
    assert waiting.path in page and "marked by Ana Kovač" in page
    shown = text_of(marek.get(waiting.path))
    assert "Not spam" in shown and "Marked as spam: nothing answers here." in shown
    assert marek.post(f"{waiting.path}/not-spam").location == waiting.path
    assert waiting.id in text_of(ana.get("/desk/list/queue"))


def test_the_sender_is_not_told(ana, taken, store):
    assert ana.post(f"{taken.path}/spam").status_code == 303
    shown = conversation_json(find_conversation(store, taken.id))
    assert (shown["status"], shown["agent"]) == ("resolved", None)


def test_a_colleague_keeps_theirs(marek, taken, store):
    assert 'id="spam"' not in text_of(marek.get(taken.path))
    assert marek.post(f"{taken.path}/spam").status_code == 409
    assert find_conversation(store, taken.id).status == "open"


def test_nobody_answers_or_takes_spam(ana, waiting, store):
    ana.post(f"{waiting.path}/spam")
    assert ana.post(f"{waiting.path}/messages", text="x", kind="reply").status_code == 409
    assert ana.post(f"/desk/handoffs/{waiting.handoff}/claim").status_code == 409
    assert ana.post(f"{waiting.path}/spam").status_code == 409
    assert find_conversation(store, waiting.id).status == "spam"


def test_nothing_in_the_list_becomes_markup(ana, store):
    ana.post(f"{hand_off(store, HOSTILE).path}/spam")
    page = text_of(ana.get("/desk/spam"))
    assert "<img src=x" not in page and "<script>alert" not in page


@pytest.mark.parametrize("what", ["spam", "not-spam"])
def test_an_unknown_conversation_is_not_found(ana, what):
    assert ana.post(f"/desk/conversations/{'0' * 24}/{what}").status_code == 404
