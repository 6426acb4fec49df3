"""The list of rules, what is none, how they are told, and the dry run, which changes nothing."""

from __future__ import annotations

import pytest

from odziv.cases.conversations.claim import claim_conversation
from odziv.cases.conversations.release import release_conversation
from odziv.cases.labels.catalogue import NewLabel, add_label, delete_label
from odziv.cases.labels.marking import put_label
from odziv.cases.macros.steps import load_names
from odziv.cases.refused import Kind, Refused
from odziv.cases.rules import catalogue
from odziv.cases.rules.dry_run import DAYS, try_rule
from odziv.cases.rules.terms import WHENS, Terms, find_lost_terms, read_terms, tell_terms
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import add_customer_message, list_messages
from odziv.store.engine import DAY_MS, HOUR_MS
from odziv.store.lengths import LONGEST_RULE_NAME
from odziv.store.rules import rules as stored
from odziv.store.rules.events import EVENTS
from odziv.store.rules.rules import list_rules, raise_rule
from tests.cases.conftest import hand_off


def test_added_off_switched_changed_ordered_and_deleted(store, settings, boss, add):
    first = add("begun", on=False, name="First", note="x")
    second = add("resolved", on=False, name="Second", note="y")
    assert [rule.is_on for rule in list_rules(store)] == [False, False]
    for on in (True, True, False):
        catalogue.switch_rule(store, boss, first.id, on=on)
    terms = Terms.model_validate({"event": "handed_off", "actions": {"steps": {"note": "z"}}})
    catalogue.save_rule(store, settings, boss, "Changed", terms, rule_id=first.id)
    raise_rule(store, second.id)
    raise_rule(store, second.id)
    assert [(rule.name, rule.event) for rule in list_rules(store)] == [
        ("Second", "resolved"),
        ("Changed", "handed_off"),
    ]
    catalogue.delete_rule(store, boss, first.id)
    with pytest.raises(Refused):
        catalogue.delete_rule(store, boss, first.id)
    kept = [entry.action for entry in list_entries(store) if entry.action.startswith("rule")]
    assert sorted(kept) == sorted(["rule_saved"] * 3 + ["rule_on", "rule_off", "rule_deleted"])


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "x" * (LONGEST_RULE_NAME + 1), "\x00"])
def test_a_name_can_be_read_and_is_short(add, store, name):
    with pytest.raises(Refused, match="name of up to"):
        add("begun", name=name, note="x")
    assert list_rules(store) == []


@pytest.mark.parametrize(
    ("event", "conditions", "steps", "more"),
    [
        ("never", {}, {"note": "x"}, {}),
        ("begun", {}, {}, {}),
        ("quiet", {}, {"note": "x"}, {}),
        ("quiet", {}, {"note": "x"}, {"hours": 0}),
        ("quiet", {}, {"note": "x"}, {"hours": 24 * 90 + 1}),
        ("begun", {"language": "xx"}, {"note": "x"}, {}),
        ("begun", {"channel": "fax"}, {"note": "x"}, {}),
        ("begun", {"site": "nowhere"}, {"note": "x"}, {}),
        ("begun", {"priority": "extreme"}, {"note": "x"}, {}),
        ("begun", {"hours": "sometimes"}, {"note": "x"}, {}),
        ("begun", {"customer": "rich"}, {"note": "x"}, {}),
        ("begun", {"label": 4711}, {"note": "x"}, {}),
        ("begun", {"without_label": 4711}, {"note": "x"}, {}),
        ("labelled", {"put_on": 4711}, {"note": "x"}, {}),
        ("begun", {"field": 4711}, {"note": "x"}, {}),
        ("begun", {"words": ["…"]}, {"note": "x"}, {}),
        ("begun", {"words": ["a"] * 51}, {"note": "x"}, {}),
        ("begun", {"words": ["a" * 10_000]}, {"note": "x"}, {}),
        ("begun", {}, {"note": "x" * 9000}, {}),
        ("begun", {}, {"labels_on": [4711]}, {}),
        ("begun", {}, {"reply": 4711}, {}),
        ("begun", {}, {"end": "spam"}, {}),
        ("begun", {}, {"end": "queue"}, {}),
        ("begun", {}, {"end": "assign", "to": 4711}, {}),
        ("begun", {}, {}, {"macro": 4711}),
    ],
)
def test_what_is_none_is_not_kept(store, add, event, conditions, steps, more):
    with pytest.raises(Refused):
        add(event, conditions, **more, **steps)
    assert list_rules(store) == []


