"""Articles as editors wrote them, with comments, references, relative links and a table: the chat and the help page."""

from __future__ import annotations

import re

import pytest

from actions.passages import compose
from kb.render import render, with_whole_addresses
from kb.sources.articles import parse_article
from odziv.help.pages import with_anchors

COMMENT = """Hiring one is 28 EUR a day.

<!-- Ines: we may go down to 22, if they ask for three days -->
"""
REFERENCES = f"""We rent canoes from May to October. {"They are stored behind the shop and can be seen there. " * 12}

## Booking a canoe rental
To book a canoe rental, use the [rental form][form] or see [what it costs][cost].

## Where they are
{"Canoes are stored in the big hall behind the shop and can be seen there on any day. " * 4}

[form]: https://smreka.example/rent
[cost]: orders/return-cost
"""
LINKS = """See [returns](orders/return.md), [again](../orders/return.md), [the page](/help/en/orders/return),
[below](#below),
[nothing](orders/nothing) and ![the size chart](images/chart.png).

## Below
Text.
"""
ROWS = "\n".join(
    f"| {n} to {n + 4} cm | whatever it is like, a paddle of {n - 40} cm is right |" for n in range(150, 205, 5)
)
TABLE = f"""The right length depends on your height and on how wide the canoe is:

| Your height | Canoe up to 80 cm wide |
|---|---|
{ROWS}
"""


def shown(tmp_path, body: str, question: str) -> tuple[str, str]:
    """What the chat and the help page show of an article, as HTML."""
    raw = f"---\ntitle: Canoes\nquestions: [canoes]\nstatus: published\n---\n{body}".encode()
    article = parse_article(raw, tmp_path / "en/canoes/canoes.md", tmp_path, ["en"])
    chat = ""
    for place in range(len(article.passages)):
        text = with_whole_addresses(compose(article, [question], "en", [place]).text, "en", "https://help.example")
        chat += render(text, "en")
    return chat, with_anchors(render(article.body, "en"))[0]


@pytest.mark.parametrize("where", [0, 1])
def test_comments_are_nowhere(tmp_path, where):
    html = shown(tmp_path, COMMENT, "canoe hire price")[where]
    assert html == "<p>Hiring one is 28 EUR a day.</p>\n"


@pytest.mark.parametrize("where", [0, 1])
def test_references_are_links(tmp_path, where):
    html = shown(tmp_path, REFERENCES, "how do I rent a canoe")[where]
    assert 'href="https://smreka.example/rent"' in html and "[" not in html
    assert re.search(r'href="(https://help\.example)?/help/en/orders/return-cost"', html)


def test_links_lead_somewhere_in_the_chat(tmp_path):
    html = shown(tmp_path, LINKS, "where can I read about canoes")[0]
    assert html.count('href="https://help.example/help/en/orders/return"') == 3 * html.count("the size chart")
    assert 'href="https://help.example/help/en/canoes/canoes#below"' in html and "the size chart" in html


@pytest.mark.slow
def test_links_lead_somewhere_on_the_page(tmp_path):
    html = shown(tmp_path, LINKS, "")[1]
    assert 'href="/help/en/canoes/canoes#below"' in html and '<h2 id="below">' in html
    assert html.count('href="/help/en/orders/return"') == 3


@pytest.mark.parametrize("question", ["which paddle length do I need", "paddle size table", "how long for 172 cm", ""])
def test_a_lead_in_is_shown_with_its_table(tmp_path, question):
    html = shown(tmp_path, TABLE, question)[0]
    assert "how wide the canoe is:" in html and "<table>" in html and "a paddle of" in html
