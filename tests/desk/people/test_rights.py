"""Every page of the desk says whom it is for, and lets in nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from odziv.desk.frame.roles import ADMIN, AGENT, ANYONE, EDITOR, desk_routes
from odziv.store.agents.accounts import change_role
from odziv.store.agents.agent import ROLES
from odziv.store.agents.availability import find_availability
from odziv.store.schema import agents
from tests.desk.conftest import add_agent, build_app, come_in, csrf_of

NEEDS = desk_routes.needs
VALUES = {
    "token": "t",
    "conversation_id": "c",
    "handoff_id": 1,
    "which": "queue",
    "filename": "frame/desk.css",
    "agent_id": 1,
    "phrasing_id": 1,
    "reply_id": 1,
    "scheduled_id": 1,
    "comment_id": 1,
}
VALUES |= {"attachment_id": "a", "session_id": "s", "invitation_id": "i", "_anything": "x"}


def routes(app):
    """Name, method and an address of each page."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("desk."):
            path = adapter.build(rule.endpoint, {name: VALUES.get(name, 1) for name in rule.arguments})
            for method in rule.methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}:
                yield rule.endpoint.removeprefix("desk."), method, path


def test_every_route_has_a_role_and_every_role_a_route(app):
    assert {name for name, _, _ in routes(app)} == set(NEEDS)
    assert set(NEEDS.values()) <= {ANYONE, AGENT, EDITOR, ADMIN}


@pytest.mark.slow
@pytest.mark.parametrize("role", [*ROLES, "king", ""])
def test_a_page_is_shut_to_every_role_below_its_own(app, store, kb, sign_in, role):
    person = sign_in("Ana Kovač")
    with store.write() as connection:
        connection.execute(update(agents).values(role=role))
    token = csrf_of(person.client) if role in ROLES else "none"
    walked = 0
    for name, method, path in routes(app):
        if NEEDS[name] == ANYONE or name == "stream_events":
            continue
        answer = person.client.open(path, method=method, data={"csrf_token": token} if method != "GET" else None)
        is_shut = role not in ROLES or ROLES.index(role) > ROLES.index(NEEDS[name])
        if method == "GET" or role in ROLES:
            assert (answer.status_code == 403) == is_shut, (role, method, path)
        else:
            assert answer.status_code in {400, 403}
        walked += 1
    assert walked > 20


def test_strangers_get_to_the_sign_in_page_from_everywhere_else(app, client):
    token = csrf_of(client)
    for name, method, path in routes(app):
        if NEEDS[name] != ANYONE:
            answer = client.open(path, method=method, data={"csrf_token": token} if method != "GET" else None)
            assert answer.status_code == 303 and answer.location.startswith("/desk/sign-in"), path


def test_a_page_that_names_no_role_is_refused(app, boss, monkeypatch):
    monkeypatch.delitem(NEEDS, "show_queue")
    assert boss.get("/desk/queue").status_code == 403


def test_a_change_of_role_holds_for_sessions_that_are_open(boss, ana, store):
    assert ana.get("/desk/people").status_code == 403
    change_role(store, ana.agent.id, "admin")
    assert ana.get("/desk/people").status_code == 200
    change_role(store, ana.agent.id, "editor")
    assert ana.get("/desk/people").status_code == 403


def test_links_are_shown_to_those_they_lead_somewhere(ana, boss):
    assert "/desk/people" not in ana.get("/desk/queue").text and "/desk/audit" not in ana.get("/desk/account").text
    assert "/desk/people" in boss.get("/desk/queue").text and "/desk/audit" in boss.get("/desk/account").text


@pytest.mark.parametrize(
    ("required", "role", "is_kept_out"),
    [
        ("none", "admin", False),
        ("admins", "agent", False),
        ("admins", "admin", True),
        ("all", "agent", True),
    ],
)
@pytest.mark.slow
def test_who_has_to_have_two_factor_first_turns_it_on(store, settings, required, role, is_kept_out):
    desk_settings = settings.desk.model_copy(update={"require_two_factor": required})
    app = build_app(store, settings.model_copy(update={"desk": desk_settings}))
    person = come_in(app, add_agent(store, "Ana Kovač", role))
    for path in ("/desk/queue", "/desk/inbox", "/desk/events", "/desk/nothing"):
        answer = person.client.get(path, buffered=False)
        answer.close()
        assert (answer.location == "/desk/account#two-factor") == is_kept_out, path
    fragment = person.get("/desk/list/queue", **{"HX-Request": "true"})
    assert fragment.headers.get("HX-Redirect") == ("/desk/account#two-factor" if is_kept_out else None)
    assert ("data-events" in person.get("/desk/account").text) != is_kept_out
    assert (
        find_availability(store, person.agent.id).seen_at == 0
    ) == is_kept_out  # nothing comes to whoever can't see it
    token = csrf_of(person.client)
    answer = person.client.post("/desk/next", data={"csrf_token": token})
    assert (answer.location == "/desk/account#two-factor") == is_kept_out
    assert person.client.post("/desk/sign-out", data={"csrf_token": token}).location == "/desk/sign-in"
