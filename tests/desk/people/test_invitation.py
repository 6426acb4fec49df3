"""Invitations: a link makes one agent, once."""

from __future__ import annotations

import re
import threading

import pytest
from sqlalchemy import update

from odziv.store.agents.agent import count_agents, find_agent_by_email, find_invitation, invite
from odziv.store.schema import invitations
from tests.desk.conftest import add_agent

GOOD = {
    "name": "Nova Moč",
    "email": "nova@smreka.example",
    "password": "a few long words",
    "again": "a few long words",
}


@pytest.fixture
def token(store) -> str:
    return invite(store, None, "editor")


def csrf_of_page(client, token: str) -> str:
    page = client.get(f"/desk/invite/{token}").get_data(as_text=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    return found[1] if found else ""


def accept(client, token: str, **changed: str):
    fields = {**GOOD, **changed, "csrf_token": csrf_of_page(client, token)}
    return client.post(f"/desk/invite/{token}", data=fields)


def test_accepting_makes_the_agent_and_signs_them_in(client, store, token):
    response = accept(client, token)
    assert (response.status_code, response.location) == (303, "/desk/queue")
    agent = find_agent_by_email(store, GOOD["email"])
    assert (agent.name, agent.role) == ("Nova Moč", "editor")
    assert agent.password_hash.startswith("$argon2id$")
    assert "Welcome, Nova Moč" in client.get("/desk/queue").get_data(as_text=True)


def test_a_used_link_leads_to_a_friendly_page(app, client, store, token):
    accept(client, token)
    later = app.test_client().get(f"/desk/invite/{token}")
    assert later.status_code == 410
    assert "doesn’t work any more" in later.get_data(as_text=True)
    assert count_agents(store) == 1


def test_an_expired_link_makes_nobody(client, store, token):
    with store.write() as connection:
        connection.execute(update(invitations).values(expires_at=1))
    assert client.get(f"/desk/invite/{token}").status_code == 410
    assert count_agents(store) == 0


def test_a_made_up_link_makes_nobody(client, store):
    assert client.get("/desk/invite/AAAA").status_code == 410


def test_the_invited_address_can_not_be_exchanged(client, store):
    token = invite(store, "Invited@smreka.example", "agent")
    assert accept(client, token, email="other@smreka.example").status_code == 303
    assert find_agent_by_email(store, "other@smreka.example") is None
    assert find_agent_by_email(store, "invited@smreka.example").role == "agent"


@pytest.mark.parametrize(
    "changed",
    [
        {"password": "short", "again": "short"},
        {"again": "another twelve"},
        {"password": "", "again": ""},
        {"password": "x" * 1001, "again": "x" * 1001},
        {"name": "  "},
        {"name": "A\nB"},
        {"name": "x" * 61},
        {"email": "nobody"},
        {"email": "a b@c.example"},
        {"email": ""},
    ],
)
def test_what_is_wrong_is_said_and_the_link_stays_good(client, store, token, changed):
    response = accept(client, token, **changed)
    assert response.status_code == 422
    assert 'class="field-error"' in response.get_data(as_text=True)
    assert count_agents(store) == 0
    assert find_invitation(store, token)


def test_a_taken_address_leaves_the_link_good(client, store, token):
    add_agent(store, "Nova Prva")
    assert accept(client, token).status_code == 422
    assert find_invitation(store, token)


def test_of_ten_people_with_one_link_one_becomes_an_agent(app, store, token):
    browsers = [app.test_client() for _ in range(10)]
    tokens = [csrf_of_page(browser, token) for browser in browsers]
    start, answers = threading.Barrier(10), []

    def try_it(number: int) -> None:
        fields = {**GOOD, "email": f"a{number}@smreka.example", "csrf_token": tokens[number]}
        start.wait()
        answers.append(browsers[number].post(f"/desk/invite/{token}", data=fields).status_code)

    threads = [threading.Thread(target=try_it, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [303] + [410] * 9
    assert count_agents(store) == 1


def test_the_name_in_the_link_is_only_text(client, token):
    page = client.get(f"/desk/invite/{token}?name=%22%3E%3Cscript%3E").get_data(as_text=True)
    assert "<script>" not in page.replace("<script src", "")
    assert "&#34;&gt;&lt;script&gt;" in page
