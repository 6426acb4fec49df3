"""Agents: an invitation works once, a session for its time, and secrets are kept as hashes."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from odziv.store import Store
from odziv.store.agents.agent import (
    Agent,
    EmailTaken,
    InvitationInvalid,
    accept_invitation,
    close_session,
    count_agents,
    find_agent,
    find_agent_by_email,
    find_agent_by_session,
    find_invitation,
    invite,
    invite_first,
    list_agents,
    open_session,
    set_disabled,
    set_password_hash,
)
from tests.fixtures import add_agent

HOUR = 60 * 60 * 1000


def test_an_invitation_makes_an_agent_once(store: Store):
    token = invite(store, " Ana@Smreka.example ", "editor")
    agent = accept_invitation(store, token, "somebody-else@x.example", "Ana", "hash")
    assert (agent.email, agent.role, agent.disabled) == ("ana@smreka.example", "editor", False)
    assert find_agent(store, agent.id) == agent == find_agent_by_email(store, "ANA@smreka.example")
    assert find_invitation(store, token) is None
    with pytest.raises(InvitationInvalid):
        accept_invitation(store, token, "b@x.example", "Bor", "hash")


def test_an_invitation_raced_by_eight_works_once(store: Store):
    token, start = invite(store, None, "agent"), threading.Barrier(8)

    def accept(number: int) -> Agent | None:
        start.wait()
        try:
            return accept_invitation(store, token, f"a{number}@x.example", "A", "hash")
        except InvitationInvalid:
            return None

    with ThreadPoolExecutor(8) as threads:
        made = [agent for agent in threads.map(accept, range(8)) if agent]
    assert len(made) == count_agents(store) == 1


def test_an_expired_or_made_up_invitation_is_worth_nothing(store: Store, clock):
    token = invite(store, None, "agent", days=7)
    clock.advance((7 * 24 + 1) * HOUR)
    for worthless in (token, "made-up", ""):
        assert find_invitation(store, worthless) is None
        with pytest.raises(InvitationInvalid):
            accept_invitation(store, worthless, "a@x.example", "A", "hash")


def test_a_taken_address_leaves_the_invitation_usable(store: Store, ana: Agent):
    token = invite(store, None, "agent")
    with pytest.raises(EmailTaken):
        accept_invitation(store, token, ana.email.upper(), "Another Ana", "hash")
    assert accept_invitation(store, token, "other@x.example", "Another Ana", "hash").id != ana.id


def test_an_unknown_role_is_refused(store: Store):
    with pytest.raises(ValueError, match="admin, editor, agent"):
        invite(store, None, "owner")


def test_the_first_invitation_voids_the_ones_before_and_ends_with_the_first_agent(store: Store):
    first, second = invite_first(store), invite_first(store)
    assert find_invitation(store, first) is None
    assert accept_invitation(store, second, "ana@x.example", "Ana", "hash").role == "admin"
    assert invite_first(store) is None


def test_a_session_holds_until_it_expires_or_is_closed(store: Store, ana: Agent, clock):
    token, other = open_session(store, ana.id, hours=12), open_session(store, ana.id, hours=12)
    assert find_agent_by_session(store, token) == ana
    close_session(store, token)
    assert find_agent_by_session(store, token) is None
    clock.advance(11.9 * HOUR)
    assert find_agent_by_session(store, other) == ana
    clock.advance(0.2 * HOUR)
    assert find_agent_by_session(store, other) is None


def test_a_made_up_session_is_nobody(store: Store):
    assert find_agent_by_session(store, "made-up") is None


def test_expired_sessions_are_cleared_away(store: Store, ana: Agent, clock):
    open_session(store, ana.id, hours=1)
    clock.advance(2 * HOUR)
    open_session(store, ana.id, hours=1)
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sessions").scalar_one() == 1


def test_a_disabled_agent_is_out_at_once_and_stays_out(store: Store, ana: Agent):
    token = open_session(store, ana.id)
    set_disabled(store, ana.id, True)
    assert find_agent_by_session(store, token) is None
    assert find_agent_by_session(store, open_session(store, ana.id)) is None
    set_disabled(store, ana.id, False)
    assert find_agent_by_session(store, open_session(store, ana.id)).id == ana.id


def test_no_token_is_in_the_database(store: Store, settings, ana: Agent):
    tokens = [invite(store, None, "agent"), open_session(store, ana.id)]
    store.close()
    content = b"".join(path.read_bytes() for path in settings.var.glob("odziv.sqlite*"))
    assert not [token for token in tokens if token.encode() in content]


def test_agents_are_listed_by_address_and_get_new_hashes(store: Store, ana: Agent):
    marek = add_agent(store, "Abe")
    assert [agent.id for agent in list_agents(store)] == [marek.id, ana.id]
    set_password_hash(store, ana.id, "a new hash")
    assert find_agent(store, ana.id).password_hash == "a new hash"
