"""What fields hold: checked by kind, found, told to programs, needed to resolve, known wherever a customer is."""

from __future__ import annotations

import json
import re
from datetime import UTC

import pytest
from sqlalchemy import select

from odziv.cases.conversations.merge import merge
from odziv.cases.conversations.release import release_conversation
from odziv.cases.customer_data.page import Page
from odziv.cases.fields import catalogue
from odziv.cases.fields.catalogue import NewField
from odziv.cases.fields.values import MissingFields, fill_in, fill_in_all, read_value
from odziv.cases.macros.doing import find_hindrance
from odziv.cases.macros.steps import Steps, check_steps, load_names, tell_steps
from odziv.cases.refused import Refused
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import (
    change_owner,
    create_conversation,
    delete_conversation,
    find_conversation,
)
from odziv.store.conversations.messages import add_customer_message
from odziv.store.customers.known import load_documents
from odziv.store.customers.verified import identify_conversation, resume_or_create
from odziv.store.fields.fields import find_field
from odziv.store.fields.values import list_values, mark_values
from odziv.store.lengths import LONGEST_FIELD_VALUE
from odziv.store.mail.inbound import Incoming, keep_as_conversation
from odziv.store.schema import deliveries
from odziv.store.search.filters import Wanted
from odziv.store.search.finding import search
from odziv.store.search.listing import list_wanted
from odziv.store.webhooks.subscriptions import add_webhook
from tests.cases.conftest import hand_off
from tests.fixtures import set_contact


@pytest.fixture
def add(store, settings, ana):
    def add(name: str, **more) -> int:
        return catalogue.add_field(store, settings, ana, NewField(name, **more))

    return add


@pytest.fixture
def order(add) -> int:
    return add("Order")


@pytest.fixture
def plan(add) -> int:
    return add("Plan", about="customer", kind="choice", choices=("Gold", "Silver"))


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("text", "  4711 / A  ", "4711 / A"),
        ("text", "Žółć \u202e", "Žółć"),
        ("text", "a\x00b\nc", "ab c"),
        ("number", "12", "12"),
        ("number", "0012,50", "12.5"),
        ("number", "\u22123.10", "-3.1"),
        ("number", "-0", "0"),
        ("number", "1 250", "1250"),
        ("number", "0.000001", "0.000001"),
        ("date", "2026-11-30", "2026-11-30"),
        ("choice", "Gold", "Gold"),
        ("choice", "", ""),
        ("number", " ", ""),
    ],
)
def test_each_kind_is_kept_as_it_is_written(store, add, kind, typed, kept):
    field = find_field(store, add("F", kind=kind, choices=("Gold",) if kind == "choice" else ()))
    assert read_value(field, typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("text", "x" * (LONGEST_FIELD_VALUE + 1)),
        ("number", "twelve"),
        ("number", "1e9"),
        ("number", "NaN"),
        ("number", "1" * 16),
        ("number", "1.1234567"),
        ("number", "١٢"),
        ("date", "30.11.2026"),
        ("date", "2026-02-30"),
        ("date", "0001-01-01"),
        ("date", "2026-W48-1"),
        ("choice", "gold"),
        ("choice", "Platinum"),
    ],
)
def test_what_it_cannot_hold_is_refused_with_its_name_and_nothing_changes(store, ana, waiting, add, kind, typed):
    field = add("My field", kind=kind, choices=("Gold",) if kind == "choice" else ())
    with pytest.raises(Refused, match="Not saved: “My field”"):
        fill_in(store, ana, waiting, field, typed)
    assert list_values(store, waiting) == {}


def test_filled_in_by_anybody_changed_and_emptied_each_once(store, ana, marek, waiting, order):
    add_webhook(store, "https://x.example", ["conversation.field_changed"])
    before = mark_values(store, waiting)
    for _ in range(2):
        fill_in(store, marek, waiting, order, "4711")
    assert list_values(store, waiting) == {order: "4711"} and mark_values(store, waiting) != before
    for _ in range(2):
        fill_in(store, ana, waiting, order, "")
    assert list_values(store, waiting) == {} and mark_values(store, waiting) == before
    assert [(one.agent_id, one.detail) for one in list_entries(store, action="field_set")] == [
        (ana.id, {"field": "Order"}),
        (marek.id, {"field": "Order"}),
    ]
    with store.read() as connection:
        bodies = [json.loads(body) for body in connection.execute(select(deliveries.c.body)).scalars()]
    held = {"id": order, "name": "Order", "about": "conversation", "value": "4711"}
    assert [body["data"]["field"] for body in bodies] == [held, {**held, "value": None}]
    assert [body["data"]["conversation"]["fields"] for body in bodies] == [[held], []]


