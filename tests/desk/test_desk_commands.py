"""The commands of the desk."""

from __future__ import annotations

import json

from store.agents import find_agent, find_invitation
from tests.desk.conftest import add_agent, hand_off


def run(app, *arguments: str):
    return app.test_cli_runner().invoke(args=list(arguments))


def test_agents_add_prints_a_link_that_works_once(app, store, settings):
    output = run(app, "agents", "add", "Nova@smreka.example", "--role", "admin", "--name", "Nova Moč").output.strip()
    assert output.startswith(f"{settings.url}/desk/invite/")
    link, _, query = output.partition("?")
    invitation = find_invitation(store, link.rsplit("/", 1)[1])
    assert (invitation.email, invitation.role) == ("nova@smreka.example", "admin")
    page = app.test_client().get(output.removeprefix(settings.url)).get_data(as_text=True)
    assert 'value="Nova Moč"' in page and 'value="nova@smreka.example"' in page


def test_agents_add_refuses_what_makes_no_sense(app, store):
    add_agent(store, "Ana Kovač")
    assert run(app, "agents", "add", "ana@smreka.example").exit_code == 1
    assert run(app, "agents", "add", "nobody").exit_code == 2
    assert run(app, "agents", "add", "b@smreka.example", "--role", "king").exit_code == 2


def test_agents_list_and_disable(app, store):
    agent = add_agent(store, "Ana Kovač")
    assert run(app, "agents", "disable", "ANA@smreka.example").exit_code == 0
    assert find_agent(store, agent.id).disabled
    assert "ana@smreka.example\tAna Kovač\tagent\tdisabled" in run(app, "agents", "list").output
    run(app, "agents", "enable", "ana@smreka.example")
    assert not find_agent(store, agent.id).disabled
    assert run(app, "agents", "disable", "nobody@smreka.example").exit_code == 1


def test_handoffs_prints_the_queue(app, store):
    waiting = hand_off(store, "Paczka", "pl", "complaint")
    [line] = run(app, "handoffs").output.splitlines()
    assert "Complaint" in line and waiting.id in line


def test_handoffs_json_has_the_transcripts(app, store):
    waiting = hand_off(store, "Reklamację składam", "pl", "complaint")
    result = run(app, "handoffs", "--json")
    [handoff] = json.loads(result.output)
    assert handoff["id"] == waiting.handoff and handoff["conversation"] == waiting.id
    assert (handoff["site"], handoff["language"], handoff["reason"]) == ("demo", "pl", "complaint")
    assert handoff["status"] == "waiting" and handoff["waiting_seconds"] >= 0
    assert handoff["created_at"].endswith("Z")
    first = handoff["messages"][0]
    assert (first["seq"], first["sender"], first["text"], first["answer"]) == (
        1,
        "customer",
        "Reklamację składam",
        None,
    )
    assert "Reklamację" in result.output


def test_handoffs_of_an_empty_queue(app):
    assert json.loads(run(app, "handoffs", "--json").output) == []
