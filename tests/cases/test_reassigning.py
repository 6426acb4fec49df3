"""Taking over from a colleague, and giving a conversation to one, as verbs: who may, who is told, and races."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from odziv.cases.conversations.claim import claim_conversation
from odziv.cases.conversations.reassign import assign, may_reassign, take_over
from odziv.cases.conversations.release import release_conversation
from odziv.cases.refused import Kind, Refused
from odziv.settings import Desk
from odziv.store.agents.agent import set_disabled
from odziv.store.agents.availability import renew_presence
from odziv.store.agents.mentions import count_unread, list_mentions
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import NewMessage, list_messages
from odziv.store.handoffs.handoff import list_inbox, list_queue, list_snoozed
from odziv.store.handoffs.scheduled_replies import schedule_reply
from odziv.store.handoffs.snoozes import snooze
from odziv.texts.notices import notice
from tests.fixtures import add_agent

ENTRY = NewMessage("system", "later", "", internal=True)


@pytest.fixture
def boss(store):
    """An administrator at the desk."""
    boss = replace(add_agent(store, "Vera"), role="admin")
    renew_presence(store, boss.id)
    return boss


@pytest.fixture
def everyone(settings):
    return settings.model_copy(update={"desk": Desk(take_over="everyone")})


def said(store, conversation_id: str) -> list[str]:
    return [message.text for message in list_messages(store, conversation_id, internal=True)]


def holder(store, conversation_id: str) -> int | None:
    return find_conversation(store, conversation_id).agent_id


def test_who_takes_over_has_it_and_everybody_is_told_once(store, settings, ana, boss, taken):
    for _ in range(2):  # a second press is harmless
        take_over(store, settings, boss, taken)
    assert holder(store, taken) == boss.id
    assert list_inbox(store, ana.id) == [] and [h.conversation_id for h in list_inbox(store, boss.id)] == [taken]
    assert said(store, taken)[-2:] == ["Vera took this over from Ana.", notice("joined", "en", name="Vera")]
    assert said(store, taken).count(notice("joined", "en", name="Vera")) == 1
    assert "took this over" not in str([message.text for message in list_messages(store, taken)])
    assert [(m.author, m.conversation_id) for m in list_mentions(store, ana.id)] == [("Vera", taken)]
    assert (count_unread(store, ana.id), count_unread(store, boss.id)) == (1, 0)
    [entry] = list_entries(store, action="taken_over")
    assert (entry.agent_id, entry.object) == (boss.id, f"conversation:{taken}")
    assert entry.detail == {"before": "Ana", "after": "Vera"}


def test_without_the_right_nothing_is_taken_or_given(store, settings, ana, marek, taken):
    renew_presence(store, ana.id)
    for verb in (lambda: take_over(store, settings, marek, taken), lambda: assign(store, settings, marek, taken, "1")):
        with pytest.raises(Refused) as refused:
            verb()
        assert refused.value.kind is Kind.FORBIDDEN
    assert holder(store, taken) == ana.id and not list_entries(store, action="taken_over")


@pytest.mark.parametrize(("role", "setting", "may"), [
    ("admin", "admins", True), ("admin", "everyone", True), ("editor", "admins", False), ("agent", "admins", False),
    ("editor", "everyone", True), ("agent", "everyone", True),
])  # fmt: skip
def test_administrators_always_others_by_the_setting(settings, ana, role, setting, may):
    desk = settings.model_copy(update={"desk": Desk(take_over=setting)})
    assert may_reassign(desk, replace(ana, role=role)) is may


def test_where_everybody_may_a_colleague_does(store, everyone, ana, marek, taken):
    take_over(store, everyone, marek, taken)
    assert holder(store, taken) == marek.id and count_unread(store, ana.id) == 1


def test_only_what_a_colleague_has_is_taken_over(store, settings, ana, boss, waiting):
    with pytest.raises(Refused, match="waiting in the queue; take it first"):
        take_over(store, settings, boss, waiting)
    claim_conversation(store, ana, waiting)
    release_conversation(store, ana, waiting, "resolved")
    with pytest.raises(Refused, match="is resolved"):
        take_over(store, settings, boss, waiting)
    with pytest.raises(Refused) as unknown:
        take_over(store, settings, boss, "nowhere")
    assert unknown.value.kind is Kind.NOT_FOUND


def test_a_snoozed_one_comes_back_with_the_taking(store, settings, ana, boss, taken):
    assert snooze(store, taken, ana.id, store.clock() + 60_000, ENTRY)
    take_over(store, settings, boss, taken)
    assert list_snoozed(store) == [] and [h.conversation_id for h in list_inbox(store, boss.id)] == [taken]


def test_what_was_kept_back_is_sent_before_the_other_comes(store, settings, ana, boss, taken):
    reply = NewMessage("agent", "One moment.", "", agent_id=ana.id, client_id="a")
    schedule_reply(store, taken, reply, 5_000)
    take_over(store, settings, boss, taken)
    texts = said(store, taken)
    assert texts.index("One moment.") < texts.index(notice("joined", "en", name="Vera"))


def test_given_by_an_administrator_both_are_told(store, settings, ana, marek, boss, taken):
    renew_presence(store, marek.id)
    assert assign(store, settings, boss, taken, str(marek.id)).name == "Marek"
    assert assign(store, settings, boss, taken, str(marek.id)).name == "Marek"
    assert holder(store, taken) == marek.id
    assert said(store, taken)[-2:] == ["Vera gave this to Marek. Ana had it.", notice("joined", "en", name="Marek")]
    assert [count_unread(store, one.id) for one in (ana, marek, boss)] == [1, 1, 0]
    [entry] = list_entries(store, action="reassigned")
    assert (entry.agent_id, entry.detail) == (boss.id, {"before": "Ana", "after": "Marek"})


def test_what_waits_is_given_too(store, settings, marek, boss, waiting):
    renew_presence(store, marek.id)
    assign(store, settings, boss, waiting, str(marek.id))
    assert holder(store, waiting) == marek.id and list_queue(store) == [] and count_unread(store, marek.id) == 1
    [entry] = list_entries(store, action="reassigned")
    assert (entry.agent_id, entry.detail) == (boss.id, {"after": "Marek"})


@pytest.mark.parametrize("to", ["", "0", "99", "queue", "marek@smreka.example", "1 OR 1=1"])
def test_to_whom_nobody_knows_nothing_is_given(store, settings, ana, boss, taken, to):
    with pytest.raises(Refused) as refused:
        assign(store, settings, boss, taken, to)
    assert refused.value.kind is Kind.CONFLICT and holder(store, taken) == ana.id


def test_nor_to_who_is_not_at_the_desk_or_disabled(store, settings, ana, marek, boss, taken):
    with pytest.raises(Refused, match="isn’t at the desk"):
        assign(store, settings, boss, taken, str(marek.id))
    renew_presence(store, marek.id)
    set_disabled(store, marek.id, True)
    with pytest.raises(Refused, match="isn’t at the desk"):
        assign(store, settings, boss, taken, str(marek.id))
    assert holder(store, taken) == ana.id


def test_what_the_bot_has_or_is_over_is_not_given(store, settings, ana, marek, boss, taken):
    renew_presence(store, marek.id)
    release_conversation(store, ana, taken, "bot")
    with pytest.raises(Refused, match="Not given to Marek: the bot has this conversation"):
        assign(store, settings, boss, taken, str(marek.id))


def test_ones_own_anybody_gives(store, settings, ana, marek, taken):
    renew_presence(store, marek.id)
    assert assign(store, settings, ana, taken, str(marek.id)).name == "Marek"
    assert list_entries(store, action="passed_on") and not list_entries(store, action="reassigned")


def test_of_many_who_take_over_at_once_each_change_was_from_who_had_it(store, everyone, ana, taken):
    people = [add_agent(store, f"Agent {chr(97 + number)}") for number in range(8)]

    def take(agent):
        try:
            take_over(store, everyone, agent, taken)
        except Refused as refused:
            assert refused.kind is Kind.CONFLICT and "has this conversation" in refused.problem
            return 0
        return 1

    with ThreadPoolExecutor(8) as threads:
        won = sum(threads.map(take, people))
    entries = [entry.detail for entry in reversed(list_entries(store, action="taken_over"))]
    names = ["Ana", *(entry["after"] for entry in entries)]
    assert won == len(entries) >= 1 and [entry["before"] for entry in entries] == names[:-1]
    assert find_conversation(store, taken).agent_name == names[-1]
