"""Sites with their own articles and languages: what each may search, list and open, and where links lead."""

from __future__ import annotations

import pytest

from odziv.settings import Settings
from odziv.store.conversations.conversation import create_conversation
from odziv.store.knowledge.article_answers import note_answer
from tests.fixtures import SHOP

CALLS = "/api/v1/articles"


def set_sites(services, **sites: dict) -> None:
    services.settings = Settings(
        sites={key: {"name": key.title(), "origins": [SHOP], **site} for key, site in sites.items()},
        var=services.settings.var,
    )


@pytest.fixture(autouse=True)
def sites(services):
    """One with everything, listed first; one with two categories and two languages; one that nothing is for."""
    set_sites(
        services,
        demo={},
        outlet={"tags": ["delivery", "payment"], "languages": ["pl", "sl"]},
        empty={"tags": ["nothing-has-this-tag"]},
    )


def ids(client, call: str = "", **args: str) -> list[str]:
    answer = client.get(CALLS + call, query_string=args)
    assert answer.status_code == 200
    return [entry["article"] for entry in answer.get_json()["articles"]]


def test_each_site_finds_its_own_articles_in_whatever_order_they_ask(client):
    for _ in range(2):
        assert ids(client, q="delivery cost", language="pl", site="outlet") == ["delivery/cost"]
        assert ids(client, q="return item", language="en", site="outlet") == []
        assert ids(client, q="return item", language="en", site="demo")[0] == "orders/return"
        assert ids(client, q="return item", language="en", site="empty") == []


def test_the_most_asked_are_the_sites_own_too(client, store):
    conversation = create_conversation(store, "outlet", "pl")
    with store.write() as connection:
        for article in ("orders/return", "payment/methods"):
            note_answer(connection, conversation.id, article)
    assert ids(client, "/top", language="pl", site="outlet") == ["payment/methods", "delivery/cost"]
    assert ids(client, "/top", language="pl", site="empty") == []


def test_a_language_the_site_lacks_is_none_to_search_or_read_in(client):
    answer = client.get(CALLS, query_string={"q": "paypal", "language": "en", "site": "outlet"}).get_json()
    assert answer["language"] == "pl" and answer["articles"][0]["language"] == "en"
    assert client.get(f"{CALLS}/en/payment/methods?site=outlet").status_code == 404
    assert client.get(f"{CALLS}/hr/payment/methods?site=demo").status_code == 200


def test_an_article_of_another_site_can_be_neither_read_nor_judged(client):
    assert client.get(f"{CALLS}/sl/orders/return?site=demo").status_code == 200
    assert client.get(f"{CALLS}/sl/orders/return?site=outlet").status_code == 404
    read = client.get(f"{CALLS}/sl/payment/methods?site=outlet").get_json()["article"]
    assert read["versions"] == [] and "orders/" not in str(read["related"])
    for site, status in (("outlet", 404), ("demo", 204)):
        said = client.post(f"{CALLS}/sl/orders/return/feedback", json={"helpful": True, "site": site})
        assert said.status_code == status, said.get_json()


def test_the_pages_list_what_the_first_site_has_and_show_what_other_sites_answers_lead_to(client, services):
    set_sites(services, outlet={"tags": ["delivery"], "languages": ["sl", "en"]}, demo={})
    home = client.get("/help/en/").text
    assert "Cost of delivery" in home and "Return an item" not in home and 'hreflang="pl"' not in home
    assert client.get("/help/en/orders/").status_code == 404
    assert "Return an item" not in client.get("/help/en/search?q=return").text
    sitemap = client.get("/sitemap.xml").text
    assert "/help/en/delivery/cost<" in sitemap and "orders/" not in sitemap and "/help/pl/" not in sitemap
    for language in ("en", "pl"):
        page = client.get(f"/help/{language}/orders/return")
        assert page.status_code == 200 and "Return an item" in page.text
        assert f'href="/help/{language}/orders/"' not in page.text
    assert client.get("/help/", headers={"Accept-Language": "pl"}).location == "/help/en/"
    assert client.get("/help/pl/").status_code == 200
