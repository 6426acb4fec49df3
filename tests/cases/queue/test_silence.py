"""Silent customers: asked in their language, then closed, and open again when they write; nobody else is."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from odziv.cases.conversations.claim import claim_conversation
from odziv.cases.conversations.reopen import reopen_conversation, say_joined
from odziv.cases.conversations.transfer import QueueTarget, pass_to_queue
from odziv.cases.queue.silence import HOUR_MS, SilentConversations
from odziv.settings import Desk
from odziv.settings.load import AutoClose
from odziv.store.agents.availability import renew_presence
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, list_messages
from odziv.store.handoffs.handoff import add_agent_message, list_handoffs_of, list_inbox, list_queue
from odziv.store.handoffs.leases import list_lapsed, take_back
from odziv.store.handoffs.reports import list_handoffs_between
from odziv.store.handoffs.scheduled_replies import schedule_reply
from odziv.store.handoffs.silence import close_silent, list_over, list_waiting_for_word, tell_silent
from odziv.store.handoffs.snoozes import snooze
from odziv.store.schema import conversations, handoffs, mail_queue, mails
from odziv.texts.notices import notice
from tests.cases.conftest import hand_off

ENTRY = NewMessage("system", "entry", "", internal=True)
WORD, CLOSE = 20, 30


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"desk": Desk(auto_close=AutoClose(word_hours=WORD, close_hours=CLOSE))})


@pytest.fixture
def silence(store, settings) -> SilentConversations:
    return SilentConversations(store, settings)


@pytest.fixture
def answered(store, ana, taken) -> str:
    """A conversation that Ana has answered."""
    answer(store, ana, taken)
    return taken


def answer(store, agent, conversation_id: str, text: str = "It is on its way.") -> None:
    assert add_agent_message(store, conversation_id, agent.id, NewMessage("agent", text, "", agent_id=agent.id))


def write(store, conversation_id: str, text: str = "And when?") -> None:
    add_customer_message(store, conversation_id, f"w-{len(text)}", text, "", joined=say_joined)


def said(store, conversation_id: str) -> list[str]:
    return [message.text for message in list_messages(store, conversation_id)]


def pass_hours(store, silence, hours: float, *, looks: int = 1) -> None:
    for _ in range(looks):
        store.clock.advance(round(hours * HOUR_MS / looks))
        silence.look()


def status(store, conversation_id: str) -> str:
    return find_conversation(store, conversation_id).status


def test_first_a_word_then_it_is_closed_each_said_once(store, silence, ana, answered):
    word, closed = notice("silence_word", "en"), notice("silence_closed", "en")
    pass_hours(store, silence, WORD - 0.1)
    assert word not in said(store, answered)
    pass_hours(store, silence, 0.1)
    pass_hours(store, silence, CLOSE - 0.1, looks=5)
    assert said(store, answered).count(word) == 1 and status(store, answered) == "open"
    pass_hours(store, silence, 0.1)
    pass_hours(store, silence, 200, looks=5)
    assert said(store, answered)[-2:] == [word, closed] and status(store, answered) == "resolved"
    assert list_inbox(store, ana.id) == []


def test_it_counts_as_what_it_is(store, silence, answered):
    pass_hours(store, silence, WORD)
    pass_hours(store, silence, CLOSE)
    assert [row.outcome for row in list_handoffs_between(store, 0, store.clock())] == ["silent"]
    [entry] = list_entries(store, action="closed_silent")
    assert (entry.agent_id, entry.object) == (None, f"conversation:{answered}")


def test_who_writes_again_finds_the_agent_they_had(store, silence, ana, answered):
    pass_hours(store, silence, WORD)
    pass_hours(store, silence, CLOSE)
    renew_presence(store, ana.id)
    write(store, answered)
    conversation = find_conversation(store, answered)
    assert (conversation.status, conversation.agent_id) == ("open", ana.id)


def test_or_the_bot_when_that_one_is_not_there(store, silence, answered):
    pass_hours(store, silence, WORD)
    pass_hours(store, silence, CLOSE)
    write(store, answered)
    assert status(store, answered) == "bot"


def test_a_word_from_the_customer_stops_it_and_an_answer_begins_it_anew(store, silence, ana, answered):
    pass_hours(store, silence, WORD)
    write(store, answered)
    pass_hours(store, silence, 10 * CLOSE, looks=3)  # it is our turn
    assert status(store, answered) == "open" and said(store, answered).count(notice("silence_word", "en")) == 1
    answer(store, ana, answered, "Tomorrow.")
    pass_hours(store, silence, WORD - 0.1)
    assert said(store, answered)[-1] == "Tomorrow."
    pass_hours(store, silence, 0.1)
    assert said(store, answered)[-1] == notice("silence_word", "en")
    pass_hours(store, silence, CLOSE)
    assert status(store, answered) == "resolved"


def test_what_the_agent_adds_after_the_word_makes_it_void(store, silence, ana, answered):
    pass_hours(store, silence, WORD)
    pass_hours(store, silence, CLOSE - 1)
    answer(store, ana, answered, "One more thing.")
    pass_hours(store, silence, WORD - 1)
    assert status(store, answered) == "open"


def test_a_note_among_colleagues_is_no_answer(store, silence, ana, answered):
    pass_hours(store, silence, WORD - 1)
    note = NewMessage("agent", "Seems done.", "", agent_id=ana.id, internal=True)
    add_agent_message(store, answered, ana.id, note)
    pass_hours(store, silence, 1)
    assert said(store, answered)[-1] == notice("silence_word", "en")


def unanswered(store, ana, taken, marek) -> None:
    """Taken, and nothing said yet."""


def snoozed(store, ana, taken, marek) -> None:
    answer(store, ana, taken)
    snooze(store, taken, ana.id, store.clock() + 1000 * HOUR_MS, ENTRY)


def in_danger(store, ana, taken, marek) -> None:
    answer(store, ana, taken)
    with store.write() as connection:
        connection.execute(update(handoffs).values(reason="danger"))


def kept_back(store, ana, taken, marek) -> None:
    answer(store, ana, taken)
    reply = NewMessage("agent", "Wait.", "", agent_id=ana.id, client_id="k")
    schedule_reply(store, taken, reply, store.clock() + 1000 * HOUR_MS)


def passed_on(store, ana, taken, marek) -> None:
    answer(store, ana, taken)
    with store.write() as connection:
        connection.execute(update(handoffs).values(status="waiting", agent_id=None, claimed_at=None, passed_by=ana.id))
        connection.execute(update(conversations).values(status="queued", agent_id=None))


def promised(store, ana, taken, marek) -> None:
    passed_on(store, ana, taken, marek)
    with store.write() as connection:
        connection.execute(update(handoffs).values(passed_by=None, target_at=store.clock() + HOUR_MS))


@pytest.mark.parametrize("what", [unanswered, snoozed, in_danger, kept_back, passed_on, promised])
def test_nobody_is_asked_to_whom_we_owe_something(store, silence, ana, marek, taken, what):
    what(store, ana, taken, marek)
    before = status(store, taken)
    pass_hours(store, silence, 5 * (WORD + CLOSE), looks=5)
    assert status(store, taken) == before and notice("silence_word", "en") not in said(store, taken)


def test_who_has_just_taken_it_has_the_whole_time(store, silence, ana, marek, answered):
    pass_hours(store, silence, WORD - 1)
    with store.write() as connection:
        connection.execute(update(handoffs).values(agent_id=marek.id, claimed_at=store.clock()))
    pass_hours(store, silence, WORD - 1)
    assert notice("silence_word", "en") not in said(store, answered)


def test_a_reopened_one_is_not_asked_at_once(store, silence, ana, answered):
    pass_hours(store, silence, WORD)
    pass_hours(store, silence, CLOSE)
    reopen_conversation(store, ana, answered)
    pass_hours(store, silence, 1)
    assert status(store, answered) == "open" and said(store, answered).count(notice("silence_word", "en")) == 1


def test_what_went_back_to_the_queue_as_its_agent_went_home_is_seen_to(store, silence, answered):
    store.clock.advance(HOUR_MS)
    [lapsed] = list_lapsed(store, store.clock())
    assert take_back(store, lapsed, store.clock(), ENTRY)
    pass_hours(store, silence, WORD)
    pass_hours(store, silence, CLOSE)
    assert status(store, answered) == "resolved" and list_queue(store) == []


def test_passed_on_by_an_agent_it_waits_for_somebody(store, settings, silence, ana, answered):
    pass_to_queue(store, settings, ana, answered, QueueTarget("en"), None)
    pass_hours(store, silence, 3 * WORD)
    assert status(store, answered) == "queued"


@pytest.mark.parametrize("language", ["sl", "hr", "pl", "en"])
def test_it_is_said_in_the_customers_language(store, silence, answered, language):
    with store.write() as connection:
        connection.execute(update(conversations).values(language=language))
    pass_hours(store, silence, WORD)
    pass_hours(store, silence, CLOSE)
    assert said(store, answered)[-2:] == [notice("silence_word", language), notice("silence_closed", language)]


def test_off_unless_set(store, answered, settings):
    silence = SilentConversations(store, settings.model_copy(update={"desk": Desk()}))
    pass_hours(store, silence, 1000, looks=5)
    assert status(store, answered) == "open"


def test_a_customer_who_writes_at_the_last_moment_is_not_shut_out(store, ana, answered):
    """Between the look and the change: each is decided in the transaction that does it."""
    store.clock.advance(WORD * HOUR_MS)
    now, word = store.clock(), NewMessage("system", "word", "")
    [silent] = list_waiting_for_word(store, now)
    write(store, answered)
    assert not tell_silent(store, silent, now, word, word) and "word" not in said(store, answered)
    answer(store, ana, answered, "Here I am.")
    store.clock.advance(WORD * HOUR_MS)
    assert tell_silent(store, silent, store.clock(), word, word)
    [over] = list_over(store, store.clock())
    write(store, answered, "Wait!")
    assert not close_silent(store, over, store.clock(), word) and status(store, answered) == "open"


def came_by_mail(store, conversation_id: str, automatic: str | None) -> None:
    """Its customer's message came as a mail."""
    seq = next(message.seq for message in list_messages(store, conversation_id) if message.sender == "customer")
    row = {"identity": "1", "subject": "Hm", "original": "", "sender": "b@x.example", "automatic": automatic}
    with store.write() as connection:
        connection.execute(update(conversations).values(email="b@x.example", channel="mail"))
        connection.execute(mails.insert().values(**row, conversation_id=conversation_id, seq=seq, created_at=1))


