"""The page People: inviting, roles, disabling, reset links, and what nobody may do there."""

from __future__ import annotations

import re

import pytest

from odziv.settings.oidc import OidcSettings
from odziv.store.agents.accounts import change_role, list_open_invitations
from odziv.store.agents.agent import (
    InvitationInvalid,
    accept_invitation,
    find_agent,
    find_invitation,
    invite,
    set_disabled,
)
from odziv.store.agents.passwords import find_reset, make_reset
from odziv.store.audit import list_entries
from tests.desk.conftest import add_agent, come_in, csrf_of


def link_in(page: str, kind: str) -> str:
    return re.search(rf'value="[^"]*/desk/{kind}/([^"]+)"', page)[1]


def test_where_a_provider_says_who_comes_in_the_page_says_so(app, boss):
    assert "Agents sign in at" not in boss.get("/desk/people").text
    oidc = {"issuer": "https://login.smreka.example", "client_id": "odziv", "name": "Smreka ID"}
    services = app.extensions["odziv"]
    services.settings = services.settings.model_copy(update={"oidc": OidcSettings(**oidc)})
    page = boss.get("/desk/people").text
    assert "Agents sign in at Smreka ID." in page and "their roles" not in page and "invitation." not in page
    more = {"role_claim": "groups", "roles": {"support": "agent"}, "make_accounts": True}
    alone = {"only": True, "break_glass": ("boss@smreka.example",)}
    services.settings = services.settings.model_copy(update={"oidc": OidcSettings(**oidc, **more, **alone)})
    page = boss.get("/desk/people").text
    assert "until they sign in the next time" in page and "without an invitation" in page
    assert "the day when it is away: boss@smreka.example." in page


def test_an_invitation_is_made_shown_once_and_taken(boss, client, store):
    page = boss.post("/desk/people/invite", email=" Nova@smreka.example ", role="editor").text
    token = link_in(page, "invite")
    assert token not in boss.get("/desk/people").text
    assert "nova@smreka.example" in boss.get("/desk/people").text
    invitation = find_invitation(store, token)
    assert (invitation.email, invitation.role) == ("nova@smreka.example", "editor")
    agent = accept_invitation(store, token, "", "Nova", "hash")
    assert agent.role == "editor" and list_open_invitations(store) == []


@pytest.mark.parametrize(
    ("email", "role"),
    [("", "agent"), ("nobody", "agent"), ("a@b", "agent"), ("a@b.c" + "c" * 400, "agent"), ("a@b.example", "king")]
    + [
        ("a@b.example", ""),
        ("<script>@", "agent"),
        ("a\0b@c.example", "agent"),
        ("a@b.example\nx@y.example", "agent"),
        ("ANA@smreka.example", "agent"),
    ],
)
@pytest.mark.slow
def test_what_makes_no_invitation(boss, ana, store, email, role):
    answer = boss.post("/desk/people/invite", email=email, role=role)
    assert answer.status_code == 422 and 'role="alert"' in answer.text and "<script>@" not in answer.text
    assert list_open_invitations(store) == []


def test_a_revoked_invitation_is_worthless(boss, client, store):
    token = link_in(boss.post("/desk/people/invite", email="nova@smreka.example", role="agent").text, "invite")
    [invitation] = list_open_invitations(store)
    path = f"/desk/people/invitations/{invitation.id}/revoke"
    assert boss.post(path).status_code == 303
    assert client.get(f"/desk/invite/{token}").status_code == 410
    assert boss.post(path).status_code == 409
    assert boss.post("/desk/people/invitations/made-up/revoke").status_code == 409


def test_the_id_of_an_invitation_opens_nothing(boss, client, store):
    boss.post("/desk/people/invite", email="nova@smreka.example", role="admin")
    [invitation] = list_open_invitations(store)
    assert client.get(f"/desk/invite/{invitation.id}").status_code == 410


def test_a_used_invitation_is_not_revoked(boss, store):
    token = invite(store, "nova@smreka.example", "agent")
    [invitation] = list_open_invitations(store)
    accept_invitation(store, token, "", "Nova", "hash")
    assert boss.post(f"/desk/people/invitations/{invitation.id}/revoke").status_code == 409


def test_roles_are_given_and_taken(boss, ana, store):
    path = f"/desk/people/{ana.agent.id}/role"
    assert boss.post(path, role="editor").status_code == 303
    assert find_agent(store, ana.agent.id).role == "editor"
    assert boss.post(path, role="king").status_code == 422
    assert boss.post("/desk/people/4711/role", role="agent").status_code == 404
    assert boss.post(f"/desk/people/{2**63}/role", role="agent").status_code in {404, 405}
    assert find_agent(store, ana.agent.id).role == "editor"


