"""Claiming, as a verb: exactly one agent wins, the others are refused with words, and who wins twice loses nothing."""

from __future__ import annotations

import pytest

from odziv.cases.conversations.claim import claim_conversation, claim_handoff, claim_next
from odziv.cases.conversations.release import release_conversation
from odziv.cases.refused import Kind, Refused
from odziv.store.agents.availability import renew_presence
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import list_messages
from tests.cases.conftest import hand_off


@pytest.mark.slow
def test_who_claims_has_it_and_the_customer_is_told(store, ana, waiting):
    assert claim_conversation(store, ana, waiting).won
    assert find_conversation(store, waiting).agent_id == ana.id
    assert "Ana" in list_messages(store, waiting)[-1].text


def test_who_claims_twice_loses_nothing_and_is_announced_once(store, ana, taken):
    before = len(list_messages(store, taken))
    assert not claim_conversation(store, ana, taken).won
    assert len(list_messages(store, taken)) == before


def test_who_comes_late_hears_who_has_it(store, marek, taken):
    with pytest.raises(Refused, match="Ana has it already") as refused:
        claim_conversation(store, marek, taken)
    assert refused.value.kind is Kind.CONFLICT


def test_what_is_resolved_waits_for_nobody(store, ana, marek, taken):
    release_conversation(store, ana, taken, "resolved")
    with pytest.raises(Refused, match="doesn't wait for a person"):
        claim_conversation(store, marek, taken)


def test_an_unknown_handoff_is_not_found(store, ana):
    with pytest.raises(Refused) as refused:
        claim_handoff(store, ana, 4711)
    assert refused.value.kind is Kind.NOT_FOUND


def test_the_next_is_who_came_first(store, settings, clock, ana):
    renew_presence(store, ana.id)
    first = hand_off(store)
    clock.advance(1000)
    second = hand_off(store)
    assert [claim_next(store, settings, ana).conversation_id for _ in range(3)] == [first, second, None]
