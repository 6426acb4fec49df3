"""The order that people give to a list holds for those that belong together, whatever is asked of it."""

from __future__ import annotations

import pytest

from odziv.store.macros.macros import add_macro, list_macros, place_macro, raise_macro
from tests.fixtures import add_agent


@pytest.fixture
def agent_id(store) -> int:
    return add_agent(store, "Ana").id


@pytest.fixture
def ids(store, agent_id) -> list[int]:
    return [add_macro(store, agent_id, agent_id, name, {"priority": "high"}) for name in "abcd"]


def order(store, agent_id) -> str:
    return "".join(macro.name for macro in list_macros(store, agent_id) if not macro.is_shared)


@pytest.mark.parametrize(
    ("which", "before", "then"),
    [
        ("d", "a", "dabc"),
        ("a", "d", "bcad"),
        ("b", None, "acdb"),
        ("b", "b", "abcd"),
        ("b", "c", "abcd"),
        ("d", None, "abcd"),
    ],
)
def test_placed_before_another_or_last(store, agent_id, ids, which, before, then):
    named = dict(zip("abcd", ids, strict=True))
    for _ in range(2):
        assert place_macro(store, named[which], named.get(before))
        assert order(store, agent_id) == then


def test_raised_to_the_top_and_no_further(store, agent_id, ids):
    for then in ("acbd", "cabd", "cabd"):
        assert raise_macro(store, ids[2])
        assert order(store, agent_id) == then


def test_what_is_gone_or_anothers_has_no_place(store, agent_id, ids):
    shared = add_macro(store, agent_id, None, "s", {"priority": "high"})
    for which, before in ((4711, ids[0]), (ids[0], 4711), (ids[0], shared), (shared, ids[0])):
        assert not place_macro(store, which, before)
    assert not raise_macro(store, 4711)
    assert order(store, agent_id) == "abcd"
