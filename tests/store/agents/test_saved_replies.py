"""Saved replies in the store: one for a shortcut, and no change is lost between two editors."""

from __future__ import annotations

import pytest

from odziv.store.agents.saved_replies import (
    Outdated,
    ShortcutTaken,
    add_saved_reply,
    change_saved_reply,
    delete_saved_reply,
    find_saved_reply,
    list_saved_replies,
)
from odziv.store.audit import list_entries


@pytest.fixture
def thanks(store, ana) -> int:
    return add_saved_reply(store, "thanks", "Thanks", {"sl": "Hvala."}, ana.id)


def test_they_are_listed_by_shortcut_with_who_changed_them(store, thanks, ana):
    add_saved_reply(store, "address", "Address", {"en": "Ask"}, ana.id)
    assert [r.shortcut for r in list_saved_replies(store)] == ["address", "thanks"]
    reply = find_saved_reply(store, thanks)
    assert (reply.texts, reply.version, reply.editor) == ({"sl": "Hvala."}, 1, "Ana")


def test_a_shortcut_is_taken_once(store, thanks, ana):
    with pytest.raises(ShortcutTaken):
        add_saved_reply(store, "thanks", "Other", {"sl": "Druga"}, ana.id)
    other = add_saved_reply(store, "bye", "Bye", {"sl": "Adijo"}, ana.id)
    with pytest.raises(ShortcutTaken):
        change_saved_reply(store, other, 1, "thanks", "Bye", {"sl": "Adijo"}, ana.id)
    assert find_saved_reply(store, other).shortcut == "bye"


def test_of_two_who_change_it_the_second_is_told(store, thanks, ana, marek):
    change_saved_reply(store, thanks, 1, "thanks", "Thanks", {"sl": "Najlepša hvala."}, ana.id)
    with pytest.raises(Outdated):
        change_saved_reply(store, thanks, 1, "thanks", "Thanks", {"sl": "Hvala lepa."}, marek.id)
    with pytest.raises(Outdated):
        delete_saved_reply(store, thanks, 1, marek.id)
    assert find_saved_reply(store, thanks).texts == {"sl": "Najlepša hvala."}


def test_what_happened_is_audited_without_the_words(store, thanks, ana):
    delete_saved_reply(store, thanks, 1, ana.id)
    assert find_saved_reply(store, thanks) is None
    newest = list_entries(store)[:2]
    assert [e.action for e in newest] == ["saved_reply_deleted", "saved_reply_changed"]
    assert "Hvala" not in str(newest)
