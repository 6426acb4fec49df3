"""Gaps to fill in: no article is served with one inside."""

from __future__ import annotations

import pytest

from kb.sources.articles import ArticleBroken, parse_article
from kb.sources.drafting import NewArticle, write_article
from kb.sources.editing import NotWritten
from kb.sources.gaps import gaps_in, name_gaps

BODY = "You have [[how many]] days, **[[where]]**.\n\n| a | b |\n|---|---|\n| [[c]] | [[how many]] |\n\n`[[ -f x ]]`\n"


def test_they_are_found_once_each_and_not_in_code():
    assert gaps_in("Cost of [[what]]", BODY) == ("[[what]]", "[[how many]]", "[[where]]", "[[c]]")
    assert gaps_in("T", "    if [[ -f x ]]; then\n\n[a](b/c) and [b] [[]]") == ()


def test_in_words():
    assert name_gaps(["[[a]]"]) == "[[a]]"
    assert name_gaps(["[[a]]", "[[b]]", "[[c]]", "[[d]]", "[[e]]"]) == "[[a]], [[b]], [[c]] and 2 more"


@pytest.mark.parametrize(("status", "is_broken"), [("draft", False), ("internal", True), ("published", True)])
def test_only_a_draft_may_have_one(tmp_path, status, is_broken):
    raw = f"---\ntitle: T\nstatus: {status}\n---\n{BODY}".encode()
    if not is_broken:
        assert parse_article(raw, tmp_path / "en/a/b.md", tmp_path).status == "draft"
        return
    with pytest.raises(ArticleBroken, match=r"still has a gap to fill in: \[\[how many\]\], \[\[where\]\]") as refused:
        parse_article(raw, tmp_path / "en/a/b.md", tmp_path)
    assert refused.value.line == 5


def test_nobody_writes_one_from_the_desk(tmp_path):
    new = NewArticle("en", "orders", "late", "Late", ("where is it",), BODY)
    with pytest.raises(NotWritten, match="gap to fill in"):
        write_article(tmp_path, new, ["en"])
    assert not list(tmp_path.rglob("*.md"))
