"""A provider that is away, slow, wrong or hostile, and browsers that bring back what isn't theirs: nobody comes in."""

from __future__ import annotations

import json
import time

import pytest
from authlib.common.encoding import to_native, urlsafe_b64encode
from joserfc.jwk import RSAKey

from odziv.desk.oidc import exchange
from odziv.desk.oidc import provider as provider_module
from odziv.desk.oidc.exchange import MOST_READ, NotTrusted, ProviderAway, ask
from odziv.desk.oidc.pages import COMING_BACK
from odziv.desk.oidc.provider import read_metadata
from odziv.settings.oidc import OIDC_SECRET
from odziv.store.agents.agent import count_agents, find_agent_by_email
from odziv.store.audit import list_entries
from tests.desk.conftest import PASSWORD, add_agent, csrf_of
from tests.desk.oidc.oidc_provider import DISCOVERY, KEYS, TOKEN, come_back, go, saying, sign_in_through, slowly

OPEN = {"make_accounts": True, "other_role": "agent"}
SECONDS = 0.4


@pytest.fixture
def client(desk):
    return desk(**OPEN).test_client()


@pytest.fixture
def impatient(monkeypatch):
    """Waits less long for the provider."""
    monkeypatch.setattr(exchange.ask, "__kwdefaults__", {**exchange.ask.__kwdefaults__, "seconds": SECONDS})


def assert_outside(client, answer, status: int, words: str) -> None:
    assert answer.status_code == status and words in answer.get_data(as_text=True)
    assert client.get("/desk/queue").location.startswith("/desk/sign-in")


def assert_local_accounts_work(client, store) -> None:
    agent = find_agent_by_email(store, "root@smreka.example") or add_agent(store, "Root", "admin")
    fields = {"csrf_token": csrf_of(client), "email": agent.email, "password": PASSWORD}
    assert client.post("/desk/sign-in", data=fields).status_code == 303


@pytest.mark.parametrize("path", [DISCOVERY, TOKEN, KEYS])
@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (saying(500, "{}"), 503),
        (saying(302, ""), 502),
        (saying(404, "{}"), 502),
        (saying(200, "<html>"), 502),
        (saying(200, "[]"), 502),
        (saying(200, "{}"), 502),
        (saying(200, '{"keys": []}'), 502),
        (saying(200, b"\xff\xfe"), 502),
        (saying(200, "[" * 100_000), 502),
        (saying(200, b'{"a": "' + b"a" * MOST_READ + b'"}'), 502),
    ],
    ids=["500", "redirect", "404", "html", "list", "empty", "no keys", "bytes", "deep", "huge"],
)
def test_odd_answers_let_nobody_in_and_local_accounts_work(client, provider, store, path, answer, status):
    provider.bent[path] = answer
    got = client.get("/desk/sign-in/provider") if path == DISCOVERY else sign_in_through(client, provider, "u-ana")
    assert_outside(client, got, status, "can’t be trusted" if status == 502 else "doesn’t answer just now")
    provider.bent.clear()
    assert sign_in_through(client.application.test_client(), provider, "u-ana").status_code == 303  # nothing is kept
    assert_local_accounts_work(client, store)


@pytest.mark.parametrize("path", [DISCOVERY, TOKEN, KEYS])
def test_a_slow_answer_is_not_waited_for(client, provider, impatient, path):
    provider.bent[path] = slowly(2 * SECONDS)
    got = client.get("/desk/sign-in/provider") if path == DISCOVERY else sign_in_through(client, provider, "u-ana")
    assert_outside(client, got, 503, "doesn’t answer just now")


def test_a_provider_that_is_gone_is_said_to_be_away(desk, store):
    client = desk(issuer="http://127.0.0.1:9", **OPEN).test_client()
    assert_outside(client, client.get("/desk/sign-in/provider"), 503, "doesn’t answer just now")
    assert_local_accounts_work(client, store)


def test_where_the_secret_cannot_be_read_commands_run_and_nobody_comes_in(desk, provider, monkeypatch):
    app = desk(secret_file="/nowhere/secret", **OPEN)
    monkeypatch.delenv(OIDC_SECRET)
    assert app.test_cli_runner().invoke(args=["agents", "list"]).exit_code == 0
    client = app.test_client()
    assert_outside(client, sign_in_through(client, provider, "u-ana"), 502, "can’t be trusted")


def test_an_answer_that_trickles_is_given_up(provider, monkeypatch):
    def trickle(response):
        response.response = (time.sleep(SECONDS / 4) or b" " for _ in range(40))
        response.headers.pop("Content-Length", None)
        return response

    provider.bent[DISCOVERY] = trickle
    begun = time.monotonic()
    with pytest.raises(ProviderAway):
        ask(provider.issuer + DISCOVERY, seconds=SECONDS)
    assert time.monotonic() - begun < 4 * SECONDS


