"""The next turn of a store, taken as the product takes it."""

from __future__ import annotations

from odziv.store import Store
from odziv.store.conversations.turns import Turn, list_due_turns, take_this_turn


def take_turn(store: Store) -> Turn | None:
    """Claims the turn that has been due longest; None when none is."""
    due = list_due_turns(store, 1)
    return take_this_turn(store, due[0]) if due else None
