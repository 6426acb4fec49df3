"""Releasing, as a verb: back to the bot, or resolved, by the agent who has it and nobody else."""

from __future__ import annotations

import pytest

from odziv.cases.conversations.release import release_conversation
from odziv.cases.refused import Kind, Refused
from odziv.store.conversations.conversation import find_conversation


@pytest.mark.parametrize("status", ["bot", "resolved"])
def test_who_has_it_releases_it(store, ana, taken, status):
    release_conversation(store, ana, taken, status)
    conversation = find_conversation(store, taken)
    assert (conversation.status, conversation.agent_id) == (status, None)


def test_nobody_else_does_and_they_hear_who_has_it(store, marek, taken):
    with pytest.raises(Refused, match="Nothing changed: Ana has this conversation") as refused:
        release_conversation(store, marek, taken, "resolved")
    assert refused.value.kind is Kind.CONFLICT and find_conversation(store, taken).status == "open"


def test_it_goes_nowhere_else(store, ana, taken):
    with pytest.raises(Refused) as refused:
        release_conversation(store, ana, taken, "spam")
    assert refused.value.kind is Kind.INVALID and find_conversation(store, taken).status == "open"


def test_an_unknown_conversation_is_not_found(store, ana):
    with pytest.raises(Refused) as refused:
        release_conversation(store, ana, "0" * 32, "bot")
    assert refused.value.kind is Kind.NOT_FOUND
