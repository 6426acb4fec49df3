"""Naming a topic in an article's files: in all its languages or in none, and nothing else of them changes."""

from __future__ import annotations

import os

import pytest

from kb.sources import topic_editing
from kb.sources.articles import parse_article
from kb.sources.editing import NotWritten
from kb.sources.topic_editing import name_topic, topics_in_files
from tests.scratch_articles import write

LANGUAGES = ("sl", "en", "pl")


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "articles"
    write(root, "sl/orders/return", "Vračilo", ["kako vrnem"], topics="[returns/period]")
    write(root, "en/orders/return", "Returns", ["how to return"])
    return root


def read(root, name: str):
    path = root / f"{name}.md"
    return parse_article(path.read_bytes(), path, root, LANGUAGES)


@pytest.mark.parametrize("key", ["topics", "not_topics"])
def test_it_is_written_into_every_language_there_is(root, key):
    old = {name: (root / name).read_text("utf-8") for name in ("sl/orders/return.md", "en/orders/return.md")}
    assert name_topic(root, "orders/return", key, "returns/who-pays", LANGUAGES) == list(old)
    for name, before in old.items():
        after = (root / name).read_text("utf-8")
        assert "returns/who-pays" in getattr(read(root, name.removesuffix(".md")), key)
        assert [line for line in before.splitlines() if "topics" not in line] == [
            line for line in after.splitlines() if "topics" not in line and "who-pays" not in line
        ]
    assert read(root, "sl/orders/return").topics[:1] == ("returns/period",)
    assert name_topic(root, "orders/return", key, "returns/who-pays", LANGUAGES) == []  # a second press
    assert topics_in_files(root, "orders/return", LANGUAGES) == {"returns/period", "returns/who-pays"}


def test_a_file_that_names_it_already_is_left_alone(root):
    assert name_topic(root, "orders/return", "topics", "returns/period", LANGUAGES) == ["en/orders/return.md"]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (
            lambda path: path.write_text("---\ntitle: x\nstatus: live\n---\ny\n"),
            r"broken; put that right first. en/ord",
        ),
        (lambda path: path.chmod(0o444), "read-only"),
        (lambda path: path.write_text("---\ntitle: x\ntopics: &a [a/b]\nnot_topics: *a\n---\ny\n"), "safely"),
    ],
)
def test_what_can_not_be_edited_in_one_language_changes_in_none(root, spoil, told):
    spoil(root / "en/orders/return.md")
    before = {path: path.read_bytes() for path in root.rglob("*.md")}
    with pytest.raises(NotWritten, match=told):
        name_topic(root, "orders/return", "topics", "returns/who-pays", LANGUAGES)
    assert {path: path.read_bytes() for path in root.rglob("*.md")} == before


def test_a_disk_that_fails_half_way_leaves_the_files_as_they_were(root, monkeypatch):
    real, before = topic_editing.write_atomically, {path: path.read_bytes() for path in root.rglob("*.md")}

    def fail(path, content):
        if path.parts[-3] == "en":
            raise OSError(28, os.strerror(28))
        real(path, content)

    monkeypatch.setattr(topic_editing, "write_atomically", fail)
    with pytest.raises(NotWritten, match="No space left"):
        name_topic(root, "orders/return", "topics", "returns/who-pays", LANGUAGES)
    assert {path: path.read_bytes() for path in root.rglob("*.md")} == before


def test_who_saves_meanwhile_is_not_overwritten(root, monkeypatch):
    real = topic_editing.prepare

    def prepare(path, *rest):
        edit = real(path, *rest)
        path.write_text(path.read_text("utf-8") + "More.\n", "utf-8")
        return edit

    monkeypatch.setattr(topic_editing, "prepare", prepare)
    with pytest.raises(NotWritten, match="was changed just now"):
        name_topic(root, "orders/return", "topics", "returns/who-pays", LANGUAGES)
    assert all("who-pays" not in path.read_text("utf-8") for path in root.rglob("*.md"))


@pytest.mark.parametrize("article", ["orders/none", "../secret", "orders"])
def test_only_into_an_article(root, article):
    with pytest.raises(NotWritten):
        name_topic(root, article, "topics", "returns/who-pays", LANGUAGES)
