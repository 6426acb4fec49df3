"""Signing in at an identity provider that runs, over HTTP: who comes in, as what, and who doesn't."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest

from odziv.desk.people import passwords, totp
from odziv.desk.people.sign_in import FAILED
from odziv.store.agents.accounts import change_role
from odziv.store.agents.agent import find_agent, find_agent_by_email, set_disabled
from odziv.store.agents.identities import has_identity, remove_identities
from odziv.store.agents.second_factor import begin_second_factor, confirm_second_factor
from odziv.store.audit import list_entries
from tests.desk.conftest import PASSWORD, add_agent, csrf_of
from tests.desk.oidc.conftest import ANA
from tests.desk.oidc.oidc_provider import TOKEN, come_back, go, sign_in_through

ROLES = {"role_claim": "groups", "roles": {"support": "agent", "writers": "editor", "it": "admin"}}


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


def actions(store) -> list[str]:
    return [entry.action for entry in reversed(list_entries(store))]


def give_second_factor(store, agent) -> str:
    secret = totp.new_secret()
    begin_second_factor(store, agent.id, secret)
    confirm_second_factor(store, agent.id, secret, store.clock() // 30_000, ["a recovery code"])
    return secret


def test_the_first_sign_in_makes_an_account_with_the_role_of_the_claim(desk, provider, store):
    client = desk(make_accounts=True, **ROLES).test_client()
    answer = sign_in_through(client, provider, "u-ana")
    assert answer.status_code == 303 and answer.location == "/desk/queue"
    agent = find_agent_by_email(store, "ana@smreka.example")
    assert (agent.name, agent.role, agent.password_hash) == ("Ana Kovač", "agent", "")
    assert actions(store) == ["account_made", "sign_in"]
    assert list_entries(store)[0].detail["through"] == "Smreka ID"
    page = text_of(client.get("/desk/account"))
    assert "Smreka ID tells us who you are" in page and "Change password" not in page


def test_what_is_sent_to_the_provider_has_state_nonce_and_pkce(desk, provider):
    client = desk(make_accounts=True, other_role="agent").test_client()
    location = go(client)
    sent = {name: value for name, (value,) in parse_qs(urlsplit(location).query).items()}
    assert location.startswith(f"{provider.issuer}/oauth2/authorize?")
    assert (sent["client_id"], sent["response_type"], sent["scope"]) == ("odziv", "code", "openid email profile")
    assert sent["redirect_uri"] == "http://localhost:8080/desk/sign-in/provider/back"
    assert len(sent["state"]) >= 43 and len(sent["nonce"]) >= 43 and sent["code_challenge_method"] == "S256"
    assert come_back(client, provider.confirm(location, "u-ana")).status_code == 303
    (redeemed,) = provider.forms(TOKEN)
    hashed = urlsafe_b64encode(sha256(redeemed["code_verifier"].encode()).digest()).decode().rstrip("=")
    assert hashed == sent["code_challenge"] and redeemed["code_verifier"] not in location


def test_the_next_sign_in_finds_the_account_by_its_subject_whatever_the_address_and_name_are(desk, provider, store):
    app = desk(make_accounts=True, other_role="agent")
    sign_in_through(app.test_client(), provider, "u-ana")
    first = find_agent_by_email(store, "ana@smreka.example")
    provider.add_user("u-ana", email="other@smreka.example", email_verified=True, name="Somebody Else")
    assert sign_in_through(app.test_client(), provider, "u-ana").status_code == 303
    assert find_agent(store, first.id) == first and find_agent_by_email(store, "other@smreka.example") is None


def test_an_account_is_joined_by_its_address_only_where_the_settings_allow_it(desk, provider, store):
    ana = add_agent(store, "Ana Kovač")
    answer = sign_in_through(desk(make_accounts=True, other_role="agent").test_client(), provider, "u-ana")
    assert answer.status_code == 403 and "isn’t joined to Smreka ID" in text_of(answer)
    assert not has_identity(store, ana.id)
    assert sign_in_through(desk(match_email=True).test_client(), provider, "u-ana").status_code == 303
    assert has_identity(store, ana.id) and "identity_joined" in actions(store)


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": "false"},
        {"email_verified": None},
        {"email": None},
        {"email": ["x"]},
    ],
    ids=str,
)
def test_an_address_that_is_not_verified_joins_nothing(desk, provider, store, claims):
    ana = add_agent(store, "Ana Kovač")
    provider.add_user("u-ana", **{**ANA, **claims})
    assert sign_in_through(desk(match_email=True).test_client(), provider, "u-ana").status_code == 403
    assert not has_identity(store, ana.id)


@pytest.mark.parametrize(("told", "status"), [(None, 303), (False, 403)])
def test_settings_vouch_for_addresses_of_which_the_provider_says_nothing(desk, provider, store, told, status):
    add_agent(store, "Ana Kovač")
    user = {name: value for name, value in ANA.items() if name != "email_verified"}
    provider.add_user("u-ana", **user, **({} if told is None else {"email_verified": told}))
    app = desk(match_email=True, trust_email=True)
    assert sign_in_through(app.test_client(), provider, "u-ana").status_code == status


def test_an_address_that_has_passed_to_somebody_else_does_not_open_the_account_of_before(desk, provider, store):
    app = desk(match_email=True, make_accounts=True, other_role="agent")
    sign_in_through(app.test_client(), provider, "u-ana")
    provider.add_user("u-new", **ANA)
    answer = sign_in_through(app.test_client(), provider, "u-new")
    assert answer.status_code == 403 and len({entry.agent_id for entry in list_entries(store)} - {None}) == 1


@pytest.mark.parametrize("email", ["ana@evil.example", "ana@smreka.example.evil.example", "ana@sub.smreka.example"])
def test_other_domains_are_refused(desk, provider, store, email):
    provider.add_user("u-ana", **{**ANA, "email": email})
    app = desk(make_accounts=True, other_role="agent", email_domains=["smreka.example"])
    answer = sign_in_through(app.test_client(), provider, "u-ana")
    assert answer.status_code == 403 and find_agent_by_email(store, email) is None


def test_without_a_role_and_without_an_account_nobody_comes_in(desk, provider, store):
    provider.add_user("u-ana", **{**ANA, "groups": ["guests"]})
    assert "has no access" in text_of(
        sign_in_through(desk(make_accounts=True, **ROLES).test_client(), provider, "u-ana")
    )
    assert "no account here yet" in text_of(sign_in_through(desk().test_client(), provider, "u-ana"))
    assert find_agent_by_email(store, "ana@smreka.example") is None
    assert actions(store) == ["sign_in_failed", "sign_in_failed"]


def test_the_role_follows_the_claim_at_each_sign_in_and_is_audited(desk, provider, store):
    add_agent(store, "Root", "admin")
    app = desk(make_accounts=True, **ROLES)
    for groups, role in ((["support", "writers"], "editor"), (["it"], "admin"), ("support", "agent")):
        provider.add_user("u-ana", **{**ANA, "groups": groups})
        assert sign_in_through(app.test_client(), provider, "u-ana").status_code == 303
        assert find_agent_by_email(store, "ana@smreka.example").role == role
    changes = [entry.detail for entry in list_entries(store, action="role_changed")]
    assert changes[0] == {"before": "admin", "after": "agent", "through": "Smreka ID"} and len(changes) == 2
    provider.add_user("u-ana", **{**ANA, "groups": []})
    assert sign_in_through(app.test_client(), provider, "u-ana").status_code == 403


def test_roles_given_at_the_desk_stay_where_no_claim_is_named(desk, provider, store):
    app = desk(make_accounts=True, other_role="agent")
    sign_in_through(app.test_client(), provider, "u-ana")
    agent = find_agent_by_email(store, "ana@smreka.example")
    change_role(store, agent.id, "editor")
    sign_in_through(app.test_client(), provider, "u-ana")
    assert find_agent(store, agent.id).role == "editor"


def test_the_only_administrator_stays_one_and_reads_why(desk, provider, store):
    boss = add_agent(store, "Ana Kovač", "admin")
    client = desk(match_email=True, **ROLES).test_client()
    assert sign_in_through(client, provider, "u-ana").status_code == 303
    assert find_agent(store, boss.id).role == "admin"
    assert "You are still an admin" in text_of(client.get("/desk/queue"))


def test_a_disabled_account_stays_shut(desk, provider, store):
    app = desk(make_accounts=True, match_email=True, other_role="agent")
    sign_in_through(app.test_client(), provider, "u-ana")
    agent = find_agent_by_email(store, "ana@smreka.example")
    set_disabled(store, agent.id, True)
    for _ in range(2):
        client = app.test_client()
        answer = sign_in_through(client, provider, "u-ana")
        assert answer.status_code == 403 and "is disabled" in text_of(answer)
        assert client.get("/desk/queue").location.startswith("/desk/sign-in")
        remove_identities(store, agent.id)  # and it isn't joined anew by its address


def test_our_second_factor_is_asked_where_the_providers_does_not_count(desk, provider, store):
    ana = add_agent(store, "Ana Kovač")
    secret = give_second_factor(store, ana)
    client = desk(match_email=True).test_client()
    answer = sign_in_through(client, provider, "u-ana", "/desk/sign-in/provider?next=/desk/account")
    assert answer.location == "/desk/sign-in/code"
    assert client.get("/desk/queue").location.startswith("/desk/sign-in")
    store.clock.advance(60_000)
    form = re.search(r'name="csrf_token" value="([^"]+)"', text_of(client.get("/desk/sign-in/code")))[1]
    wrong = client.post("/desk/sign-in/code", data={"csrf_token": form, "code": "000000"})
    assert wrong.status_code == 401 and client.get("/desk/queue").status_code == 303
    code = totp.code_at(secret, store.clock() // 30_000)
    right = client.post("/desk/sign-in/code", data={"csrf_token": form, "code": code})
    assert right.status_code == 303 and right.location == "/desk/account"
    assert client.get("/desk/queue").status_code == 200


def test_a_code_has_to_come_in_time(desk, provider, store):
    secret = give_second_factor(store, add_agent(store, "Ana Kovač"))
    client = desk(match_email=True).test_client()
    sign_in_through(client, provider, "u-ana")
    form = re.search(r'name="csrf_token" value="([^"]+)"', text_of(client.get("/desk/sign-in/code")))[1]
    store.clock.advance(10 * 60_000)
    code = totp.code_at(secret, store.clock() // 30_000)
    answer = client.post("/desk/sign-in/code", data={"csrf_token": form, "code": code})
    assert answer.location == "/desk/sign-in" and client.get("/desk/queue").status_code == 303


@pytest.mark.parametrize(
    ("setting", "amr", "is_enough"),
    [("amr", ["pwd", "mfa"], True), ("amr", ["pwd"], False), ("amr", "mfa", False), ("theirs", [], True),
     ("ours", ["mfa"], False)],
)  # fmt: skip
def test_the_providers_second_factor_counts_as_the_settings_say(desk, provider, store, setting, amr, is_enough):
    provider.add_user("u-ana", **ANA, amr=amr)
    app = desk(make_accounts=True, other_role="agent", second_factor=setting, require_two_factor="all")
    client = app.test_client()
    answer = sign_in_through(client, provider, "u-ana")
    if isinstance(amr, str):
        assert answer.status_code == 502
        return
    assert (client.get("/desk/queue").status_code == 200) == is_enough


def test_who_has_no_password_turns_two_factor_off_with_a_code(desk, provider, store):
    client = desk(make_accounts=True, other_role="agent").test_client()
    sign_in_through(client, provider, "u-ana")
    secret = give_second_factor(store, find_agent_by_email(store, "ana@smreka.example"))
    store.clock.advance(60_000)
    token = csrf_of(client)
    fields = {"csrf_token": token, "code": "000000"}
    assert client.post("/desk/account/two-factor/off", data=fields).status_code == 422
    fields["code"] = totp.code_at(secret, store.clock() // 30_000)
    assert client.post("/desk/account/two-factor/off", data=fields).status_code == 303


def test_no_password_opens_an_account_that_has_none(desk, provider, store):
    app = desk(make_accounts=True, other_role="agent")
    sign_in_through(app.test_client(), provider, "u-ana")
    agent = find_agent_by_email(store, "ana@smreka.example")
    assert not passwords.is_password_right(agent, "") and not passwords.is_password_right(agent, PASSWORD)


def test_passwords_are_for_break_glass_accounts_only_where_the_settings_say_so(desk, store):
    boss, ana = add_agent(store, "Root", "admin"), add_agent(store, "Ana Kovač")
    app = desk(only=True, break_glass=["ROOT@smreka.example"])
    answers = []
    for agent in (boss, ana):
        client = app.test_client()
        fields = {"csrf_token": csrf_of(client), "email": agent.email, "password": PASSWORD}
        answers.append(client.post("/desk/sign-in", data=fields))
    assert [answer.status_code for answer in answers] == [303, 401] and FAILED in text_of(answers[1]).replace(
        "&#39;", "’"
    )


def test_signing_out_goes_on_to_the_provider_for_those_who_came_through_it(desk, provider, store):
    client = desk(make_accounts=True, other_role="agent").test_client()
    sign_in_through(client, provider, "u-ana")
    answer = client.post("/desk/sign-out", data={"csrf_token": csrf_of(client)})
    assert answer.status_code == 200 and answer.headers["Refresh"].startswith(
        f"0; url={provider.issuer}/oauth2/end_session?"
    )
    assert "post_logout_redirect_uri=http%3A%2F%2Flocalhost%3A8080%2Fdesk%2Fsign-in" in answer.headers["Refresh"]
    assert client.get("/desk/queue").location.startswith("/desk/sign-in")


def test_who_came_with_a_password_signs_out_here_only(desk, store):
    add_agent(store, "Ana Kovač")
    client = desk().test_client()
    fields = {"csrf_token": csrf_of(client), "email": "ana@smreka.example", "password": PASSWORD}
    client.post("/desk/sign-in", data=fields)
    assert client.post("/desk/sign-out", data={"csrf_token": csrf_of(client)}).location == "/desk/sign-in"


def test_without_a_provider_there_are_no_such_pages(client):
    for path in ("/desk/sign-in/provider", "/desk/sign-in/provider/back?state=a&code=b"):
        assert client.get(path).status_code == 404
    assert client.get("/desk/sign-in/code").location == "/desk/sign-in"


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/desk/../../x\\y", "javascript:alert(1)"]
)
def test_nobody_is_sent_to_another_site_afterwards(desk, provider, wanted):
    client = desk(make_accounts=True, other_role="agent").test_client()
    answer = sign_in_through(client, provider, "u-ana", f"/desk/sign-in/provider?next={wanted}")
    assert answer.location == "/desk/queue"
