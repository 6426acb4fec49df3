"""Customers the site verified come back to what is theirs; nobody else does, and nobody deletes another's."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest

from odziv.chat.verification import LONGEST_HOURS, make_secret
from odziv.store.audit import list_entries
from odziv.store.conversations.conversation import change_owner, find_conversation
from tests.fixtures import Visitor


@pytest.fixture
def sign(settings):
    """Tokens of the site `demo`, or of another."""
    keys = {site: make_secret(settings, site)[1] for site in settings.sites}

    def sign(sub: str, site: str = "demo", **more) -> str:
        return jwt.encode({"sub": sub, "aud": site, "exp": int(time.time()) + 600, **more}, keys[site], "HS256")

    return sign


def begin(client, identity: str | None = None, site: str = "demo", **body):
    return client.post("/api/v1/conversations", json={"site": site, "identity": identity, **body})


def visitor_of(client, answer) -> Visitor:
    return Visitor(client, answer.get_json()["conversation"]["id"], answer.get_json()["token"])


@pytest.fixture
def ana_of_shop(client, sign) -> Visitor:
    """A customer the site verified, who has written."""
    visitor = visitor_of(client, begin(client, sign("c-7", name="Ana", email="ana@example.com")))
    visitor.say("Where is my parcel?")
    return visitor


def identify(visitor: Visitor, identity: str, **more):
    return visitor.client.patch(visitor.path, json={"identity": identity, **more}, headers=visitor.headers)


def listed(visitor: Visitor):
    return visitor.client.get("/api/v1/conversations", headers=visitor.headers)


def code(answer) -> str:
    return answer.get_json()["error"]["code"]


def test_who_it_is_stands_on_the_conversation(store, ana_of_shop):
    found = find_conversation(store, ana_of_shop.id)
    assert (found.customer, found.name, found.email, found.verified) == ("c-7", "Ana", "ana@example.com", True)


def test_another_device_gets_the_open_conversation(client, sign, ana_of_shop):
    answer = begin(client, sign("c-7"))
    assert answer.status_code == 200
    phone = visitor_of(client, answer)
    assert phone.id == ana_of_shop.id
    assert [message["text"] for message in phone.messages()] == ["Where is my parcel?"]
    assert ana_of_shop.log()["messages"] == phone.messages()


def test_other_people_and_other_sites_get_their_own(client, sign, ana_of_shop):
    for answer in (begin(client, sign("c-8")), begin(client), begin(client, sign("c-7", "other"), "other")):
        assert answer.status_code == 201
        assert answer.get_json()["conversation"]["id"] != ana_of_shop.id


def test_looking_for_one_opens_none(client, sign, ana_of_shop):
    assert begin(client, sign("c-8"), resume=True).status_code == 204
    assert begin(client, resume=True).status_code == 204
    assert begin(client, sign("c-7"), resume=True).get_json()["conversation"]["id"] == ana_of_shop.id
    assert begin(client, sign("c-8")).status_code == 201


def test_two_tabs_at_once_get_the_same(app, sign):
    identity = sign("c-9")
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: begin(app.test_client(), identity).get_json(), range(12)))
    assert len({answer["conversation"]["id"] for answer in answers}) == 1


@pytest.mark.parametrize("identity", ["a.b.c", "", "x" * 4096, "x" * 5000, 7, ["x"]])
def test_a_bad_token_opens_nothing(client, ana_of_shop, identity):
    answer = begin(client, identity)
    if identity == "":  # as if there were none
        assert answer.get_json()["conversation"]["id"] != ana_of_shop.id
    else:
        assert (answer.status_code, code(answer)) in ((403, "identity_refused"), (400, "bad_request"))


def test_a_typed_address_opens_nobodys_history(client, visitor, ana_of_shop):
    visitor.client.patch(visitor.path, json={"email": "ana@example.com", "name": "Ana"}, headers=visitor.headers)
    assert code(listed(visitor)) == "identity_needed"
    earlier = client.get(f"{ana_of_shop.path}/earlier", headers=visitor.headers)
    assert code(earlier) == "identity_needed"
    assert client.get(f"{ana_of_shop.path}/messages", headers=visitor.headers).status_code == 404
    for body in ({"email": "ana@example.com"}, {"customer": "c-7"}, {"verified": True}):
        assert begin(client, **body).get_json()["conversation"]["id"] != ana_of_shop.id


def test_the_same_address_on_two_accounts_is_two_people(client, sign, ana_of_shop):
    other = visitor_of(client, begin(client, sign("c-8", email="ana@example.com")))
    assert listed(other).get_json() == {"conversations": []}
    assert client.get(f"{ana_of_shop.path}/earlier", headers=other.headers).status_code == 404


def test_earlier_conversations_are_there_to_read(client, store, sign, ana_of_shop):
    with store.write() as connection:
        change_owner(connection, ana_of_shop.id, "resolved", agent_id=None)
    later = visitor_of(client, begin(client, sign("c-7")))
    assert later.id != ana_of_shop.id
    found = listed(later).get_json()["conversations"]
    assert [(one["id"], one["said"], one["status"]) for one in found] == [
        (ana_of_shop.id, "Where is my parcel?", "resolved")
    ]
    read = client.get(f"{ana_of_shop.path}/earlier", headers=later.headers).get_json()
    assert read["messages"][0]["text"] == "Where is my parcel?"


def test_a_conversation_begun_without_a_name_can_be_claimed_once(client, store, sign, visitor):
    visitor.client.patch(visitor.path, json={"email": "typed@example.com"}, headers=visitor.headers)
    answer = identify(visitor, sign("c-7"))
    assert answer.status_code == 200
    found = find_conversation(store, visitor.id)
    assert (found.customer, found.email, found.verified) == ("c-7", None, True)  # what was typed is not verified
    claimed = Visitor(client, visitor.id, answer.get_json()["token"])
    again = identify(claimed, sign("c-8"))
    assert (again.status_code, code(again)) == (409, "another_person")
    assert find_conversation(store, visitor.id).customer == "c-7"
    assert identify(claimed, sign("c-7", name="Ana")).status_code == 200


def test_a_token_from_before_reads_along_no_more(client, sign, visitor):
    """Somebody may have begun it on a shared computer, and kept the token."""
    identify(visitor, sign("c-7"))
    for answer in (visitor.say("hi"), client.get(f"{visitor.path}/messages", headers=visitor.headers), listed(visitor)):
        assert answer.status_code in (401, 403)
    assert client.delete(visitor.path, headers=visitor.headers).status_code == 401


def test_an_old_token_opens_its_conversation_but_no_history(client, clock, ana_of_shop):
    clock.advance((LONGEST_HOURS * 3600 + 5) * 1000)
    assert code(listed(ana_of_shop)) == "identity_needed"
    assert ana_of_shop.messages() != []


def test_a_site_that_is_gone(services, settings, ana_of_shop):
    services.settings = settings.model_copy(update={"sites": {"other": settings.sites["other"]}})
    assert listed(ana_of_shop).status_code == 404


# ---- "Forget me"


def test_forgetting_deletes_it_all(client, store, visitor, run_turns):
    visitor.say("How do I return a tent?")
    run_turns()
    assert client.delete(visitor.path, headers=visitor.headers).get_json() == {"deleted": 1}
    assert find_conversation(store, visitor.id) is None
    assert visitor.say("again", "c2").status_code == 404
    assert client.delete(visitor.path, headers=visitor.headers).status_code == 404


def test_a_known_customers_conversations_of_the_site_go_together(client, store, sign, ana_of_shop, visitor):
    identify(visitor, sign("c-7"))
    elsewhere = visitor_of(client, begin(client, sign("c-7", "other"), "other"))
    strangers = visitor_of(client, begin(client, sign("c-8")))
    assert client.delete(ana_of_shop.path, headers=ana_of_shop.headers).get_json() == {"deleted": 2}
    assert find_conversation(store, visitor.id) is None
    assert find_conversation(store, elsewhere.id) and find_conversation(store, strangers.id)


def test_a_month_old_token_deletes_only_its_own(client, store, clock, sign, ana_of_shop, visitor):
    identify(visitor, sign("c-7"))
    clock.advance((LONGEST_HOURS * 3600 + 5) * 1000)
    assert client.delete(ana_of_shop.path, headers=ana_of_shop.headers).get_json() == {"deleted": 1}
    assert find_conversation(store, visitor.id)


def test_nobody_deletes_anothers(client, store, visitor, ana_of_shop):
    for headers in ({}, {"Authorization": "Bearer x"}, visitor.headers):
        assert client.delete(ana_of_shop.path, headers=headers).status_code in (401, 404)
    foreign = {**ana_of_shop.headers, "Origin": "https://evil.example"}
    assert client.delete(ana_of_shop.path, headers=foreign).status_code == 403
    assert find_conversation(store, ana_of_shop.id)


def test_the_audit_trail_tells_that_and_nothing_more(client, store, ana_of_shop):
    client.delete(ana_of_shop.path, headers=ana_of_shop.headers)
    entry = list_entries(store, action="forgotten")[0]
    assert entry.object == f"conversation:{ana_of_shop.id}"
    assert (entry.agent_id, entry.detail, entry.address) == (None, None, None)


def test_browsers_may_delete(client):
    answer = client.options("/api/v1/conversations/x", headers={"Origin": "https://shop.example"})
    assert "DELETE" in answer.headers["Access-Control-Allow-Methods"]


def test_whoever_follows_learns_that_it_is_gone(client, services, visitor):
    with services.hub.follow(visitor.id) as page:
        page.take_change()
        client.delete(visitor.path, headers=visitor.headers)
        assert page.take_change()
