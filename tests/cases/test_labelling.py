"""Labels as verbs: kept by administrators, put on and taken off by anybody, and found by the search."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from odziv.cases.labels import catalogue
from odziv.cases.labels.catalogue import COLOURS, NewLabel
from odziv.cases.labels.marking import propose_labels, put_label, take_label_off
from odziv.cases.refused import Kind, Refused
from odziv.settings import ROOT
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import delete_conversation
from odziv.store.labels import labels as stored
from odziv.store.labels.labels import count_labelled, list_labels
from odziv.store.labels.marks import MOST_ON_ONE, list_labels_of, mark_labels, put_on
from odziv.store.lengths import LONGEST_LABEL
from odziv.store.schema import conversations, deliveries
from odziv.store.search.filters import Wanted
from odziv.store.search.finding import search
from odziv.store.search.listing import list_wanted
from odziv.store.webhooks.events import EVENTS
from odziv.store.webhooks.subscriptions import add_webhook
from tests.cases.conftest import hand_off


@pytest.fixture
def add(store, settings, ana):
    def add(name: str, colour: str = "red", topic: str | None = None, site: str = ""):
        return catalogue.add_label(store, settings, ana, NewLabel(name, colour, topic, site))

    return add


def on(store, conversation_id: str) -> list[str]:
    return [label.name for label in list_labels_of(store, [conversation_id]).get(conversation_id, [])]


def test_put_on_by_anybody_and_taken_off_each_once(store, ana, marek, waiting, add):
    vip, late = add("VIP"), add("Late", "blue")
    for _ in range(2):
        put_label(store, marek, waiting, vip.id)
        put_label(store, ana, waiting, late.id)
    assert on(store, waiting) == ["Late", "VIP"]
    for _ in range(2):
        take_label_off(store, ana, waiting, vip.id)
    assert on(store, waiting) == ["Late"]
    put, off = (list_entries(store, action=action) for action in ("label_added", "label_removed"))
    assert [(entry.agent_id, entry.detail["label"]) for entry in put] == [(ana.id, "Late"), (marek.id, "VIP")]
    assert [(entry.agent_id, entry.detail["label"]) for entry in off] == [(ana.id, "VIP")]


def test_many_at_once_put_it_on_once(store, ana, waiting, add):
    label = add("VIP")
    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(lambda _: put_on(store, waiting, label.id, ana.id), range(16)))
    assert done.count(True) == 1 and on(store, waiting) == ["VIP"]
    assert len(list_entries(store, action="label_added")) == 1


def test_many_at_once_make_one_label_of_a_name(store, settings, ana):
    def add_one(_) -> bool:
        try:
            return bool(catalogue.add_label(store, settings, ana, NewLabel("VIP", "red")))
        except Refused:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(add_one, range(16))).count(True) == 1
    assert [label.name for label in list_labels(store)] == ["VIP"]


def test_pages_hear_of_it(store, ana, waiting, add):
    touched: list[set[str]] = []
    store.listen(touched.append)
    before, label = mark_labels(store, waiting), add("VIP")
    put_label(store, ana, waiting, label.id)
    assert mark_labels(store, waiting) != before and waiting in touched[-1]


def test_programs_hear_of_each_once(store, ana, waiting, add):
    add_webhook(store, "https://x.example", ["conversation.label_added", "conversation.label_removed"])
    label = add("VIP", "purple")
    for _ in range(2):
        put_label(store, ana, waiting, label.id)
    for _ in range(2):
        take_label_off(store, ana, waiting, label.id)
    with store.read() as connection:
        bodies = [json.loads(body) for body in connection.execute(select(deliveries.c.body)).scalars()]
    assert [body["type"] for body in bodies] == ["conversation.label_added", "conversation.label_removed"]
    assert [body["data"]["label"] for body in bodies] == [{"id": label.id, "name": "VIP", "colour": "purple"}] * 2
    assert {"conversation.label_added", "conversation.label_removed"} < set(EVENTS)


def test_a_label_of_another_site_is_none(store, settings, ana, waiting, add):
    other, own, everywhere = add("Theirs", site="other"), add("Ours", site="demo"), add("All")
    with pytest.raises(Refused, match="no such label for this website"):
        put_label(store, ana, waiting, other.id)
    put_label(store, ana, waiting, own.id)
    put_label(store, ana, waiting, everywhere.id)
    assert on(store, waiting) == ["All", "Ours"]
    assert [label.name for label in list_labels(store, "demo")] == ["All", "Ours"]


@pytest.mark.parametrize("label_id", [0, 4711, 2**62])
def test_what_is_no_label_is_refused_and_takes_nothing_off(store, ana, waiting, label_id):
    with pytest.raises(Refused) as refused:
        put_label(store, ana, waiting, label_id)
    assert refused.value.kind is Kind.CONFLICT
    take_label_off(store, ana, waiting, label_id)
    with pytest.raises(Refused) as unknown:
        put_label(store, ana, "nowhere", label_id)
    assert unknown.value.kind is Kind.NOT_FOUND


def test_one_conversation_has_so_many_at_most(store, ana, waiting, add):
    many = [add(f"Label {number}") for number in range(MOST_ON_ONE + 1)]
    for label in many[:-1]:
        put_label(store, ana, waiting, label.id)
    with pytest.raises(Refused, match=f"can have {MOST_ON_ONE} labels"):
        put_label(store, ana, waiting, many[-1].id)


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "x" * (LONGEST_LABEL + 1), "\x00\x07"])
def test_a_name_can_be_read_and_is_short(add, store, name):
    with pytest.raises(Refused) as refused:
        add(name)
    assert refused.value.kind is Kind.UNFIT and list_labels(store) == []


@pytest.mark.parametrize(
    "wanted",
    [NewLabel("A", "pink"), NewLabel("A", "red; x"), NewLabel("A", "red", "no-such"), NewLabel("A", "red", site="no")],
)
def test_colour_category_and_site_are_of_those_there_are(store, settings, ana, wanted):
    with pytest.raises(Refused) as refused:
        catalogue.add_label(store, settings, ana, wanted)
    assert refused.value.kind is Kind.INVALID and list_labels(store) == []


def test_names_are_told_apart_by_more_than_case(add, store):
    add("Vračilo")
    for twin in ("vračilo", "VRAČILO", "  Vračilo  "):
        with pytest.raises(Refused, match="already"):
            add(twin)
        with pytest.raises(Refused, match="already"):
            add(twin, site="demo")  # its conversations would have two of one name
    assert add("Vračila").name == "Vračila"


def test_two_sites_may_use_the_same_name(add, store):
    add("Paket", site="demo"), add("Paket", site="other")
    assert len(list_labels(store)) == 2 and len(list_labels(store, "demo")) == 1
    with pytest.raises(Refused, match="already"):
        add("Paket")


def test_renamed_it_is_the_same_label_wherever_it_is(store, settings, ana, waiting, add):
    label, other = add("Vip"), add("Late")
    put_label(store, ana, waiting, label.id)
    catalogue.change_label(store, settings, ana, label.id, NewLabel("VIP", "teal", "orders"))  # its own name is free
    [changed] = list_labels_of(store, [waiting])[waiting]
    assert (changed.name, changed.colour, changed.topic) == ("VIP", "teal", "orders")
    with pytest.raises(Refused, match="already"):
        catalogue.change_label(store, settings, ana, other.id, NewLabel("vip", "red"))
    with pytest.raises(Refused) as gone:
        catalogue.change_label(store, settings, ana, 4711, NewLabel("X", "red"))
    assert gone.value.kind is Kind.NOT_FOUND


def test_a_category_whose_articles_are_gone_may_stay(store, settings, ana, add):
    label = add("Old", topic="orders")
    stored.change_label(store, label.id, ana.id, name="Old", colour="red", topic="former")
    catalogue.change_label(store, settings, ana, label.id, NewLabel("Older", "red", "former"))
    assert list_labels(store)[0].topic == "former"


def test_deleted_it_is_on_no_conversation_any_more(store, ana, waiting, add):
    label, other = add("Vip"), hand_off(store)
    for each in (waiting, other):
        put_label(store, ana, each, label.id)
    assert count_labelled(store) == {label.id: 2}
    assert catalogue.delete_label(store, ana, label.id).name == "Vip"
    assert on(store, waiting) == on(store, other) == [] and list_labels(store) == []
    [entry] = list_entries(store, action="label_deleted")
    assert entry.detail == {"name": "Vip", "conversations": 2}
    with pytest.raises(Refused):
        catalogue.delete_label(store, ana, label.id)


def test_with_the_conversation_its_labels_go(store, ana, waiting, add):
    label = add("Vip")
    put_label(store, ana, waiting, label.id)
    assert delete_conversation(store, waiting) and count_labelled(store) == {}


def test_there_are_so_many_labels_at_most(store, add, monkeypatch):
    monkeypatch.setattr(stored, "MOST_LABELS", 2)
    add("One"), add("Two")
    with pytest.raises(Refused) as refused:
        add("Three")
    assert refused.value.kind is Kind.UNFIT


def test_the_category_proposes_what_is_not_on_it_yet(store, ana, waiting, add):
    returns, late, _ = add("Returns", topic="orders"), add("Late", topic="orders"), add("Other", topic="delivery")
    offered = list_labels(store, "demo")
    assert propose_labels(offered, [], "orders") == [late, returns]
    assert propose_labels(offered, [late], "orders") == [returns]
    assert propose_labels(offered, [], None) == propose_labels(offered, [], "payment") == []


@pytest.mark.parametrize("colour", COLOURS)
def test_each_colour_is_one_of_the_desks(colour):
    styles = (ROOT / "odziv/desk/static/frame/labels.css").read_text(encoding="utf-8")
    assert colour == "grey" or styles.count(f".label-{colour} {{") == 2  # in light and in dark


def test_conversations_are_listed_and_found_by_their_label(store, ana, waiting, add):
    vip, unused, other = add("Vip"), add("Unused"), hand_off(store, "My parcel is late.")
    put_label(store, ana, waiting, vip.id)

    def listed(label_id):
        return [one.id for one in list_wanted(store, Wanted(label_id=label_id), "newest", None, 10)[0]]

    assert (listed(vip.id), listed(unused.id)) == ([waiting], [])
    assert {waiting, other} == set(listed(None))
    hits, _ = search(store, "parcel", Wanted(label_id=vip.id), 10)
    assert [hit.conversation.id for hit in hits] == [waiting]
    with store.write() as connection:
        connection.execute(update(conversations).where(conversations.c.id == waiting).values(status="resolved"))
    assert listed(vip.id) == [waiting]
