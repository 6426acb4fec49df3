"""A customer's other conversations are theirs, and nobody else's."""

from __future__ import annotations

import pytest

from odziv.store.conversations.conversation import create_conversation, delete_conversation, find_conversation
from odziv.store.conversations.messages import add_customer_message
from odziv.store.customers.details import VerifiedBySite, change_contact
from odziv.store.customers.other_conversations import is_same_customer, list_others
from odziv.store.engine import LISTS


def talk(store, said="Kje je paket?", site="demo", **contact):
    conversation = create_conversation(store, site, "sl", **contact)
    add_customer_message(store, conversation.id, "c1", said, said)
    return find_conversation(store, conversation.id)


def found(store, conversation):
    return {other.id: other.is_sure for other in list_others(store, conversation)}


def test_the_sites_own_id_finds_earlier_ones_of_the_same_site(store):
    now = talk(store, customer="7", verified=True)
    before = talk(store, customer="7", verified=True)
    talk(store, customer="7", verified=True, site="other")
    talk(store, customer="8", verified=True)
    talk(store, customer="7")
    assert found(store, now) == {before.id: True}


def test_a_typed_address_finds_the_same_address_and_is_never_sure(store):
    now = talk(store, email="a@x.example")
    typed, verified = talk(store, email="a@x.example"), talk(store, email="a@x.example", verified=True)
    assert found(store, now) == {typed.id: False, verified.id: False}
    assert found(store, verified) == {typed.id: False, now.id: False}


def test_the_same_verified_address_is_sure(store):
    now, before = talk(store, email="a@x.example", verified=True), talk(store, email="a@x.example", verified=True)
    assert found(store, now) == {before.id: True}
    assert is_same_customer(now, before)


def test_whoever_is_unknown_has_no_others(store):
    now = talk(store)
    talk(store)
    talk(store, verified=True)
    assert list_others(store, now) == []
    assert not is_same_customer(now, talk(store))


def test_what_it_was_about_is_what_was_said_first(store):
    now, before = talk(store, email="a@x.example"), talk(store, "Kje je šotor?", email="a@x.example")
    add_customer_message(store, before.id, "c2", "Halo?", "Halo?")
    create_conversation(store, "demo", "sl", email="a@x.example")  # nothing was written there
    [other] = list_others(store, now)
    assert (other.said, other.status, other.handoffs) == ("Kje je šotor?", "bot", 0)


def test_no_more_than_asked_for_newest_first(store):
    now = talk(store, email="a@x.example")
    others = [talk(store, email="a@x.example").id for _ in range(3)]
    assert len(list_others(store, now, limit=2)) == 2
    assert set(found(store, now)) == set(others)


def test_what_is_typed_is_kept_and_unknown_fields_are_refused(store):
    now = talk(store)
    assert change_contact(store, now.id, name="Ana", email="a@x.example").email == "a@x.example"
    with pytest.raises(ValueError, match="verified"):
        change_contact(store, now.id, verified=True)
    assert change_contact(store, "nobody", name="Ana") is None


def test_what_is_verified_cannot_be_typed_over(store):
    now = talk(store, email="a@x.example", verified=True)
    with pytest.raises(VerifiedBySite):
        change_contact(store, now.id, email="b@x.example")
    assert change_contact(store, now.id, language="hr").language == "hr"


def test_a_customer_who_changes_wakes_whoever_follows_once(store):
    now, touched = talk(store), []
    store.listen(lambda ids: touched.append(ids))
    change_contact(store, now.id, name="Ana")
    change_contact(store, now.id, name="Ana")
    assert touched == [{now.id, LISTS}]


def test_a_deleted_conversation_is_nobodys_earlier_one(store):
    now, before = talk(store, email="a@x.example"), talk(store, email="a@x.example")
    change_contact(store, before.id, name="x")
    delete_conversation(store, before.id)
    assert list_others(store, now) == []
