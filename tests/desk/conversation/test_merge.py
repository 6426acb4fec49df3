"""Merging two conversations of a customer: who may, what happens to both, and what never happens."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import delete_conversation, find_conversation
from odziv.store.conversations.merges import list_merges
from odziv.store.conversations.messages import NewMessage, add_customer_message, list_messages
from odziv.store.handoffs.handoff import list_handoffs_of
from odziv.store.handoffs.reports import list_handoffs_between
from odziv.store.handoffs.scheduled_replies import schedule_reply
from odziv.store.schema import deliveries, turns
from odziv.store.webhooks.subscriptions import add_webhook
from odziv.texts.notices import notice
from tests.desk.conftest import hand_off
from tests.fixtures import set_contact

ANNA = "anna@customer.example"


@pytest.fixture
def other(store, taken):
    """Another one that waits, of the same verified customer."""
    other = hand_off(store, "Še nekaj drugega.")
    for each in (taken, other):
        set_contact(store, each.id, email=ANNA, customer="c-7", verified=True)
    return other


@pytest.fixture
def alike(store, taken, other):
    """The same, but only the typed e-mail address tells."""
    for each in (taken, other):
        set_contact(store, each.id, customer=None, verified=False)
    return other


def merge(person, taken, other, **fields):
    return person.post(f"{taken.path}/merge", **{"from": other.id, **fields})


def test_the_other_one_is_closed_and_each_links_to_the_other(store, ana, taken, other):
    assert merge(ana, taken, other).status_code == 303
    gone = find_conversation(store, other.id)
    [handoff] = list_handoffs_of(store, other.id)
    assert (gone.status, handoff.status, handoff.outcome) == ("resolved", "closed", "merged")
    said = [(m.text, m.internal) for m in list_messages(store, other.id, internal=True)][-2:]
    assert said == [
        (notice("merged", "sl"), False),
        (f"Ana Kovač merged this into conversation {taken.id[:6]}, where it goes on.", True),
    ]
    assert list_messages(store, taken.id, internal=True)[-1].text.startswith("Ana Kovač merged conversation")
    for one, another, words in ((taken, other, "was merged into this one"), (other, taken, "Merged into")):
        page = ana.get(one.path).get_data(as_text=True)
        assert words in page and f'href="{another.path}"' in page
    assert "Merged into another" in ana.get(taken.path).get_data(as_text=True)
    [entry] = list_entries(store, action="merged")
    assert (entry.object, entry.detail) == (f"conversation:{other.id}", {"into": taken.id, "because": "verified"})


def test_no_word_of_one_is_in_the_other(store, ana, taken, other):
    before = [m.text for m in list_messages(store, taken.id)]
    merge(ana, taken, other)
    assert [m.text for m in list_messages(store, taken.id)] == before
    assert all(m.text != before[0] for m in list_messages(store, other.id, internal=True))


def test_it_is_no_resolved_case_in_the_report(store, ana, taken, other):
    merge(ana, taken, other)
    outcomes = [row.outcome for row in list_handoffs_between(store, 0, 2**60)]
    assert sorted(outcomes, key=str) == [None, "merged"]


def test_the_same_address_alone_needs_a_word_of_the_agent(store, ana, taken, alike):
    page = ana.get(taken.path).get_data(as_text=True)
    assert "Merge into this one…" in page and "I am sure that this is the same customer" in page
    refused = merge(ana, taken, alike)
    assert refused.status_code == 409 and "confirm" in refused.get_data(as_text=True)
    assert find_conversation(store, alike.id).status == "queued"
    assert merge(ana, taken, alike, confirmed="1").status_code == 303
    assert list_entries(store, action="merged")[0].detail["because"] == "same e-mail"


def test_different_customers_are_never_merged(store, ana, taken, other):
    set_contact(store, other.id, email="another@x.example", customer="c-8")
    assert merge(ana, taken, other, confirmed="1").status_code == 409
    set_contact(store, other.id, email=None, customer=None, verified=False)
    assert merge(ana, taken, other, confirmed="1").status_code == 409
    assert find_conversation(store, other.id).status == "queued" and list_merges(store, other.id) == []


def test_only_into_what_one_has_and_never_from_a_colleague(store, ana, marek, taken, other):
    assert merge(marek, taken, other).status_code == 409
    marek.post(f"/desk/handoffs/{other.handoff}/claim")
    assert "Marek" in merge(ana, taken, other).get_data(as_text=True)
    assert find_conversation(store, other.id).status == "open"
    page = ana.get(taken.path).get_data(as_text=True)
    assert "Merge into this one" not in page


@pytest.mark.parametrize("name", ["", "nothing", "' OR 1=1 --", "<script>"])
def test_there_has_to_be_one(ana, taken, name):
    assert ana.post(f"{taken.path}/merge", **{"from": name}).status_code == 404


def test_not_into_itself_not_twice_and_not_unasked(store, ana, client, taken, other):
    assert merge(ana, taken, taken).status_code == 409
    assert client.post(f"{taken.path}/merge", data={"from": other.id}).status_code in {302, 303, 400}
    merge(ana, taken, other)
    assert merge(ana, taken, other).status_code == 409
    assert len(list_merges(store, taken.id)) == 1


def test_what_the_agent_said_there_is_sent_first_and_a_snooze_ends(store, ana, taken, other):
    ana.post(f"/desk/handoffs/{other.handoff}/claim")
    ana.post(f"{other.path}/snooze", until="tomorrow", zone="Europe/Ljubljana")
    schedule_reply(store, other.id, NewMessage("agent", "Trenutek.", "", agent_id=ana.agent.id), store.clock() + 60_000)
    assert merge(ana, taken, other).status_code == 303
    texts = [m.text for m in list_messages(store, other.id)]
    assert texts[-2:] == ["Trenutek.", notice("merged", "sl")]
    assert {h.status for h in list_handoffs_of(store, other.id)} == {"closed"}


def test_the_bot_says_nothing_more_in_it_until_the_customer_comes_back(store, ana, taken, other):
    with store.write() as connection:
        connection.exec_driver_sql(f"UPDATE conversations SET status = 'bot' WHERE id = '{other.id}'")
    add_customer_message(store, other.id, "c2", "Halo?", "")
    merge(ana, taken, other)
    with store.read() as connection:
        left = connection.execute(select(turns.c.status).where(turns.c.conversation_id == other.id)).scalars().all()
    assert "waiting" not in left
    add_customer_message(store, other.id, "c3", "Še enkrat", "")
    assert find_conversation(store, other.id).status == "bot"
    assert "Merged into" in ana.get(other.path).get_data(as_text=True)


def test_programs_hear_that_it_ended_and_where_it_goes_on(store, ana, taken, other):
    add_webhook(store, "https://shop.example/hook", ["conversation.resolved"])
    merge(ana, taken, other)
    with store.read() as connection:
        [body] = connection.execute(select(deliveries.c.body)).scalars()
    data = json.loads(body)["data"]
    assert (data["conversation"]["id"], data["merged_into"]) == (other.id, taken.id)


@pytest.mark.slow
@pytest.mark.parametrize("which", [0, 1])
def test_either_can_be_deleted(store, ana, taken, other, which):
    merge(ana, taken, other)
    one, left = ((taken, other), (other, taken))[which]
    delete_conversation(store, one.id)
    assert find_conversation(store, one.id) is None and list_merges(store, left.id) == []
    assert ana.get(left.path).status_code == 200
