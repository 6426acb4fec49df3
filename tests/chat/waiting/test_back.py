"""The way back by the widget's interface: who waits for a person goes on with the bot; not once somebody has come."""

from __future__ import annotations

import pytest

from odziv.chat.api import WITHDRAWALS_PER_MINUTE
from odziv.settings import LANGUAGES
from odziv.store.conversations.messages import NewMessage
from odziv.store.conversations.spam import mark_spam
from odziv.store.handoffs.handoff import claim, list_queue, release
from odziv.store.handoffs.leases import transfer_to_queue
from odziv.texts.notices import notice
from tests.fakes import HAND_OFF, PAYLOAD
from tests.fixtures import with_mail

NOTICE = NewMessage("system", "Ana.", "<p>Ana.</p>")


@pytest.fixture
def settings(settings):
    """Mail goes out: else nobody is asked for an address."""
    return with_mail(settings)


def go_back(visitor, **more):
    return visitor.client.post(f"{visitor.path}/back", **{"headers": visitor.headers, **more})


@pytest.fixture
def waiting(visitor, services, run_turns):
    """A customer in the queue; the bot answers whatever comes next."""
    services.bot.says = HAND_OFF
    visitor.say("A person, please.")
    run_turns()
    services.bot.says = [{"custom": PAYLOAD}]
    return visitor


def test_the_bot_answers_again_and_the_customer_reads_why(waiting, run_turns, services):
    answer = go_back(waiting)
    assert answer.status_code == 200
    conversation = answer.get_json()["conversation"]
    assert (conversation["status"], conversation["wait"], conversation["agent"]) == ("bot", None, None)
    told = waiting.messages()[-1]
    assert (told["sender"], told["text"]) == ("system", notice("withdrawn", "en"))
    waiting.say("How do I return a tent?", "c2")
    run_turns()
    assert waiting.messages()[-1]["answer"]["article"] == "orders/return"
    assert services.bot.calls[-1][1] == f"{waiting.id}-2"  # a new tracker: what was counted before is over


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_said_in_the_language_of_the_conversation(open_conversation, services, run_turns, language):
    services.bot.says = HAND_OFF
    visitor = open_conversation(language=language)
    visitor.say("A person, please.")
    run_turns()
    go_back(visitor)
    assert visitor.messages()[-1]["text"] == notice("withdrawn", language)


def test_twice_is_once(waiting):
    first, second = go_back(waiting), go_back(waiting)
    assert (second.status_code, second.get_json()) == (200, first.get_json())
    assert len(waiting.messages()) == 3


def test_what_was_written_while_waiting_stays_and_wakes_nobody(waiting, run_turns, services):
    waiting.say("Hello?", "c2")
    go_back(waiting)
    calls = len(services.bot.calls)
    run_turns()
    assert [m["text"] for m in waiting.messages()][2] == "Hello?" and len(services.bot.calls) == calls


def test_where_the_bot_has_it_nothing_happens(visitor):
    answer = go_back(visitor)
    assert (answer.status_code, answer.get_json()["conversation"]["status"]) == (200, "bot")
    assert visitor.messages() == []


def test_a_person_who_has_come_is_not_sent_away(waiting, store, ana):
    claim(store, list_queue(store)[0].id, ana.id, NOTICE)
    before = waiting.log()
    refused = go_back(waiting)
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (409, "not_waiting")
    assert "person" in refused.get_json()["error"]["message"]
    assert waiting.log() == before and before["conversation"]["agent"] == {"name": "Ana", "picture": None}


def test_also_when_an_agent_has_passed_them_on(waiting, store, ana):
    claim(store, list_queue(store)[0].id, ana.id, NOTICE)
    transfer_to_queue(store, waiting.id, ana.id, None, NOTICE, language="en", topic=None)
    assert go_back(waiting).get_json()["conversation"]["status"] == "bot" and list_queue(store) == []


@pytest.mark.parametrize("end", ["resolved", "spam"])
def test_what_is_over_stays_over_and_spam_is_not_told_apart(waiting, store, ana, end):
    if end == "spam":
        mark_spam(store, waiting.id, ana.id, NOTICE)
    else:
        claim(store, list_queue(store)[0].id, ana.id, NOTICE)
        release(store, waiting.id, ana.id, "resolved", NOTICE)
    refused = go_back(waiting)
    wanted = {"code": "not_waiting", "message": "This conversation is closed."}
    assert (refused.status_code, refused.get_json()["error"]) == (409, wanted)


