"""The list of macros: who keeps which, in which order, and what is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from odziv.cases.labels.catalogue import NewLabel, add_label, delete_label
from odziv.cases.macros import catalogue
from odziv.cases.macros.catalogue import get_macro, may_change
from odziv.cases.macros.steps import ENDS, SNOOZES, Steps, find_lost, load_names, read_steps, tell_steps
from odziv.cases.refused import Kind, Refused
from odziv.store.agents.saved_replies import add_saved_reply
from odziv.store.audit import list_entries
from odziv.store.lengths import LONGEST_MACRO_NAME
from odziv.store.macros import macros as stored
from odziv.store.macros.macros import list_macros


@pytest.fixture
def boss(ana):
    return replace(ana, role="admin")


@pytest.fixture
def save(store, settings, ana):
    def save(name="Refund", steps=Steps(note="x"), *, by=ana, shared=False, macro_id=None) -> int:  # noqa: B008
        return catalogue.save_macro(store, settings, by, name, steps, shared=shared, macro_id=macro_id)

    return save


def names(store, agent) -> list[str]:
    return [macro.name for macro in list_macros(store, agent.id)]


def test_own_ones_are_seen_by_their_agent_and_shared_ones_by_all(store, ana, marek, boss, save):
    save("Mine"), save("Ours", by=boss, shared=True), save("Theirs", by=marek)
    assert names(store, ana) == ["Ours", "Mine"] and names(store, marek) == ["Ours", "Theirs"]
    assert [entry.detail for entry in list_entries(store, action="macro_saved")][1] == {"name": "Ours", "shared": True}


def test_only_administrators_keep_those_of_everybody(store, ana, marek, boss, save):
    with pytest.raises(Refused) as refused:
        save("Ours", shared=True)
    assert refused.value.kind is Kind.FORBIDDEN
    ours = save("Ours", by=boss, shared=True)
    for attempt in (
        lambda: save("Changed", by=marek, macro_id=ours),
        lambda: catalogue.delete_macro(store, marek, ours),
        lambda: catalogue.raise_macro(store, marek, ours),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.kind is Kind.FORBIDDEN
    assert not may_change(marek, get_macro(store, marek, ours)) and names(store, marek) == ["Ours"]


def test_anothers_own_is_as_if_there_were_none(store, ana, marek, boss, save):
    theirs = save("Theirs", by=marek)
    for attempt in (lambda: get_macro(store, boss, theirs), lambda: save("Mine", by=boss, macro_id=theirs),
                    lambda: catalogue.delete_macro(store, boss, theirs)):  # fmt: skip
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.kind is Kind.NOT_FOUND
    assert names(store, marek) == ["Theirs"]


def test_changed_shared_and_deleted(store, ana, marek, boss, save):
    mine = save("Mine", by=boss)
    save("Ours", Steps(priority="high"), by=boss, shared=True, macro_id=mine)
    assert names(store, marek) == ["Ours"] and get_macro(store, marek, mine).steps == {"priority": "high"}
    assert catalogue.delete_macro(store, boss, mine).name == "Ours" and names(store, ana) == []
    with pytest.raises(Refused):
        catalogue.delete_macro(store, boss, mine)


def test_their_order_is_theirs_to_change(store, ana, boss, save):
    ids = [save(name) for name in ("One", "Two", "Three")]
    save("Shared", by=boss, shared=True)
    catalogue.raise_macro(store, ana, ids[2])
    assert names(store, ana) == ["Shared", "One", "Three", "Two"]
    catalogue.raise_macro(store, ana, ids[2])
    catalogue.raise_macro(store, ana, ids[2])  # the first one stays
    assert names(store, ana) == ["Shared", "Three", "One", "Two"]


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "x" * (LONGEST_MACRO_NAME + 1), "\x00"])
def test_a_name_can_be_read_and_is_short(save, store, ana, name):
    with pytest.raises(Refused, match="name of up to"):
        save(name)
    assert names(store, ana) == []


@pytest.mark.parametrize(
    "steps",
    [
        Steps(),
        Steps(priority="extreme"),
        Steps(end="fly"),
        Steps(end="snooze"),
        Steps(end="snooze", snooze="never"),
        Steps(end="resolve", snooze="week"),
        Steps(end="assign"),
        Steps(end="assign", to=4711),
        Steps(end="queue", topic="../etc"),
        Steps(note="x" * 10_001),
        Steps(labels_on=(4711,)),
        Steps(labels_off=(0,)),
        Steps(labels_on=(1,), labels_off=(1,)),
        Steps(labels_on=tuple(range(1, 22))),
        Steps(reply=4711),
    ],
)
def test_what_cannot_be_done_is_not_kept(save, store, ana, steps):
    with pytest.raises(Refused):
        save(steps=steps)
    assert names(store, ana) == []


def test_there_are_so_many_at_most(save, monkeypatch):
    monkeypatch.setattr(stored, "MOST_MACROS", 2)
    save("One"), save("Two")
    with pytest.raises(Refused, match="already"):
        save("Three")


def test_what_it_names_and_is_gone_is_told(store, settings, ana, save):
    label = add_label(store, settings, ana, NewLabel("VIP", "red"))
    reply = add_saved_reply(store, "hi", "Hello", {"en": "Hello!"}, ana.id)
    steps = Steps(labels_on=(label.id,), reply=reply, end="assign", to=ana.id)
    save(steps=steps)
    assert find_lost(steps, load_names(store, settings)) == []
    delete_label(store, ana, label.id)
    named = load_names(store, settings)
    assert find_lost(steps, named) == ["a label it names is deleted."]
    assert tell_steps(steps, named)[0] == "Puts the label one that is deleted on."


def test_every_step_is_told_in_a_sentence(store, settings, ana):
    label = add_label(store, settings, ana, NewLabel("VIP", "red"))
    named = load_names(store, settings)
    told = tell_steps(Steps(labels_on=(label.id,), priority="high", note="Hm", end="resolve"), named)
    assert told == [
        "Puts the label VIP on.",
        "Sets the priority to high.",
        "Adds an internal note: “Hm”",
        "Resolves it; the customer reads that it is closed.",
    ]
    ends = {tell_steps(Steps(end=end, snooze="week", to=ana.id), named)[0] for end in ENDS}
    assert len(ends) == len(ENDS) and all(end.endswith(".") for end in ends)
    assert len({tell_steps(Steps(end="snooze", snooze=one), named)[0] for one in SNOOZES}) == len(SNOOZES)


@pytest.mark.parametrize("kept", [{"fly": 1}, {"labels_on": "x"}, {"to": []}])
def test_steps_that_cannot_be_read_are_refused(kept):
    with pytest.raises(Refused, match="another version"):
        read_steps(kept)
