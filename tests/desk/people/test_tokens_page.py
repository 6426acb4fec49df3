"""Tokens as administrators make them, on the page and by command."""

from __future__ import annotations

import re

import pytest

from odziv.store.agents.agent import set_disabled
from odziv.store.agents.tokens import find_bearer, list_tokens, make_token
from odziv.store.audit import list_entries


def fields(person, **changed: str) -> dict[str, str]:
    return {"name": "Shop", "agent": str(person.agent.id), "role": "agent", "days": "90", **changed}


def test_a_token_is_made_shown_once_and_revoked(boss, ana, store):
    page = boss.post("/desk/tokens", **fields(ana)).text
    token = re.search(r'value="(odz_[^"]+)"', page)[1]
    assert find_bearer(store, token).agent.id == ana.agent.id
    page = boss.get("/desk/tokens").text
    assert token not in page and "acts as Ana Kovač" in page
    path = re.search(r"/desk/tokens/\d+/revoke", page)[0]
    assert boss.post(path).status_code == 303 and boss.post(path).status_code == 409
    assert find_bearer(store, token) is None and "Shop" not in boss.get("/desk/tokens").text
    actions = [entry.action for entry in list_entries(store) if entry.action.startswith("token")]
    assert actions == ["token_revoked", "token_made"] and token not in str(list_entries(store))


@pytest.mark.parametrize(
    "changed",
    [
        {"name": ""},
        {"name": "x" * 81},
        {"name": "a\x00b"},
        {"agent": "999"},
        {"agent": ""},
        {"agent": "1e3"},
        {"role": "king"},
        {"role": "admin"},
        {"days": "7"},
        {"days": "-1"},
        {"days": ""},
    ],
)
@pytest.mark.slow
def test_what_makes_no_sense_is_refused(boss, ana, store, changed):
    answer = boss.post("/desk/tokens", **fields(ana, **changed))
    assert answer.status_code == 422 and 'role="alert"' in answer.text
    assert list_tokens(store) == []


def test_disabled_people_are_not_offered(boss, ana, store):
    set_disabled(store, ana.agent.id, True)
    assert boss.post("/desk/tokens", **fields(ana)).status_code == 422
    assert "Ana Kovač" not in boss.get("/desk/tokens").text


def run(app, *arguments: str):
    return app.test_cli_runner().invoke(args=["tokens", *arguments])


def test_commands_make_list_and_revoke(app, ana, store):
    made = run(app, "add", "ana@smreka.example", "--name", "Shop", "--days", "30")
    token = made.stdout.strip()
    assert made.exit_code == 0 and find_bearer(store, token).name == "Shop"
    listed = run(app, "list").output
    assert "Shop" in listed and "ana@smreka.example" in listed and token not in listed
    token_id = str(list_tokens(store)[0].id)
    assert run(app, "revoke", token_id).exit_code == 0 and find_bearer(store, token) is None
    assert run(app, "revoke", token_id).exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["add", "nobody@smreka.example", "--name", "x"],
        ["add", "ana@smreka.example", "--name", "x", "--role", "admin"],
        ["add", "ana@smreka.example", "--name", "x", "--role", "king"],
        ["add", "ana@smreka.example", "--name", " "],
        ["add", "ana@smreka.example", "--name", "x", "--days", "0"],
        ["revoke", "abc"],
    ],
)
def test_commands_refuse_what_makes_no_sense(app, ana, store, arguments):
    assert run(app, *arguments).exit_code != 0 and list_tokens(store) == []


def test_a_token_without_an_end_says_so(boss, ana, store):
    make_token(store, ana.agent.id, "Forever", "agent", days=None)
    assert "without end" in boss.get("/desk/tokens").text