def test_of_several_all_or_none(store, ana, waiting, order, add):
    count = add("Count", kind="number")
    with pytest.raises(Refused, match="Count"):
        fill_in_all(store, ana, waiting, {order: "4711", count: "many"})
    assert list_values(store, waiting) == {}
    fill_in_all(store, ana, waiting, {order: "4711", count: "2"})
    assert list_values(store, waiting) == {order: "4711", count: "2"}


def test_one_of_another_site_or_none_is_refused(store, ana, waiting, add):
    for field in (add("Theirs", site="other"), 0, 4711, 2**62):
        with pytest.raises(Refused, match="no such field for this website"):
            fill_in(store, ana, waiting, field, "x")
    with pytest.raises(Refused, match="no such conversation"):
        fill_in(store, ana, "nowhere", 1, "x")


def test_needed_to_resolve_it_is_named_and_nothing_is_closed(store, settings, ana, taken, order, plan, add):
    catalogue.change_field(store, ana, order, NewField("Order", required=True))
    catalogue.change_field(store, ana, plan, NewField("Plan", choices=("Gold",), required=True))
    add("Other", site="other", required=True)
    with pytest.raises(MissingFields, match="fill in “Plan” and “Order” first"):
        release_conversation(store, ana, taken, "resolved")
    assert "“Plan” and “Order”" in find_hindrance(store, settings, ana, taken, Steps(end="resolve"))
    filled = Steps(fields={order: "4711", plan: "Gold"}, end="resolve")
    assert find_hindrance(store, settings, ana, taken, filled) is None
    assert find_conversation(store, taken).status == "open"
    fill_in(store, ana, taken, order, "4711")
    fill_in(store, ana, taken, plan, "Gold")
    release_conversation(store, ana, taken, "resolved")
    assert find_conversation(store, taken).status == "resolved"


def test_back_to_the_bot_needs_nothing(store, ana, taken, add):
    add("Order", required=True)
    release_conversation(store, ana, taken, "bot")
    assert find_conversation(store, taken).status == "bot"


def test_conversations_are_listed_and_found_by_what_fields_hold(store, ana, waiting, order, plan):
    other = hand_off(store)
    fill_in(store, ana, waiting, order, "Čevlji 4711/A")
    fill_in(store, ana, other, plan, "Silver")

    def listed(**wanted):
        return [one.id for one in list_wanted(store, Wanted(**wanted), "newest", None, 10)[0]]

    assert listed(field_id=order) == [waiting] and listed(field_id=plan) == [other]
    assert listed(field_id=order, field_value="cevlji 47") == [waiting]
    assert listed(field_id=order, field_value="%") == [waiting]  # nothing to compare, so anything
    assert listed(field_id=order, field_value="4712") == listed(field_id=4711) == []
    [hit], _ = search(store, "cevlj", Wanted(), 10, kind="field")
    assert (hit.conversation.id, hit.kind) == (waiting, "field")
    assert "".join(piece.text for piece in hit.pieces) == "Čevlji 4711/A"
    fill_in(store, ana, waiting, order, "Palica")
    assert [len(search(store, word, Wanted(), 10, kind="field")[0]) for word in ("cevlji", "palica")] == [0, 1]


def test_of_a_verified_customer_it_is_known_wherever_the_site_says_they_are(store, ana, waiting, order, plan):
    second, stranger, elsewhere = hand_off(store), hand_off(store), create_conversation(store, "other", "en").id
    for conversation_id, customer in ((waiting, "C1"), (second, "C1"), (stranger, "C2"), (elsewhere, "C1")):
        identify_conversation(store, conversation_id, customer)
    fill_in(store, ana, waiting, plan, "Gold")
    fill_in(store, ana, waiting, order, "4711")
    assert list_values(store, second) == {plan: "Gold"}
    assert list_values(store, stranger) == list_values(store, elsewhere) == {}
    third = resume_or_create(store, "demo", "C3", {}, {"language": "en"})
    assert list_values(store, third.id) == {}
    later = hand_off(store)
    identify_conversation(store, later, "C1")
    assert list_values(store, later) == {plan: "Gold"}
    fill_in(store, ana, later, plan, "")
    assert list_values(store, waiting) == {order: "4711"} and list_values(store, second) == {}


