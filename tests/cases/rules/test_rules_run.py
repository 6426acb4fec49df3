"""Rules at work: what happens is answered once, by what holds, without loops, and nothing is lost or left half done."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from odziv.cases.conversations.claim import claim_conversation
from odziv.cases.conversations.release import release_conversation
from odziv.cases.conversations.reply import draft_message, write_message
from odziv.cases.conversations.spam import mark_spam
from odziv.cases.fields.catalogue import NewField, add_field
from odziv.cases.fields.values import fill_in
from odziv.cases.labels.catalogue import NewLabel, add_label, delete_label
from odziv.cases.labels.marking import put_label
from odziv.cases.macros.catalogue import delete_macro, save_macro
from odziv.cases.macros.steps import Steps
from odziv.cases.refused import Refused
from odziv.cases.rules.catalogue import delete_rule, switch_rule
from odziv.cases.rules.worker import MOST_ATTEMPTS, RulesAtWork
from odziv.cases.targets import priority_of
from odziv.store.agents.availability import renew_presence, set_available
from odziv.store.agents.saved_replies import add_saved_reply
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import create_conversation, delete_conversation, find_conversation
from odziv.store.conversations.messages import add_customer_message, list_messages
from odziv.store.engine import DAY_MS, HOUR_MS
from odziv.store.fields.values import list_values
from odziv.store.handoffs.handoff import change_reason, list_handoffs_of
from odziv.store.labels.marks import list_labels_of
from odziv.store.rules.events import EVENTS, LEASE_MS, take_event
from odziv.store.rules.rules import find_rule
from odziv.store.schema import deliveries, rule_events, rules
from odziv.store.webhooks.subscriptions import add_webhook
from tests.cases.conftest import hand_off
from tests.fixtures import set_contact


@pytest.fixture
def vip(store, settings, ana) -> int:
    return add_label(store, settings, ana, NewLabel("VIP", "red")).id


def begin(store, text="Kje je moj paket?", language="sl", site="demo") -> str:
    conversation_id = create_conversation(store, site, language).id
    add_customer_message(store, conversation_id, "first", text, "")
    return conversation_id


def labels(store, conversation_id: str) -> list[str]:
    return [label.name for label in list_labels_of(store, [conversation_id]).get(conversation_id, [])]


def log(store, conversation_id: str) -> list[str]:
    return [message.text for message in list_messages(store, conversation_id, internal=True)]


def noted(store) -> list[tuple[str, str]]:
    with store.read() as connection:
        return [tuple(row) for row in connection.execute(select(rule_events.c.event, rule_events.c.status))]


def test_what_happens_is_answered_once_and_stands_in_log_audit_and_count(store, add, vip, worker):
    rule = add("customer_wrote", labels_on=(vip,), note="Look at this")
    conversation_id = begin(store)
    assert labels(store, conversation_id) == [] and noted(store) == [("customer_wrote", "waiting")]
    for _ in range(2):
        worker.look()
    assert labels(store, conversation_id) == ["VIP"]
    assert log(store, conversation_id)[1:] == [
        "My rule: Look at this",
        "The rule “My rule” ran: a label put on, a note added.",
    ]
    [entry] = list_entries(store, action="rule_run")
    assert (entry.object, entry.detail) == (f"conversation:{conversation_id}", {"rule": "My rule"})
    assert find_rule(store, rule.id).runs == 1 and noted(store) == [("customer_wrote", "done")]


def test_each_event_has_its_rules(store, settings, ana, add, vip, worker):
    for event in EVENTS[:-1]:
        add(event, name=f"On {event}", note=event)
    waiting = hand_off(store)
    claim_conversation(store, ana, waiting)
    write_message(store, ana, waiting, draft_message(store, ana, "Hello", "k", internal=False))
    put_label(store, ana, waiting, vip)
    release_conversation(store, ana, waiting, "resolved")
    worker.look()
    ran = [text for text in log(store, waiting) if text.startswith("The rule")]
    whens = ("customer_wrote", "begun", "handed_off", "assigned", "agent_wrote", "labelled", "resolved")
    assert sorted(ran) == sorted(f"The rule “On {event}” ran: a note added." for event in whens)


def test_only_the_first_message_begins_it(store, add, worker):
    add("begun", note="Hello")
    conversation_id = begin(store)
    add_customer_message(store, conversation_id, "second", "Halo?", "")
    worker.look()
    assert log(store, conversation_id).count("My rule: Hello") == 1


def test_without_a_rule_that_listens_nothing_is_written_down(store, boss, add, worker):
    begin(store)
    rule = add("customer_wrote", note="x", on=False)
    begin(store)
    switch_rule(store, boss, rule.id, on=True)
    switch_rule(store, boss, rule.id, on=False)
    begin(store)
    assert noted(store) == []


def test_what_happened_before_it_was_on_is_none_of_its_business(store, boss, add, worker, clock):
    add("customer_wrote", note="First")
    conversation_id = begin(store)
    clock.advance(1000)
    add("customer_wrote", note="Later")
    worker.look()
    assert "My rule: First" in log(store, conversation_id) and "My rule: Later" not in log(store, conversation_id)


def test_what_a_rule_does_sets_off_no_rule(store, settings, ana, add, vip, worker):
    other = add_label(store, settings, ana, NewLabel("Other", "blue")).id
    reply = add_saved_reply(store, "hi", "Hi", {"sl": "Dober dan!"}, ana.id)
    add("customer_wrote", labels_on=(vip,), reply=reply)
    add("labelled", labels_on=(other,), reply=reply)
    add("labelled", {"put_on": vip}, labels_off=(vip,))
    conversation_id = begin(store)
    for _ in range(3):
        worker.look()
    assert labels(store, conversation_id) == ["VIP"] and len(noted(store)) == 1
    put_label(store, ana, conversation_id, other)  # a person's is answered to
    worker.look()
    assert labels(store, conversation_id) == ["Other", "VIP"]


@pytest.mark.parametrize(
    ("conditions", "meets"),
    [
        ({}, True),
        ({"site": "demo"}, True),
        ({"site": "other"}, False),
        ({"language": "sl"}, True),
        ({"language": "pl"}, False),
        ({"channel": "widget"}, True),
        ({"channel": "mail"}, False),
        ({"priority": "normal"}, True),
        ({"priority": "urgent"}, False),
        ({"reason": "complaint"}, False),
        ({"words": ("CEVLJI",)}, True),
        ({"words": ("čevlj",)}, False),
        ({"words": ("nič", "moji čevlji")}, True),
        ({"words": ("čevlji moji",)}, False),
        ({"words": (".*",)}, None),
        ({"customer": "verified"}, False),
        ({"customer": "unverified"}, True),
        ({"hours": "within"}, True),
        ({"hours": "outside"}, False),
        ({"site": "demo", "words": ("nope",)}, False),
    ],
)
def test_all_that_is_set_has_to_hold(store, add, worker, conditions, meets):
    if meets is None:  # no letter to look for: not kept
        with pytest.raises(Refused, match="letter or a digit"):
            add("customer_wrote", conditions, note="x")
        return
    add("customer_wrote", conditions, note="Met")
    conversation_id = begin(store, "Kje so MOJI čevlji?!")
    worker.look()
    assert ("My rule: Met" in log(store, conversation_id)) is meets


def test_it_asks_for_labels_fields_reason_and_priority(store, settings, ana, add, vip, worker):
    field = add_field(store, settings, ana, NewField("Plan"))
    add("customer_wrote", {"label": vip}, name="A", note="has")
    add("customer_wrote", {"without_label": vip}, name="B", note="hasn’t")
    add("customer_wrote", {"field": field}, name="C", note="filled")
    add("customer_wrote", {"field": field, "value": "gôld"}, name="D", note="gold")
    add("handed_off", {"reason": "complaint", "priority": "high"}, name="E", note="complaint")
    add("handed_off", {"reason": "requested", "priority": "normal"}, name="F", note="requested")
    waiting = hand_off(store)
    worker.look()
    assert [line for line in log(store, waiting) if ": " in line and "ran" not in line] == ["B: hasn’t", "F: requested"]
    put_label(store, ana, waiting, vip)
    fill_in(store, ana, waiting, field, "Gold and more")
    add_customer_message(store, waiting, "more", "Halo?", "")
    worker.look()
    assert [line for line in log(store, waiting)[-6:] if "ran" not in line] == ["A: has", "C: filled", "D: gold"]


def test_each_meets_what_those_before_it_did(store, add, vip, worker):
    add("customer_wrote", labels_on=(vip,), name="First")
    add("customer_wrote", {"label": vip}, note="Labelled", name="Second")
    add("customer_wrote", {"without_label": vip}, note="Never", name="Third")
    conversation_id = begin(store)
    worker.look()
    assert "Second: Labelled" in log(store, conversation_id) and "Third: Never" not in log(store, conversation_id)


def test_an_automatic_message_says_that_it_is_one_in_the_customers_language(store, ana, add, worker):
    reply = add_saved_reply(
        store, "hi", "Hi", {"sl": "Pozdravljeni, {{customer.first_name}}! {{agent.name}}", "en": "Hello!"}, ana.id
    )
    add("customer_wrote", reply=reply)
    said = {}
    for language in ("sl", "hr", "pl", "en"):
        conversation_id = create_conversation(store, "demo", language).id
        set_contact(store, conversation_id, name="Maja [x](y) Horvat")
        add_customer_message(store, conversation_id, "first", "Halo?", "")
        worker.look()
        said[language] = [m for m in list_messages(store, conversation_id) if m.sender == "system"][-1].text
    assert said["sl"] == "Samodejno sporočilo:\n\nPozdravljeni, Maja!"
    assert said["en"] == said["hr"] == said["pl"] == "Automatic message:\n\nHello!"


def test_no_automatic_message_answers_a_mail(store, ana, add, worker):
    add("customer_wrote", reply=add_saved_reply(store, "hi", "Hi", {"en": "Hello!"}, ana.id))
    conversation_id = create_conversation(store, "demo", "en").id
    set_contact(store, conversation_id, channel="mail", email="auto@x.example")
    add_customer_message(store, conversation_id, "first", "Out of office", "")
    worker.look()
    assert "Left out: Automatic messages are read in the chat only" in log(store, conversation_id)[-1]
    assert [m.text for m in list_messages(store, conversation_id)] == ["Out of office"]


def test_it_gives_what_waits_to_somebody_who_is_there_and_has_room(store, ana, marek, add, worker):
    add("handed_off", end="assign", to=marek.id)
    away = hand_off(store)
    worker.look()
    assert "isn’t at the desk, or is away" in log(store, away)[-1]
    renew_presence(store, marek.id)
    given = hand_off(store)
    worker.look()
    assert find_conversation(store, given).agent_id == marek.id and "Marek" in log(store, given)[-2]
    set_available(store, marek.id, False)
    renew_presence(store, marek.id)
    later = hand_off(store)
    worker.look()
    assert find_conversation(store, later).status == "queued"


def test_it_never_takes_from_a_person_who_has_it(store, ana, marek, taken, add, worker):
    renew_presence(store, marek.id)
    add("customer_wrote", end="assign", to=marek.id)
    add_customer_message(store, taken, "more", "Halo?", "")
    worker.look()
    assert find_conversation(store, taken).agent_id == ana.id
    assert log(store, taken)[-1].endswith("Left out: Not given to anybody: Ana has this conversation.")


def test_it_snoozes_and_resolves(store, ana, taken, add, worker, settings):
    snoozing = add("agent_wrote", end="snooze", snooze="week")
    write_message(store, ana, taken, draft_message(store, ana, "Later", "k", internal=False))
    worker.look()
    assert list_handoffs_of(store, taken)[-1].status == "snoozed"
    delete_rule(store, ana, snoozing.id)
    add("labelled", end="resolve")
    put_label(store, ana, taken, add_label(store, settings, ana, NewLabel("Done", "green")).id)
    worker.look()
    assert find_conversation(store, taken).status == "resolved"
    assert list_entries(store, action="resolved")[0].agent_id is None


def test_needed_fields_and_danger_keep_it_open(store, settings, ana, add, worker):
    add("customer_wrote", end="resolve")
    in_danger = hand_off(store)
    with store.write() as connection:
        change_reason(connection, in_danger, "danger")
    worker.look()
    assert find_conversation(store, in_danger).status == "queued" and "in danger" in log(store, in_danger)[-1]
    add_field(store, settings, ana, NewField("Order", required=True))
    waiting = hand_off(store)
    worker.look()
    assert find_conversation(store, waiting).status == "queued" and "fill in “Order” first" in log(store, waiting)[-1]


def test_a_macro_is_run_without_its_reply(store, settings, boss, ana, add, vip, worker):
    reply = add_saved_reply(store, "hi", "Hi", {"sl": "Dober dan!"}, ana.id)
    steps = Steps(labels_on=(vip,), priority="urgent", reply=reply)
    macro = save_macro(store, settings, boss, "Urgent", steps, shared=True)
    add("handed_off", macro=macro)
    waiting = hand_off(store)
    worker.look()
    assert labels(store, waiting) == ["VIP"] and priority_of(list_handoffs_of(store, waiting)[-1]) == "urgent"
    assert "Dober dan!" not in log(store, waiting)
    delete_macro(store, boss, macro)
    other = hand_off(store)
    worker.look()
    assert log(store, other)[-1].endswith("nothing could be done. Left out: Its macro is deleted.")


def test_what_it_names_and_is_gone_is_left_out_and_the_rest_is_done(store, settings, ana, add, vip, worker):
    field = add_field(store, settings, ana, NewField("Plan"))
    add("customer_wrote", labels_on=(vip,), fields={field: "Gold"})
    delete_label(store, ana, vip)
    conversation_id = begin(store)
    worker.look()
    assert list_values(store, conversation_id) == {field: "Gold"}
    assert (
        "a field filled in. Left out: there is no such label for this website any more."
        in log(store, conversation_id)[-1]
    )


def test_programs_hear_of_it_where_they_are_to(store, add, worker):
    add_webhook(store, "https://x.example", ["conversation.rule_ran"])
    rule = add("customer_wrote", tell=True)
    begin(store)
    worker.look()
    with store.read() as connection:
        [body] = connection.execute(select(deliveries.c.body)).scalars()
    assert json.loads(body)["data"]["rule"] == {"id": rule.id, "name": "My rule"}


def test_after_so_many_hours_of_silence_each_conversation_once(store, ana, taken, add, worker, clock):
    add("quiet", hours=2, note="Silent")
    clock.advance(2 * HOUR_MS - 1)
    worker.look_for_silences()
    assert "My rule: Silent" not in log(store, taken)
    clock.advance(1)
    for _ in range(3):
        worker.look_for_silences()
        clock.advance(DAY_MS)
    assert log(store, taken).count("My rule: Silent") == 1  # its own note breaks no silence
    add_customer_message(store, taken, "more", "Halo?", "")
    clock.advance(2 * HOUR_MS)
    worker.look_for_silences()
    assert log(store, taken).count("My rule: Silent") == 2


def test_what_was_silent_long_before_it_was_on_and_what_nobody_has_is_left_alone(store, taken, add, worker, clock):
    begun = begin(store)
    clock.advance(3 * HOUR_MS)
    add("quiet", hours=2, note="Silent")
    clock.advance(3 * HOUR_MS)
    worker.look_for_silences()
    assert "My rule: Silent" not in log(store, taken) + log(store, begun)


def test_it_looks_for_silences_once_a_minute_by_itself(store, taken, add, worker, clock):
    add("quiet", hours=1, note="Silent")
    worker.look()
    clock.advance(HOUR_MS)
    worker.look()
    assert "My rule: Silent" in log(store, taken)


def test_of_spam_nothing_is_asked(store, ana, waiting, add, worker):
    add("customer_wrote", note="x")
    mark_spam(store, ana, waiting)
    add_customer_message(store, waiting, "more", "Buy!", "")
    worker.look()
    assert "My rule: x" not in log(store, waiting)


def test_killed_in_between_it_is_answered_once_by_another(store, add, vip, worker, clock):
    add("customer_wrote", labels_on=(vip,), note="Once")
    conversation_id = begin(store)
    killed = take_event(store)
    worker.look()
    assert labels(store, conversation_id) == []
    clock.advance(LEASE_MS)
    worker.look()
    worker._answer(killed)  # it was only slow
    assert log(store, conversation_id).count("My rule: Once") == 1


def test_two_at_work_answer_each_once(store, settings, add, worker):
    add("customer_wrote", note="Once")
    ids = [begin(store) for _ in range(12)]
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda _: RulesAtWork(store, settings).look(), range(3)))
    assert [log(store, one).count("My rule: Once") for one in ids] == [1] * 12


def test_what_fails_is_tried_again_whole_and_then_given_up(store, add, vip, worker, clock, monkeypatch):
    add("customer_wrote", labels_on=(vip,))
    conversation_id = begin(store)
    calls = []

    def fail(*_args):
        calls.append(1)
        raise OperationalError("x", None, Exception("disk full"))

    monkeypatch.setattr("odziv.cases.rules.running.count_run", fail)
    for _ in range(MOST_ATTEMPTS + 1):
        worker.look()
        clock.advance(LEASE_MS)
    assert len(calls) == MOST_ATTEMPTS and labels(store, conversation_id) == []
    assert noted(store) == [("customer_wrote", "failed")]


def test_two_hundred_rules_with_fifty_phrases_each_are_asked_in_no_time(store, settings, ana, add, worker, monkeypatch):
    words = tuple(f"beseda{number} druga" for number in range(50))
    for number in range(200):
        add("customer_wrote", {"words": words}, name=f"Rule {number}", note="x")
    conversation_id = begin(store, "beseda " * 500)
    written = []
    real = store._database.writing
    monkeypatch.setattr(store._database, "writing", lambda *given: written.append(1) or real(*given))
    worker.work_off()
    assert log(store, conversation_id)[1:] == [] and len(written) == 2  # taken, and done: nobody waited for the asking


def test_one_that_cannot_be_read_stops_no_other(store, add, worker):
    broken = add("customer_wrote", note="Broken")
    add("customer_wrote", note="Whole")
    with store.write() as connection:
        connection.execute(update(rules).where(rules.c.id == broken.id).values(conditions={"regex": "(a+)+"}))
    conversation_id = begin(store)
    worker.look()
    assert "My rule: Whole" in log(store, conversation_id) and "My rule: Broken" not in log(store, conversation_id)


def test_with_the_conversation_all_of_it_goes_and_later_by_itself(store, add, taken, worker, clock):
    add("customer_wrote", note="x")
    add("quiet", hours=1, note="y")
    clock.advance(HOUR_MS)
    worker.look()
    add_customer_message(store, taken, "more", "Halo?", "")
    worker.look()
    assert delete_conversation(store, taken) and noted(store) == []
    begin(store)
    worker.look()
    clock.advance(DAY_MS + 60_000)
    worker.look()
    assert noted(store) == []