def test_there_are_so_many_at_most(add, monkeypatch):
    monkeypatch.setattr(stored, "MOST_RULES", 1)
    add("begun", note="x")
    with pytest.raises(Refused, match="already"):
        add("begun", note="x")


def test_told_in_words_with_what_is_gone(store, settings, ana, add):
    label = add_label(store, settings, ana, NewLabel("VIP", "red")).id
    rule = add("quiet", {"site": "demo", "language": "sl", "label": label, "words": ["vračilo", "denar"]}, hours=1,
               priority="high", tell=True)  # fmt: skip
    named = load_names(store, settings)
    when, condition, told = tell_terms(read_terms(rule), settings, named, {})
    assert when == "nothing was said for 1 hour, with a person or waiting for one"
    assert (
        condition == "the website is Smreka, it is in Slovenian, it has the label VIP and it says “vračilo” or “denar”"
    )
    assert told == ["Sets the priority to high.", "Tells other programs (webhooks)."]
    assert find_lost_terms(read_terms(rule), settings, named, {}) == []
    delete_label(store, ana, label)
    assert find_lost_terms(read_terms(rule), settings, load_names(store, settings), {}) == [
        "a label it asks for is deleted."
    ]


def test_every_event_has_its_words():
    assert set(WHENS) == set(EVENTS)


def test_the_dry_run_counts_and_lists_what_it_would_have_met_and_changes_nothing(store, settings, ana, add, clock):
    clock.advance(DAYS * DAY_MS)
    met, other = create_conversation(store, "demo", "sl").id, create_conversation(store, "demo", "sl").id
    for number, (one, text) in enumerate(((met, "Vračilo?"), (met, "Še enkrat: vračilo!"), (other, "Paket?"))):
        add_customer_message(store, one, f"c{number}", text, "")
    rule = add("customer_wrote", {"words": ["vracilo"]}, note="x", on=False)
    before = list_messages(store, met, internal=True), list_entries(store)
    found = try_rule(store, settings, rule)
    assert (found.times, found.count, [one.id for one in found.newest]) == (2, 1, [met])
    assert (list_messages(store, met, internal=True), list_entries(store)) == before
    begun = add("begun", note="x", on=False)
    assert try_rule(store, settings, begun).times == 2
    clock.advance(DAYS * DAY_MS + 1)
    assert try_rule(store, settings, rule).count == 0


def test_the_dry_run_of_other_events(store, settings, ana, add, clock):
    label = add_label(store, settings, ana, NewLabel("VIP", "red")).id
    waiting, resolved = hand_off(store), hand_off(store)
    put_label(store, ana, waiting, label)
    claim_conversation(store, ana, resolved)
    release_conversation(store, ana, resolved, "resolved")
    for event, conditions, count in (
        ("handed_off", {}, 2),
        ("resolved", {}, 1),
        ("labelled", {}, 1),
        ("labelled", {"put_on": label}, 1),
        ("agent_wrote", {}, 0),
        ("bot_wrote", {}, 0),
    ):
        assert try_rule(store, settings, add(event, conditions, note="x", on=False)).count == count, event
    quiet = add("quiet", hours=1, note="x", on=False)
    assert try_rule(store, settings, quiet).count == 0
    clock.advance(HOUR_MS)
    assert try_rule(store, settings, quiet).count == 1


def test_one_there_isn_t_is_refused(store, boss):
    with pytest.raises(Refused) as refused:
        catalogue.switch_rule(store, boss, 4711, on=True)
    assert refused.value.kind is Kind.NOT_FOUND
