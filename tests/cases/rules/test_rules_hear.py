"""What rules hear of beside messages: fields, who gets a conversation, and ratings; each once, and never by a rule."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from odziv.cases.conversations.claim import claim_conversation
from odziv.cases.conversations.reassign import assign, take_over
from odziv.cases.conversations.release import release_conversation
from odziv.cases.conversations.reopen import reopen_conversation
from odziv.cases.conversations.reply import draft_message, write_message
from odziv.cases.conversations.transfer import pass_to_colleague
from odziv.cases.fields.catalogue import NewField, add_field
from odziv.cases.fields.values import fill_in
from odziv.cases.labels.catalogue import NewLabel, add_label
from odziv.cases.labels.marking import put_label
from odziv.cases.macros.steps import load_names
from odziv.cases.refused import Refused
from odziv.cases.rules.dry_run import DAYS, try_rule
from odziv.cases.rules.terms import Terms, find_lost_terms, read_terms, tell_terms
from odziv.store.agents.agent import set_disabled
from odziv.store.agents.availability import renew_presence
from odziv.store.conversations.messages import NewMessage, append_message, list_messages
from odziv.store.conversations.ratings import rate_conversation
from odziv.store.engine import DAY_MS
from odziv.store.fields.fields import archive_field
from odziv.store.schema import rule_events
from tests.cases.conftest import hand_off


@pytest.fixture
def size(store, settings, ana) -> int:
    return add_field(store, settings, ana, NewField("Size"))


def times(store, conversation_id: str, name: str = "My rule") -> int:
    texts = [message.text for message in list_messages(store, conversation_id, internal=True)]
    return sum(text.startswith(f"The rule “{name}” ran") for text in texts)


def rate(store, conversation_id: str, score: int, about: str = "person", words: str | None = None) -> None:
    note = NewMessage("system", "rated", "", internal=True)
    rate_conversation(store, conversation_id, about, score, words, draft_note=lambda _new, _old: note)


def answer(store, ana, conversation_id: str) -> None:
    claim_conversation(store, ana, conversation_id)
    write_message(store, ana, conversation_id, draft_message(store, ana, "Dober dan!", "k", internal=False))


def test_a_field_that_is_filled_in_or_emptied(store, settings, ana, add, worker, size):
    other = add_field(store, settings, ana, NewField("Other"))
    add("field_changed", {"changed": size}, note="x")
    add("field_changed", note="x", name="Every")
    waiting = hand_off(store)
    for field_id, value in ((size, "M"), (size, "M"), (other, "y"), (size, "")):
        fill_in(store, ana, waiting, field_id, value)
        worker.look()
    assert (times(store, waiting), times(store, waiting, "Every")) == (2, 3)


def test_a_field_of_the_customer_is_heard_of_where_it_was_filled_in(store, settings, ana, add, worker):
    tax = add_field(store, settings, ana, NewField("Tax number", about="customer"))
    add("field_changed", {"changed": tax, "field": tax, "value": "si"}, note="x")
    waiting = hand_off(store)
    fill_in(store, ana, waiting, tax, "SI 123")
    worker.look()
    assert times(store, waiting) == 1
    fill_in(store, ana, waiting, tax, "HR 123")  # it holds something else
    worker.look()
    assert times(store, waiting) == 1


def test_whoever_gets_it_taken_given_passed_on_taken_over_or_reopened(store, settings, ana, marek, boss, add, worker):
    add("assigned", note="x", name="Every")
    add("assigned", {"given_to": marek.id}, note="x")
    for one in (ana, marek):
        renew_presence(store, one.id)
    waiting = hand_off(store)
    for done, every, mareks in (
        (lambda: claim_conversation(store, ana, waiting), 1, 0),
        (lambda: claim_conversation(store, ana, waiting), 1, 0),  # which she has
        (lambda: pass_to_colleague(store, settings, ana, waiting, str(marek.id), None), 2, 1),
        (lambda: take_over(store, settings, boss, waiting), 3, 1),
        (lambda: assign(store, settings, boss, waiting, str(marek.id)), 4, 2),
        (lambda: release_conversation(store, marek, waiting, "resolved"), 4, 2),
        (lambda: reopen_conversation(store, ana, waiting), 5, 2),
    ):
        done()
        worker.look()
        assert (times(store, waiting, "Every"), times(store, waiting)) == (every, mareks)


def test_a_rating_of_the_agent_or_of_the_assistant_so_low(store, ana, add, worker):
    add("person_rated", {"rating": 2}, priority="high", note="Call them", name="Angry")
    add("bot_rated", note="x", name="Bot")
    waiting = hand_off(store)
    answer(store, ana, waiting)
    rate(store, waiting, 3)
    worker.look()
    assert times(store, waiting, "Angry") == 0
    rate(store, waiting, 1, words="Nič")
    rate(store, waiting, 1, words="Nič")  # the same again
    worker.look()
    assert (times(store, waiting, "Angry"), times(store, waiting, "Bot")) == (1, 0)
    with store.write() as connection:
        append_message(connection, waiting, NewMessage("bot", "Odgovor", ""))
    rate(store, waiting, 5, "bot")
    worker.look()
    assert (times(store, waiting, "Angry"), times(store, waiting, "Bot")) == (1, 1)


def test_what_a_rule_does_with_these_sets_off_no_rule(store, settings, ana, add, worker, size):
    renew_presence(store, ana.id)
    add("handed_off", fields={size: "M"}, end="assign", to=ana.id, name="First")
    add("field_changed", fields={size: "L"}, name="Field")
    add("assigned", note="x", name="Given")
    waiting = hand_off(store)
    for _ in range(3):
        worker.look()
    assert (times(store, waiting, "First"), times(store, waiting, "Field"), times(store, waiting, "Given")) == (1, 0, 0)
    with store.read() as connection:
        assert list(connection.execute(select(rule_events.c.event)).scalars()) == ["handed_off"]
    fill_in(store, ana, waiting, size, "S")  # a person's is heard of, once
    for _ in range(3):
        worker.look()
    assert times(store, waiting, "Field") == 1


@pytest.mark.parametrize(
    ("event", "name"), [("labelled", "changed"), ("field_changed", "put_on"), ("assigned", "put_on"),
                        ("assigned", "changed"), ("labelled", "given_to"), ("field_changed", "given_to"),
                        ("field_changed", "rating"), ("assigned", "rating"), ("labelled", "rating"),
                        ("begun", "rating")]
)  # fmt: skip
def test_a_condition_of_another_event_holds_of_none(store, settings, ana, add, worker, size, event, name):
    """Though label, field, agent and score may have one number."""
    label = add_label(store, settings, ana, NewLabel("VIP", "red")).id
    assert size == label == ana.id
    add(event, {name: 1 if name != "rating" else 5}, note="x")
    waiting = hand_off(store)
    put_label(store, ana, waiting, label)
    fill_in(store, ana, waiting, size, "M")
    claim_conversation(store, ana, waiting)
    worker.look()
    assert times(store, waiting) == 0


@pytest.mark.parametrize("conditions", [{"rating": 0}, {"rating": 6}, {"changed": 4711}, {"given_to": 4711}])
def test_what_is_none_is_not_kept(add, conditions):
    with pytest.raises(Refused):
        add("begun", conditions, note="x")


def test_told_in_words_with_what_is_gone(store, settings, ana, marek, add, size):
    told = {"changed": size, "given_to": marek.id, "rating": 2}
    rule = add("field_changed", told, note="x", on=False)
    named = load_names(store, settings)
    when, condition, _then = tell_terms(read_terms(rule), settings, named, {})
    assert when == "a field is filled in, or emptied"
    assert condition == f"the field is Size, it goes to {marek.name} and the rating is 2 or lower"
    archive_field(store, size, ana.id, archived=True)
    set_disabled(store, marek.id, True)
    lost = find_lost_terms(Terms(event="begun", conditions=read_terms(rule).conditions), settings,
                           load_names(store, settings), {})  # fmt: skip
    assert lost == ["a field it asks for is archived.", "the agent it asks for has no account any more."]


def test_the_dry_run_knows_them_for_thirty_days(store, settings, ana, marek, add, clock, size):
    clock.advance(DAYS * DAY_MS)
    tax = add_field(store, settings, ana, NewField("Tax number", about="customer"))
    here, there = hand_off(store), hand_off(store)
    for value in ("M", "", "L"):
        fill_in(store, ana, here, size, value)
    fill_in(store, ana, there, tax, "SI 1")
    answer(store, ana, here)
    claim_conversation(store, marek, there)
    rate(store, here, 2)
    cases = [
        ("field_changed", {}, 4, 2),
        ("field_changed", {"changed": size}, 3, 1),
        ("field_changed", {"changed": tax}, 1, 1),
        ("assigned", {}, 2, 2),
        ("assigned", {"given_to": marek.id}, 1, 1),
        ("person_rated", {}, 1, 1),
        ("person_rated", {"rating": 1}, 0, 0),
        ("bot_rated", {}, 0, 0),
    ]
    rules = [(add(event, conditions, note="x", on=False), *expected) for event, conditions, *expected in cases]
    for rule, met, count in rules:
        found = try_rule(store, settings, rule)
        assert (found.times, found.count) == (met, count), rule
    clock.advance(DAYS * DAY_MS + 1)
    assert all(try_rule(store, settings, rule).count == 0 for rule, *_ in rules)
