"""The help centre's pages: what they show, in which language, what search engines read, and what they never let in."""

from __future__ import annotations

import json
import os
import re

import pytest

from odziv.help import most_asked
from odziv.settings import LANGUAGES
from odziv.store.conversations.conversation import create_conversation
from odziv.store.knowledge.article_answers import note_answer
from odziv.texts import say
from tests.help.conftest import EVIL
from tests.scratch_articles import write


def read(client, path: str, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def linked_data(page: str):
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[1])


@pytest.mark.parametrize(
    ("accepts", "language"), [("sl,en;q=0.5", "sl"), ("pl-PL", "pl"), ("de", "en"), ("", "en"), ("%%%", "en")]
)
@pytest.mark.slow
@pytest.mark.parametrize("path", ["/help", "/help/"])
def test_the_entrance_leads_to_the_browsers_language(client, path, accepts, language):
    answer = client.get(path, headers={"Accept-Language": accepts})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/help/{language}/")
    assert answer.headers["Vary"] == "Accept-Language"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_front_page_has_search_topics_and_the_other_languages(client, language):
    page = read(client, f"/help/{language}/")
    assert f'<html lang="{language}">' in page and f'action="/help/{language}/search"' in page
    assert f'href="/help/{language}/orders/"' in page and 'src="/widget.js" data-site="demo"' in page
    for other in LANGUAGES:
        assert f'hreflang="{other}" href="http://localhost:8080/help/{other}/"' in page


def test_categories_are_named_counted_and_in_order(client, folder):
    (folder / "categories.yml").write_text(
        "delivery: {en: Getting it <b>to</b> you}\norders: {en: Your orders}\n", "utf-8"
    )
    page = read(client, "/help/en/")
    assert page.index("Getting it &lt;b&gt;to&lt;/b&gt; you") < page.index("Your orders") < page.index("Account")
    assert re.search(r"Your orders</b> <small>Articles: 3</small>", page)
    assert "Your orders" in read(client, "/help/en/orders/")


@pytest.mark.slow
@pytest.mark.parametrize("text", ["- a list", "{broken: [", "orders: 7", "\x00", "orders: {en: [1]}", ""])
def test_a_broken_file_of_names_does_no_harm(client, folder, text):
    (folder / "categories.yml").write_text(text, "utf-8")
    assert 'href="/help/en/orders/"' in read(client, "/help/en/")


def test_the_most_asked_come_from_answers_given(client, store, services):
    for number in range(3):
        conversation = create_conversation(store, "demo", "sl" if number == 2 else "en")
        with store.write() as connection:
            note_answer(connection, conversation.id, "payment/methods" if number < 2 else "account/password")
    page = read(client, "/help/en/")
    asked = page[page.index('id="asked"') : page.index('id="topics"')]
    assert asked.index("Ways to pay") < asked.index("Return an item")


def test_without_answers_tagged_articles_come_first_and_then_those_others_lead_to(client, folder, kb):
    write(folder, "en/orders/refund-time", "Refund time", [], "Soon.", follow_ups="[delivery/cost]")
    write(folder, "en/account/password", "Forgotten password", [], "Press it.", tags="[most-asked]")
    kb.refresh()
    page = read(client, "/help/en/")
    assert page.index("Forgotten password") < page.index("Cost of delivery") < page.index("Ways to pay")


def test_counting_is_not_done_for_every_page(client, store, monkeypatch):
    counted = []
    monkeypatch.setattr(most_asked, "count_answers", lambda *asked: counted.append(asked) or [])
    for _ in range(3):
        read(client, "/help/en/")
    assert counted == [(store, "demo", "en")]


def test_an_article_has_its_place_its_relatives_and_its_other_languages(client, folder, kb):
    write(folder, "en/orders/return", "Return an item", [], "You have **14 days**.", follow_ups="[orders/refund-time]")
    kb.refresh()
    page = read(client, "/help/en/orders/return")
    assert "<strong>14 days</strong>" in page and '<a href="/help/en/orders/">Orders</a>' in page
    assert page.index('id="related"') < page.index('href="/help/en/orders/refund-time"')
    assert '<link rel="canonical" href="http://localhost:8080/help/en/orders/return">' in page
    for code in ("sl", "en", "x-default"):
        assert (
            f'hreflang="{code}" href="http://localhost:8080/help/{"en" if code == "x-default" else code}/orders/return"'
            in page
        )
    assert 'hreflang="pl" href="http' not in page
    assert '<a href="/help/sl/orders/return" lang="sl" hreflang="sl">Slovenščina</a>' in page


def test_an_article_in_another_language_says_so_and_names_its_own_as_the_real_one(client):
    page = read(client, "/help/pl/payment/methods")
    assert "Tego artykułu nie mamy jeszcze po polsku" in page and '<article lang="en">' in page
    assert '<link rel="canonical" href="http://localhost:8080/help/en/payment/methods">' in page


def test_a_long_article_has_a_table_of_contents_and_a_short_one_has_none(client):
    page = read(client, "/help/sl/shops/hours")
    assert '<a href="#part-1-more">Part 1 &amp; more</a>' in page and '<h2 id="part-1-more">' in page
    assert 'id="contents"' not in read(client, "/help/en/orders/return")