def test_few_threads_wait_for_it_at_once(provider, monkeypatch):
    monkeypatch.setattr(exchange, "WAIT_SECONDS", 0.01)
    taken = [exchange._places.acquire() for _ in range(exchange.MOST_AT_ONCE)]
    try:
        with pytest.raises(ProviderAway, match="too many"):
            ask(provider.issuer + DISCOVERY)
    finally:
        for _ in taken:
            exchange._places.release()
    assert ask(provider.issuer + DISCOVERY)["issuer"] == provider.issuer


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": ["odziv", "another"]},
        {"aud": ["another"], "azp": "odziv"},
        {"azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1_000_000_000},
        {"exp": "soon"},
        {"iat": 99_999_999_999},
        {"nbf": 99_999_999_999},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"sub": ""},
        {"sub": 7},
        {"sub": "a\nb"},
        {"sub": "a" * 300},
    ],
    ids=lambda claims: json.dumps(claims)[:40],
)
def test_tokens_with_wrong_claims_are_refused(client, provider, store, claims):
    provider.claims = claims
    assert_outside(client, sign_in_through(client, provider, "u-ana"), 502, "can’t be trusted")
    assert count_agents(store) == 0


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "exp", "iat", "nonce"])
def test_tokens_that_lack_a_claim_are_refused(client, provider, store, claim):
    provider.dropped = {claim}
    assert_outside(client, sign_in_through(client, provider, "u-ana"), 502, "can’t be trusted")


@pytest.mark.parametrize("seconds", [-100, 100])
def test_clocks_may_differ_a_little(client, provider, store, seconds):
    now = store.clock() // 1000
    provider.claims = {"iat": now + seconds, "exp": now + seconds + 50}
    assert sign_in_through(client, provider, "u-ana").status_code == 303


@pytest.mark.parametrize("seconds", [-200, 200])
def test_but_not_much(client, provider, store, seconds):
    now = store.clock() // 1000
    provider.claims = {"iat": now + seconds, "exp": now + seconds + 50}
    assert sign_in_through(client, provider, "u-ana").status_code == 502


def test_a_token_that_another_key_has_signed_is_refused(client, provider):
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "theirs"})
    assert_outside(client, sign_in_through(client, provider, "u-ana"), 502, "can’t be trusted")


@pytest.mark.parametrize("alg", ["none", "None", "HS256"])
def test_unsigned_tokens_and_those_with_a_shared_secret_are_refused(client, provider, alg):
    def unsign(response):
        found = response.get_json()
        _head, body, signature = found["id_token"].split(".")
        head = to_native(urlsafe_b64encode(json.dumps({"alg": alg}).encode()))
        found["id_token"] = f"{head}.{body}.{signature if alg == 'HS256' else ''}"
        response.set_data(json.dumps(found))

    provider.bent[TOKEN] = unsign
    assert_outside(client, sign_in_through(client, provider, "u-ana"), 502, "can’t be trusted")


@pytest.mark.parametrize("token", [7, None, "", "a.b", "a.b.c", "..", "a" * 100_000])
def test_what_is_no_token_is_refused(client, provider, token):
    provider.bent[TOKEN] = saying(200, json.dumps({"access_token": "a", "token_type": "Bearer", "id_token": token}))
    assert_outside(client, sign_in_through(client, provider, "u-ana"), 502, "can’t be trusted")


def test_new_keys_are_read_when_a_token_needs_them(client, desk, provider):
    assert sign_in_through(client, provider, "u-ana").status_code == 303
    key = RSAKey.generate_key(2048, {"kid": "new"})
    provider.signing_key, provider.header = key, {"kid": "new"}
    app = client.application
    assert sign_in_through(app.test_client(), provider, "u-ana").status_code == 502
    provider.bent[KEYS] = saying(200, json.dumps({"keys": [key.as_dict(private=False)]}))
    assert sign_in_through(app.test_client(), provider, "u-ana").status_code == 303


def test_what_the_provider_tells_is_read_once_an_hour(desk, provider):
    app = desk(**OPEN)
    for _ in range(3):
        assert sign_in_through(app.test_client(), provider, "u-ana").status_code == 303
    paths = [path for path, _form in provider.asked]
    assert (paths.count(DISCOVERY), paths.count(KEYS)) == (1, 1)
    told = app.extensions["desk_provider"]
    told._clock = lambda: time.monotonic() + provider_module.KEPT_SECONDS + 1
    sign_in_through(app.test_client(), provider, "u-ana")
    assert [path for path, _form in provider.asked].count(DISCOVERY) >= 2


