"""Snoozing, spam, merging and the customer's details, as verbs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from odziv.cases.conversations.customer import save_customer
from odziv.cases.conversations.merge import UnconfirmedMerge, merge
from odziv.cases.conversations.snooze import end_snooze, snooze
from odziv.cases.conversations.spam import mark_spam, unmark_spam
from odziv.cases.refused import Kind, Refused
from odziv.store.conversations.conversation import find_conversation
from odziv.store.handoffs.handoff import list_inbox, list_snoozed
from tests.cases.conftest import hand_off
from tests.fixtures import set_contact


def tomorrow(store) -> datetime:
    return datetime.fromtimestamp(store.clock() / 1000, UTC) + timedelta(days=1)


def test_what_is_snoozed_leaves_the_inbox_until_somebody_ends_it(store, ana, marek, taken):
    words = snooze(store, ana, taken, tomorrow(store))
    assert words.endswith("(UTC)") and not list_inbox(store, ana.id) and len(list_snoozed(store)) == 1
    end_snooze(store, marek, taken)
    assert [handoff.conversation_id for handoff in list_inbox(store, ana.id)] == [taken]
    with pytest.raises(Refused, match="isn’t snoozed any more"):
        end_snooze(store, marek, taken)


def test_only_who_has_it_snoozes_it(store, marek, taken):
    with pytest.raises(Refused, match="Take it first") as refused:
        snooze(store, marek, taken, tomorrow(store))
    assert refused.value.kind is Kind.CONFLICT


def test_spam_goes_out_of_the_lists_and_comes_back(store, ana, waiting):
    mark_spam(store, ana, waiting)
    assert find_conversation(store, waiting).status == "spam"
    with pytest.raises(Refused, match="marked as spam already"):
        mark_spam(store, ana, waiting)
    unmark_spam(store, ana, waiting)
    assert find_conversation(store, waiting).status == "queued"
    with pytest.raises(Refused, match="isn’t marked as spam any more"):
        unmark_spam(store, ana, waiting)


def test_what_a_colleague_has_is_not_marked_as_spam(store, marek, taken):
    with pytest.raises(Refused) as refused:
        mark_spam(store, marek, taken)
    assert refused.value.kind is Kind.CONFLICT and find_conversation(store, taken).status == "open"


def test_another_conversation_of_the_customer_is_merged_once_confirmed(store, ana, taken):
    other = hand_off(store, "And another thing.")
    for each in (taken, other):
        set_contact(store, each, email="eva@example.com")
    with pytest.raises(UnconfirmedMerge, match="Not merged") as refused:
        merge(store, ana, taken, other, confirmed=False)
    assert refused.value.kind is Kind.CONFLICT and find_conversation(store, other).status == "queued"
    merge(store, ana, taken, other, confirmed=True)
    assert find_conversation(store, other).status == "resolved"


def test_strangers_are_not_merged(store, ana, taken):
    with pytest.raises(Refused, match="Not merged"):
        merge(store, ana, taken, hand_off(store), confirmed=True)


def test_nothing_is_merged_with_what_there_is_not(store, ana, taken):
    with pytest.raises(Refused) as refused:
        merge(store, ana, taken, "0" * 32, confirmed=True)
    assert refused.value.kind is Kind.NOT_FOUND


def test_what_an_agent_was_told_of_the_customer_is_kept(store, taken):
    assert save_customer(store, taken, name="Eva", email="eva@example.com").name == "Eva"
    assert save_customer(store, taken, name=None).email == "eva@example.com"


def test_what_the_site_verified_is_not_typed_over(store, taken):
    set_contact(store, taken, customer="c-1", verified=True, name="Eva")
    with pytest.raises(Refused, match="the site says who this customer is"):
        save_customer(store, taken, name="Eve")
    with pytest.raises(Refused) as refused:
        save_customer(store, "0" * 32, name="Eve")
    assert refused.value.kind is Kind.NOT_FOUND
