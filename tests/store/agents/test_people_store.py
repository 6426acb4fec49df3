"""People in the store: an administrator is always left, and links work once, whoever races."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from odziv.store import Store
from odziv.store.agents.accounts import change_role
from odziv.store.agents.agent import (
    Agent,
    LastAdmin,
    find_agent,
    find_agent_by_session,
    list_agents,
    open_session,
    set_disabled,
)
from odziv.store.agents.passwords import ResetInvalid, find_reset, make_reset, use_reset
from odziv.store.audit import list_entries
from odziv.store.engine import LISTS
from tests.fixtures import add_agent


def admins(store: Store) -> list[Agent]:
    return [agent for agent in list_agents(store) if agent.role == "admin" and not agent.disabled]


@pytest.mark.parametrize("how", ["demote", "disable", "both"])
def test_administrators_who_remove_each_other_at_once_leave_one(store: Store, how: str):
    people = [add_agent(store, name) for name in ("Ana", "Bor", "Cilka", "Dora")]
    for person in people:
        change_role(store, person.id, "admin")
    start = threading.Barrier(len(people))

    def remove(number: int) -> bool:
        victim = people[(number + 1) % len(people)].id
        start.wait()
        try:
            if how == "demote" or (how == "both" and number % 2):
                return change_role(store, victim, "agent")
            return set_disabled(store, victim, True)
        except LastAdmin:
            return False

    with ThreadPoolExecutor(len(people)) as threads:
        assert sum(threads.map(remove, range(len(people)))) == len(people) - 1
    assert len(admins(store)) == 1


def test_the_last_one_is_kept_and_nothing_is_noted(store: Store, ana: Agent, marek: Agent):
    change_role(store, ana.id, "admin")
    noted = len(list_entries(store))
    with pytest.raises(LastAdmin):
        set_disabled(store, ana.id, True)
    with pytest.raises(LastAdmin):
        change_role(store, ana.id, "editor")
    assert admins(store) == [find_agent(store, ana.id)] and len(list_entries(store)) == noted
    change_role(store, marek.id, "admin")
    assert change_role(store, ana.id, "editor")


def test_a_role_that_does_not_exist_is_refused(store: Store, ana: Agent):
    with pytest.raises(ValueError, match="admin, editor, agent"):
        change_role(store, ana.id, "owner")
    assert not change_role(store, 4711, "admin")


def test_a_reset_raced_by_eight_works_once(store: Store, ana: Agent):
    token, start = make_reset(store, ana.id), threading.Barrier(8)

    def use(number: int) -> bool:
        start.wait()
        try:
            use_reset(store, token, f"hash {number}")
        except ResetInvalid:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(use, range(8))) == 1


def test_a_reset_of_somebody_disabled_meanwhile_changes_nothing(store: Store, ana: Agent):
    token = make_reset(store, ana.id)
    with store.write() as connection:  # without what set_disabled also does
        connection.exec_driver_sql("UPDATE agents SET disabled = true")
    assert find_reset(store, token) is None
    with pytest.raises(ResetInvalid):
        use_reset(store, token, "new hash")
    assert find_agent(store, ana.id).password_hash == ana.password_hash


def test_a_reset_ends_every_session_of_this_agent_only(store: Store, ana: Agent, marek: Agent):
    hers, his = open_session(store, ana.id), open_session(store, marek.id)
    touched: list[set[str]] = []
    store.listen(touched.append)
    use_reset(store, make_reset(store, ana.id), "new hash")
    assert find_agent_by_session(store, hers) is None and find_agent_by_session(store, his) is not None
    assert touched == [{f"agent:{ana.id}", LISTS}]


def test_no_reset_token_is_in_the_database(store: Store, settings, ana: Agent):
    token = make_reset(store, ana.id)
    store.close()
    assert token.encode() not in b"".join(path.read_bytes() for path in settings.var.glob("odziv.sqlite*"))
