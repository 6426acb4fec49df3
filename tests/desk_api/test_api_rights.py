"""Nobody gets in without a token that works, and nobody does more than it allows."""

from __future__ import annotations

import re
import sys

import pytest

from odziv.desk.api.blueprint import routes
from odziv.desk.frame.roles import ADMIN, AGENT, EDITOR
from odziv.store.agents.agent import ROLES, set_disabled
from odziv.store.agents.tokens import make_token, revoke_token
from odziv.web.limits import RateLimits
from tests.desk.conftest import PASSWORD, come_in
from tests.desk_api.conftest import API

NEEDS = routes.needs
module = sys.modules["odziv.desk.api.blueprint"]  # the package has the blueprint itself under that name


def calls(app):
    """Name, method and an address of each call."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("desk_api."):
            path = re.sub(r"<[^>]*conversation_id>", "c1", re.sub(r"<int[^>]*>", "1", rule.rule)).removeprefix(API)
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                yield rule.endpoint.removeprefix("desk_api."), method, path


def test_every_call_has_a_role_and_every_role_a_call(app):
    assert {name for name, _, _ in calls(app)} == set(NEEDS)
    assert set(NEEDS.values()) <= {AGENT, EDITOR, ADMIN}


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_a_call_is_shut_to_every_role_below_its_own(app, program, role):
    boss = program("Špela Novak", "admin", token_role=role)
    for name, method, path in calls(app):
        is_shut = ROLES.index(role) > ROLES.index(NEEDS[name])
        assert (boss.call(method, path).status_code == 403) == is_shut, (role, method, path)


def test_a_token_does_no_more_than_its_agent_may(program):
    ana = program("Ana Kovač", "agent", token_role="admin")
    assert ana.get("/phrasings").status_code == 403 and ana.call("DELETE", "/conversations/c1").status_code == 403


def test_a_call_that_is_not_in_the_table_is_refused(ana, monkeypatch):
    monkeypatch.delitem(NEEDS, "get_queue")
    assert ana.get("/queue").status_code == 403


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer odz_",
        "Bearer odz_forged",
        "Basic b2R6Ong=",
        "Token {token}",
        "{token}",
        "Bearer {token}x",
        "Bearer {upper}",
        "Bearer " + "x" * 8000,
        "Bearer \xff\xfe",
        "Bearer {hash}",
    ],
)
@pytest.mark.slow
def test_forged_tokens_get_in_nowhere(app, client, ana, header):
    from odziv.store.agents.agent import hash_token

    values = {"token": ana.token, "upper": ana.token.upper(), "hash": hash_token(ana.token)}
    headers = {"Authorization": header.format(**values)} if header is not None else {}
    for _, method, path in calls(app):
        client.application.extensions["odziv"].rate_limits = RateLimits()
        answer = client.open(API + path, method=method, headers=headers)
        assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_is_read_from_the_header_only(client, ana):
    for query in (f"?token={ana.token}", f"?access_token={ana.token}"):
        assert client.get(f"{API}/me{query}").status_code == 401
    client.set_cookie("Authorization", f"Bearer {ana.token}")
    assert client.get(f"{API}/me").status_code == 401


def test_a_desk_session_opens_nothing_here_even_beside_a_token(app, store, ana):
    person = come_in(app, ana.agent)
    cookie = person.client.get_cookie("odziv_desk", path="/desk")
    header = {"Cookie": f"odziv_desk={cookie.value}"}
    client = app.test_client(use_cookies=False)
    assert client.get(f"{API}/me", headers=header).status_code == 401
    header["Authorization"] = f"Bearer {ana.token}"
    assert client.get(f"{API}/me", headers=header).status_code == 401
    assert PASSWORD


def test_a_token_does_not_open_the_desks_pages(client, ana):
    answer = client.get("/desk/queue", headers={"Authorization": f"Bearer {ana.token}"})
    assert answer.status_code == 303 and "/sign-in" in answer.location


def test_no_cookie_is_set(ana, waiting):
    for answer in (ana.get("/me"), ana.post("/queue/next"), ana.get("/nothing")):
        assert "Set-Cookie" not in answer.headers


def test_revoked_and_disabled_means_out_at_once(ana, marek, store):
    revoke_token(store, ana.token_id)
    set_disabled(store, marek.agent.id, True)
    assert (ana.get("/me").status_code, marek.get("/me").status_code) == (401, 401)


def test_a_token_does_not_get_around_two_factor(app, boss, ana, settings):
    desk = settings.desk.model_copy(update={"require_two_factor": "admins"})
    app.extensions["odziv"].settings = settings.model_copy(update={"desk": desk})
    refused = boss.get("/me")
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (403, "two_factor_required")
    assert ana.get("/me").status_code == 200


def test_calls_are_limited_by_token_and_guesses_by_address(app, ana, marek, settings, monkeypatch):
    limits = settings.limits.model_copy(update={"calls_per_minute_per_token": 2})
    app.extensions["odziv"].settings = settings.model_copy(update={"limits": limits})
    assert [ana.get("/me").status_code for _ in range(3)] == [200, 200, 429]
    assert int(ana.get("/me").headers["Retry-After"]) > 0 and marek.get("/me").status_code == 200
    monkeypatch.setattr(module, "FAILED_PER_MINUTE", 1)
    ana.token = "odz_forged"
    assert [ana.get("/me").status_code for _ in range(2)] == [401, 429]


def test_what_a_person_does_next_is_not_put_down_to_the_token(app, store, ana, waiting):
    from odziv.store.audit import list_entries

    ana.post(f"/conversations/{waiting.id}/claim")
    make_token(store, ana.agent.id, "next", "agent", days=None)
    assert list_entries(store, action="token_made")[0].detail.get("token") is None
