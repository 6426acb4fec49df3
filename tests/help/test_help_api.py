"""The articles for the widget: search as one types, the most asked, whole articles; who may ask, and how often."""

from __future__ import annotations

import pytest

from odziv.help import api
from odziv.store.conversations.conversation import create_conversation
from odziv.store.knowledge.article_answers import note_answer
from tests.fixtures import SHOP
from tests.help.conftest import EVIL
from tests.scratch_articles import write

SEARCH = "/api/v1/articles"


def find(client, q: str, language: str = "en", **more: str) -> list[str]:
    answer = client.get(SEARCH, query_string={"q": q, "language": language, **more})
    assert answer.status_code == 200
    return [hit["article"] for hit in answer.get_json()["articles"]]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "q"),
    [("sl", "vra"), ("sl", "VRAČILO"), ("sl", "vracilo izd"), ("sl", "vračllo"), ("sl", "rad bi vrnil cevlje"),
     ("en", "retrun"), ("en", "how do I ret"), ("en", "return item"), ("en", "label parcel")],
)  # fmt: skip
def test_what_is_typed_so_far_finds_the_article_first(client, language, q):
    assert find(client, q, language)[0] == "orders/return"


@pytest.mark.slow
@pytest.mark.parametrize("q", ["", " ", "?!", "xqzw", "\x00", "a" * 100_000, "💥", "%", "' OR 1=1", EVIL, "\ud800"])
def test_whatever_is_typed_gets_an_answer(client, q):
    answer = client.get(SEARCH, query_string={"q": q.encode("utf-8", "replace"), "language": "en"})
    assert answer.status_code == 200 and len(answer.get_json()["articles"]) <= 8


def test_a_hit_has_title_piece_category_and_address(client):
    answer = client.get(SEARCH, query_string={"q": "label", "language": "en-GB", "site": "demo"})
    hit = answer.get_json()["articles"][0]
    assert answer.get_json()["language"] == "en"
    assert hit["title"] == "Return an item" and hit["snippet"] == "Stick the label on the parcel."
    assert hit["category"] == "Orders" and hit["url"] == "http://localhost:8080/help/en/orders/return"
    assert hit["language"] == "en" and hit["lead"].startswith("Fill in the returns form")


def test_an_article_of_another_language_is_found_and_named_as_such(client):
    [hit] = client.get(SEARCH, query_string={"q": "paypal", "language": "pl"}).get_json()["articles"]
    assert (hit["article"], hit["language"]) == ("payment/methods", "en")


def test_an_unknown_language_gets_the_default_one_and_is_told(client):
    assert client.get(SEARCH, query_string={"q": "return", "language": "de"}).get_json()["language"] == "en"
    assert client.get(f"{SEARCH}/top").get_json()["language"] == "en"


def test_at_most_eight(client, folder, kb):
    for number in range(12):
        write(folder, f"en/orders/return-{number}", f"Return number {number}", ["return"], "Return.")
    kb.refresh()
    assert len(find(client, "return")) == 8


def test_meaning_helps_where_words_find_nothing(client, kb, monkeypatch):
    asked = []
    real = kb.search
    monkeypatch.setattr(kb, "search", lambda *args: asked.append(args) or real(*args))
    find(client, "return")
    assert asked == []  # one word, so far
    find(client, "zzgx qwrt")
    assert asked == [("zzgx qwrt", "en", 8)]


def test_drafts_and_internal_ones_are_not_found(client):
    assert "orders/secret" not in find(client, "secret draft")
    assert "orders/inside" not in find(client, "inside knowledge")
    assert client.get(f"{SEARCH}/en/orders/inside").status_code == 404


def test_the_most_asked_are_those_of_the_site_and_language(client, store):
    for site, article in (("demo", "payment/methods"), ("other", "account/password")):
        conversation = create_conversation(store, site, "en")
        with store.write() as connection:
            note_answer(connection, conversation.id, article)
    top = client.get(f"{SEARCH}/top?language=en&site=demo").get_json()["articles"]
    assert top[0]["article"] == "payment/methods" and len(top) > 3
    assert client.get(f"{SEARCH}/top?language=en&site=other").get_json()["articles"][0]["article"] == "account/password"


def test_an_answer_of_the_bot_counts(client, visitor, run_turns, store):
    visitor.say("How do I return a tent?")
    run_turns()
    from odziv.store.knowledge.article_answers import count_answers

    assert count_answers(store, "demo", "en") == [("orders/return", 1)]


def test_a_whole_article_is_safe_html_with_links_that_work_elsewhere(client):
    article = client.get(f"{SEARCH}/en/orders/refund-time").get_json()["article"]
    assert 'href="http://localhost:8080/help/en/orders/return"' in article["html"]
    assert article["versions"] == ["en"] and article["changed_at"].endswith("Z") and article["related"]
    evil = client.get(f"{SEARCH}/en/orders/evil").get_json()["article"]
    assert "<script" not in evil["html"] and 'href="javascript' not in evil["html"]
    assert client.get(f"{SEARCH}/pl/orders/return").get_json()["article"]["language"] == "en"


@pytest.mark.parametrize(
    "path", ["de/orders/return", "en/orders", "en/orders/nothing", "en/../../etc/passwd", "en/a/b/c", "en/%00/x"]
)
def test_no_such_article(client, path):
    answer = client.get(f"{SEARCH}/{path}")
    assert answer.status_code == 404 and answer.get_json()["error"]["code"] == "not_found"
    said = client.post(f"{SEARCH}/{path}/feedback", json={"helpful": True})
    assert said.status_code == 404


@pytest.mark.parametrize("path", ["", "/top", "/en/orders/return"])
def test_sites_are_known_and_so_are_their_origins(client, path):
    answer = client.get(f"{SEARCH}{path}?site=demo", headers={"Origin": SHOP})
    assert answer.status_code == 200 and answer.headers["Access-Control-Allow-Origin"] == SHOP
    refused = client.get(f"{SEARCH}{path}?site=demo", headers={"Origin": "https://evil.example"})
    assert refused.status_code == 403 and "Access-Control-Allow-Origin" not in refused.headers
    assert refused.get_json()["error"]["code"] == "origin_not_allowed"
    assert client.get(f"{SEARCH}{path}?site=nobody").get_json()["error"]["code"] == "unknown_site"


def test_too_many_in_a_minute_are_refused(client, monkeypatch):
    monkeypatch.setattr(api, "PER_MINUTE", 3)
    codes = [client.get(f"{SEARCH}?q=a").status_code for _ in range(4)]
    assert codes == [200, 200, 200, 429]
