"""The drafts to begin with: thirty in each language, alike, with gaps; and how they come among the articles."""

from __future__ import annotations

import re

import pytest

from kb.sources.articles import parse_article
from kb.sources.categories import read_categories
from kb.sources.editing import NotWritten
from kb.sources.first_drafts import DRAFTS, draft_on, read_drafts, write_drafts
from kb.sources.gaps import gaps_in
from kb.sources.library import read_parts
from tests.scratch_articles import write

LANGUAGES = ("sl", "hr", "pl", "en")
LINK = re.compile(r"\]\(([a-z-]+/[a-z-]+)\)")


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_thirty_ready_to_fill_in(language):
    drafts, topics = read_drafts([language]), read_parts()
    assert len(drafts) == 30
    for draft in drafts:
        assert draft.status == "draft" and draft.questions == () and gaps_in(draft.title, draft.body), draft.path
        assert draft.topics[0] == draft.id and set(draft.every_topic) == set(draft.topics) <= set(topics), draft.path
        assert set(LINK.findall(draft.body)) <= {other.id for other in drafts}, draft.path
        assert len(draft.body.split()) <= 200 and not gaps_in(draft.title, ""), draft.path


@pytest.mark.slow
def test_all_languages_have_the_same_ones_with_as_many_gaps():
    def form(language: str):
        return [
            (d.id, d.topics, [p.topics for p in d.passages], d.body.count("[["), d.body.count("\n## "))
            for d in read_drafts([language])
        ]

    assert form("sl") == form("hr") == form("pl") == form("en")


def test_a_topic_has_the_draft_of_its_name():
    assert draft_on("returns/period", "pl").title == "Ile jest czasu na zwrot"
    assert draft_on("near/jobs", "pl") is None and draft_on("returns/period", "de") is None


@pytest.mark.slow
def test_they_are_written_where_articles_lie_with_the_names_of_their_categories(tmp_path):
    root = tmp_path / "articles"
    written = write_drafts(root, ["sl", "en"], [])
    assert len(written.new) == 60 and written.left_out == ()
    assert sorted(path.relative_to(root).as_posix() for path in root.rglob("*.md")) == sorted(written.new)
    for name in written.new:
        assert parse_article((root / name).read_bytes(), root / name, root, ["sl", "en"]).status == "draft"
    categories = {name.split("/")[1] for name in written.new}
    assert categories <= set(read_categories(root))
    assert all(set(names) == set(LANGUAGES) for names in read_categories(root).values())


def test_what_is_there_is_never_touched(tmp_path):
    path = write(tmp_path, "en/returns/period", "Ours", ["until when"])
    (tmp_path / "categories.yml").write_text("returns: {en: Ours}\n")
    before = path.read_bytes()
    written = write_drafts(tmp_path, ["en"], [])
    assert len(written.new) == 29 and written.left_out == ("en/returns/period.md",)
    assert path.read_bytes() == before and (tmp_path / "categories.yml").read_text() == "returns: {en: Ours}\n"
    again = write_drafts(tmp_path, ["en"], [])
    assert again.new == () and len(again.left_out) == 30


def test_what_an_article_answers_under_another_name_is_left_out(tmp_path):
    path = write(tmp_path, "sl/orders/return", "Ours", topics="[returns/period, delivery/cost]")
    ours = parse_article(path.read_bytes(), path, tmp_path)
    written = write_drafts(tmp_path, ["en"], [ours])
    assert written.left_out == ("en/returns/period.md",)  # delivery/cost has a second topic, which it doesn't answer
    assert "en/delivery/cost.md" in written.new


def test_nothing_is_written_behind_a_link(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "articles" / "en").mkdir(parents=True)
    (tmp_path / "articles" / "en" / "account").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotWritten, match="link"):
        write_drafts(tmp_path / "articles", ["en"], [])
    assert not list((tmp_path / "elsewhere").iterdir())


def test_no_other_files_lie_there():
    assert {path.name for path in DRAFTS.iterdir()} == {*LANGUAGES, "categories.yml"}