def test_the_last_administrator_stays_one(boss, store):
    answer = boss.post(f"/desk/people/{boss.agent.id}/role", role="agent")
    assert answer.status_code == 409 and "only administrator" in answer.text
    assert boss.post(f"/desk/people/{boss.agent.id}/state", state="disabled").status_code == 409
    assert find_agent(store, boss.agent.id) == boss.agent


def test_a_disabled_administrator_does_not_count(boss, sign_in, store):
    other = sign_in("Ana Kovač", "admin")
    boss.post(f"/desk/people/{other.agent.id}/state", state="disabled")
    assert boss.post(f"/desk/people/{boss.agent.id}/role", role="agent").status_code == 409


def test_nobody_disables_themselves(boss, sign_in, store):
    sign_in("Ana Kovač", "admin")
    assert boss.post(f"/desk/people/{boss.agent.id}/state", state="disabled").status_code == 409
    assert not find_agent(store, boss.agent.id).disabled


def test_disabling_ends_sessions_and_enabling_does_not_bring_them_back(app, boss, ana, store):
    path = f"/desk/people/{ana.agent.id}/state"
    assert boss.post(path, state="disabled").status_code == 303
    assert ana.get("/desk/queue").status_code == 303
    assert "Disabled" in boss.get("/desk/people").text
    boss.post(path, state="enabled")
    assert ana.get("/desk/queue").status_code == 303
    assert come_in(app, ana.agent).get("/desk/queue").status_code == 200
    assert boss.post(path, state="gone").status_code == 422


@pytest.mark.parametrize("fall", [{"state": "disabled"}, {"role": "agent"}])
def test_what_an_administrator_handed_out_ends_with_them(boss, sign_in, store, fall):
    other, victim = sign_in("Ana Kovač", "admin"), sign_in("Marek Nowak")
    mine = link_in(boss.post("/desk/people/invite", email="y@smreka.example", role="agent").text, "invite")
    back_door = link_in(other.post("/desk/people/invite", email="x@smreka.example", role="admin").text, "invite")
    reset = link_in(other.post(f"/desk/people/{victim.agent.id}/reset").text, "reset")
    boss.post(f"/desk/people/{other.agent.id}/{next(iter(fall))}", **fall)
    assert find_invitation(store, back_door) is None and find_reset(store, reset) is None
    with pytest.raises(InvitationInvalid):
        accept_invitation(store, back_door, "", "X", "hash")
    assert find_invitation(store, mine) is not None


@pytest.mark.slow
@pytest.mark.parametrize("fall", ["disabled", "demoted"])
@pytest.mark.parametrize("path", ["invite", "{}/role", "{}/state", "{}/reset"])
def test_who_is_removed_while_asking_leaves_no_way_back(app, boss, ana, sign_in, store, monkeypatch, path, fall):
    other = sign_in("Bor Zorko", "admin")

    def then_fall(view):
        """Between the look at the role and the change itself."""

        def fall_and_go_on(**values):
            if fall == "disabled":
                set_disabled(store, other.agent.id, True)
            else:
                change_role(store, other.agent.id, "agent")
            return view(**values)

        return fall_and_go_on

    for name in ("invite_person", "set_role", "set_state", "make_reset_link"):
        monkeypatch.setitem(app.view_functions, f"desk.{name}", then_fall(app.view_functions[f"desk.{name}"]))
    fields = {"email": "x@smreka.example", "role": "admin", "state": "disabled"}
    assert other.post(f"/desk/people/{path.format(ana.agent.id)}", **fields).status_code == 403
    assert find_agent(store, ana.agent.id) == ana.agent and list_open_invitations(store) == []
    assert not list_entries(store, action="reset_link_made")


def test_an_agent_gets_no_further_with_the_right_fields(ana, marek, boss, store):
    before = [find_agent(store, person.agent.id) for person in (ana, marek, boss)]
    for who in (ana, marek, boss):
        for path, fields in (("role", {"role": "admin"}), ("state", {"state": "disabled"}), ("reset", {})):
            assert ana.post(f"/desk/people/{who.agent.id}/{path}", **fields).status_code == 403
    assert ana.post("/desk/people/invite", email="x@smreka.example", role="admin").status_code == 403
    assert ana.get("/desk/people").status_code == ana.get("/desk/audit").status_code == 403
    assert [find_agent(store, person.agent.id) for person in (ana, marek, boss)] == before
    assert list_open_invitations(store) == []


