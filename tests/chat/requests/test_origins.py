"""Which pages may talk to the interface, and what their browsers are told."""

from __future__ import annotations

import pytest

from tests.fixtures import SHOP

START = "/api/v1/conversations"
FOREIGN = [
    "https://evil.example",
    "http://shop.example",
    "https://shop.example.evil.example",
    "https://shop.example:8443",
    "https://xshop.example",
    "https://shop.example/",
    "HTTPS://SHOP.EXAMPLE",
    "null",
]


def allowed(answer) -> str | None:
    return answer.headers.get("Access-Control-Allow-Origin")


def test_a_listed_page_may_talk_and_read_the_answer(client):
    answer = client.post(START, json={"site": "demo"}, headers={"Origin": SHOP})
    assert (answer.status_code, allowed(answer)) == (201, SHOP) and answer.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_page_may_not(client, origin):
    answer = client.post(START, json={"site": "demo"}, headers={"Origin": origin})
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "origin_not_allowed")
    assert allowed(answer) is None


def test_a_page_of_one_site_may_not_use_another(client):
    answer = client.post(START, json={"site": "other"}, headers={"Origin": SHOP})
    assert answer.status_code == 403


@pytest.mark.parametrize("call", ["messages", "events"])
def test_a_stolen_token_does_not_work_from_a_foreign_page(visitor, call):
    headers = {**visitor.headers, "Origin": "https://evil.example"}
    assert visitor.client.get(f"{visitor.path}/{call}", headers=headers).status_code == 403


def test_the_servers_own_pages_may_talk(client, settings):
    for origin in ("http://localhost", settings.url):
        assert client.post(START, json={"site": "demo"}, headers={"Origin": origin}).status_code == 201


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "shop.example",
     "0x7f000001", "[::1].evil.example", "[evil.example]", "localhost@evil.example", "evil", "LOCALHOST.", "[", ""],
)  # fmt: skip
def test_a_name_is_not_ours_because_host_says_so(client, host):
    headers = {"Origin": f"http://{host}", "Host": host}
    answer = client.post(START, json={"site": "demo"}, headers=headers)
    assert answer.status_code == 403 and allowed(answer) is None
    preflight = {**headers, "Access-Control-Request-Method": "POST"}
    assert allowed(client.options(f"{START}/x/messages", headers=preflight)) is None


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "192.0.2.7", "[::1]:8080", "[2001:db8::1]", "localhost:9000"])
def test_this_machine_by_its_address_is_ours(client, host):
    headers = {"Origin": f"http://{host}", "Host": host}
    assert client.post(START, json={"site": "demo"}, headers=headers).status_code == 201


def test_the_preflight_of_a_listed_page(client):
    headers = {"Origin": SHOP, "Access-Control-Request-Method": "POST"}
    answer = client.options(f"{START}/x/messages", headers=headers)
    assert (answer.status_code, allowed(answer)) == (200, SHOP)
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST, PATCH, DELETE"
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert "Last-Event-ID" in answer.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("origin", FOREIGN)
def test_the_preflight_of_a_foreign_page(client, origin):
    answer = client.options(START, headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]


def test_a_refusal_can_be_read_by_the_page_it_is_for(visitor):
    answer = visitor.client.get(f"{visitor.path}/messages", headers={"Origin": SHOP})
    assert (answer.status_code, allowed(answer)) == (401, SHOP)


def test_a_site_taken_out_of_the_settings_is_closed(visitor, services, settings):
    services.settings = settings.model_copy(update={"sites": {"other": settings.sites["other"]}})
    answer = visitor.say("hello")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (404, "unknown_site")
