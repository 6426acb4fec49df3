"""Tokens: hashed, limited to what their agent may, revocable, audited."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from odziv.store.agents.accounts import change_role
from odziv.store.agents.agent import NotAdmin, set_disabled
from odziv.store.agents.tokens import NoSuchAgent, find_bearer, lesser, list_tokens, make_token, revoke_token
from odziv.store.audit import list_entries
from odziv.store.schema import api_tokens


def test_a_token_is_shown_once_and_stored_as_a_hash(store, ana):
    token_id, token = make_token(store, ana.id, "Shop", "agent", days=30)
    assert token.startswith("odz_") and len(token) > 40
    with store.read() as connection:
        row = connection.execute(select(api_tokens)).mappings().one()
    assert token not in map(str, row.values())
    bearer = find_bearer(store, token)
    assert (bearer.token_id, bearer.name, bearer.agent.id, bearer.agent.role) == (token_id, "Shop", ana.id, "agent")
    assert list_tokens(store)[0].last_used_at
    entry = list_entries(store, action="token_made")[0]
    assert entry.detail == {"name": "Shop", "role": "agent", "days": 30} and token not in str(entry)


def test_a_token_never_may_more_than_its_agent(store, ana):
    _, token = make_token(store, ana.id, "Shop", "admin", days=None)
    assert find_bearer(store, token).agent.role == "agent"
    change_role(store, ana.id, "editor")
    assert find_bearer(store, token).agent.role == "editor"


def test_a_token_may_less_than_its_agent(store, ana, marek):
    change_role(store, ana.id, "admin")
    _, token = make_token(store, ana.id, "Reader", "agent", days=None)
    assert find_bearer(store, token).agent.role == "agent"


def test_roles_that_are_none_may_nothing():
    assert [lesser("admin", "king"), lesser("", "agent"), lesser("editor", "admin")] == ["", "", "editor"]


def test_revoked_expired_and_disabled_ones_open_nothing(store, ana, marek):
    revoked_id, revoked = make_token(store, ana.id, "a", "agent", days=None)
    _, short = make_token(store, ana.id, "b", "agent", days=1)
    _, disabled = make_token(store, marek.id, "c", "agent", days=None)
    assert revoke_token(store, revoked_id) and not revoke_token(store, revoked_id)
    set_disabled(store, marek.id, True)
    assert find_bearer(store, revoked) is None and find_bearer(store, disabled) is None
    assert find_bearer(store, short)
    store.clock.advance(25 * 3_600_000)
    assert find_bearer(store, short) is None and [token.name for token in list_tokens(store)] == ["c"]


def test_only_administrators_make_and_revoke_them(store, ana):
    for call in (
        lambda: make_token(store, ana.id, "x", "agent", days=None, by=ana.id),
        lambda: revoke_token(store, 1, by=ana.id),
    ):
        with pytest.raises(NotAdmin):
            call()
    assert list_tokens(store) == []


def test_a_token_needs_an_agent_who_can_sign_in_and_a_role(store, ana):
    set_disabled(store, ana.id, True)
    for agent_id in (ana.id, 999):
        with pytest.raises(NoSuchAgent):
            make_token(store, agent_id, "x", "agent", days=None)
    with pytest.raises(ValueError, match="role"):
        make_token(store, ana.id, "x", "king", days=None)


@pytest.mark.parametrize("token", ["", "odz_", "x" * 5000, "odz_\x00", "' OR 1=1 --"])
def test_forged_tokens_open_nothing(store, ana, token):
    make_token(store, ana.id, "x", "agent", days=None)
    assert find_bearer(store, token) is None
