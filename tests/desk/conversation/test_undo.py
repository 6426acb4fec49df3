"""Undo: the server schedules a reply, colleagues see it, the customer doesn't, and it comes back into the composer."""

from __future__ import annotations

import re

import pytest

from odziv.cases.scheduled_replies import ScheduledReplies
from odziv.settings import Settings
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import list_messages
from odziv.store.handoffs.scheduled_replies import list_scheduled_replies


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """As in config.yml: five seconds."""
    return settings.model_copy(update={"desk": settings.desk.model_copy(update={"undo_seconds": 5})})


def text_of(response) -> str:
    return response.get_data(as_text=True)


def texts(store, waiting) -> list[str]:
    return [m.text for m in list_messages(store, waiting.id, internal=True)]


def send(person, waiting, text="Takoj <b>zdaj</b>", **fields):
    return person.post(f"{waiting.path}/messages", text=text, kind="reply", **fields)


def pass_time(store, seconds):
    store.clock.advance(seconds * 1000)
    ScheduledReplies(store).look()


def undo(person, waiting, scheduled_id):
    return person.post(f"{waiting.path}/held/{scheduled_id}/undo")


def test_a_reply_waits_five_seconds_and_a_note_does_not(ana, taken, store):
    pass_time(store, 0)  # the clock stands still from here on
    assert send(ana, taken).status_code == 303
    ana.post(f"{taken.path}/messages", text="Opomba", kind="note")
    assert "Opomba" in texts(store, taken) and "Takoj <b>zdaj</b>" not in texts(store, taken)
    pass_time(store, 4.9)
    assert "Takoj <b>zdaj</b>" not in texts(store, taken)
    pass_time(store, 0.2)
    assert texts(store, taken)[-1] == "Takoj <b>zdaj</b>"


def test_the_author_sees_undo_and_a_colleague_who_is_sending(ana, marek, taken):
    send(ana, taken)
    mine, theirs = text_of(ana.get(taken.path)), text_of(marek.get(taken.path))
    assert "/undo" in mine and "Takoj &lt;b&gt;zdaj&lt;/b&gt;" in mine and "<b>zdaj" not in mine
    assert "/undo" not in theirs and "Ana Kovač is sending this" in theirs


def test_an_answer_by_htmx_brings_the_scheduled_reply(ana, taken):
    answer = ana.post_fragment(f"{taken.path}/messages", text="Takoj", kind="reply", mode="holder")
    shown = r'<div class="scheduled" id="scheduled" hx-swap-oob="true">.*?</div>\n</div>|<div class="scheduled".*'
    scheduled = re.search(shown, text_of(answer), re.S)
    assert scheduled and "Takoj" in scheduled[0] and "Undo" in scheduled[0]


def test_undo_puts_the_text_back_into_the_composer(ana, taken, store):
    send(ana, taken, "\n Prva\n</textarea><script>alert(1)</script>")
    [scheduled] = list_scheduled_replies(store, taken.id)
    page = text_of(undo(ana, taken, scheduled.id))
    assert "Prva\n&lt;/textarea&gt;&lt;script&gt;" in page.split('id="text"')[1]
    assert list_scheduled_replies(store, taken.id) == []
    pass_time(store, 60)
    assert "Prva" not in " ".join(texts(store, taken))


def test_undo_by_htmx_brings_the_text_alone(ana, taken, store):
    send(ana, taken)
    answer = ana.post_fragment(f"{taken.path}/held/{list_scheduled_replies(store, taken.id)[0].id}/undo")
    assert answer.status_code == 200
    assert 'id="undone"' in text_of(answer) and "Takoj &lt;b&gt;" in text_of(answer) and "<html" not in text_of(answer)


def test_undo_comes_too_late_once_it_is_sent_and_is_nobody_elses(ana, marek, taken, store):
    send(ana, taken)
    [scheduled] = list_scheduled_replies(store, taken.id)
    assert undo(marek, taken, scheduled.id).status_code == 409
    assert list_scheduled_replies(store, taken.id) == [scheduled]
    pass_time(store, 6)
    answer = undo(ana, taken, scheduled.id)
    assert answer.status_code == 409 and "Too late" in text_of(answer)
    assert texts(store, taken).count("Takoj <b>zdaj</b>") == 1


@pytest.mark.slow
@pytest.mark.parametrize("scheduled_id", ["0", "4711", "9223372036854775807", "9223372036854775808", "-1", "x"])
def test_nothing_else_can_be_undone(ana, taken, scheduled_id):
    assert undo(ana, taken, scheduled_id).status_code in {404, 405, 409}


def test_undo_in_another_conversation_does_nothing(ana, taken, store):
    send(ana, taken)
    [scheduled] = list_scheduled_replies(store, taken.id)
    assert ana.post(f"/desk/conversations/{'0' * 24}/held/{scheduled.id}/undo").status_code == 404
    assert list_scheduled_replies(store, taken.id) == [scheduled]


def test_a_repeat_is_scheduled_once_and_other_words_under_its_id_are_refused(ana, taken, store):
    for _ in range(2):
        assert send(ana, taken, client_id="x").status_code == 303
    assert len(list_scheduled_replies(store, taken.id)) == 1
    assert send(ana, taken, "Drugo", client_id="x").status_code == 409
    undo(ana, taken, list_scheduled_replies(store, taken.id)[0].id)
    again = send(ana, taken, client_id="x")
    assert again.status_code == 409 and "taken back" in text_of(again)


def test_only_the_holder_holds(marek, taken, store):
    assert send(marek, taken).status_code == 409 and list_scheduled_replies(store, taken.id) == []


def test_resolving_at_once_sends_it_before_the_goodbye(ana, taken, store):
    send(ana, taken, "Lep pozdrav")
    ana.post(f"{taken.path}/release", status="resolved")
    assert texts(store, taken)[-2] == "Lep pozdrav" and "zaključen" in texts(store, taken)[-1]


def test_open_pages_learn_of_it(ana, taken, store):
    before = find_conversation(store, taken.id)
    send(ana, taken)
    assert find_conversation(store, taken.id).updated_at >= before.updated_at
    assert find_conversation(store, taken.id).last_seq == before.last_seq


def test_the_customer_sees_typing_until_it_comes(app, ana, taken, store):
    with app.extensions["odziv"].hub.follow(taken.id) as customer:
        send(ana, taken)
        assert customer.take_typing() == {"agent": True}
        undo(ana, taken, list_scheduled_replies(store, taken.id)[0].id)
        assert customer.take_typing() == {"agent": False}
