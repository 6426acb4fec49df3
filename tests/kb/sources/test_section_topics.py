"""Topics of a section: a comment below its heading, which customers never see."""

from __future__ import annotations

import pytest

from kb.sources.articles import Article, ArticleBroken, parse_article

HEAD = "---\ntitle: Cards\ntopics: [vouchers/gift-card-use]\nstatus: published\n---\n"
BODY = """Enter the number.

## Buying one
<!-- topics: vouchers/gift-card-buy -->
In our shops.

## Lost ones

<!--topics: vouchers/gift-card-lost,   vouchers/gift-card-expiry-->

Tell us.

## Last
The end.
"""


def read(body: str, tmp_path) -> Article:
    return parse_article((HEAD + body).encode(), tmp_path / "en/a/b.md", tmp_path)


def test_the_passages_of_a_section_have_its_topics_and_the_article_all(tmp_path):
    article = read(BODY, tmp_path)
    assert [(passage.heading, passage.topics) for passage in article.passages] == [
        (None, ()),
        ("Buying one", ("vouchers/gift-card-buy",)),
        ("Lost ones", ("vouchers/gift-card-lost", "vouchers/gift-card-expiry")),
        ("Last", ()),
    ]
    assert article.topics == ("vouchers/gift-card-use",)
    assert article.every_topic == (
        "vouchers/gift-card-use", "vouchers/gift-card-buy", "vouchers/gift-card-lost", "vouchers/gift-card-expiry",
    )  # fmt: skip


def test_customers_never_see_it(tmp_path):
    article = read(BODY, tmp_path)
    assert "<!--" not in article.body and "topics" not in article.body
    assert not any("<!--" in passage.text + passage.plain for passage in article.passages)
    assert "## Buying one\nIn our shops." in article.body


def test_in_code_it_is_text(tmp_path):
    body = "Write this:\n\n```\n## Head\n<!-- topics: a/b -->\n```\n"
    assert read(body, tmp_path).body == body.strip()


@pytest.mark.parametrize(
    ("body", "line", "told"),
    [
        ("<!-- topics: a/b -->\nText.", 6, "directly below the heading"),
        ("## Head\nText.\n\n<!-- topics: a/b -->\n", 9, "directly below the heading"),
        ("## Head\n<!-- topics: Not One -->\nText.", 7, "like <!-- topics: returns/period -->"),
        ("## Head\n<!-- topics: -->\nText.", 7, "like <!-- topics"),
        ("## Head\n<!-- topics a/b --> and more\nText.", 7, "on a line of their own"),
        ("## Head\nText. <!-- topics: a/b -->", 7, "on a line of its own"),
        ("## Head\n- <!-- topics: a/b -->\n- b", 7, "on a line of its own"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, body, line, told):
    with pytest.raises(ArticleBroken, match=told) as refused:
        read(body, tmp_path)
    assert refused.value.line == line


def test_other_comments_may_stand_beside_it(tmp_path):
    article = read("## Head\n<!-- note -->\n<!-- topics: a/b -->\nText.", tmp_path)
    assert article.passages[-1].topics == ("a/b",) and "<!--" not in article.body
