"""Heads as people write them: what YAML makes something else of is named with its line, and all of it in one run."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.sources.articles import Article, ArticleBroken, parse_article

ROOT = Path("/articles")


def read(raw: str | bytes, name: str = "en/orders/return.md") -> Article:
    raw = raw if isinstance(raw, bytes) else raw.encode()
    return parse_article(raw, ROOT / name, ROOT, ["en", "sl"])


def faults(raw: str | bytes, name: str = "en/orders/return.md") -> list[tuple[int | None, str]]:
    with pytest.raises(ArticleBroken) as broken:
        read(raw, name)
    return [(fault.line, fault.reason) for fault in broken.value.faults]


READ = [
    # as written, the title that is read
    ("---\ntitle: A\n---\nx", "A"),
    ("\ufeff---\ntitle: A\n---\nx", "A"),
    ("---\r\ntitle: A\r\n---\r\nx\r\n", "A"),
    ("---\rtitle: A\r---\rx", "A"),
    ("--- \ntitle: A\n---\t\nx", "A"),
    ("-----\ntitle: A\n----\nx", "A"),
    ("---\ntitle:\tA\n---\nx", "A"),
    ("---\ntitle:    A  \t\n---\nx", "A"),
    ("---\n\ntitle: A\n\n---\n\n\nx", "A"),
    ("---\n# for the office\ntitle: A\n---\nx", "A"),
    ("---\ntitle: C# and A#1\n---\nx", "C# and A#1"),
    ("---\ntitle: 'A # b'\n---\nx", "A # b"),
    ('---\ntitle: "A: b"\n---\nx', "A: b"),
    ("---\ntitle: 'No'\n---\nx", "No"),
    ("---\ntitle: >-\n  A\n  b\n---\nx", "A b"),
    ("---\ntitle: A\n---\nx\n\n---\n\ny", "A"),
    ("---\ntitle: A – b & c, d? (e) 100 % š\n---\nx", "A – b & c, d? (e) 100 % š"),
]


@pytest.mark.parametrize(("raw", "title"), READ)
def test_variants_that_are_read(raw, title):
    article = read(raw)
    assert article.title == title and "x" in article.body and not article.warnings


CUT = [
    ("title: A # b", 2, "`title` is read with '# b'"),
    ("title: Order #123", 2, "`title` is read with '#123'"),
    ("title: A\t# b", 2, "`title` is read with '# b'"),
    ("title: A\nquestions:\n  - how many # do I need\n  - b", 4, "`questions` is read without '# do I need'"),
    ("title: A\nquestions: [a, b] # note\ntags: [c] # d", None, ""),
    ("title: A\nstatus: draft # until Monday", None, ""),
    ("title: 'A' # note", None, ""),
    ("title: &name A", 2, "`title` is read without '&name'"),
    ("title: !!str A", 2, "`title` is read without '!!str'"),
]


@pytest.mark.parametrize(("head", "line", "reason"), CUT)
def test_a_text_that_yaml_would_cut_is_named(head, line, reason):
    found = [(fault.line, fault.reason) for fault in read(f"---\n{head}\n---\nx").warnings]
    assert [place for place, _ in found] == ([line] if line else [])
    assert all(reason in said and "into quotes" in said for _, said in found)


def test_a_title_that_yaml_would_cut_is_read_whole():
    article = read(
        "---\ntitle: Order #123 # b\nquestions:\n  - how many # do I need\n  - 'b' # c\nstatus: draft # d\n---\nx"
    )
    assert (article.title, article.status) == ("Order #123 # b", "draft")
    assert article.questions == ("how many", "b")


SURPRISES = [
    ("title: A: b", 2, "quotes"),
    ("title: no", 2, "must be text; put it into quotes"),
    ("title: 2026-11-30", 2, "must be text; put it into quotes"),
    ("title: 112", 2, "must be text"),
    ("title: 12:30", 2, "must be text"),
    ("title: 1e3", None, ""),
    ("title: ~", 2, "must be text"),
    ("title:", 2, "must be text"),
    ("title: [A]", 2, "must be text"),
    ("title: @home", 2, "put text that begins with a sign into quotes"),
    ("title: `A`", 2, "put text that begins with a sign into quotes"),
    ("title: *bold*", 2, "quotes"),
    ("title: !A b", 2, "quotes"),
    ("title: % b", 2, "quotes"),
    ("title: 'Don't ask'", 2, "quotes"),
    ("title: \"A\" and b", 2, "quotes"),
    ("title: \"A", None, "quotes"),
    ("title: A\n\tstatus: draft", 3, "spaces instead of tabs"),
    ("title: A\nquestions:\n\t- b", 4, "spaces instead of tabs"),
    ("title: A\nquestions:\n  - b: c", 4, "must be text"),
    ("title: A\nquestions:\n  - b\n  - yes", 5, "entry 2, must be text"),
    ("title: A\nquestions:\n  - b\n  -", 5, "entry 2, must be text"),
    ("title: A\nquestions: b, c", 3, "must be a list"),
    ("title: A\nquestions:", 3, "must be a list"),
    ("title: A\ntags: orders", 3, "must be a list"),
    ("title: A\nstatus: Published", 3, "draft, internal, published"),
    ("title: A\nstatus: publish", 3, "draft, internal, published"),
    ("title: A\nhandoff: 'yes'", 3, "true or false"),
    ("Title: A", 2, "write `title`"),
    ("title: A\nfollow-ups: [a/b]", 3, "write `follow_ups`"),
    ("title: A\nfollow_ups: [a/b, 'a b']", 3, "entry 2, must be the path"),
    ("title: A\ntitle: B", 3, "twice"),
    ("title:A\nstatus: draft", 2, "put a space after the colon"),
    ("title: A\nstatus draft\ntags: [a]", None, "`key: value`"),
    ("title: A\n? [a]\n: b", 3, ""),
]  # fmt: skip


@pytest.mark.parametrize(("head", "line", "reason"), SURPRISES)
def test_what_yaml_makes_something_else_of_is_named(head, line, reason):
    raw = f"---\n{head}\n---\nx"
    if not reason and line is None:
        assert read(raw).title
        return
    found = faults(raw)
    assert any(reason in said and (line is None or place == line) for place, said in found), found


def test_all_of_it_is_named_in_one_run():
    raw = (
        "---\ntitle: A: b\nquestions:\n  - yes\n  - c\n  - 12\nstatus: live\ncolour: red\nfollow_ups: [x]\n"
        "handoff: 3\n---\nText\n\n<!-- never\n\n## Head\nText <!-- topics: a/b"
    )
    found = faults(raw, "en/Or ders/return.md")
    assert [place for place, _ in found] == [None, 2, 4, 6, 7, 8, 9, 10, 14]
    for part, (_, said) in zip(
        ("'Or ders'", "quotes", "entry 1", "entry 3", "draft, internal", "`colour`", "entry 1",
    "true or false", "-->"),
        found, strict=True,
    ):  # fmt: skip
        assert part in said


def test_several_faults_of_yaml_are_named_in_one_run():
    found = faults("---\ntitle: A: b\nquestions:\n\t- c\ntags: [a\nstatus: live\n---\n[[gap]]")
    assert [place for place, _ in found] == [2, 4, 6, 6] or [place for place, _ in found][:2] == [2, 4]
    assert any("draft, internal" in said for _, said in found)


def test_the_lines_of_bad_letters_are_named_beside_other_faults():
    raw = "---\ntitle: Vračilo\nstatus: live\n---\nČez\nx\n".encode("cp1250")
    assert [place for place, _ in faults(raw)] == [2, 3, 5]
    assert faults("---\ntitle: A\n---\nx".encode("utf-16"))[0] == (1, "is UTF-16; save the file in UTF-8")


def test_very_many_faults_are_counted():
    found = faults("---\ntitle: A\nquestions:\n" + "  - 1\n" * 300 + "---\nx")
    assert len(found) == 21 and "280 more faults" in found[-1][1]


@pytest.mark.parametrize(
    "raw",
    ["", "x", "\n---\ntitle: A\n---\nx", "—\ntitle: A\n—\nx", "***\ntitle: A\n***\nx",
    "---\ntitle: A\n...\nx", "---\ntitle: A",
     "+++\ntitle = 'A'\n+++\nx", "----", "---", "--\ntitle: A\n--\nx"],
)  # fmt: skip
def test_what_is_no_head_is_told(raw):
    [(line, reason)] = faults(raw)
    assert line == 1 and "---" in reason


def test_strange_line_ends_move_nothing():
    body = "One\u2028two\x0bthree\x0c\x85four\n\n## Next\n\nFive\n\n" + "word " * 130 + "\n\n- six\u2029seven\n- eight"
    article = read(f"---\ntitle: A\n---\n{body}")
    assert [each.heading for each in article.passages][:2] == [None, "Next"]
    assert "eight" in article.passages[-1].text and "seven" in article.passages[-1].text
