"""The way back: who waits goes on with the bot, unless somebody has come. Exactly one of the two happens."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from odziv.cases.overdue import list_overdue
from odziv.store import Store
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import NewMessage, add_customer_message, list_messages
from odziv.store.conversations.spam import mark_spam, unmark_spam
from odziv.store.conversations.turns import finish_turn, finish_turn_with_handoff
from odziv.store.handoffs.after_hours import keep_email, mark_after_hours
from odziv.store.handoffs.handoff import claim, list_handoffs_of, list_queue, release
from odziv.store.handoffs.queue_view import find_place, list_live, list_waiting
from odziv.store.handoffs.targets import mark_told, set_priority
from odziv.store.handoffs.waiting_times import list_recent_waits
from odziv.store.handoffs.withdrawals import withdraw
from odziv.store.handoffs.workload import measure_workload
from odziv.store.mail.notifications import list_waits
from odziv.store.schema import handoffs, mail_queue, notifications
from odziv.store.webhooks.events import EVENTS
from odziv.store.webhooks.subscriptions import add_webhook
from tests.fixtures import set_contact, take_turn
from tests.store.conversations.test_events import sent, types
from tests.store.handoffs.test_handoffs import hand_off

NOTICE = NewMessage("system", "a notice", "")
BACK = NewMessage("system", "back with the bot", "")


@pytest.fixture
def waiting(store: Store) -> str:
    return hand_off(store)


def said(store: Store, conversation_id: str) -> list[str]:
    return [message.text for message in list_messages(store, conversation_id)]


def test_the_bot_has_it_again_and_the_queue_counts_it_no_more(store: Store, waiting: str, ana):
    before = measure_workload(store, ana.id)
    after = withdraw(store, waiting, BACK)
    assert (after.status, after.agent_id, after.epoch) == ("bot", None, 2)
    [handoff] = list_handoffs_of(store, waiting)
    assert (handoff.status, handoff.outcome, handoff.agent_id) == ("closed", "withdrawn", None)
    assert handoff.closed_at is not None and handoff.claimed_at is None
    now = measure_workload(store, ana.id)
    assert (now.waiting, now.mine) == (0, 0) and now.queue_mark != before.queue_mark
    assert list_queue(store) == list_waiting(store) == list_live(store) == []
    assert find_place(store, waiting) is None


def test_the_log_keeps_what_was_written_and_the_bot_answers_what_comes_next(store: Store, waiting: str):
    add_customer_message(store, waiting, "c2", "hello?", "")
    withdraw(store, waiting, BACK)
    assert take_turn(store) is None  # what was written to a person stays theirs
    add_customer_message(store, waiting, "c3", "a question", "")
    turn = take_turn(store)
    assert turn.epoch == 2 and finish_turn(store, turn, NewMessage("bot", "an answer", ""))
    assert said(store, waiting)[2:] == ["hello?", "back with the bot", "a question", "an answer"]


def test_a_second_time_changes_nothing(store: Store, waiting: str):
    first = withdraw(store, waiting, BACK)
    assert withdraw(store, waiting, BACK) == first
    assert said(store, waiting).count("back with the bot") == 1
    assert len(list_entries(store, action="withdrawn")) == 1


def test_the_audit_trail_says_it_and_that_no_agent_did(store: Store, waiting: str):
    withdraw(store, waiting, BACK)
    [entry] = list_entries(store, action="withdrawn")
    assert (entry.agent_id, entry.object, entry.address) == (None, f"conversation:{waiting}", None)


def test_once_somebody_has_it_nothing_changes(store: Store, waiting: str, ana):
    claim(store, list_queue(store)[0].id, ana.id, NOTICE)
    before, log = find_conversation(store, waiting), said(store, waiting)
    assert withdraw(store, waiting, BACK) == before and before.status == "open"
    release(store, waiting, ana.id, "resolved", NOTICE)
    resolved = find_conversation(store, waiting)
    assert withdraw(store, waiting, BACK) == resolved and resolved.status == "resolved"
    assert said(store, waiting)[: len(log)] == log and "back with the bot" not in said(store, waiting)
    assert list_entries(store, action="withdrawn") == []


def test_there_is_nothing_to_withdraw_in_no_conversation(store: Store):
    assert withdraw(store, "missing", BACK) is None


@pytest.mark.slow
def test_of_a_claim_and_the_way_back_exactly_one_wins(store: Store, ana):
    for number in range(30):
        waiting, start = hand_off(store, f"person {number}"), threading.Barrier(2)
        handoff = list_queue(store)[0].id

        def take(start=start, handoff=handoff):
            start.wait()
            return claim(store, handoff, ana.id, NOTICE).won

        def go_back(start=start, waiting=waiting, late=number % 5):
            start.wait()
            time.sleep(late / 1000)  # a claim looks before it writes: this way each is first sometimes
            return withdraw(store, waiting, BACK).status

        with ThreadPoolExecutor(2) as threads:
            taken, status = threads.submit(take), threads.submit(go_back)
            won, status = taken.result(), status.result()
        now, [ended] = find_conversation(store, waiting), list_handoffs_of(store, waiting)
        assert (now.status, status, ended.status) == (("open",) * 2 + ("claimed",) if won else ("bot", "bot", "closed"))
        assert now.epoch == 2 and ("back with the bot" in said(store, waiting)) is not won


def test_a_claim_that_comes_late_hears_that_nobody_has_it(store: Store, waiting: str, ana):
    handoff = list_queue(store)[0].id
    withdraw(store, waiting, BACK)
    lost = claim(store, handoff, ana.id, NOTICE)
    assert (lost.won, lost.agent_name) == (False, None)
    assert find_conversation(store, waiting).status == "bot"


def test_who_asks_again_waits_anew_behind_the_others(store: Store, waiting: str):
    other = hand_off(store, "another")
    withdraw(store, waiting, BACK)
    add_customer_message(store, waiting, "c2", "a person after all", "")
    assert finish_turn_with_handoff(store, take_turn(store), "requested", "sl", NOTICE)
    assert [h.conversation_id for h in list_queue(store)] == [other, waiting]
    assert [h.outcome for h in list_handoffs_of(store, waiting)] == ["withdrawn", None]


def test_nothing_of_a_ticket_goes_on_but_the_address_stays(store: Store, waiting: str, ana, settings, clock):
    handoff = list_queue(store)[0]
    set_priority(store, handoff.id, "urgent", NOTICE)
    mark_after_hours(store, handoff.id, NOTICE)
    keep_email(store, waiting, "jana@smreka.example", None, NOTICE)
    withdraw(store, waiting, BACK)
    clock.now += 10 * 24 * 3_600_000
    assert list_overdue(store, settings) == [] and not mark_told(store, handoff.id, NOTICE)
    assert not mark_after_hours(store, handoff.id, NOTICE) and list_waits(store, ana.id, [waiting]) == []
    assert list_recent_waits(store, "sl", 0, 20) == []
    assert find_conversation(store, waiting).email == "jana@smreka.example"


def test_no_mail_goes_out_for_it(store: Store, waiting: str):
    store.mail_domain = "smreka.example"
    set_contact(store, waiting, email="jana@smreka.example")
    withdraw(store, waiting, BACK)
    with store.read() as connection:
        assert [
            connection.execute(select(func.count()).select_from(t)).scalar_one() for t in (mail_queue, notifications)
        ] == [0] * 2


def test_spam_that_waited_before_it_went_back_stays_the_bots_afterwards(store: Store, waiting: str, ana):
    withdraw(store, waiting, BACK)
    assert mark_spam(store, waiting, ana.id, NOTICE)
    assert withdraw(store, waiting, BACK).status == "spam"
    assert unmark_spam(store, waiting, ana.id, NOTICE)
    assert find_conversation(store, waiting).status == "bot" and list_queue(store) == []


@pytest.mark.parametrize("reason", ["complaint", "failure"])
def test_whatever_the_reason_was(store: Store, reason):
    waiting = hand_off(store)
    with store.write() as connection:
        connection.execute(handoffs.update().values(reason=reason))
    assert withdraw(store, waiting, BACK).status == "bot"


def test_programs_hear_that_it_waits_no_more_with_what_it_waited_for(store: Store):
    add_webhook(store, "https://shop.example/hook", EVENTS)
    waiting = hand_off(store)
    before = len(sent(store))
    withdraw(store, waiting, BACK)
    withdraw(store, waiting, BACK)
    told, notice = sent(store)[before:]
    assert (told["type"], notice["type"]) == ("conversation.withdrawn", "message.created")
    assert told["data"]["handoff"]["reason"] == "requested"
    assert {body["data"]["conversation"]["status"] for body in (told, notice)} == {"bot"}


def test_an_agent_who_hands_back_is_not_told_as_that(store: Store, waiting: str, ana):
    add_webhook(store, "https://shop.example/hook", EVENTS)
    claim(store, list_queue(store)[0].id, ana.id, NOTICE)
    release(store, waiting, ana.id, "bot", NOTICE)
    assert [kind for kind in types(store) if kind.startswith("conversation.")] == ["conversation.claimed"]
