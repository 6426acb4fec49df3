"""Editors' HTML comments never reach customers, wherever they stand; what only looks like one in code stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.render import render
from kb.sources.articles import Article, ArticleBroken, parse_article

ROOT = Path("/articles")
HIDDEN = "SECRET"


def read(body: str, head: str = "title: Canoes") -> Article:
    raw = f"---\n{head}\nstatus: published\n---\n{body}".encode()
    return parse_article(raw, ROOT / "en/canoes/hire.md", ROOT, ["en", "sl"])


def everything(article: Article) -> str:
    """All of an article that anybody is shown or that is searched."""
    parts = [article.title, *article.questions, article.body, render(article.body, "en")]
    parts += [part for each in article.passages for part in (each.heading or "", each.text, each.plain)]
    return "\n".join(parts)


TAKEN_OUT = [
    # written, what is left
    ("30 EUR a day.\n\n<!-- SECRET -->", "30 EUR a day."),
    ("<!-- SECRET -->\n30 EUR", "30 EUR"),
    ("30 <!-- SECRET --> EUR", "30 EUR"),
    ("30<!--SECRET-->EUR", "30EUR"),
    ("30 <!-- SECRET\nSECRET --> EUR", "30 EUR"),
    ("30 <!-- SECRET\n\nSECRET --> EUR", "30 EUR"),
    ("<!--\nSECRET\n\n## SECRET\n\n```\nSECRET\n```\n-->\n30", "30"),
    ("<!-- SECRET\n\n```\nSECRET\n-->\n30 <!-- SECRET -->", "30"),
    ("<!-- SECRET --><!-- SECRET -->30", "30"),
    ("<!--- SECRET --->\n\n30", "30"),
    ("<!--> SECRET -->\n\n30", "30"),
    ("<!-->\n\n30", "30"),
    ("<!----> 30", "30"),
    ("30 <!-- SECRET --!> EUR", "30 EUR"),
    ("<!-- SECRET -->    30", "30"),
    ("30 <!-- `SECRET -->", "30"),
    ("30 <!-- SECRET > SECRET - -> SECRET -->", "30"),
    ("- a\n<!-- SECRET -->\n- b", "- a\n- b"),
    ("- a <!-- SECRET -->\n- <!-- SECRET -->\n- b", "- a\n- b"),
    ("1. a\n   <!-- SECRET -->\n2. b", "1. a\n2. b"),
    ("- a\n\n  <!-- SECRET\n\n  SECRET -->\n\n  b", "- a\n\n\n\n  b"),
    ("> a\n> <!-- SECRET -->", "> a"),
    ("## Prices <!-- SECRET -->\n30", "## Prices\n30"),
    ("| a | b |\n|---|---|\n| 1 <!-- SECRET | SECRET --> | 2 |\n<!-- SECRET -->\n| 3 | 4 |",
     "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |"),
    ("<div>\n<!-- SECRET -->\n</div>\n\n30", "<div>\n\n</div>\n\n30"),
    ("[a](https://x.example <!-- SECRET -->) 30", "[a](https://x.example ) 30"),
    ("```\nx\n```\n<!-- SECRET -->\n30", "```\nx\n```\n\n30"),
    ("- ```\n  x\n\n30 <!-- SECRET -->", "- ```\n  x\n\n30"),
    ("30\n[//]: # (SECRET)", "30"),
    ("30\n\n[comment]: <> (SECRET)\n[//]: # 'SECRET'", "30"),
    ("\u2028<!-- SECRET -->\u2028 30 \x85\x0b<!-- SECRET -->", "\u2028 30"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "left"), TAKEN_OUT)
def test_a_comment_is_shown_to_nobody(body, left):
    article = read(body)
    assert HIDDEN not in everything(article) and "<!--" not in article.body
    assert article.body.strip() == left.strip()


LITERAL = [
    "`<!-- kept -->`",
    "``a ` <!-- kept -->``",
    "```\n<!-- kept -->\n```",
    "~~~html\n<!-- kept\n\n-->\n~~~",
    "a\n\n    <!-- kept -->",
    "- a\n\n      <!-- kept -->",
    "> ```\n> <!-- kept -->\n> ```",
    "```\n<!-- kept",
    "\\<!-- kept -->",
    "&lt;!-- kept -->",
    "a --> kept",
]


@pytest.mark.parametrize("body", LITERAL)
def test_what_is_code_or_escaped_stays(body):
    assert read(body).body == body.strip("\n") and "kept" in render(read(body).body)


REFUSED = [
    ("30\n\n<!-- SECRET", 6, "does not end"),
    ("30 <!-- SECRET\n\nmore", 4, "does not end"),
    ("- a\n- b <!-- SECRET", 5, "does not end"),
    ("| a |\n|---|\n| <!-- SECRET |", 6, "does not end"),
    ("<!-- a -->\n30 <!- SECRET ->", 5, "looks like a comment"),
    ("<!— SECRET —>", 4, "looks like a comment"),
    ("30\n\n<!– SECRET –>", 6, "looks like a comment"),
    ("30 <! -- SECRET -->", 4, "looks like a comment"),
]


@pytest.mark.parametrize(("body", "line", "reason"), REFUSED)
def test_what_cannot_be_taken_out_is_not_served(body, line, reason):
    with pytest.raises(ArticleBroken, match=reason) as broken:
        read(body)
    assert broken.value.line == line + 1


def test_titles_and_phrasings_have_none_either():
    article = read("30", "title: Canoes <!-- SECRET -->\nquestions:\n  - <!--SECRET--> how much")
    assert (article.title, article.questions) == ("Canoes", ("how much",)) and HIDDEN not in everything(article)


def test_an_article_of_comments_alone_has_no_text():
    with pytest.raises(ArticleBroken, match="no text"):
        read("<!-- SECRET -->")


@pytest.mark.slow
def test_many_comments_and_signs_cost_no_more_than_their_length():
    for body in ("<!-- x -->" * 8_000, "<!--" * 20_000, "` " * 20_000, "<!-- ` -->`" * 5_000, "<!" * 20_000):
        try:
            read(body + " 30")
        except ArticleBroken as broken:
            assert broken.reason
