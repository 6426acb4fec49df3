"""Passing on and telling a time, as verbs: to a colleague who is there, or back to the queue for whom it is for."""

from __future__ import annotations

import pytest

from odziv.cases.conversations.release import release_conversation
from odziv.cases.conversations.targets import announce_target, get_current_handoff, prioritise
from odziv.cases.conversations.transfer import LONGEST_NOTE, QueueTarget, draft_note, pass_to_colleague, pass_to_queue
from odziv.cases.refused import Kind, Refused
from odziv.store.agents.agent import set_disabled
from odziv.store.agents.availability import renew_presence
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import list_messages


def test_a_colleague_who_is_there_gets_it_with_the_note(store, settings, ana, marek, taken):
    renew_presence(store, marek.id)
    note = draft_note(store, ana, "Speaks Polish.\r\nIs angry.")
    given_to = pass_to_colleague(store, settings, ana, taken, str(marek.id), note)
    assert given_to.name == "Marek" and find_conversation(store, taken).agent_id == marek.id
    said = list_messages(store, taken, internal=True)
    assert "Speaks Polish.\nIs angry." in [message.text for message in said if message.internal]


def test_who_is_not_at_the_desk_gets_nothing(store, settings, ana, marek, taken):
    with pytest.raises(Refused, match="isn’t at the desk"):
        pass_to_colleague(store, settings, ana, taken, str(marek.id), None)
    assert find_conversation(store, taken).agent_id == ana.id


def test_nor_does_who_passes_it_on(store, settings, ana, taken):
    renew_presence(store, ana.id)
    with pytest.raises(Refused, match="isn’t at the desk"):
        pass_to_colleague(store, settings, ana, taken, str(ana.id), None)


def test_only_who_has_it_passes_it_on(store, settings, ana, marek, taken):
    renew_presence(store, ana.id)
    with pytest.raises(Refused, match="you don’t have this conversation any more") as refused:
        pass_to_colleague(store, settings, marek, taken, str(ana.id), None)
    assert refused.value.kind is Kind.CONFLICT


def test_a_disabled_colleague_gets_nothing(store, settings, ana, marek, taken):
    renew_presence(store, marek.id)
    set_disabled(store, marek.id, True)
    with pytest.raises(Refused, match="Not passed on"):
        pass_to_colleague(store, settings, ana, taken, str(marek.id), None)


def test_back_in_the_queue_it_waits_for_a_language_with_the_target(store, settings, ana, taken):
    pass_to_queue(store, settings, ana, taken, QueueTarget("pl", None, 60), None)
    handoff = get_current_handoff(store, taken)
    assert (handoff.status, handoff.language, handoff.target_at) == ("waiting", "pl", store.clock() + 3_600_000)


@pytest.mark.parametrize("place", [QueueTarget("xx"), QueueTarget("en", "no-such-topic"), QueueTarget("en", None, 7)])
def test_there_is_no_such_place(store, settings, ana, taken, place):
    with pytest.raises(Refused) as refused:
        pass_to_queue(store, settings, ana, taken, place, None)
    assert refused.value.kind is Kind.INVALID and find_conversation(store, taken).agent_id == ana.id


def test_a_note_may_be_empty_but_not_endless(store, ana):
    assert draft_note(store, ana, " \r\n ") is None
    with pytest.raises(Refused) as refused:
        draft_note(store, ana, "x" * (LONGEST_NOTE + 1))
    assert refused.value.kind is Kind.UNFIT


def test_a_time_is_told_to_who_waits_and_only_to_them(store, ana, waiting):
    handoff = get_current_handoff(store, waiting)
    announce_target(store, ana, handoff.id, 30)
    assert get_current_handoff(store, waiting).target_at == store.clock() + 1_800_000
    with pytest.raises(Refused) as refused:
        announce_target(store, ana, handoff.id, 31)
    assert refused.value.kind is Kind.INVALID


def test_who_has_an_agent_waits_no_more(store, marek, taken):
    with pytest.raises(Refused, match="isn’t waiting any more"):
        announce_target(store, marek, get_current_handoff(store, taken).id, 30)


def test_any_agent_sets_the_priority_until_it_is_over(store, ana, marek, taken):
    handoff = get_current_handoff(store, taken)
    assert prioritise(store, marek, handoff.id, "urgent") == taken
    with pytest.raises(Refused) as refused:
        prioritise(store, marek, handoff.id, "soon")
    assert refused.value.kind is Kind.INVALID
    release_conversation(store, ana, taken, "resolved")
    with pytest.raises(Refused, match="this handoff is over"):
        prioritise(store, marek, handoff.id, "high")
    with pytest.raises(Refused, match="nobody has it"):
        get_current_handoff(store, taken)


def test_without_a_language_it_waits_for_the_conversations_own(store, settings, ana, taken):
    pass_to_queue(store, settings, ana, taken, QueueTarget(None), None)
    assert get_current_handoff(store, taken).language == "en"
    said = [message.text for message in list_messages(store, taken, internal=True)]
    assert "Ana passed this on to the queue: English." in said
