"""What the widget tells about a customer: kept, cleaned, bounded; typed is never verified."""

from __future__ import annotations

import json

import pytest

from odziv.store.conversations.conversation import find_conversation
from tests.fixtures import set_contact

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def open_with(client, store, **body):
    answer = client.post("/api/v1/conversations", json={"site": "demo", **body}, headers={"User-Agent": FIREFOX})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return find_conversation(store, answer.get_json()["conversation"]["id"])


def change(visitor, **body):
    return visitor.client.patch(visitor.path, json=body, headers=visitor.headers)


def test_a_new_conversation_keeps_what_page_and_site_told(client, store):
    facts = {"time_zone": "Europe/Ljubljana", "title": " Šotori\n ", "referrer": "https://u:p@x.example/a?q=secret#b"}
    found = open_with(client, store, browser=facts, attributes={"plan": "gold", "orders": 3, "vip": True, "due": 1.5})
    assert found.browser == {
        "time_zone": "Europe/Ljubljana",
        "title": "Šotori",
        "referrer": "https://x.example/a",
        "device": "Firefox on Linux",
    }
    assert found.attributes == {"plan": "gold", "orders": 3, "vip": True, "due": 1.5}
    assert (found.name, found.email, found.verified) == (None, None, False)


@pytest.mark.parametrize("zone", ["../../etc/passwd", "/etc/passwd", "Europe", "", "Mars/Base", "x" * 500, "a\0b"])
def test_an_odd_time_zone_is_left_out_and_does_no_harm(client, store, zone):
    assert open_with(client, store, browser={"time_zone": zone}).browser == {"device": "Firefox on Linux"}


@pytest.mark.parametrize("referrer", ["javascript:alert(1)", "http://[", "file:///etc/passwd", "x"])
def test_only_web_pages_are_referrers(client, store, referrer):
    assert "referrer" not in open_with(client, store, browser={"referrer": referrer}).browser


def test_long_facts_are_cut(client, store):
    found = open_with(client, store, browser={"title": "ž" * 4000, "referrer": "https://x.example/" + "y" * 4000})
    assert len(found.browser["title"]) == len(found.browser["referrer"]) == 300


def test_a_program_without_a_browser_leaves_nothing(client, store):
    answer = client.post("/api/v1/conversations", json={"site": "demo"}, headers={"User-Agent": "curl/8"})
    assert find_conversation(store, answer.get_json()["conversation"]["id"]).browser is None


BAD_ATTRIBUTES = [
    [],
    "x",
    {str(n): 1 for n in range(21)},
    {"": 1},
    {"k" * 41: 1},
    {"a": "x" * 501},
    {"a": {"b": 1}},
    {"a": [1]},
    {"a": None},
    {"a": 10**16},
    {"\u202e": 1},
]


@pytest.mark.slow
@pytest.mark.parametrize("given", BAD_ATTRIBUTES, ids=lambda given: str(given)[:20])
def test_attributes_that_are_too_much_are_refused(client, visitor, store, given):
    assert client.post("/api/v1/conversations", json={"site": "demo", "attributes": given}).status_code == 400
    assert change(visitor, attributes=given).status_code == 400
    assert find_conversation(store, visitor.id).attributes is None


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000])
def test_numbers_that_are_none_are_refused(visitor, store, number):
    body = f'{{"attributes": {{"a": {number}}}}}'
    answer = visitor.client.patch(visitor.path, data=body, headers=visitor.headers, content_type="application/json")
    assert answer.status_code == 400
    assert find_conversation(store, visitor.id).attributes is None


def test_the_largest_attributes_are_kept(visitor, store):
    most = {f"{n:x<40}"[:40]: "ž" * 400 for n in range(1, 10)}
    assert change(visitor, attributes=most).status_code == 200
    assert find_conversation(store, visitor.id).attributes == most


def test_name_email_and_language_are_set_one_by_one_and_never_verified(visitor, store):
    assert change(visitor, name=" Ana \u202eNovak\n").status_code == 200
    assert change(visitor, email=" ana@example.com ", language="sl-SI").get_json()["conversation"]["language"] == "sl"
    assert change(visitor, attributes={"plan": "gold"}).status_code == 200
    found = find_conversation(store, visitor.id)
    assert (found.name, found.email, found.verified) == ("Ana Novak", "ana@example.com", False)
    assert change(visitor, name="", email=None).status_code == 200
    assert find_conversation(store, visitor.id).name is None


@pytest.mark.parametrize(
    "body",
    [
        {"email": "nobody"},
        {"email": "a@b"},
        {"email": "a b@x.example"},
        {"email": "a@x.example,b@x.example"},
        {"email": "<a@x.example>"},
        {"email": "žiga@x.example"},
        {"email": "a@" + "x" * 400 + ".example"},
        {"name": "x" * 121},
        {"name": 7},
        {"language": "de"},
        {"language": "x" * 36},
    ],
    ids=lambda body: json.dumps(body)[:30],
)
def test_what_is_no_contact_is_refused(visitor, store, body):
    before = find_conversation(store, visitor.id)
    assert change(visitor, **body).status_code == 400
    assert find_conversation(store, visitor.id) == before


def test_nobody_types_themselves_verified_or_into_another_place(visitor, store):
    before = find_conversation(store, visitor.id)
    assert change(visitor, verified=True, customer="7", status="open", agent_id=1).status_code == 200
    assert find_conversation(store, visitor.id) == before


def test_what_the_site_verified_cannot_be_typed_over(visitor, store, services):
    visitor.token = services.visitor_tokens.issue(visitor.id, "demo", is_verified=True)
    set_contact(store, visitor.id, email="real@example.com", customer="7", verified=True)
    assert change(visitor, email="thief@example.com").status_code == 409
    assert change(visitor, email="real@example.com", attributes={"a": 1}).status_code == 200
    found = find_conversation(store, visitor.id)
    assert (found.email, found.verified, found.attributes) == ("real@example.com", True, {"a": 1})


def test_only_the_own_token_changes_a_conversation(open_conversation, store):
    mine, other = open_conversation(), open_conversation()
    assert mine.client.patch(other.path, json={"name": "x"}, headers=mine.headers).status_code == 404
    assert mine.client.patch(other.path, json={"name": "x"}).status_code == 401
    assert find_conversation(store, other.id).name is None


def test_a_page_of_the_site_may_patch(visitor):
    headers = {"Origin": "https://shop.example", "Access-Control-Request-Method": "PATCH"}
    allowed = visitor.client.options(visitor.path, headers=headers).headers["Access-Control-Allow-Methods"]
    assert "PATCH" in allowed