def test_a_new_chat_of_a_verified_customer_knows_it_from_the_start(store, ana, waiting, plan):
    identify_conversation(store, waiting, "C1")
    fill_in(store, ana, waiting, plan, "Gold")
    with store.write() as connection:
        change_owner(connection, waiting, "resolved", agent_id=None)
    opened = resume_or_create(store, "demo", "C1", {}, {"language": "en"})
    assert opened.id != waiting and list_values(store, opened.id) == {plan: "Gold"}


def test_an_address_that_anybody_may_have_typed_tells_nothing(store, ana, waiting, plan):
    other = hand_off(store)
    for each in (waiting, other):
        set_contact(store, each, email="maja@x.example")
    fill_in(store, ana, waiting, plan, "Gold")
    assert list_values(store, other) == {}


def test_mails_from_one_address_are_one_customers(store, ana, plan):
    def arrive(number: int, sender: str) -> str:
        mail = Incoming(identity=f"i{number}", message_id=None, sender=sender, subject="s", original="o")
        return keep_as_conversation(store, mail, None, "demo", "en", "Hello", "").conversation_id

    first = arrive(1, "maja@x.example")
    fill_in(store, ana, first, plan, "Gold")
    assert list_values(store, arrive(2, "maja@x.example")) == {plan: "Gold"}
    assert list_values(store, arrive(3, "other@x.example")) == {}


def test_merged_the_one_that_goes_on_knows_what_it_did_not(store, ana, taken, order, plan, add):
    away, note = hand_off(store), add("Note")
    for each in (taken, away):
        set_contact(store, each, email="maja@x.example")
    fill_in_all(store, ana, away, {order: "4711", plan: "Gold", note: "Away"})
    fill_in(store, ana, taken, note, "Here")
    merge(store, ana, taken, away, confirmed=True)
    assert list_values(store, taken) == {order: "4711", plan: "Gold", note: "Here"}
    fill_in(store, ana, taken, plan, "Silver")
    assert list_values(store, away)[plan] == "Silver"  # by now they are known to be one customer's


def test_exported_and_gone_with_the_conversation(store, ana, waiting, order, plan):
    fill_in_all(store, ana, waiting, {order: "4711", plan: "Gold"})
    with store.read() as connection:
        [document] = load_documents(connection, [waiting])
    assert document["fields"] == [
        {"about": "conversation", "name": "Order", "value": "4711"},
        {"about": "customer", "name": "Plan", "value": "Gold"},
    ]
    assert delete_conversation(store, waiting)
    assert list_values(store, waiting) == {} and search(store, "4711", Wanted(), 5)[0] == []


@pytest.mark.parametrize("language", ["sl", "hr", "pl", "en"])
def test_a_customer_reads_it_in_the_file_of_their_data(store, ana, waiting, order, language):
    fill_in(store, ana, waiting, order, "<b>4711</b>")
    with store.read() as connection:
        [document] = load_documents(connection, [waiting])
    told = Page(language, UTC).tell_conversation(document)
    assert re.search(r"Order \([^()]+\): &lt;b&gt;4711&lt;/b&gt;", told) and "<b>" not in told


def test_a_macro_fills_them_in_and_says_so(store, settings, ana, order, plan):
    named = load_names(store, settings)
    steps = Steps.model_validate({"fields": {str(order): "4711", str(plan): "Gold"}})
    check_steps(steps, named)
    assert tell_steps(steps, named)[0] == "Fills in the field Order: “4711”."
    with pytest.raises(Refused, match="“Plan” has to be one of its choices"):
        check_steps(Steps(fields={plan: "Platinum"}), named)
    with pytest.raises(Refused, match="archived"):
        check_steps(Steps(fields={4711: "x"}), named)


@pytest.mark.parametrize("text", ["\ufdfa" * LONGEST_FIELD_VALUE, "<script>", "'; DROP TABLE fields; --", "%_\\"])
def test_whatever_is_typed_is_kept_and_harms_nothing(store, ana, waiting, order, text):
    fill_in(store, ana, waiting, order, text)
    assert list_values(store, waiting) == {order: text}
    assert add_customer_message(store, waiting, "more", "Hello?", "")
