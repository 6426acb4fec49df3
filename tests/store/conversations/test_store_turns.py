"""The bot's turns in the database: once each, one at a time, never over a person."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, insert, select, update

from odziv.store import Store
from odziv.store.conversations.conversation import (
    change_owner,
    create_conversation,
    delete_conversation,
    find_conversation,
)
from odziv.store.conversations.messages import NewMessage, add_customer_message, list_messages
from odziv.store.conversations.spam import mark_spam, unmark_spam
from odziv.store.conversations.turns import (
    LEASE_MS,
    Turn,
    conversation_of,
    find_next_turn,
    finish_turn,
    finish_turn_with_handoff,
    return_running_turns,
    skip_turn,
    try_turn_later,
)
from odziv.store.engine import LISTS
from odziv.store.handoffs.handoff import list_queue
from odziv.store.schema import conversations, handoffs, mail_queue, messages, turns
from tests.fixtures import take_turn
from tests.waiting_turns import has_waiting_turns

REPLY = NewMessage("bot", "an answer", "<p>an answer</p>")
NOTICE = NewMessage("system", "a person will come", "<p>a person will come</p>")


@pytest.fixture
def conversation(store: Store):
    return create_conversation(store, "demo", "en")


def write(store: Store, conversation_id: str, count: int = 1) -> None:
    for number in range(count):
        add_customer_message(store, conversation_id, f"c{number}", f"text {number}", "")


def said(store: Store, conversation_id: str) -> list[str]:
    return [m.text for m in list_messages(store, conversation_id) if m.sender != "customer"]


@pytest.mark.slow
def test_sixteen_threads_take_each_turn_once_and_one_a_conversation(store: Store):
    ids = [create_conversation(store, "demo", "en").id for _ in range(6)]
    for conversation_id in ids:
        write(store, conversation_id, 5)
    running, taken, lock = Counter(), [], threading.Lock()

    def work(_: int) -> None:
        while has_waiting_turns(store):
            if (turn := take_turn(store)) is None:
                continue
            with lock:
                running[turn.conversation_id] += 1
                taken.append((turn.conversation_id, turn.seq))
                assert running[turn.conversation_id] == 1
            with lock:
                running[turn.conversation_id] -= 1
            assert finish_turn(store, turn, REPLY)

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(work, range(16)))
    assert sorted(taken) == sorted((i, seq) for i in ids for seq in range(1, 6))
    assert [len(said(store, i)) for i in ids] == [5] * 6


def test_turns_of_a_conversation_come_in_order_and_wait_for_each_other(store: Store, conversation):
    write(store, conversation.id, 2)
    first = take_turn(store)
    assert (first.seq, first.text, first.attempts) == (1, "text 0", 1)
    assert take_turn(store) is None
    assert has_waiting_turns(store)
    finish_turn(store, first, REPLY)
    assert take_turn(store).seq == 2


def test_the_longest_waiting_conversation_comes_first(store: Store):
    ids = [create_conversation(store, "demo", "en").id for _ in range(3)]
    for milliseconds, conversation_id in zip((300, 100, 200), ids, strict=True):
        store.clock.now = milliseconds
        write(store, conversation_id)
    store.clock.now = 300
    assert [take_turn(store).conversation_id for _ in ids] == [ids[1], ids[2], ids[0]]


def test_a_reply_is_stored_with_what_it_reacts_to(store: Store, conversation):
    write(store, conversation.id)
    assert finish_turn(store, take_turn(store), REPLY)
    reply = list_messages(store, conversation.id)[-1]
    assert (reply.sender, reply.reply_to, reply.html) == ("bot", 1, "<p>an answer</p>")
    assert not has_waiting_turns(store)


@pytest.mark.parametrize("status", ["queued", "open", "resolved", "bot"])
def test_after_a_change_of_owner_the_bot_says_nothing(store: Store, conversation, status):
    write(store, conversation.id)
    turn = take_turn(store)
    with store.write() as connection:
        change_owner(connection, conversation.id, status, agent_id=None)
    assert not finish_turn(store, turn, REPLY)
    assert not finish_turn_with_handoff(store, turn, "requested", "en", NOTICE, REPLY)
    assert said(store, conversation.id) == []
    assert list_queue(store) == []
    assert take_turn(store) is None


def test_a_turn_finished_twice_is_answered_once(store: Store, conversation):
    write(store, conversation.id)
    turn = take_turn(store)
    assert finish_turn(store, turn, REPLY)
    assert not finish_turn(store, turn, REPLY)
    assert not finish_turn_with_handoff(store, turn, "requested", "en", NOTICE)
    assert said(store, conversation.id) == ["an answer"]


def test_a_turn_taken_again_is_answered_once_though_two_work_on_it(store: Store, conversation):
    write(store, conversation.id)
    slow = take_turn(store)
    return_running_turns(store)
    quick = take_turn(store)
    assert [finish_turn(store, quick, REPLY), finish_turn(store, slow, REPLY)] == [True, False]
    assert said(store, conversation.id) == ["an answer"]


def test_a_handoff_is_notice_queue_and_owner_at_once(store: Store, conversation):
    write(store, conversation.id)
    assert finish_turn_with_handoff(store, take_turn(store), "complaint", "sl", NOTICE, REPLY)
    handoff, shown = list_queue(store)[0], find_conversation(store, conversation.id)
    assert (handoff.conversation_id, handoff.reason, handoff.language) == (conversation.id, "complaint", "sl")
    assert (shown.status, shown.epoch, shown.agent_id) == ("queued", 1, None)
    assert [(m.sender, m.reply_to) for m in list_messages(store, conversation.id, 1)] == [("bot", None), ("system", 1)]


def test_a_handoff_that_fails_half_way_leaves_the_turn_as_it_was(store: Store, conversation, monkeypatch):
    write(store, conversation.id)
    turn = take_turn(store)
    monkeypatch.setattr("odziv.store.conversations.turns.add_handoff", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        finish_turn_with_handoff(store, turn, "complaint", "sl", NOTICE, REPLY)
    assert said(store, conversation.id) == []
    assert find_conversation(store, conversation.id).status == "bot"
    assert finish_turn(store, turn, REPLY)


def test_a_handoff_leaves_the_waiting_turns_to_the_person(store: Store, conversation):
    write(store, conversation.id, 3)
    finish_turn_with_handoff(store, take_turn(store), "requested", "en", NOTICE)
    assert take_turn(store) is None
    assert not has_waiting_turns(store)


def test_the_bots_own_talk_changes_no_list_of_the_desk_and_what_a_person_gets_does(store: Store, conversation):
    heard: list[set[str]] = []
    store.listen(heard.append)
    write(store, conversation.id)
    assert finish_turn(store, take_turn(store), REPLY)
    assert heard == [{conversation.id}] * 2
    add_customer_message(store, conversation.id, "help", "a person, please", "")
    assert finish_turn_with_handoff(store, take_turn(store), "requested", "en", NOTICE)
    assert heard[2:] == [{conversation.id}, {conversation.id, LISTS}]
    add_customer_message(store, conversation.id, "more", "it is urgent", "")
    assert heard[4:] == [{conversation.id, LISTS}]
    with store.write() as connection:
        change_owner(connection, conversation.id, "resolved", agent_id=None)
    add_customer_message(store, conversation.id, "back", "one more thing", "")
    assert heard[6:] == [{conversation.id, LISTS}]  # it leaves whatever list it was in


def test_a_restart_picks_up_what_was_under_way(store: Store, conversation):
    write(store, conversation.id)
    take_turn(store)
    assert return_running_turns(store) == 1
    assert take_turn(store).attempts == 2


def test_a_returned_turn_is_taken_again_and_a_finished_one_is_not(store: Store, conversation):
    write(store, conversation.id)
    turn = take_turn(store)
    try_turn_later(store, turn, store.clock())
    again = take_turn(store)
    assert again.attempts == 2
    finish_turn(store, again, REPLY)
    try_turn_later(store, again, store.clock())
    assert take_turn(store) is None


def test_a_skipped_turn_frees_its_conversation(store: Store, conversation):
    write(store, conversation.id, 2)
    skip_turn(store, take_turn(store))
    assert take_turn(store).seq == 2


def test_the_button_comes_with_the_turn(store: Store, conversation):
    button = {"title": "Yes", "kind": "choice", "intent": "choose_article", "article": "orders/return"}
    add_customer_message(store, conversation.id, "c1", "Yes", "", button)
    assert take_turn(store).button == button


def test_a_turn_of_a_deleted_conversation_ends_quietly(store: Store, conversation):
    write(store, conversation.id)
    turn = take_turn(store)
    delete_conversation(store, conversation.id)
    assert conversation_of(store, turn) is None
    assert not finish_turn(store, turn, REPLY)
    assert not finish_turn(store, Turn("never", 1, 0, "", None, 1), REPLY)


# ---- leases, tries and order


def test_a_turn_whose_worker_is_gone_is_taken_by_another_without_a_restart(store: Store, conversation):
    write(store, conversation.id, 2)
    assert take_turn(store).attempts == 1  # and nothing is heard of it again
    store.clock.advance(LEASE_MS - 1)
    assert take_turn(store) is None and find_next_turn(store) == store.clock() + 1
    store.clock.advance(1)
    again = take_turn(store)
    assert (again.seq, again.attempts) == (1, 2)
    assert finish_turn(store, again, REPLY) and take_turn(store).seq == 2


def _hand_off(store: Store, turn: Turn) -> bool:
    return finish_turn_with_handoff(store, turn, "requested", "en", NOTICE, REPLY)


LATE = {
    "answers": lambda store, turn: finish_turn(store, turn, REPLY),
    "hands off": _hand_off,
    "skips": skip_turn,
    "gives back": lambda store, turn: try_turn_later(store, turn, store.clock()),
}


def everything(store: Store) -> list[list[tuple]]:
    """What a turn could change, row by row."""
    with store.read() as connection:
        tables = (turns, messages, conversations, handoffs, mail_queue)
        return [[tuple(row) for row in connection.execute(select(table))] for table in tables]


@pytest.mark.slow
@pytest.mark.parametrize("late", LATE.values(), ids=LATE.keys())
@pytest.mark.parametrize("ends", [LATE["answers"], LATE["hands off"], LATE["skips"], None])
def test_who_outlives_the_lease_changes_nothing(store: Store, conversation, late, ends):
    write(store, conversation.id)
    slow = take_turn(store)
    store.clock.advance(LEASE_MS)
    quick = take_turn(store)
    if ends is not None:
        ends(store, quick)
    before, heard = everything(store), []
    store.clock.advance(1)
    store.listen(heard.append)
    assert not late(store, slow)
    assert everything(store) == before and heard == []
    if ends is None:
        assert finish_turn(store, quick, REPLY) and said(store, conversation.id) == ["an answer"]


def test_a_turn_from_before_it_was_called_spam_changes_nothing(store: Store, conversation, ana):
    write(store, conversation.id)
    slow = take_turn(store)
    mark_spam(store, conversation.id, ana.id, NOTICE)
    unmark_spam(store, conversation.id, ana.id, NOTICE)
    again = take_turn(store)
    assert (again.seq, again.attempts) == (slow.seq, slow.attempts)
    assert not finish_turn(store, slow, REPLY)
    assert finish_turn(store, again, REPLY)


def test_a_turn_that_waits_for_its_next_try_holds_up_its_conversation_alone(store: Store, conversation):
    write(store, conversation.id, 2)
    try_turn_later(store, take_turn(store), store.clock() + 400)
    other = create_conversation(store, "demo", "en")
    write(store, other.id)
    assert take_turn(store).conversation_id == other.id
    assert take_turn(store) is None and find_next_turn(store) == store.clock() + 400
    store.clock.advance(400)
    first = take_turn(store)
    assert (first.conversation_id, first.seq, first.attempts) == (conversation.id, 1, 2)
    assert take_turn(store) is None
    finish_turn(store, first, REPLY)
    assert take_turn(store).seq == 2


def test_after_a_restart_what_was_under_way_keeps_its_place(store: Store, conversation):
    write(store, conversation.id)
    take_turn(store)
    store.clock.advance(1)
    write(store, create_conversation(store, "demo", "en").id)
    store.clock.advance(1)
    return_running_turns(store)
    assert take_turn(store).conversation_id == conversation.id


def test_after_a_restart_nothing_waits_for_a_clock_that_was_set_back(store: Store, conversation):
    write(store, conversation.id)
    take_turn(store)
    other = create_conversation(store, "demo", "en")
    write(store, other.id)
    store.clock.advance(-3_600_000)
    assert take_turn(store) is None
    assert return_running_turns(store) == 2
    assert {take_turn(store).conversation_id for _ in range(2)} == {conversation.id, other.id}


@pytest.mark.sqlite  # tests/store/database/test_postgresql_plans.py asks PostgreSQL
@pytest.mark.parametrize("finished", [0, 3000])
def test_what_is_asked_in_a_turn_reads_none_that_are_over(store: Store, conversation, finished):
    add_finished(store, conversation.id, finished)
    write(store, conversation.id)
    asked: dict[str, tuple] = {}

    def note(_connection, _cursor, statement: str, parameters: tuple, _context, _many) -> None:
        if "turns" in statement:
            asked[statement] = parameters

    for engine in (store._writer, store._reader):
        event.listen(engine, "before_cursor_execute", note)
    finish_turn(store, take_turn(store), REPLY)
    assert find_next_turn(store) is None
    for engine in (store._writer, store._reader):
        event.remove(engine, "before_cursor_execute", note)
    assert len(asked) == 6  # a look, the claim, the turn, the two that finish it, and when the next is due
    with store.read() as connection:
        explained = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {each}", asked[each]).all() for each in asked]
    plans = [step[3] for steps in explained for step in steps]
    assert any("SEARCH turns USING INDEX ix_turns_due" in step for step in plans)
    assert any("SEARCH earlier USING INDEX ix_turns_unfinished" in step for step in plans)
    assert not [step for step in plans if step.startswith("SCAN")]


def add_finished(store: Store, conversation_id: str, count: int) -> None:
    """So many turns that are over, with what a planner knows of them then."""
    same = {"conversation_id": conversation_id, "status": "done", "epoch": 0, "attempts": 1}
    moments = ("created_at", "due_at", "finished_at")
    with store.write() as connection:
        if count:
            rows = [{**same, **dict.fromkeys(moments, seq), "seq": seq} for seq in range(1, count + 1)]
            connection.execute(insert(turns), rows)
            connection.execute(update(conversations).values(last_seq=count))
            connection.exec_driver_sql("ANALYZE")
