"""The knowledge base beside the reply box: what may answer what the customer asked last, ready to be inserted."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest

from kb.render import render, render_plain
from odziv.cases.learning.matter import LEAST_CONFIDENCE
from odziv.store.conversations.conversation import create_conversation
from odziv.store.conversations.messages import add_customer_message
from odziv.store.lengths import LONGEST_SEARCH
from tests.desk.conftest import hand_off
from tests.scratch_articles import write


def text_of(response) -> str:
    return response.get_data(as_text=True)


def look(person, waiting, **query):
    return person.client.get(f"{waiting.path}/knowledge", query_string=query)


def inserts(answer) -> list[str]:
    return [html.unescape(found) for found in re.findall(r'data-insert="([^"]*)"', text_of(answer))]


def test_it_finds_what_the_customer_asked_last_in_their_language(ana, store, kb):
    waiting = hand_off(store, "kako lahko vrnem izdelek")
    answer = look(ana, waiting)
    assert answer.status_code == 200
    first = inserts(answer)[0]
    assert first == ("Izpolnite obrazec v 14 dneh.\n\n[Vračilo izdelka](http://localhost:8080/help/sl/orders/return)")
    assert 'href="http://localhost:8080/help/sl/orders/return"' in render(first)
    assert re.search(r"Confidence </span>\d+ %", text_of(answer)) and "Alt 1" in text_of(answer)


def test_it_follows_the_conversation(ana, store, kb):
    waiting = hand_off(store, "how do I return boots", "en")
    add_customer_message(store, waiting.id, "c2", "forgot my password", render_plain("forgot my password"))
    assert "Press the link on the sign-in page." in inserts(look(ana, waiting))[0]


@pytest.mark.parametrize("after", ["I want to talk to a person", "hello?", "thanks", "yes", "SM-10234"])
def test_what_asks_nothing_does_not_take_the_passages_away(ana, store, kb, after):
    waiting = hand_off(store, "how do I return boots", "en")
    before = inserts(look(ana, waiting))
    add_customer_message(store, waiting.id, "c2", after, render_plain(after))
    assert before and inserts(look(ana, waiting)) == before


def test_what_is_hardly_ever_the_answer_is_shown_only_to_who_looks_for_it(ana, store, kb, monkeypatch):
    unlikely = [replace(hit, confidence=LEAST_CONFIDENCE - 0.01) for hit in kb.search("return boots", "en", 3)]
    monkeypatch.setattr(kb, "search", lambda *_: unlikely)
    waiting = hand_off(store, "how do I return boots", "en")
    assert unlikely and inserts(look(ana, waiting)) == []
    assert len(inserts(look(ana, waiting, q="return boots"))) == len(unlikely)


def test_one_can_look_for_something_else(ana, store, kb):
    waiting = hand_off(store, "how do I return boots", "en")
    assert "Delivery costs 3.90 EUR." in inserts(look(ana, waiting, q="price of shipping"))[0]
    assert len(inserts(look(ana, waiting, q="price of shipping"))) <= 3


def test_an_article_in_another_language_says_so(ana, store, kb):
    answer = look(ana, hand_off(store, "forgot my password", "sl"))
    assert '<span class="language">EN</span>' in text_of(answer)


def test_what_is_internal_is_never_offered(ana, store, kb, folder):
    write(folder, "en/orders/secret", "Secret", ["discount for friends"], "Give them 50 %.", status="internal")
    kb.refresh()
    answer = look(ana, hand_off(store, "discount for friends", "en"))
    assert "50 %." not in text_of(answer) and "Secret" not in text_of(answer)


def test_links_to_other_articles_work_where_there_is_no_article_around(ana, store, kb, folder):
    write(folder, "en/orders/linked", "Linked", ["unique linked thing"], "See [that](orders/return) or <b>[x](/y)</b>.")
    kb.refresh()
    inserted = inserts(look(ana, hand_off(store, "unique linked thing", "en")))[0]
    assert "[that](http://localhost:8080/help/en/orders/return)" in inserted
    assert "or <b>x</b>." in inserted  # which leads nowhere


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "…", "🏔", "' OR 1=1 --", "\u202e\0", "{{ 7*7 }}", "x" * 300]
)
@pytest.mark.slow
def test_odd_searches_find_something_or_nothing_and_become_no_markup(ana, store, kb, text):
    answer = look(ana, hand_off(store, "x"), q=text)
    assert answer.status_code == 200 and "<script>" not in text_of(answer) and "49" not in text_of(answer)


def test_a_search_that_is_a_novel_is_refused(ana, store, kb, waiting):
    assert look(ana, waiting, q="x" * (LONGEST_SEARCH + 1)).status_code == 422


def test_nothing_is_looked_for_where_nothing_was_asked(ana, store, kb):
    conversation = create_conversation(store, "demo", "en")
    answer = ana.get(f"/desk/conversations/{conversation.id}/knowledge")
    assert answer.status_code == 200 and inserts(answer) == []
    assert ana.get("/desk/conversations/nothing/knowledge").status_code == 404


def test_the_page_itself_does_not_ask_the_knowledge_base(ana, taken, kb, monkeypatch):
    monkeypatch.setattr(kb, "search", None)
    page = text_of(ana.get(taken.path))
    assert f'{taken.path}/knowledge"' in page
