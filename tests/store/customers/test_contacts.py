import pytest

from odziv.store.conversations.conversation import create_conversation, find_conversation
from odziv.store.customers.details import change_contact
from odziv.store.handoffs.handoff import add_handoff, list_handoffs_of


def test_a_field_is_set_and_the_others_stay(store):
    conversation = create_conversation(store, "demo", "sl")
    change_contact(store, conversation.id, email="ana@example.com", attributes={"plan": "gold", "orders": 3})
    change_contact(store, conversation.id, name="Ana")
    found = find_conversation(store, conversation.id)
    assert (found.name, found.email, found.verified) == ("Ana", "ana@example.com", False)
    assert found.attributes == {"plan": "gold", "orders": 3}
    assert found.channel == "widget"


def test_an_unknown_conversation_has_no_contact(store):
    assert change_contact(store, "nobody", name="Ana") is None


def test_status_cannot_be_changed_as_a_contact(store):
    conversation = create_conversation(store, "demo", "sl")
    with pytest.raises(ValueError, match="status"):
        change_contact(store, conversation.id, status="open")


def test_an_address_that_is_typed_anywhere_is_asked_for_no_more(store):
    store.mail_domain = "smreka.example"
    conversation = create_conversation(store, "demo", "sl")
    with store.write() as connection:
        add_handoff(connection, conversation.id, "requested", "sl", after_hours=True)
    change_contact(store, conversation.id, name="Ana")
    assert list_handoffs_of(store, conversation.id)[0].asks_email
    change_contact(store, conversation.id, email="ana@example.com")
    assert not list_handoffs_of(store, conversation.id)[0].asks_email
