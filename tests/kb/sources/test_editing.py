"""Adding a phrasing to an article's file: the right bytes, nothing else, and never anywhere else."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kb.sources.articles import parse_article
from kb.sources.editing import NotWritten, add_phrasing
from tests.scratch_articles import write

LANGUAGES = ("sl", "en")
NAME = "en/orders/return.md"
PLAIN = """---
# who wrote this
title: "Return: an item"
questions:
  - how do I return boots   # a real one
  # more to come
  - 'send it back'
tags: [returns]
status: published
---
Fill in the form.

---

questions:
  - not these
"""
HOSTILE = [
    "what: now", "- dash first", "# no comment", "a # no comment", 'it\'s "both" quotes', "šotor 🏕️ 👩‍👩‍👧", "yes",
    "null", "~", "12345", "2024-01-01", "1e5", "[a, b]", "{a: b}", "*alias", "&anchor", "!tag", "%x", "@x", "`x`",
    "| x", "> x", "? x", "---", "...", "'", '"', "\\n \\", "a: b: c #d 'e'", "<<", "=", ":", "\ufeffx", "\u200bx",
    "x" * 500, "{{ 7*7 }}", "title: hacked\\nstatus: draft",
]  # fmt: skip


@pytest.fixture
def root(tmp_path) -> Path:
    """A folder of articles, with something beside it that is nobody's business."""
    (tmp_path / "secret.md").write_text(PLAIN)
    return tmp_path / "articles"


def put(root: Path, content: str | bytes, name: str = NAME) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def add(root: Path, text: str, article: str = "orders/return", language: str = "en") -> str:
    return add_phrasing(root, article, language, text, LANGUAGES)


def questions(path: Path, root: Path) -> tuple[str, ...]:
    return parse_article(path.read_bytes(), path, root, LANGUAGES).questions


def test_one_line_more_and_nothing_else(root):
    path = put(root, PLAIN)
    assert add(root, "my boots  don't\nfit") == NAME
    assert path.read_text() == PLAIN.replace("  - 'send it back'\n", "  - 'send it back'\n  - my boots don't fit\n")
    assert sorted(each.name for each in path.parent.iterdir()) == ["return.md"]


@pytest.mark.slow
@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("form", ["block", "flow", "missing"])
def test_any_text_comes_back_as_it_was(root, text, form):
    head = {"block": "questions:\n- one\n", "flow": "questions: [one]\n", "missing": ""}[form]
    path = put(root, f"---\ntitle: T\n{head}status: published\n---\nText.\n")
    add(root, text)
    assert questions(path, root) == (*(() if form == "missing" else ("one",)), text)


FORMS = {
    "not indented": ("questions:\n- a\n- b\nstatus: draft\n", "questions:\n- a\n- b\n- new\nstatus: draft\n"),
    "deep": ("questions:\n      - a\n", "questions:\n      - a\n      - new\n"),
    "comment after": ("questions:\n  - a\n\n  # end\n", "questions:\n  - a\n  - new\n\n  # end\n"),
    "over two lines": ("questions:\n  - a\n    b\ntags: []\n", "questions:\n  - a\n    b\n  - new\ntags: []\n"),
    "quoted over two": ("questions:\n  - 'a\n    b' # x\n", "questions:\n  - 'a\n    b' # x\n  - new\n"),
    "block of text": (
        "questions:\n  - |\n    a\n    b\n\ntags: []\n",
        "questions:\n  - |\n    a\n    b\n\n  - new\ntags: []\n",
    ),
    "folded at the end": ("questions:\n  - >-\n    a\n    b\n", "questions:\n  - >-\n    a\n    b\n  - new\n"),
    "flow": ("questions: [a, 'b']  # x\n", "questions: [a, 'b', new]  # x\n"),
    "flow, empty": ("questions: []\n", "questions: [new]\n"),
    "flow, with a comma": ("questions: [a, ]\n", "questions: [a, new, ]\n"),
    "flow over lines": ("questions: [\n  a, # x\n  b\n]\n", "questions: [\n  a, # x\n  b, new\n]\n"),
    "none": ("tags: [x]\n", "tags: [x]\nquestions:\n  - new\n"),
    "none, comment last": ("tags: [x]\n# end\n\n", "tags: [x]\n# end\n\nquestions:\n  - new\n"),
    "quoted key": ('"questions":\n  - a\n', '"questions":\n  - a\n  - new\n'),
    "space behind": ("questions:   \n  - a   \n", "questions:   \n  - a   \n  - new\n"),
}


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["", "byte order mark"])
@pytest.mark.parametrize(("before", "after"), FORMS.values(), ids=FORMS.keys())
def test_each_way_to_write_the_list(root, before, after, mark, ending):
    def file(head: str) -> bytes:
        return mark + f"---\ntitle: Žoga\n{head}---\n\nBesedilo.\n\n\n".replace("\n", ending).encode()

    path = put(root, file(before))
    add(root, "new")
    assert path.read_bytes() == file(after)