def test_a_ticket_too_and_the_address_stays(waiting, store, run_turns, services):
    assert waiting.log()["conversation"]["wait"]["asks_email"]  # nobody is there
    waiting.client.post(f"{waiting.path}/contact", json={"email": "jana@smreka.example"}, headers=waiting.headers)
    assert go_back(waiting).status_code == 200
    services.bot.says = HAND_OFF
    waiting.say("A person after all.", "c3")
    run_turns()
    wait = waiting.log()["conversation"]["wait"]
    assert (wait["ticket"], wait["asks_email"]) == (True, False)
    assert list_queue(store)[0].reason == "requested"


def test_a_stream_tells_it(waiting):
    events = waiting.stream(**{"Last-Event-ID": "2"})
    assert events.read().startswith("retry") and events.event()[1]["status"] == "queued"
    go_back(waiting)
    (kind, message, _), (change, conversation, _) = events.event(), events.event()
    events.close()
    assert (kind, message["sender"], change, conversation["status"]) == ("message", "system", "status", "bot")


def test_only_with_the_conversations_own_token_and_from_its_site(waiting, open_conversation, store):
    def ask(path: str = waiting.path, **headers: str) -> int:
        return waiting.client.post(f"{path}/back", headers=headers).status_code

    other = open_conversation()
    assert (ask(), ask(**other.headers), ask("/api/v1/conversations/missing", **waiting.headers)) == (401, 404, 404)
    assert ask(**waiting.headers, Origin="https://evil.example") == 403
    assert len(list_queue(store)) == 1


def test_too_often_in_a_minute_has_to_wait(waiting):
    answers = [go_back(waiting) for _ in range(WITHDRAWALS_PER_MINUTE + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert answers[-1].status_code == 429 and int(answers[-1].headers["Retry-After"]) > 0


# ---- answered while waiting


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_who_waits_is_answered_what_the_knowledge_base_is_sure_of(open_conversation, services, run_turns, language):
    services.bot.says = HAND_OFF
    visitor = open_conversation(language=language)
    visitor.say("A person, please.")
    run_turns()
    services.knowledge.direct = PAYLOAD
    visitor.say("How do I return a tent?", "c2")
    run_turns()
    told = visitor.messages()[-1]
    assert told["sender"] == "bot" and told["answer"]["article"] == "orders/return"
    assert told["text"] == f"{notice('while_waiting', language)}\n\n{PAYLOAD['text']}"
    assert {button["kind"] for button in told["buttons"]} <= {"follow_up"}
    assert visitor.log()["conversation"]["status"] == "queued" and len(services.bot.calls) == 1


def test_of_what_it_is_not_sure_it_says_nothing(waiting, run_turns, services):
    for payload in (None, PAYLOAD | {"handoff": {"reason": "low_confidence"}}):
        services.knowledge.direct = payload
        waiting.say("Hm?", f"c-{payload is None}")
        run_turns()
        assert waiting.messages()[-1]["sender"] == "customer"


@pytest.mark.parametrize(
    ("kind", "intent", "article", "is_answered"),
    [
        ("human", "request_human", "orders/return", False),
        ("human", "request_human", None, False),
        ("helped", "feedback_positive", None, False),
        ("go_on", "go_on", None, False),
        ("choice", "choose_article", "orders/return", True),
        ("follow_up", "choose_article", "orders/return", True),
    ],
)
@pytest.mark.slow
def test_of_old_buttons_only_an_article_is_answered(visitor, run_turns, services, kind, intent, article, is_answered):
    button = {"title": "This one", "kind": kind, "intent": intent} | ({"article": article} if article else {})
    services.bot.says = [{"custom": {"text": "Here.", "buttons": [button]}}]
    visitor.say("How do I return a tent?")
    run_turns()
    services.bot.says = HAND_OFF
    visitor.say("A person, please.", "c2")
    run_turns()
    services.knowledge.direct = PAYLOAD
    visitor.press(2, 0, "This one", "c3")
    run_turns()
    assert services.knowledge.asked == ([("This one", "en", article)] if is_answered else [])
    assert (visitor.messages()[-1]["sender"] == "bot") is is_answered


def test_not_once_somebody_has_come(waiting, run_turns, services, store, ana):
    services.knowledge.direct = PAYLOAD
    waiting.say("How do I return a tent?", "c2")
    claim(store, list_queue(store)[0].id, ana.id, NOTICE)
    run_turns()
    waiting.say("And how long does it take?", "c3")
    run_turns()
    assert "bot" not in [message["sender"] for message in waiting.messages()]


def test_nobody_in_danger_is_told_about_parcels(visitor, services, run_turns):
    services.knowledge.direct = PAYLOAD
    visitor.say("I want to kill myself")
    run_turns()
    visitor.say("and where is my parcel", "c2")
    run_turns()
    assert "bot" not in [message["sender"] for message in visitor.messages()]