def test_a_code_works_once_and_in_the_browser_that_began_only(client, desk, provider):
    back = provider.confirm(go(client), "u-ana")
    assert_outside(client.application.test_client(), come_back(desk(**OPEN).test_client(), back), 400, "begin again")
    assert come_back(client, back).status_code == 303
    again = client.application.test_client()
    assert come_back(again, back).status_code == 400
    go(again)
    mixed = back.replace("state=", "state=x")
    assert_outside(again, come_back(again, mixed), 400, "begin again")


def test_a_code_that_was_used_is_refused_by_the_provider_whatever_the_browser_says(client, provider):
    back = provider.confirm(go(client), "u-ana")
    kept = client.get_cookie("odziv_desk", path="/desk").value
    assert come_back(client, back).status_code == 303
    thief = client.application.test_client()
    thief.set_cookie("odziv_desk", kept, path="/desk")
    assert_outside(thief, come_back(thief, back), 502, "can’t be trusted")


def test_several_tabs_may_be_under_way_and_each_is_over_in_ten_minutes(client, provider, store):
    first, second = go(client), go(client)
    assert come_back(client, provider.confirm(first, "u-ana")).status_code == 303
    client.post("/desk/sign-out", data={"csrf_token": csrf_of(client)})
    late = go(client)
    store.clock.advance(10 * 60_000)
    assert come_back(client, provider.confirm(late, "u-ana")).status_code == 400
    assert second != first


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("?state=&code=a", 400),
        ("?state=%00&code=a", 400),
        ("?state={state}&error=access_denied", 403),
        ("?state={state}", 403),
        ("?state={state}&code=wrong", 502),
        ("?state={state}&code=%F0%9F%A6%8A", 502),
        ("?state={state}&code={code}&iss=https://evil.example", 502),
        ("?state={state}&code={long}", 400),
    ],
)
def test_odd_ways_back_let_nobody_in(client, provider, query, status):
    back = provider.confirm(go(client), "u-ana")
    code, state = (back.split(f"{name}=")[1].split("&")[0] for name in ("code", "state"))
    path = "/desk/sign-in/provider/back" + query.format(state=state, code=code, long="a" * 5000)
    assert client.get(path).status_code == status
    assert client.get("/desk/queue").location.startswith("/desk/sign-in")


def test_a_provider_that_says_it_names_itself_has_to(client, provider):
    def promise(response):
        response.set_data(json.dumps({**response.get_json(), "authorization_response_iss_parameter_supported": True}))

    provider.bent[DISCOVERY] = promise
    back = provider.confirm(go(client), "u-ana")
    assert come_back(client, back).status_code == 502
    back = provider.confirm(go(client), "u-ana")
    assert come_back(client, f"{back}&iss={provider.issuer}").status_code == 303


def test_coming_back_too_often_has_to_wait(client):
    path = "/desk/sign-in/provider/back?state=a&code=b"
    statuses = [client.get(path).status_code for _ in range(COMING_BACK[0] + 1)]
    assert statuses[-2:] == [400, 429]


def test_a_refusal_is_in_the_audit_trail_and_says_nothing_of_the_code(desk, provider, store):
    sign_in_through(desk().test_client(), provider, "u-ana")
    (entry,) = list_entries(store)
    assert (entry.action, entry.agent_id, entry.detail) == ("sign_in_failed", None, {"through": "Smreka ID"})


DOCUMENT = {
    "issuer": "https://id.example",
    "authorization_endpoint": "https://id.example/a",
    "token_endpoint": "https://id.example/t",
    "jwks_uri": "https://id.example/k",
}


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://id.example/"},
        {"issuer": None},
        {"token_endpoint": None},
        {"token_endpoint": "http://id.example/t"},
        {"token_endpoint": "http://127.0.0.1/t"},
        {"token_endpoint": "file:///etc/passwd"},
        {"token_endpoint": "https://u:p@id.example/t"},
        {"token_endpoint": "https://id.example:x/t"},
        {"jwks_uri": ["https://id.example/k"]},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": 'https://id.example/"onload='},
        {"end_session_endpoint": "https://id.example/\r\nSet-Cookie: a=b"},
        {"end_session_endpoint": 7},
    ],
    ids=str,
)
def test_discovery_documents_with_unsafe_addresses_are_refused(change):
    assert read_metadata(DOCUMENT, "https://id.example").token_endpoint == "https://id.example/t"
    with pytest.raises(NotTrusted):
        read_metadata({**DOCUMENT, **change}, "https://id.example")
