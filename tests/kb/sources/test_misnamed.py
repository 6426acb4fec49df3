"""A file that is an article but for its name is named, noticed, and never written over or beside."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from kb.sources.drafting import NewArticle, write_article
from kb.sources.editing import NotWritten, add_phrasing
from kb.sources.first_drafts import DRAFTS, read_drafts, write_draft
from kb.sources.shelf import Shelf
from kb.sources.strays import MARKDOWN
from kb.sources.topic_editing import name_topic
from kb.sources.watch import file_stamps
from odziv.processes.starting import has_articles
from tests.scratch_articles import write

LANGUAGES = ("sl", "en")
ENDINGS = [".MD", ".Md", ".mD", ".markdown", ".Markdown", ".MARKDOWN", ".mdown", ".MKD", ".mdx", ".Rmd", ".qmd"]
NEW = NewArticle("sl", "orders", "gift-wrap", "Darilni ovoj", ("Ali zavijete darilo?",), "Da.")
GOOD = "---\ntitle: A\nquestions: [how is it]\nstatus: published\n---\nText.\n"


def wait_until(condition) -> None:
    ends = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def root(tmp_path) -> Path:
    path = tmp_path / "articles/sl/orders/gift-wrap.md"
    path.parent.mkdir(parents=True)
    path.write_text(GOOD, "utf-8")
    return tmp_path / "articles"


def rename(root: Path, ending: str) -> Path:
    path = root / "sl/orders/gift-wrap.md"
    return path.rename(path.with_name(f"gift-wrap{ending}"))


def test_all_endings_are_tried():
    assert {ending.lower() for ending in ENDINGS} <= set(MARKDOWN) and set(MARKDOWN) >= {".md", ".markdown"}


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_was_read_last_serves_after_a_rename(root, tmp_path, ending):
    other = root / "sl/orders/other.md"
    other.write_text(GOOD, "utf-8")
    shelf = Shelf(root, tmp_path / "last_good", LANGUAGES)
    shelf.read()
    path = rename(root, ending)
    for reader in (shelf, Shelf(root, tmp_path / "last_good", LANGUAGES)):  # also after a restart
        contents = reader.read()
        assert list(contents.articles) == ["sl/orders/gift-wrap.md", "sl/orders/other.md"]
        assert [problem.path for problem in contents.problems if problem.is_broken] == [f"sl/orders/gift-wrap{ending}"]
    path.unlink()
    assert list(shelf.read().articles) == ["sl/orders/other.md"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_change_of_its_name_and_its_text_shows(root, ending):
    before = file_stamps(root)
    path = rename(root, ending)
    renamed = file_stamps(root)
    path.write_text(GOOD + "More.\n", "utf-8")
    assert len({before, renamed, file_stamps(root)}) == 3


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_desk_writes_neither_in_it_nor_beside_it(root, ending):
    name = rename(root, ending).relative_to(root).as_posix()
    before = file_stamps(root)
    for edit in (
        lambda: add_phrasing(root, "orders/gift-wrap", "sl", "how is it now", LANGUAGES),
        lambda: name_topic(root, "orders/gift-wrap", "topics", "shop/delivery-cost", LANGUAGES),
        lambda: write_article(root, NEW, LANGUAGES),
        lambda: write_article(root, replace(NEW, status="draft"), LANGUAGES),
    ):
        with pytest.raises(NotWritten, match=name):
            edit()
    assert file_stamps(root) == before


def test_a_topic_is_named_in_all_languages_or_in_none(root):
    rename(root, ".MD")
    english = root / "en/orders/gift-wrap.md"
    english.parent.mkdir(parents=True)
    english.write_text(GOOD, "utf-8")
    with pytest.raises(NotWritten, match="gift-wrap.MD"):
        name_topic(root, "orders/gift-wrap", "topics", "shop/delivery-cost", LANGUAGES)
    assert english.read_text("utf-8") == GOOD


def test_a_first_draft_is_not_written_beside_it(tmp_path):
    draft = read_drafts(["en"])[0]
    path = tmp_path / draft.path.relative_to(DRAFTS).with_suffix(".Markdown")
    path.parent.mkdir(parents=True)
    path.write_text(GOOD, "utf-8")
    assert write_draft(tmp_path, draft, DRAFTS) == "" and list(path.parent.iterdir()) == [path]


def test_the_start_reads_what_is_read_later(root):
    assert has_articles(root / "sl")
    rename(root, ".markdown")
    assert not has_articles(root / "sl")


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".MD", ".markdown"])
def test_it_is_noticed_while_the_product_runs(kb, folder, ending):
    watcher = kb.watch()
    try:
        time.sleep(0.3)
        path = write(folder, "en/shops/hours", "Opening hours", ["when are you open"], "From 9 to 19.")
        wait_until(lambda: kb.article("shops/hours", "en"))
        other = path.rename(path.with_suffix(ending))
        wait_until(lambda: [problem.path for problem in kb.problems] == [f"en/shops/hours{ending}"])
        assert kb.article("shops/hours", "en")
        other.rename(path)
        wait_until(lambda: not kb.problems)
        path.rename(other)
        wait_until(lambda: kb.problems)
        other.unlink()
        wait_until(lambda: not kb.problems and not kb.article("shops/hours", "en"))
    finally:
        watcher.stop()
