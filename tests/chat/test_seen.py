"""What agents wrote was on the customer's screen: who may say so, what is kept of it, and who reads it."""

from __future__ import annotations

import pytest

from odziv.chat.api import SEEN_PER_MINUTE
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import NewMessage
from odziv.store.conversations.seen import find_seen_at, note_seen
from odziv.store.handoffs.handoff import add_agent_message, claim, list_queue
from tests.fakes import HAND_OFF, PAYLOAD


def tell_seen(visitor, seq, **more):
    return visitor.client.post(f"{visitor.path}/seen", **{"headers": visitor.headers, "json": {"seq": seq}, **more})


@pytest.fixture
def of(store):
    return lambda visitor: find_conversation(store, visitor.id)


@pytest.fixture
def answered(visitor, services, run_turns, store, ana):
    """A customer whose agent has answered; the answer is the last message."""
    services.bot.says = HAND_OFF
    visitor.say("A person, please.")
    run_turns()
    (handoff,) = list_queue(store)
    claim(store, handoff.id, ana.id, NewMessage("system", "Ana.", "<p>Ana.</p>"))
    write(store, visitor, ana, "Hello!")
    return visitor


def write(store, visitor, agent, text, **more):
    return add_agent_message(store, visitor.id, agent.id, NewMessage("agent", text, f"<p>{text}</p>", **more))


def test_it_is_kept_with_the_moment_and_told_to_who_follows(answered, of, store, clock, services):
    last = of(answered).last_seq
    clock.advance(5_000)
    with services.hub.follow(answered.id) as followed:
        followed.take_change()
        assert tell_seen(answered, last).status_code == 204
        assert followed.take_change()
        now = of(answered)
        assert (now.seen_seq, now.seen_at) == (last, clock.now) and find_seen_at(store, now) == clock.now
        clock.advance(5_000)
        assert tell_seen(answered, last).status_code == 204  # again: nothing is written
        assert not followed.take_change() and of(answered) == now


def test_it_goes_forward_only(answered, of):
    last = of(answered).last_seq
    tell_seen(answered, last)
    tell_seen(answered, 1)
    assert of(answered).seen_seq == last


def test_nobody_has_seen_what_is_not_there_yet(answered, of, store, ana):
    tell_seen(answered, 2**31 - 1)
    assert of(answered).seen_seq == of(answered).last_seq
    write(store, answered, ana, "And one more.")
    assert find_seen_at(store, of(answered)) is None
    tell_seen(answered, of(answered).last_seq)
    assert find_seen_at(store, of(answered))


def test_of_what_the_bot_says_nothing_is_kept(visitor, services, run_turns, of):
    services.bot.says = [{"custom": PAYLOAD}]
    visitor.say("How do I return a tent?")
    run_turns()
    assert tell_seen(visitor, 2).status_code == 204
    assert (of(visitor).seen_seq, of(visitor).seen_at) == (0, None)


def test_a_note_is_no_answer(answered, of, store, ana):
    tell_seen(answered, of(answered).last_seq)
    before = of(answered).seen_seq
    write(store, answered, ana, "A note", internal=True)
    tell_seen(answered, of(answered).last_seq)
    assert of(answered).seen_seq == before and find_seen_at(store, of(answered))


def test_once_the_customer_has_answered_it_goes_without_saying(answered, of, store):
    tell_seen(answered, of(answered).last_seq)
    answered.say("Thanks!", "c2")
    assert find_seen_at(store, of(answered)) is None


def test_where_it_is_off_nothing_is_kept(answered, of, services):
    desk = services.settings.desk.model_copy(update={"read_receipts": False})
    services.settings = services.settings.model_copy(update={"desk": desk})
    assert tell_seen(answered, of(answered).last_seq).status_code == 204
    assert of(answered).seen_seq == 0


def test_of_two_tabs_the_later_number_stays(answered, of, store):
    stale = of(answered)
    assert note_seen(store, stale, stale.last_seq)
    assert not note_seen(store, stale, stale.last_seq)
    assert not note_seen(store, stale, stale.last_seq - 1)


@pytest.mark.parametrize("seq", [0, -1, 2**31, 1.5, "1", True, None, [], {}, "9" * 10_000])
def test_what_is_no_number_is_refused(answered, of, seq):
    assert tell_seen(answered, seq).status_code == 400
    assert of(answered).seen_seq == 0


def test_only_with_the_conversations_token(answered, open_conversation, of):
    other = open_conversation()
    assert tell_seen(answered, 1, headers={}).status_code == 401
    assert tell_seen(answered, 1, headers=other.headers).status_code == 404
    assert of(answered).seen_seq == 0


def test_not_without_end(answered):
    codes = [tell_seen(answered, 1).status_code for _ in range(SEEN_PER_MINUTE + 1)]
    assert codes == [204] * SEEN_PER_MINUTE + [429]