def test_mixed_line_endings_stay_mixed(root):
    for end in (b"\n", b"\r\n"):
        path = put(root, b"---\r\ntitle: T\nquestions:\n  - a" + end + b"---\nText.\r\n\nMore.\r\n")
        before = path.read_bytes()
        add(root, "new")
        assert path.read_bytes() == before.replace(b"  - a" + end, b"  - a" + end + b"  - new" + end)


def test_no_line_at_the_end_of_the_file(root):
    path = put(root, "---\ntitle: T\nquestions: [a]\n---\nText.")
    add(root, "new")
    assert path.read_text() == "---\ntitle: T\nquestions: [a, new]\n---\nText."


@pytest.mark.parametrize("head", ["{title: T, questions: [a]}\n", "{title: T}\n", "title: T\nquestions: &q [a]\n"])
def test_an_unusual_head_is_added_to_rightly_or_not_at_all(root, head):
    path = put(root, f"---\n{head}---\nText.\n")
    before = path.read_bytes()
    try:
        add(root, "new")
    except NotWritten as refused:
        assert path.read_bytes() == before and "by hand" in str(refused) or "broken" in str(refused)
    else:
        assert questions(path, root)[-1] == "new"


def test_an_alias_in_the_list_leads_nothing_astray(root):
    path = put(root, "---\ntitle: T\ntags: [&x one]\nquestions:\n  - two\n  - *x\n---\nText.\n")
    before = path.read_bytes()
    with pytest.raises(NotWritten, match="by hand|broken"):
        add(root, "new")
    assert path.read_bytes() == before


@pytest.mark.parametrize("text", ["send it back", "Send it  BACK", " how do I return boots "])
def test_a_phrasing_that_is_there_is_refused(root, text):
    path = put(root, PLAIN)
    with pytest.raises(NotWritten, match="has this phrasing already"):
        add(root, text)
    assert path.read_text() == PLAIN


@pytest.mark.parametrize("text", ["", " \n\t", "\0\x07", "x" * 501])
def test_nothing_or_too_much_is_refused(root, text):
    path = put(root, PLAIN)
    with pytest.raises(NotWritten, match="from 1 to 500 characters"):
        add(root, text)
    assert path.read_text() == PLAIN


def test_control_characters_are_left_out(root):
    path = put(root, PLAIN)
    add(root, "a\0b\x1b[31m\u2028c\r\nd")
    assert questions(path, root)[-1] == "a b [31m c d"


@pytest.mark.parametrize(
    "content", ["", "no head", "---\ntitle: [\n---\nx", "---\ntitle: T\n---\n", b"---\ntitle: \xff\n---\nx"]
)
def test_a_broken_file_is_named_with_its_line(root, content):
    path = put(root, content)
    before = path.read_bytes()
    with pytest.raises(NotWritten, match=r"broken; put that right first\. en/orders/return\.md:\d"):
        add(root, "new")
    assert path.read_bytes() == before


def test_a_thousand_are_enough(root):
    path = write(root, "en/orders/return", "T", [f"q{number}" for number in range(1000)])
    before = path.read_bytes()
    with pytest.raises(NotWritten, match="would be broken"):
        add(root, "new")
    assert path.read_bytes() == before


def test_a_missing_file_says_where_the_article_is(root):
    put(root, PLAIN, "sl/orders/return.md")
    with pytest.raises(NotWritten, match=r"no en/orders/return\.md: the article exists only in sl\."):
        add(root, "new")
    with pytest.raises(NotWritten, match="taken away"):
        add(root, "new", "orders/exchange")
    assert not (root / "en").exists()


