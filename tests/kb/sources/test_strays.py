"""What lies in the articles' folder and is not read is named; what tools and systems leave there is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.sources.shelf import Shelf

GOOD = "---\ntitle: A\nstatus: published\n---\nText.\n"
NAMED = [
    # path, what it is told, whether it counts as set aside
    ("en/orders/b.MD", "ends in .md, in small letters", True),
    ("en/orders/b.Md", "ends in .md, in small letters", True),
    ("en/orders/b.markdown", "ends in .md", True),
    ("en/orders/b.Markdown", "ends in .md", True),
    ("en/orders/b.MARKDOWN", "ends in .md", True),
    ("en/orders/b.mdown", "ends in .md", True),
    ("en/orders/b.mkd", "ends in .md", True),
    ("en/orders/b.mdx", "ends in .md", True),
    ("en/orders/b.txt", "ends in .md", False),
    ("en/orders/b.md.txt", "ends in .md", False),
    ("en/orders/b.docx", "ends in .md", False),
    ("en/orders/b.html", "ends in .md", False),
    ("en/orders/b.rst", "ends in .md", False),
    ("en/orders/b", "ends in .md", False),
    ("en/orders/b.md.bak", "older version", False),
    ("en/orders/.b.md", "is hidden", False),
    ("en/orders/.b.txt", "is hidden", False),
    ("en/.old/b.md", "is hidden", False),
    (".drafts/en/orders/b.md", "is hidden", False),
    ("b.md", "must lie at", True),
    ("en/b.md", "must lie at", True),
    ("en/orders/more/b.md", "must lie at", True),
    ("de/orders/b.md", "not one of the configured", True),
    ("EN/orders/b.md", "only have", True),
    ("en/Orders/b.md", "only have", True),
    ("en/orders/b c.md", "only have", True),
    ("en/orders/b_c.md", "only have", True),
    ("en/orders/č.md", "only have", True),
    ("README.md", "must lie at", True),
    ("README.MD", "ends in .md", True),
    ("en/orders/categories.yml", "names of categories stand in", False),
    ("categories.yaml", "names of categories stand in", False),
]
QUIET = [
    ".git/x.md", ".obsidian/x.md", "en/.trash/x.md", "en/orders/.#b.md", "en/orders/._b.md", "en/orders/.b.md.swp",
    "en/orders/b.md~", "en/orders/#b.md#", "en/orders/~$b.docx", "en/orders/.DS_Store", "Thumbs.db", ".gitignore",
    "en/orders/images/chart.png", "en/orders/chart.JPG", "categories.yml", ".stfolder/x",
]  # fmt: skip


def read(root: Path, tmp_path: Path, name: str, content: str = GOOD):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
    return Shelf(root, tmp_path / "last_good", ["en", "sl"]).read()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "reason", "is_broken"), NAMED)
def test_what_is_not_read_is_named(tmp_path, name, reason, is_broken):
    root = tmp_path / "articles"
    read(root, tmp_path, "en/orders/a.md")
    contents = read(root, tmp_path, name)
    [problem] = contents.problems
    assert reason in problem.reason and problem.is_broken == is_broken
    assert name.startswith(problem.path) and list(contents.articles) == ["en/orders/a.md"]


@pytest.mark.parametrize("name", QUIET)
def test_what_nobody_takes_for_an_article_is_not(tmp_path, name):
    root = tmp_path / "articles"
    read(root, tmp_path, "en/orders/a.md")
    assert read(root, tmp_path, name, "orders: {en: Orders}").problems == ()


def test_links_to_folders_are_named(tmp_path):
    root, other = tmp_path / "articles", tmp_path / "other"
    read(other, tmp_path, "b.md")
    read(root, tmp_path, "en/orders/a.md")
    (root / "en/more").symlink_to(other)
    [problem] = Shelf(root, tmp_path / "last_good", ["en"]).read().problems
    assert problem.path == "en/more" and "is a link to a folder" in problem.reason


def test_every_fault_of_a_file_is_named_and_its_last_good_version_serves(tmp_path):
    root = tmp_path / "articles"
    shelf = Shelf(root, tmp_path / "last_good", ["en"])
    read(root, tmp_path, "en/orders/a.md")
    shelf.read()
    (root / "en/orders/a.md").write_text("---\ntitle: no\nstatus: live\n---\n<!-- x", "utf-8")
    contents = shelf.read()
    assert [problem.line for problem in contents.problems] == [2, 3, 5, 5]
    assert contents.articles["en/orders/a.md"].title == "A"