@pytest.mark.parametrize(("automatic", "sent"), [(None, 1), ("bulk", 0)])
def test_who_wrote_a_mail_is_asked_by_mail_but_no_machine_is(store, silence, ana, automatic, sent):
    store.mail_domain = "smreka.example"
    conversation_id = hand_off(store)
    came_by_mail(store, conversation_id, automatic)
    claim_conversation(store, ana, conversation_id)
    answer(store, ana, conversation_id)
    with store.write() as connection:
        connection.execute(mail_queue.delete())
    pass_hours(store, silence, WORD)
    in_chat, in_mail = (notice("silence_word", "en", by_mail=by_mail) for by_mail in (False, True))
    assert said(store, conversation_id)[-1] == (in_mail if sent else in_chat) and in_mail != in_chat
    with store.read() as connection:
        rows = connection.execute(select(mail_queue.c.automatic, mail_queue.c.recipient)).all()
    assert rows == [(True, "b@x.example")] * sent
    pass_hours(store, silence, CLOSE)
    with store.read() as connection:
        assert len(connection.execute(select(mail_queue)).all()) == sent  # of the closing no mail goes out


def test_two_that_are_silent_are_both_seen_to(store, silence, ana, answered):
    other = hand_off(store)
    claim_conversation(store, ana, other)
    answer(store, ana, other)
    pass_hours(store, silence, WORD)
    pass_hours(store, silence, CLOSE)
    assert {status(store, each) for each in (answered, other)} == {"resolved"}
    assert [h.status for h in list_handoffs_of(store, other)] == ["closed"]