@pytest.mark.parametrize("path", ["account/password", "sign-in"])
def test_a_role_in_a_form_that_asks_for_none_does_nothing(app, ana, store, path):
    fields = {"password": "a whole new password", "again": "a whole new password", "old": "correct horse battery"}
    ana.post(f"/desk/{path}", **fields, role="admin", email=ana.agent.email, agent_id="1")
    assert find_agent(store, ana.agent.id).role == "agent"


def test_an_invitations_role_and_address_are_not_the_guests_to_choose(client, store):
    token = invite(store, "nova@smreka.example", "agent")
    page = client.get(f"/desk/invite/{token}").text
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    password = {"password": "a few long words", "again": "a few long words"}
    fields = {"csrf_token": csrf, "name": "Nova", "email": "boss@smreka.example", "role": "admin", **password}
    assert client.post(f"/desk/invite/{token}", data=fields).status_code == 303
    agent = find_agent(store, 1)
    assert (agent.email, agent.role) == ("nova@smreka.example", "agent")


@pytest.mark.slow
@pytest.mark.parametrize("path", ["role", "state", "reset", "invite"])
@pytest.mark.parametrize("token", ["", "wrong"])
def test_without_the_sessions_token_nothing_changes(boss, ana, store, path, token):
    fields = {"role": "admin", "state": "disabled", "email": "x@smreka.example", "csrf_token": token}
    where = "/desk/people/invite" if path == "invite" else f"/desk/people/{ana.agent.id}/{path}"
    assert boss.client.post(where, data=fields).status_code == 400
    assert find_agent(store, ana.agent.id) == ana.agent and list_open_invitations(store) == []
    assert ana.get("/desk/queue").status_code == 200


def test_names_and_addresses_are_shown_as_text(boss, store):
    add_agent(store, "<b>Bor</b>")
    page = boss.get("/desk/people").text
    assert "<b>Bor" not in page and "&lt;b&gt;Bor" in page


# ---- Reset links ------------------------------------------------------------------------------------------------

NEW = {"password": "another long password", "again": "another long password"}


def use(client, token: str, **fields: str):
    page = client.get(f"/desk/reset/{token}").text
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    csrf = found[1] if found else csrf_of(client)
    return client.post(f"/desk/reset/{token}", data={"csrf_token": csrf, **NEW, **fields})


def test_a_reset_link_changes_the_password_once_and_ends_the_sessions(app, boss, ana, client):
    token = link_in(boss.post(f"/desk/people/{ana.agent.id}/reset").text, "reset")
    assert token not in boss.get("/desk/people").text
    assert use(client, token).location == "/desk/sign-in"
    assert client.get("/desk/queue").status_code == 303  # the link alone signs nobody in
    assert ana.get("/desk/queue").status_code == 303
    assert come_in(app, ana.agent, password=NEW["password"]).get("/desk/queue").status_code == 200
    assert use(app.test_client(), token).status_code == 410


@pytest.mark.parametrize("fields", [{"again": "different"}, {"password": "short", "again": "short"}, {"password": ""}])
def test_a_password_that_will_not_do_leaves_the_link_usable(ana, client, store, fields):
    token = make_reset(store, ana.agent.id)
    assert use(client, token, **fields).status_code == 422
    assert find_reset(store, token) == ana.agent


def test_links_that_are_worth_nothing(app, client, boss, ana, marek, store):
    first, second = make_reset(store, ana.agent.id), make_reset(store, ana.agent.id)
    assert use(client, first).status_code == 410  # the newer one ended it
    assert use(client, "made-up").status_code == 410
    boss.post(f"/desk/people/{ana.agent.id}/state", state="disabled")
    boss.post(f"/desk/people/{ana.agent.id}/state", state="enabled")
    assert use(client, second).status_code == 410
    third = make_reset(store, ana.agent.id)
    now = store.clock()
    store.clock.advance(25 * 60 * 60 * 1000)
    assert use(client, third).status_code == 410
    store.clock.now = now  # within her session
    assert marek.get("/desk/queue").status_code == 200


def test_a_disabled_person_gets_no_link(boss, ana, store):
    boss.post(f"/desk/people/{ana.agent.id}/state", state="disabled")
    assert boss.post(f"/desk/people/{ana.agent.id}/reset").status_code == 409


def test_a_reset_needs_the_pages_token(ana, client, store):
    token = make_reset(store, ana.agent.id)
    assert client.post(f"/desk/reset/{token}", data=NEW).status_code == 400
    assert find_reset(store, token) == ana.agent
