"""The bot's turns: exactly one reaction to every message, whatever the bot, the database or an agent does."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy.exc import OperationalError

from bot.client import RasaFailed
from odziv.cases.turn_runner import BACK_OFF, TurnRunner
from odziv.cases.turns import MAX_ATTEMPTS
from odziv.store.conversations.conversation import (
    change_owner,
    create_conversation,
    delete_conversation,
    find_conversation,
)
from odziv.store.conversations.messages import NewMessage, add_customer_message, list_messages
from odziv.store.conversations.turns import LEASE_MS, list_due_turns, try_turn_later
from odziv.store.handoffs.handoff import add_handoff, claim, list_queue, release
from tests.fakes import ANSWER, BUTTONS, CONSIDERED, PAYLOAD
from tests.fixtures import take_turn
from tests.waiting import wait_until
from tests.waiting_turns import has_waiting_turns, look_no_more

HAND_OFF = [{"custom": {"handoff": {"reason": "low_confidence"}, "considered": CONSIDERED}}]


def reactions(store, conversation_id: str) -> list[tuple[str, str]]:
    return [(m.sender, m.text) for m in list_messages(store, conversation_id) if m.sender != "customer"]


@pytest.fixture
def started(services):
    services.turns.start()
    yield services
    services.turns.stop()


@pytest.fixture
def asleep(services):
    """The same, but nobody looks around: whoever adds a turn has to say so."""
    look_no_more(services.turns)
    services.turns.start()
    yield services
    services.turns.stop()


# ---- answers


def test_a_posted_message_is_reacted_to_at_once_not_at_the_next_look(asleep, visitor, store):
    visitor.say("how do I return this?")
    wait_until(lambda: reactions(store, visitor.id) == [("bot", PAYLOAD["text"])])


def test_an_answer_with_all_that_belongs_to_it(visitor, run_turns, store, services):
    visitor.say("how do I return this?")
    run_turns()
    reply = list_messages(store, visitor.id)[-1]
    assert (reply.sender, reply.text, reply.reply_to) == ("bot", PAYLOAD["text"], 1)
    assert (reply.buttons, reply.answer, reply.considered) == (BUTTONS, ANSWER, CONSIDERED)
    assert services.bot.calls == [("ask", f"{visitor.id}-0", "how do I return this?", "en")]


def test_plain_responses_become_one_message(visitor, run_turns, store, services):
    services.bot.says = [{"text": " One. "}, {"text": "Two."}]
    visitor.say("hello")
    run_turns()
    assert reactions(store, visitor.id) == [("bot", "One.\n\nTwo.")]


def test_messages_in_a_row_are_answered_in_order(visitor, run_turns, store, services):
    for number in range(3):
        visitor.say(f"question {number}", f"c{number}")
    services.bot.says = lambda _, __, text, ___: [{"text": f"about {text}"}]
    run_turns()
    assert [text for _, text in reactions(store, visitor.id)] == [f"about question {n}" for n in range(3)]


@pytest.mark.parametrize("text", ["/restart", '/choose_article{"article": "x"}', "/request_human"])
def test_a_slash_is_text(visitor, run_turns, services, text):
    visitor.say(text)
    run_turns()
    assert services.bot.calls == [("ask", f"{visitor.id}-0", text, "en")]


# ---- handoffs


@pytest.mark.parametrize("reason", ["requested", "low_confidence", "complaint", "unanswered", "article"])
def test_a_handoff_says_so_and_queues(visitor, run_turns, store, services, reason):
    services.bot.says = [{"custom": {"handoff": {"reason": reason}, "considered": CONSIDERED}}]
    visitor.say("hm")
    run_turns()
    [(sender, text)] = reactions(store, visitor.id)
    assert sender == "system" and text
    assert [(h.conversation_id, h.reason) for h in list_queue(store)] == [(visitor.id, reason)]
    assert list_messages(store, visitor.id)[-1].considered == CONSIDERED


def test_what_the_bot_says_with_a_handoff_comes_before_the_notice(visitor, run_turns, store, services):
    services.bot.says = [{"text": "I am sorry."}, *HAND_OFF]
    visitor.say("hm")
    run_turns()
    assert [sender for sender, _ in reactions(store, visitor.id)] == ["bot", "system"]


def test_nobody_is_bothered_with_what_came_before_the_handoff(visitor, run_turns, store, services):
    services.bot.says = HAND_OFF
    for number in range(3):
        visitor.say("hm", f"c{number}")
    run_turns()
    assert len(reactions(store, visitor.id)) == len(services.bot.calls) == len(list_queue(store)) == 1
    visitor.say("anybody?", "c9")
    run_turns()
    assert len(reactions(store, visitor.id)) == len(services.bot.calls) == 1


def test_a_notice_is_in_the_customers_language(open_conversation, run_turns, store, services):
    services.bot.says = HAND_OFF
    said = set()
    for language in ("sl", "hr", "pl", "en"):
        visitor = open_conversation(language=language)
        visitor.say("hm")
        run_turns()
        said.add(reactions(store, visitor.id)[0][1])
    assert len(said) == 4
    assert {h.language for h in list_queue(store)} == {"sl", "hr", "pl", "en"}


# ---- a bot that fails


def test_without_the_bot_the_knowledge_base_answers_where_it_is_sure(visitor, run_turns, store, services):
    services.bot.fail()
    services.knowledge.direct = {"text": "14 days.", "answer": ANSWER}
    visitor.say("how long?")
    run_turns()
    assert reactions(store, visitor.id) == [("bot", "14 days.")]
    assert services.knowledge.asked == [("how long?", "en", None)]


def test_without_the_bot_and_unsure_a_person_comes(visitor, run_turns, store, services):
    services.bot.fail()
    visitor.say("how long?")
    run_turns()
    assert [h.reason for h in list_queue(store)] == ["failure"]
    assert [sender for sender, _ in reactions(store, visitor.id)] == ["system"]


NONSENSE = {
    "nothing": [],
    "an empty object": [{}],
    "empty text": [{"text": ""}],
    "only space": [{"text": " \n "}],
    "no objects": ["hello"],
    "a number": [5],
    "null": [None],
    "a list": [["hello"]],
    "custom is text": [{"custom": "hello"}],
    "text is a number": [{"text": 5}],
    "text is a list": [{"custom": {"text": ["x"]}}],
    "text without end": [{"text": "x" * 20_001}],
    "half a character": [{"text": "\ud83d"}],
    "half a character in a button": [{"custom": {"text": "x", "buttons": [{**BUTTONS[0], "title": "\udc00"}]}}],
    "half a character in an answer": [{"custom": {"text": "x", "answer": {**ANSWER, "title": "\udc00"}}}],
    "half a character considered": [{"custom": {"text": "x", "considered": [{"title": "\udc00"}]}}],
    "buttons are text": [{"custom": {"text": "x", "buttons": "yes"}}],
    "a button without title": [{"custom": {"text": "x", "buttons": [{"kind": "choice", "intent": "affirm"}]}}],
    "a button of no kind": [{"custom": {"text": "x", "buttons": [{**BUTTONS[0], "kind": "delete"}]}}],
    "a button with a command": [{"custom": {"text": "x", "buttons": [{**BUTTONS[0], "intent": '/x{"a":1}'}]}}],
    "too many buttons": [{"custom": {"text": "x", "buttons": BUTTONS[:1] * 13}}],
    "an answer half told": [{"custom": {"text": "x", "answer": {"article": "orders/return"}}}],
    "surer than sure": [{"custom": {"text": "x", "answer": {**ANSWER, "confidence": 1.2}}}],
    "no number": [{"custom": {"text": "x", "answer": {**ANSWER, "confidence": float("nan")}}}],
    "a script for a link": [{"custom": {"text": "x", "answer": {**ANSWER, "url": "javascript:alert(1)"}}}],
    "data for a link": [{"custom": {"text": "x", "answer": {**ANSWER, "url": "data:text/html,x"}}}],
    "another host": [{"custom": {"text": "x", "answer": {**ANSWER, "url": "//evil.example"}}}],
    "no reason": [{"custom": {"handoff": {}}}],
    "an unknown reason": [{"custom": {"handoff": {"reason": "boredom"}}}],
    "a handoff that is a word": [{"custom": {"handoff": "requested"}}],
    "good and bad": [{"text": "fine"}, {"custom": {"handoff": {"reason": 5}}}],
    "no number considered": [{"custom": {"text": "x", "considered": [{"confidence": float("inf")}]}}],
    "considered without end": [{"custom": {"text": "x", "considered": [{}] * 21}}],
}


@pytest.mark.slow
@pytest.mark.parametrize("says", NONSENSE.values(), ids=NONSENSE.keys())
def test_nonsense_is_a_failure_at_once_and_never_shown(visitor, run_turns, store, services, says):
    services.bot.says = says
    services.knowledge.direct = {"text": "from the knowledge base"}
    visitor.say("hello")
    run_turns()
    assert reactions(store, visitor.id) == [("bot", "from the knowledge base")]
    assert len(services.bot.calls) == 1


def test_hostile_markdown_is_shown_harmless(visitor, run_turns, services):
    services.bot.says = [{"text": "<img src=x onerror=alert(1)> [x](javascript:alert(1)) <script>y</script>"}]
    visitor.say("hello")
    run_turns()
    html = visitor.messages()[-1]["html"]
    assert "<img" not in html and "<script" not in html and "href" not in html


# ---- what nobody foresaw


def test_a_turn_that_fails_is_tried_again(visitor, run_turns, store, services):
    answers = iter([ValueError("boom"), ValueError("boom"), [{"text": "at last"}]])
    services.bot.says = lambda *_: next(answers)
    visitor.say("hello")
    run_turns()
    assert reactions(store, visitor.id) == [("bot", "at last")]


@pytest.mark.parametrize("broken", ["bot", "language", "knowledge base"])
def test_a_turn_that_always_fails_goes_to_a_person(visitor, run_turns, store, services, broken):
    if broken == "bot":
        services.bot.says = ValueError("boom")
    if broken == "language":
        services.knowledge.language = lambda text, **_: {}[text]
    if broken == "knowledge base":
        services.bot.fail()
        services.knowledge.direct = {"text": 5}
    visitor.say("hello")
    run_turns()
    assert [h.reason for h in list_queue(store)] == ["failure"]
    assert [sender for sender, _ in reactions(store, visitor.id)] == ["system"]
    assert len(services.bot.calls) == (0 if broken == "language" else MAX_ATTEMPTS)


@pytest.mark.slow
def test_a_worker_survives_a_database_that_fails(started, visitor, store, monkeypatch):
    failures = iter(
        [OperationalError("disk full", None, Exception()), OperationalError("disk full", None, Exception())]
    )

    def look(*args):
        if (failure := next(failures, None)) is not None:
            raise failure
        return list_due_turns(*args)

    monkeypatch.setattr("odziv.cases.turn_runner.list_due_turns", look)
    visitor.say("hello")
    wait_until(lambda: reactions(store, visitor.id))
    assert all(worker._thread.is_alive() for worker in started.turns._workers)


def test_a_turn_that_cannot_be_given_back_is_given_back_later(visitor, run_turns, store, services, monkeypatch):
    monkeypatch.setattr(services.turns._stopping, "wait", lambda _: False)
    calls = []

    def give_back(store, turn, due_at):
        calls.append(turn)
        if len(calls) == 1:
            raise OperationalError("locked", None, Exception())
        try_turn_later(store, turn, due_at)

    monkeypatch.setattr("odziv.cases.turn_runner.try_turn_later", give_back)
    answers = iter([ValueError("boom"), [{"text": "at last"}]])
    services.bot.says = lambda *_: next(answers)
    visitor.say("hello")
    run_turns()
    assert len(calls) == 2
    assert reactions(store, visitor.id) == [("bot", "at last")]


@pytest.mark.slow
def test_while_one_waits_for_its_next_try_the_thread_sees_to_others(services, open_conversation, store):
    broken, well = open_conversation(), open_conversation()
    failures = [ValueError("boom")]

    def says(sender, *_):
        if sender.startswith(broken.id) and failures:
            raise failures.pop()
        return [{"text": "here"}]

    services.bot.says = lambda _kind, sender, *_: says(sender)
    broken.say("hello")
    store.clock.advance(1)
    well.say("hello")
    runner = TurnRunner(services, RasaFailed, workers=1)
    runner.start()
    wait_until(lambda: reactions(store, well.id))
    assert failures == [] and reactions(store, broken.id) == []
    store.clock.advance(BACK_OFF.wait_ms(1))
    wait_until(lambda: reactions(store, broken.id) == [("bot", "here")])
    runner.stop()


def test_a_turn_whose_thread_hangs_is_answered_by_another_and_once(services, visitor, store):
    began, go_on, slow = threading.Event(), threading.Event(), []

    def think(*_):
        if slow:
            return [{"text": "in time"}]
        slow.append(threading.current_thread())
        began.set()
        assert go_on.wait(20)
        return [{"text": "too late"}]

    services.bot.says = think
    visitor.say("one")
    services.turns.start()
    assert began.wait(20)
    store.clock.advance(LEASE_MS)
    if slow[0].name == "turn-0":  # it is the one who looks around
        services.turns.wake()
    wait_until(lambda: reactions(store, visitor.id))
    go_on.set()
    services.turns.stop(20)
    assert reactions(store, visitor.id) == [("bot", "in time")]


# ---- a person in the middle


@pytest.mark.parametrize("says", [[{"text": "too late"}], HAND_OFF, RasaFailed("timeout")])
def test_the_bot_does_not_talk_over_a_person(visitor, run_turns, store, services, ana, says):
    """While the bot thinks, somebody hands the conversation to a person."""

    def meanwhile(*_):
        with store.write() as connection:
            add_handoff(connection, visitor.id, "requested", "en")
            change_owner(connection, visitor.id, "queued", agent_id=None)
        claim(store, list_queue(store)[0].id, ana.id, NewMessage("system", "Ana is here.", ""))
        return says

    services.bot.says = meanwhile
    visitor.say("hello")
    run_turns()
    assert reactions(store, visitor.id) == [("system", "Ana is here.")]
    assert find_conversation(store, visitor.id).status == "open"
    assert list_queue(store) == []


def test_after_a_person_the_bot_starts_with_an_empty_memory(visitor, run_turns, store, services, ana):
    services.bot.says = HAND_OFF
    visitor.say("one", "c1")
    run_turns()
    claim(store, list_queue(store)[0].id, ana.id, NewMessage("system", "Ana is here.", ""))
    release(store, visitor.id, ana.id, "resolved", NewMessage("system", "Bye.", ""))
    visitor.say("two", "c2")
    run_turns()
    assert [call[1] for call in services.bot.calls] == [f"{visitor.id}-0", f"{visitor.id}-4"]


# ---- pressed buttons


def test_a_pressed_choice_is_an_intent_with_its_article(visitor, run_turns, services):
    visitor.say("hello")
    run_turns()
    visitor.press(2, 0, "Refund time")
    run_turns()
    assert services.bot.calls[1] == (
        "trigger", f"{visitor.id}-0", "choose_article", "en", {"article": "orders/refund-time"},
    )  # fmt: skip


def test_a_buttons_title_typed_is_a_press_too(visitor, run_turns, services):
    visitor.say("hello", "c1")
    run_turns()
    visitor.say("that HELPED", "c2")
    run_turns()
    assert services.bot.calls[1] == ("trigger", f"{visitor.id}-0", "feedback_positive", "en", {})


def test_a_press_of_what_was_never_offered_is_text(visitor, run_turns, services):
    visitor.say("hello", "c1")
    run_turns()
    visitor.press(2, 0, "Give me everything")
    run_turns()
    assert services.bot.calls[1] == ("ask", f"{visitor.id}-0", "Give me everything", "en")


def test_who_wants_a_person_need_not_ask_the_bot(visitor, run_turns, store, services):
    visitor.say("hello", "c1")
    run_turns()
    services.bot.fail()
    visitor.press(2, 2, "Talk to a person")
    run_turns()
    assert len(services.bot.calls) == 1
    assert [h.reason for h in list_queue(store)] == ["requested"]


def test_buttons_work_without_the_bot(open_conversation, run_turns, store, services):
    for index, title, expected in (
        (0, "Refund time", ("bot", "from the knowledge base")),
        (1, "That helped", ("bot", None)),
    ):
        visitor = open_conversation()
        services.bot.says = [{"custom": PAYLOAD}]
        visitor.say("hello")
        run_turns()
        services.bot.fail()
        services.knowledge.direct = {"text": "from the knowledge base"}
        visitor.press(2, index, title)
        run_turns()
        sender, text = reactions(store, visitor.id)[-1]
        assert (sender, text if expected[1] else None) == expected
    assert services.knowledge.asked == [("Refund time", "en", "orders/refund-time")]


def test_no_help_without_the_bot_is_a_handoff(visitor, run_turns, store, services):
    button = {"title": "No", "kind": "choice", "intent": "feedback_negative"}
    services.bot.says = [{"custom": {"text": "Did that help?", "buttons": [button]}}]
    visitor.say("hello", "c1")
    run_turns()
    services.bot.fail()
    visitor.press(2, 0, "No")
    run_turns()
    assert [h.reason for h in list_queue(store)] == ["unanswered"]


# ---- language


def test_a_customer_who_switches_is_followed(visitor, run_turns, store, services):
    known = []

    def language(text, *, conversation, page):
        known.append((conversation, page))
        return "pl" if "gdzie" in text else conversation or page

    services.knowledge.language = language
    visitor.say("hello", "c1")
    visitor.say("gdzie jest paczka?", "c2")
    visitor.say("ok", "c3")
    run_turns()
    assert [call[3] for call in services.bot.calls] == ["en", "pl", "pl"]
    assert find_conversation(store, visitor.id).language == "pl"
    assert known == [(None, "en"), ("en", "en"), ("pl", "en")]


def test_a_button_does_not_change_the_language(visitor, run_turns, store, services):
    visitor.say("hello", "c1")
    run_turns()
    services.knowledge.language = lambda *_, **__: "pl"
    visitor.press(2, 0, "Refund time")
    run_turns()
    assert find_conversation(store, visitor.id).language == "en"


# ---- threads, stops and starts


def test_waking_is_enough(started, visitor, store):
    visitor.say("hello")
    wait_until(lambda: reactions(store, visitor.id))


@pytest.mark.slow
def test_a_crowd_gets_one_answer_each_and_two_at_a_time(started, open_conversation, store):
    visitors = [open_conversation() for _ in range(8)]
    for number in range(3):
        for visitor in visitors:
            visitor.say("hello", f"c{number}")
    wait_until(lambda: not has_waiting_turns(store) and all(len(reactions(store, v.id)) == 3 for v in visitors))
    for visitor in visitors:
        replies = [m.reply_to for m in list_messages(store, visitor.id) if m.sender == "bot"]
        assert sorted(replies) == sorted(m.seq for m in list_messages(store, visitor.id) if m.sender == "customer")


def test_a_start_picks_up_what_a_killed_process_had_begun(visitor, store, services):
    visitor.say("hello")
    take_turn(store)  # and then the process was gone
    services.turns.start()
    wait_until(lambda: reactions(store, visitor.id))
    services.turns.stop()
    assert len(reactions(store, visitor.id)) == 1


def test_a_stop_lets_the_turn_under_way_finish_and_leaves_the_rest(visitor, store, services, monkeypatch):
    began, go_on, found_none = threading.Event(), threading.Event(), threading.Semaphore(0)

    def look(*args):
        due = list_due_turns(*args)
        if not due:
            found_none.release()
        return due

    def think(*_):
        began.set()
        assert go_on.wait(20)
        return [{"text": "finished"}]

    monkeypatch.setattr("odziv.cases.turn_runner.list_due_turns", look)
    services.bot.says = think
    visitor.say("one", "c1")
    visitor.say("two", "c2")
    services.turns.start()
    assert began.wait(20)
    # The seven others have looked once, and two of them once more, for what was said: none is about to take the second.
    assert all(found_none.acquire(timeout=20) for _ in range(7 + 2))
    services.turns._stopping.set()
    go_on.set()
    services.turns.stop(20)
    assert not any(worker._thread.is_alive() for worker in services.turns._workers)
    assert reactions(store, visitor.id) == [("bot", "finished")]
    again = TurnRunner(services, RasaFailed, workers=1)
    again.start()
    wait_until(lambda: len(reactions(store, visitor.id)) == 2)
    again.stop()


def test_typing_signs_begin_and_always_end(visitor, run_turns, services, monkeypatch):
    signs = []

    def note(_, sender: str, on: bool, *, wakes: bool = True) -> None:
        signs.append((sender, on, wakes))

    monkeypatch.setattr(services.hub, "typing", note)
    visitor.say("hello", "c1")
    run_turns()
    services.bot.fail()
    visitor.say("hello", "c2")
    run_turns()
    # The end goes out with what is said.
    assert signs == [("bot", True, True), ("bot", False, False)] * 2


@pytest.mark.parametrize("ends", ["too late", "badly"])
def test_where_nothing_is_said_the_end_of_the_typing_sign_is_told_by_itself(
    visitor, run_turns, services, store, monkeypatch, ends
):
    signs = []

    def meanwhile(*_):
        if ends == "badly":
            raise ZeroDivisionError
        with store.write() as connection:
            change_owner(connection, visitor.id, "queued", agent_id=None)
        return [{"text": "too late"}]

    services.bot.says = meanwhile
    monkeypatch.setattr(services.hub, "typing", lambda _, sender, on, *, wakes=True: signs.append((sender, on, wakes)))
    visitor.say("hello")
    run_turns()
    assert signs[0] == ("bot", True, True) and ("bot", False, True) in signs


def test_a_turn_whose_conversation_is_gone_is_no_failure(store, services):
    conversation = create_conversation(store, "demo", "en")
    add_customer_message(store, conversation.id, "c1", "hello", "")
    turn = take_turn(store)
    delete_conversation(store, conversation.id)
    services.turns.run(turn)
    assert services.bot.calls == []


def test_a_stranger_is_told_once_and_offered_a_person(visitor, run_turns, store, services):
    services.knowledge.note = "Česky neodpovídám, píši polsky. 100 %"
    services.bot.says = [{"text": "Dzień dobry!"}]
    for number, text in enumerate(("Kde je můj balík?", "A kolik stojí vrácení?")):
        visitor.say(text, f"c{number}")
        run_turns()
    first, second = [m for m in list_messages(store, visitor.id) if m.sender == "bot"]
    assert first.text == "Česky neodpovídám, píši polsky. 100 %\n\nDzień dobry!"
    assert [button["kind"] for button in first.buttons] == ["human"]
    assert (second.text, second.buttons) == ("Dzień dobry!", None)


def test_a_stranger_on_the_way_to_a_person_needs_no_note(visitor, run_turns, store, services):
    services.knowledge.note = "Česky neodpovídám, píši polsky."
    services.bot.says = [{"custom": {"handoff": {"reason": "requested"}}}]
    visitor.say("člověka prosím")
    run_turns()
    assert not any(services.knowledge.note in m.text for m in list_messages(store, visitor.id))


WISH = "I want to talk to a person"
HOURS = {"text": "We are open from 9 to 19.", "answer": {**ANSWER, "article": "shops/hours"}, "buttons": []}


def test_without_rasa_a_wish_for_a_person_is_understood(visitor, run_turns, store, services):
    services.bot.fail()
    services.knowledge.direct = HOURS
    visitor.say(WISH)
    run_turns()
    assert [handoff.reason for handoff in list_queue(store)] == ["requested"]
    assert services.knowledge.asked == []


@pytest.mark.parametrize("text", ["I don't want to talk to a person, when are you open?", "When are you open?"])
def test_without_rasa_others_are_answered_from_the_articles(visitor, run_turns, store, services, text):
    services.bot.fail()
    services.knowledge.direct = HOURS
    visitor.say(text)
    run_turns()
    assert reactions(store, visitor.id) == [("bot", HOURS["text"])] and list_queue(store) == []
