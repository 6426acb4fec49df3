"""The commands of the desk."""

from __future__ import annotations

import json

from odziv.store.agents.agent import find_agent, find_invitation, set_disabled
from odziv.store.agents.identities import Identity, admit, has_identity
from odziv.store.agents.passwords import find_reset
from odziv.store.agents.second_factor import begin_second_factor, confirm_second_factor, has_second_factor
from odziv.store.audit import list_entries
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


def test_the_last_administrator_is_not_disabled(app, store):
    agent = add_agent(store, "Ana Kovač", "admin")
    result = run(app, "agents", "disable", agent.email)
    assert result.exit_code == 1 and "only administrator" in result.output
    assert not find_agent(store, agent.id).disabled


def test_agents_reset_prints_a_link_for_a_new_password(app, store, settings):
    agent = add_agent(store, "Ana Kovač")
    link = run(app, "agents", "reset", "ANA@smreka.example").stdout.strip()
    assert link.startswith(f"{settings.url}/desk/reset/")
    assert find_reset(store, link.rsplit("/", 1)[1]) == agent
    assert app.test_client().get(link.removeprefix(settings.url)).status_code == 200
    assert run(app, "agents", "reset", "nobody@smreka.example").exit_code == 1
    set_disabled(store, agent.id, True)
    assert run(app, "agents", "reset", agent.email).exit_code == 1


def test_agents_reset_turns_two_factor_off_only_when_told(app, store):
    agent = add_agent(store, "Ana Kovač")
    begin_second_factor(store, agent.id, "SECRET")
    confirm_second_factor(store, agent.id, "SECRET", 1, ["CODE"])
    run(app, "agents", "reset", agent.email)
    assert has_second_factor(store, agent.id)
    assert "is off" in run(app, "agents", "reset", agent.email, "--two-factor").output
    assert not has_second_factor(store, agent.id)
    assert [entry.agent_id for entry in list_entries(store, action="two_factor_off")] == [None]


def test_printing_all_conversations_is_an_export(app, store):
    hand_off(store, "Paczka", "pl")
    run(app, "handoffs")
    assert not list_entries(store, action="exported")
    run(app, "handoffs", "--json")
    assert [entry.detail for entry in list_entries(store, action="exported")] == [{"conversations": 1}]


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


def test_agents_part_takes_an_account_from_its_provider_and_ends_its_sessions(app, store, sign_in):
    ana = sign_in("Ana Kovač")
    assert run(app, "agents", "part", ana.agent.email).exit_code == 1
    who = Identity("https://id.example", "u-ana", ana.agent.email, "Ana", None, None)
    admit(store, who, through="ID", may_join=True, may_make=False)
    assert run(app, "agents", "part", "ANA@smreka.example").exit_code == 0
    assert not has_identity(store, ana.agent.id) and ana.get("/desk/queue").status_code == 303
    assert (list_entries(store)[0].action, list_entries(store)[0].agent_id) == ("identity_parted", None)
