"""Macros as verbs: all steps or none, tried without a trace, done when due, and taken back before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from odziv.cases.conversations.claim import claim_conversation
from odziv.cases.labels.catalogue import NewLabel, add_label
from odziv.cases.macros.doing import find_hindrance
from odziv.cases.macros.pressing import press_macro, undo
from odziv.cases.macros.steps import Steps
from odziv.cases.macros.worker import MOST_ATTEMPTS, ScheduledActions
from odziv.cases.refused import Refused
from odziv.store.agents.agent import set_disabled
from odziv.store.agents.availability import renew_presence
from odziv.store.agents.mentions import list_mentions
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import delete_conversation, find_conversation
from odziv.store.conversations.messages import add_customer_message, list_messages
from odziv.store.engine import DAY_MS
from odziv.store.handoffs.handoff import list_handoffs_of
from odziv.store.handoffs.leases import transfer_to_agent
from odziv.store.labels.marks import list_labels_of
from odziv.store.macros.scheduled_actions import LEASE_MS, list_batch, list_scheduled_of, take_action
from odziv.store.schema import scheduled_actions
from tests.cases.conftest import hand_off

DELAY = 5_000


@pytest.fixture
def vip(store, settings, ana) -> int:
    return add_label(store, settings, ana, NewLabel("VIP", "red")).id


@pytest.fixture
def worker(store, settings) -> ScheduledActions:
    return ScheduledActions(store, settings)


@pytest.fixture
def press(store, settings, ana):
    """Presses a macro; it is done after DELAY."""

    def press(conversation_id: str, steps: Steps, *, key="k1", seen=None, delay_ms=DELAY, by=ana) -> bool:
        return press_macro(store, settings, by, conversation_id, "Refund", steps, key=key, seen=seen, delay_ms=delay_ms)

    return press


def log(store, conversation_id: str) -> list[str]:
    return [message.text for message in list_messages(store, conversation_id, internal=True)]


def labels(store, conversation_id: str) -> list[str]:
    return [label.name for label in list_labels_of(store, [conversation_id]).get(conversation_id, [])]


def statuses(store) -> list[tuple[str, str | None]]:
    with store.read() as connection:
        rows = connection.execute(select(scheduled_actions.c.status, scheduled_actions.c.problem))
        return [(row.status, row.problem) for row in rows]


def all_of_it(vip: int) -> Steps:
    return Steps(labels_on=(vip,), priority="high", note="Refunded by hand", text="Your money is on its way.",
                 end="resolve")  # fmt: skip


def test_all_steps_in_their_order_when_it_is_due(store, ana, taken, vip, worker, press, clock):
    before = log(store, taken)
    assert press(taken, all_of_it(vip)) is True
    assert worker.look() == pytest.approx(1.0)  # it looks every second; nothing is due
    assert (log(store, taken), labels(store, taken)) == (before, []) and statuses(store) == [("waiting", None)]
    clock.advance(DELAY)
    worker.look()
    assert labels(store, taken) == ["VIP"] and find_conversation(store, taken).status == "resolved"
    ran, priority, note, reply, *_ = log(store, taken)[len(before) :]
    assert (ran, priority) == ("Ana ran the macro “Refund”.", "Ana set the priority to high.")
    assert (note, reply) == ("Refunded by hand", "Your money is on its way.")
    assert statuses(store) == [("done", None)] and list_entries(store, action="macro_run")[0].agent_id == ana.id


def test_taken_back_nothing_has_happened(store, ana, marek, taken, vip, worker, press, clock):
    before = log(store, taken)
    press(taken, all_of_it(vip))
    [waiting] = list_scheduled_of(store, taken)
    with pytest.raises(Refused):
        undo(store, marek, waiting.batch)  # another's
    for _ in range(2):
        assert [one.id for one in undo(store, ana, waiting.batch)] == [waiting.id]
    clock.advance(DELAY)
    worker.look()
    assert (log(store, taken), labels(store, taken)) == (before, []) and statuses(store) == [("undone", None)]
    assert len(list_entries(store, action="macro_undone")) == 1


def test_too_late_it_stays_done(store, ana, taken, vip, worker, press, clock):
    press(taken, Steps(labels_on=(vip,)))
    [waiting] = list_scheduled_of(store, taken)
    clock.advance(DELAY)
    worker.look()
    with pytest.raises(Refused, match="Too late"):
        undo(store, ana, waiting.batch)
    assert labels(store, taken) == ["VIP"]


def test_undo_and_the_thread_that_does_it_never_both_win(store, ana, taken, vip, worker, press, clock):
    for number in range(6):
        press(taken, Steps(note=f"Note {number}"), key=f"k{number}")
        clock.advance(DELAY)
        [waiting] = list_scheduled_of(store, taken)

        def take_back(batch=waiting.batch) -> bool:
            try:
                return bool(undo(store, ana, batch))
            except Refused:
                return False

        with ThreadPoolExecutor(2) as threads:
            undone, _ = threads.submit(take_back), threads.submit(worker.look)
        assert undone.result() is (f"Note {number}" not in log(store, taken))


def test_pressed_twice_it_is_one_press(store, taken, vip, worker, press, clock):
    for _ in range(3):
        assert press(taken, Steps(note="Once")) is True
    clock.advance(DELAY)
    worker.look()
    assert press(taken, Steps(note="Once")) is True
    worker.look()
    assert log(store, taken).count("Once") == 1


def test_at_once_where_nothing_can_be_undone(store, taken, vip, press):
    assert press(taken, all_of_it(vip), delay_ms=0) is False
    assert press(taken, all_of_it(vip), delay_ms=0) is False
    assert labels(store, taken) == ["VIP"] and log(store, taken).count("Your money is on its way.") == 1
    assert find_conversation(store, taken).status == "resolved" and statuses(store) == [("done", None)]


@pytest.mark.parametrize("delay_ms", [0, DELAY])
def test_refused_whole_before_it_waits(store, waiting, vip, press, delay_ms):
    before = log(store, waiting)
    with pytest.raises(Refused, match="waiting in the queue; take it first"):
        press(waiting, all_of_it(vip), delay_ms=delay_ms)
    assert (log(store, waiting), labels(store, waiting), statuses(store)) == (before, [], [])


def test_tried_it_leaves_no_trace(store, settings, ana, taken, vip):
    touched: list[set[str]] = []
    store.listen(touched.append)
    before = log(store, taken)
    assert find_hindrance(store, settings, ana, taken, all_of_it(vip)) is None
    assert (log(store, taken), labels(store, taken), touched) == (before, [], [])
    assert find_hindrance(store, settings, ana, taken, Steps(labels_on=(4711,))) == (
        "Nothing changed: there is no such label for this website any more."
    )


def test_taken_by_a_colleague_meanwhile_nothing_of_it_is_done_and_its_agent_is_told(
    store, ana, marek, taken, vip, worker, press, clock, settings
):
    press(taken, all_of_it(vip))
    assert transfer_to_agent(store, taken, ana.id, marek.id, None)
    before = log(store, taken)
    clock.advance(DELAY)
    worker.look()
    [told] = log(store, taken)[len(before) :]
    assert told == (
        "The macro “Refund” was not run, and nothing of it was done. Not sent: Marek has this conversation."
    )
    assert labels(store, taken) == [] and statuses(store) == [("refused", "Not sent: Marek has this conversation.")]
    assert [mention.conversation_id for mention in list_mentions(store, ana.id)] == [taken]


def test_what_the_customer_has_just_written_is_not_closed_unread(store, taken, worker, press, clock):
    seen = find_conversation(store, taken).last_seq
    press(taken, Steps(text="Done.", end="resolve"), seen=seen)
    add_customer_message(store, taken, "later", "One more thing!", "")
    clock.advance(DELAY)
    worker.look()
    assert find_conversation(store, taken).status == "open" and "Done." not in log(store, taken)
    [(status, problem)] = statuses(store)
    assert status == "refused" and "has written meanwhile" in problem


def test_of_somebody_who_is_out_nothing_is_done(store, ana, taken, worker, press, clock):
    press(taken, Steps(note="Late"))
    set_disabled(store, ana.id, True)
    clock.advance(DELAY)
    worker.look()
    assert "Late" not in log(store, taken) and statuses(store)[0][0] == "refused"


def test_killed_while_doing_it_another_does_it_once(store, taken, vip, worker, press, clock):
    press(taken, Steps(labels_on=(vip,), note="Once"))
    clock.advance(DELAY)
    killed = take_action(store)
    worker.look()
    assert labels(store, taken) == []  # it is another's, as far as is known
    clock.advance(LEASE_MS)
    worker.look()
    assert labels(store, taken) == ["VIP"] and log(store, taken).count("Once") == 1
    worker._do(killed)  # it was only slow
    assert log(store, taken).count("Once") == 1


def test_what_fails_again_and_again_is_given_up_with_a_word(store, taken, worker, press, clock, monkeypatch):
    def fail(*_args, **_more):
        raise OperationalError("x", None, Exception("disk full"))

    press(taken, Steps(note="Never"))
    monkeypatch.setattr("odziv.cases.macros.worker.do_steps", fail)
    clock.advance(DELAY)
    for _ in range(MOST_ATTEMPTS):
        worker.look()
        clock.advance(LEASE_MS)
    assert statuses(store)[0][0] == "refused" and "by hand" in log(store, taken)[-1]


@pytest.mark.parametrize(
    ("steps", "agent_has_it", "state"),
    [
        (Steps(end="snooze", snooze="week"), True, "snoozed"),
        (Steps(end="queue"), False, "waiting"),
        (Steps(end="queue", topic="orders"), False, "waiting"),
    ],
)
def test_it_can_end_in_other_ways(store, ana, taken, worker, press, clock, steps, agent_has_it, state):
    press(taken, steps)
    clock.advance(DELAY)
    worker.look()
    [handoff] = list_handoffs_of(store, taken)
    assert (handoff.status, handoff.agent_id == ana.id, handoff.topic) == (state, agent_has_it, steps.topic)


def test_given_to_a_colleague_who_is_there(store, settings, ana, marek, taken, worker, press, clock):
    steps = Steps(end="assign", to=marek.id)
    with pytest.raises(Refused, match="isn’t at the desk"):
        press(taken, steps)
    renew_presence(store, marek.id)
    press(taken, steps)
    clock.advance(DELAY)
    worker.look()
    assert find_conversation(store, taken).agent_id == marek.id


def test_a_reply_whose_text_is_gone_is_refused(press, taken):
    with pytest.raises(Refused, match="saved reply is deleted"):
        press(taken, Steps(reply=4711))


@pytest.mark.parametrize("text", ["x" * 10_001, "Hello {{customer.name}}"])
def test_a_reply_is_checked_as_one_that_is_typed(press, taken, text):
    with pytest.raises(Refused, match="Not sent"):
        press(taken, Steps(text=text))


def test_kept_by_a_version_that_is_no_more_it_is_refused_with_a_word(store, taken, worker, press, clock):
    press(taken, Steps(note="x"))
    with store.write() as connection:
        connection.execute(update(scheduled_actions).values(steps={"fly": True}))
    clock.advance(DELAY)
    worker.look()
    assert statuses(store) == [("refused", "This was made with another version. Please save it anew.")]


def test_with_the_conversation_it_goes_and_later_by_itself(store, ana, taken, worker, press, clock):
    press(taken, Steps(note="One"))
    assert delete_conversation(store, taken) and statuses(store) == []
    other = hand_off(store)
    claim_conversation(store, ana, other)
    press(other, Steps(note="Two"), key="k2")
    clock.advance(DELAY)
    worker.look()
    clock.advance(DAY_MS)
    worker.look()
    assert len(statuses(store)) == 1
    clock.advance(1)
    worker.look()
    assert statuses(store) == [] and list_batch(store, f"{ana.id}-k2", ana.id) == []


def test_nobody_presses_for_a_conversation_there_isn_t(press):
    with pytest.raises(Refused, match="no such conversation"):
        press("nowhere", Steps(note="x"))


def test_a_long_id_of_a_program_fits(store, taken, press):
    press(taken, Steps(note="Note", text="Text"), key="x" * 48, delay_ms=0)
    assert {"Note", "Text"} <= set(log(store, taken))