@pytest.mark.parametrize(
    ("article", "language"),
    [
        ("../secret", "en"), ("../../secret", "en"), ("orders/../../../secret", "en"), ("/etc/passwd", "en"),
        ("orders", "en"), ("orders/return/x", "en"), ("orders/return", ".."), ("orders/return", "../articles/en"),
        ("orders/return", "de"), ("orders/return", ""), ("", "en"), ("orders/return.md", "en"),
        ("orders\\return", "en"), ("orders/Return", "en"), ("orders/return\0", "en"), ("orders//return", "en"),
        ("./orders/return", "en"),
        ("orders/return", "en/"), (".hidden/x", "en"),
    ],
)  # fmt: skip
def test_no_path_but_an_articles(root, article, language):
    put(root, PLAIN)
    everything = {path: path.read_bytes() for path in root.parent.rglob("*") if path.is_file()}
    with pytest.raises(NotWritten):
        add(root, "new", article, language)
    assert {path: path.read_bytes() for path in root.parent.rglob("*") if path.is_file()} == everything


@pytest.mark.parametrize("target", ["secret.md", "articles/en/orders/other.md"])
def test_a_link_is_not_followed_nor_replaced(root, target):
    put(root, PLAIN, "en/orders/other.md")
    (root / NAME).symlink_to(root.parent / target)
    with pytest.raises(NotWritten, match="link"):
        add(root, "new")
    assert (root / NAME).is_symlink() and (root.parent / target).read_text() == PLAIN


def test_a_linked_folder_is_not_followed(root):
    (root.parent / "elsewhere").mkdir()
    (root.parent / "elsewhere" / "return.md").write_text(PLAIN)
    (root / "en").mkdir(parents=True)
    (root / "en" / "orders").symlink_to(root.parent / "elsewhere")
    with pytest.raises(NotWritten, match="link"):
        add(root, "new")
    assert (root.parent / "elsewhere" / "return.md").read_text() == PLAIN


def test_the_articles_folder_itself_may_be_a_link(root):
    path = put(root, PLAIN)
    (root.parent / "linked").symlink_to(root)
    add(root.parent / "linked", "new")
    assert questions(path, root)[-1] == "new"


def test_a_read_only_file_stays_as_it_is(root):
    path = put(root, PLAIN)
    path.chmod(0o444)
    with pytest.raises(NotWritten, match="read-only"):
        add(root, "new")
    assert path.read_text() == PLAIN


def test_permissions_are_kept(root):
    path = put(root, PLAIN)
    path.chmod(0o640)
    add(root, "new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_full_disk_changes_nothing_and_leaves_nothing(root, monkeypatch):
    path = put(root, PLAIN)

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(NotWritten, match="can’t be written: No space left"):
        add(root, "new")
    assert path.read_text() == PLAIN and [each.name for each in path.parent.iterdir()] == ["return.md"]


def test_a_file_saved_meanwhile_is_not_overwritten(root, monkeypatch):
    path = put(root, PLAIN)
    saved = PLAIN.replace("Fill in", "Write in")

    def meanwhile(*arguments, real=parse_article):
        article = real(*arguments)
        path.write_text(saved)
        return article

    monkeypatch.setattr("kb.sources.editing.parse_article", meanwhile)
    with pytest.raises(NotWritten, match="changed just now"):
        add(root, "new")
    assert path.read_text() == saved


def test_a_folder_that_cannot_be_looked_into_is_said(root, monkeypatch):
    put(root, PLAIN)

    def refuse(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_file", refuse)
    with pytest.raises(NotWritten, match="can’t be written: Permission denied"):
        add(root, "new")


def test_many_at_once_are_all_there(root):
    path = put(root, PLAIN)
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda number: add(root, f"question {number}"), range(16)))
    assert set(questions(path, root)[2:]) == {f"question {number}" for number in range(16)}


def test_the_same_at_once_is_there_once(root):
    path = put(root, PLAIN)

    def try_it(_) -> bool:
        try:
            return bool(add(root, "the same"))
        except NotWritten:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(try_it, range(8))).count(True) == 1
    assert questions(path, root).count("the same") == 1
