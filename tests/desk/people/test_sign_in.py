"""Signing in and out: what gets in, what doesn't, and what a stranger can learn from it."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher, extract_parameters

from odziv.desk.frame.limits import PER_ACCOUNT, PER_ADDRESS, PER_QUIET_BLOCK
from odziv.desk.people import passwords
from odziv.desk.people.sign_in import FAILED
from odziv.store.agents.agent import find_agent, set_disabled, set_password_hash
from odziv.store.agents.passwords import make_reset, use_reset
from odziv.store.agents.sessions import list_sessions
from tests.desk.conftest import PASSWORD, add_agent, build_app, csrf_of


def attempt(client, email: str, password: str, **options):
    fields = {"csrf_token": csrf_of(client), "email": email, "password": password}
    return client.post("/desk/sign-in" + options.pop("query", ""), data=fields, **options)


def session_cookie(client) -> str:
    return client.get_cookie("odziv_desk", path="/desk").value


def test_strangers_are_sent_to_the_sign_in_page(client):
    response = client.get("/desk/queue")
    assert response.status_code == 303
    assert response.location == "/desk/sign-in?next=/desk/queue"


def test_the_right_password_opens_the_desk(client, store):
    agent = add_agent(store, "Ana Kovač")
    response = attempt(client, " ANA@smreka.example ", PASSWORD)
    assert (response.status_code, response.location) == (303, "/desk/queue")
    assert agent.name in client.get("/desk/queue").get_data(as_text=True)


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(client, store):
    add_agent(store, "Ana Kovač")
    cookie = attempt(client, "ana@smreka.example", PASSWORD).headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/desk" in cookie
    assert "Secure" not in cookie


def test_behind_https_the_cookie_is_secure(store, settings):
    app = build_app(store, settings.model_copy(update={"public_url": "https://help.smreka.example"}))
    assert app.config["SESSION_COOKIE_SECURE"] is True


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ana@smreka.example", "wrong"),
        ("ana@smreka.example", ""),
        ("nobody@smreka.example", PASSWORD),
        ("", ""),
        ("disabled@smreka.example", PASSWORD),
        ("' OR 1=1 --", "x" * 5000),
    ],
)
def test_every_failure_reads_the_same(client, store, email, password):
    add_agent(store, "Ana Kovač")
    set_disabled(store, add_agent(store, "Disabled").id, True)
    response = attempt(client, email, password)
    assert response.status_code == 401
    assert FAILED in response.get_data(as_text=True)
    assert client.get("/desk/queue").status_code == 303


def test_an_unknown_address_takes_as_much_work_as_a_wrong_password(app, store, monkeypatch):
    looked_at = []

    class Hasher(PasswordHasher):
        def verify(self, hash: str, password: str) -> bool:
            looked_at.append(extract_parameters(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_hasher", Hasher(time_cost=2, memory_cost=2048, parallelism=1))
    passwords._nobodys_hash.cache_clear()
    for who in (add_agent(store, "Ana Kovač"), None):
        assert not passwords.is_password_right(who, "wrong")
    passwords._nobodys_hash.cache_clear()
    assert len(looked_at) == 2 and looked_at[0] == looked_at[1]


def test_signing_in_changes_the_session(app, store):
    client = app.test_client()
    add_agent(store, "Ana Kovač")
    attempt(client, "ana@smreka.example", PASSWORD)
    fields = {"csrf_token": csrf_of(client), "email": "ana@smreka.example", "password": PASSWORD}
    old = session_cookie(client)
    # Whoever knows the old cookie must be left outside once the browser signs in anew.
    assert client.post("/desk/sign-in", data=fields).status_code == 303
    assert session_cookie(client) != old
    assert client.get("/desk/queue").status_code == 200
    second = app.test_client()
    second.set_cookie("odziv_desk", old, path="/desk")
    assert second.get("/desk/queue").status_code == 303


@pytest.mark.parametrize("what", ["password", "disabled"])
def test_a_password_changed_while_it_is_checked_opens_nothing(client, store, monkeypatch, what):
    agent = add_agent(store, "Ana Kovač")

    def check(known, password):
        right = passwords.is_password_right(known, password)
        if what == "password":
            use_reset(store, make_reset(store, agent.id), passwords.hash_password("another long password"))
        else:
            set_disabled(store, agent.id, True)
        return right

    monkeypatch.setattr("odziv.desk.people.sign_in.is_password_right", check)
    assert attempt(client, agent.email, PASSWORD).status_code == 401
    assert list_sessions(store, agent.id) == [] and client.get("/desk/queue").status_code == 303


def test_signing_out_ends_the_session_in_the_store_too(app, ana):
    stolen = session_cookie(ana.client)
    assert ana.post("/desk/sign-out").status_code == 303
    thief = app.test_client()
    thief.set_cookie("odziv_desk", stolen, path="/desk")
    assert thief.get("/desk/queue").status_code == 303


def test_signing_out_needs_a_post(ana):
    assert ana.get("/desk/sign-out").status_code in {404, 405}
    assert ana.get("/desk/queue").status_code == 200


def test_a_disabled_agent_is_out_at_once(ana, store):
    set_disabled(store, ana.agent.id, True)
    assert ana.get("/desk/queue").status_code == 303
    assert ana.get("/desk/list/queue", **{"HX-Request": "true"}).headers["HX-Redirect"].startswith("/desk/sign-in")


@pytest.mark.slow
@pytest.mark.parametrize("email", ["ana@smreka.example", "nobody@smreka.example"])
def test_guessing_at_an_account_is_slowed_down_whether_or_not_there_is_one(client, store, email):
    add_agent(store, "Ana Kovač")
    for number in range(PER_ACCOUNT.amount + PER_QUIET_BLOCK.amount):
        address = f"192.0.{0 if number < PER_ACCOUNT.amount else 2}.{number}"
        assert attempt(client, email, "wrong", environ_base={"REMOTE_ADDR": address}).status_code == 401
    refused = attempt(client, email.upper(), PASSWORD, environ_base={"REMOTE_ADDR": "192.0.2.199"})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= PER_ACCOUNT.seconds


def test_guessing_from_one_address_is_slowed_down(client, store):
    answers = [attempt(client, f"a{n}@smreka.example", "x").status_code for n in range(PER_ADDRESS.amount + 1)]
    assert answers[-2:] == [401, 429]


def test_guessing_from_many_addresses_of_one_ipv6_network_is_slowed_down_alike(client, store):
    answers = [
        attempt(client, f"a{n}@smreka.example", "x", environ_base={"REMOTE_ADDR": f"2001:db8:1:2::{n:x}"}).status_code
        for n in range(PER_ADDRESS.amount + 1)
    ]
    assert answers[-2:] == [401, 429]
    elsewhere = {"REMOTE_ADDR": "2001:db8:1:3::1"}
    assert attempt(client, "a@smreka.example", "x", environ_base=elsewhere).status_code == 401


@pytest.mark.slow
def test_the_right_password_forgives_earlier_slips(client, store):
    add_agent(store, "Ana Kovač")
    for number in range(30):
        address = {"REMOTE_ADDR": f"192.0.2.{number}"}
        right = number % 5 == 4
        response = attempt(client, "ana@smreka.example", PASSWORD if right else "x", environ_base=address)
        assert response.status_code == (303 if right else 401)
        if right:
            client.post("/desk/sign-out", data={"csrf_token": csrf_of(client)})


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/desk/inbox", "/desk/inbox"),
        ("https://evil.example/desk/", "/desk/queue"),
        ("//evil.example/desk/", "/desk/queue"),
        ("/\\evil.example/desk/", "/desk/queue"),
        ("/desk/\\evil.example", "/desk/queue"),
        ("javascript:alert(1)", "/desk/queue"),
        ("http://[", "/desk/queue"),
    ],
)
def test_signing_in_never_leads_off_the_desk(client, store, wanted, reached):
    add_agent(store, "Ana Kovač")
    fields = {"csrf_token": csrf_of(client), "email": "ana@smreka.example", "password": PASSWORD}
    response = client.post("/desk/sign-in", query_string={"next": wanted}, data=fields)
    assert response.location == reached


def test_a_hash_with_old_parameters_is_renewed(client, store):
    agent = add_agent(store, "Ana Kovač")
    old = PasswordHasher(time_cost=2, memory_cost=512, parallelism=1).hash(PASSWORD)
    set_password_hash(store, agent.id, old)
    assert attempt(client, agent.email, PASSWORD).status_code == 303
    renewed = find_agent(store, agent.id).password_hash
    assert renewed != old and renewed.startswith("$argon2id$")