def test_no_words_become_markup_anywhere(client):
    for path in ("/help/en/orders/evil", "/help/en/orders/", "/help/en/search?q=evil", "/help/en/"):
        page = read(client, path)
        assert "<script>alert" not in page and 'href="javascript' not in page, path
        assert "&lt;/script&gt;" in re.sub("</?mark>", "", page), path
    article, way = linked_data(read(client, "/help/en/orders/evil"))
    assert article["headline"] == f"Evil {EVIL} & co" and way["@type"] == "BreadcrumbList"
    faq = linked_data(read(client, "/help/en/orders/"))[0]
    assert faq["@type"] == "FAQPage" and f"Evil {EVIL} & co" in [entry["name"] for entry in faq["mainEntity"]]


@pytest.mark.parametrize(
    "query", [EVIL, '" onfocus=alert(1) x="', "{{7*7}}", "%00%01", "\u202e", "a" * 50_000, "' OR 1=1--", "💥" * 300]
)
@pytest.mark.slow
def test_whatever_is_searched_for_is_text(client, query):
    answer = client.get("/help/en/search", query_string={"q": query})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert "<script>alert" not in page and 'onfocus=alert(1) x="' not in page and ">49<" not in page
    assert len(page) < 20_000 and 'content="noindex"' in page


def test_search_finds_what_is_misspelt_begun_or_without_accents(client):
    for query, title in (
        ("retrun an itm", "Return an item"),
        ("passw", "Forgotten password"),
        ("vracilo", "Vračilo izdelka"),
    ):
        page = read(client, f"/help/{'sl' if title[0] == 'V' else 'en'}/search?q={query}")
        assert title in re.sub(r"</?mark>", "", page), query
    assert "We found no article for “xqzw”." in read(client, "/help/en/search?q=xqzw")
    assert "/help/hr/search?q=xqzw%20%26" in read(client, "/help/en/search?q=xqzw+%26")
    assert "Search" in read(client, "/help/en/search")


def test_drafts_and_internal_articles_are_nowhere(client):
    pages = [
        "/help/en/",
        "/help/en/orders/",
        "/help/en/search?q=secret",
        "/help/en/search?q=inside knowledge",
        "/sitemap.xml",
    ]
    for path in pages:
        page = read(client, path)
        assert "Secret draft" not in page and "Inside knowledge" not in page and "orders/inside" not in page
    assert client.get("/help/en/orders/secret").status_code == 404
    assert client.get("/help/en/orders/inside").status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("/help/sl/nothing/", "sl"), ("/help/pl/orders/nothing", "pl"), ("/help/hr/a/b/c/d", "hr"), ("/help/de/", "en"),
        ("/help/de/orders/return", "en"), ("/help/en/x", "en"), ("/help/sl/..%2f..%2fconfig", "sl"),
        ("/help/sl/../../../etc/passwd", "sl"), ("/help/sl/orders/%00", "sl"), ("/help/%f0%9f%92%a5/", "en"),
        ("/help/sl/orders/return/", "sl"), ("/help/EN/", "en"), ("/help/sl/" + "a" * 5000, "sl"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_page_in_the_language_with_the_search(client, path, language):
    answer = client.get(path, follow_redirects=True)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 404 and f'<html lang="{language}">' in page
    assert say("help", "not_found", language) in page and 'name="q"' in page and 'content="noindex"' in page


def test_pages_are_kept_by_browsers_until_something_is_saved(client, folder, kb):
    first = client.get("/help/en/orders/return")
    assert first.headers["Cache-Control"].startswith("public, max-age=60") and first.headers["Last-Modified"]
    again = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/help/en/orders/return", headers=again).status_code == 304
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert client.get("/help/en/orders/return", headers=since).status_code == 304
    write(folder, "en/orders/return", "Return it", [], "Now 30 days.")
    kb.refresh()
    changed = client.get("/help/en/orders/return", headers=again)
    assert changed.status_code == 200 and "30 days" in changed.get_data(as_text=True)


def test_when_it_was_changed_stands_below_the_article(client, folder, kb):
    os.utime(folder / "en/orders/return.md", (1_700_000_000, 1_700_000_000))
    assert "Last changed 14 November 2023" in read(client, "/help/en/orders/return")
    assert linked_data(read(client, "/help/en/orders/return"))[0]["dateModified"] == "2023-11-14T22:13:20+00:00"


def test_the_sitemap_lists_every_page_with_its_languages(client):
    answer = client.get("/sitemap.xml")
    assert answer.mimetype == "application/xml"
    places = re.findall(r"<loc>(.*?)</loc>", answer.get_data(as_text=True))
    assert "http://localhost:8080/help/sl/orders/return" in places and "http://localhost:8080/help/pl/" in places
    assert "http://localhost:8080/help/pl/orders/return" not in places and len(places) == len(set(places))
    for place in places:
        assert client.get(place.removeprefix("http://localhost:8080")).status_code == 200, place
    assert client.get("/sitemap.xml", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_robots_are_told_where_to_go(client):
    text = read(client, "/robots.txt")
    assert "Sitemap: http://localhost:8080/sitemap.xml" in text and "Disallow: /desk/" in text


def test_no_page_has_script_or_style_that_its_policy_forbids(client):
    for path in (
        "/help/sl/",
        "/help/en/orders/",
        "/help/en/orders/return",
        "/help/en/search?q=a",
        "/help/sl/shops/hours",
    ):
        page = read(client, path).lower()
        assert " style=" not in page and "<style" not in page and "onclick" not in page and "<script>" not in page


def test_a_site_without_a_demo_shop_has_its_own_name_and_way_back(client, services, settings):
    services.settings = settings.model_copy(update={"sites": {"other": settings.sites["other"]}})
    page = read(client, "/help/en/")
    assert "Other" in page and "Smreka" not in page and "mark.svg" not in page and 'href="https://o.example"' in page
