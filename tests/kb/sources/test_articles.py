from pathlib import Path

import pytest

from kb.sources.articles import MAX_BYTES, ArticleBroken, find_files, parse_article, read_file
from kb.sources.checks import check_articles

ROOT = Path("/articles")
GOOD = "---\ntitle: Vračilo izdelka\nquestions:\n  - Kako vrnem izdelek?\nstatus: published\n---\nV 14 dneh.\n"


def parse(text: str | bytes, name: str = "sl/orders/return.md"):
    raw = text if isinstance(text, bytes) else text.encode()
    return parse_article(raw, ROOT / name, ROOT, ["sl", "en"])


def test_a_good_article_has_identity_language_and_passages():
    article = parse(GOOD + "\n## Cena\n\n3,50 EUR\n")
    assert (article.id, article.language, article.title) == ("orders/return", "sl", "Vračilo izdelka")
    assert article.questions == ("Kako vrnem izdelek?",)
    assert [(p.heading, p.plain) for p in article.passages] == [(None, "V 14 dneh."), ("Cena", "3,50 EUR")]


def test_byte_order_mark_and_windows_line_ends_are_no_problem():
    assert parse(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()).title == "Vračilo izdelka"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("Just text", 1, "must start with a head"),
        ("---\ntitle: A\n", 1, "not closed"),
        ("---\ntitle: a: b\n---\nx", 2, "quotes"),
        ("---\nquestions: []\n---\nx", 1, "`title` is missing"),
        ("---\ntitle: A\nstatus: live\n---\nx", 3, "draft, internal, published"),
        ("---\ntitle: A\nquestion: [b]\n---\nx", 3, "`question` is not a key"),
        ("---\ntitle: A\nquestions:\n  - b\n  - 12\n---\nx", 5, "`questions`, entry 2, must be text"),
        ("---\ntitle: A\nquestions: b\n---\nx", 3, "must be a list"),
        ("---\ntitle: No\n---\nx", 2, "put it into quotes"),
        ("---\ntitle: A\nhandoff: 1\n---\nx", 3, "true or false"),
        ("---\ntitle: A\nfollow_ups: [Orders Return]\n---\nx", 3, "path of an article"),
        ("---\ntitle: A\ntitle: B\n---\nx", 3, "twice"),
        ("---\ntitle: ''\n---\nx", 2, "is empty"),
        (f"---\ntitle: {'a' * 201}\n---\nx", 2, "`title` is too long: at most 200 characters"),
        (
            f"---\ntitle: A\ntags:\n- b\n- {'c' * 501}\n---\nx",
            5,
            "`tags`, entry 2, is too long: at most 500 characters",
        ),
        (f"---\ntitle: A\ntags: [{', '.join('b' * 51)}]\n---\nx", 3, "`tags` has too many entries: at most 50"),
        ("---\ntitle: A\n---\n\n", 4, "no text"),
        ("---\ntitle: A\n---\n<script>x</script>", 4, "no text"),
        ("---\n- A\n---\nx", 2, "key: value"),
        ("---\ntitle: A\x00\n---\nx", 2, "NUL"),
    ],
)
def test_a_broken_file_is_explained_with_its_line(text, line, reason):
    with pytest.raises(ArticleBroken, match=reason) as broken:
        parse(text)
    assert broken.value.line == line


def test_other_encodings_are_named_with_the_line():
    with pytest.raises(ArticleBroken, match="UTF-8") as broken:
        parse("---\ntitle: Vračilo\n---\nx".encode("cp1250"))
    assert broken.value.line == 2


BOMB = "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(15))


@pytest.mark.slow
@pytest.mark.parametrize(
    "head",
    ["[" * 50_000, "{a: " * 5_000, "a: &a [x, x]\n" + BOMB + "title: *p", "title: !!python/object/apply:os.system [ls]",
     "title: 2026-02-31", "? [a, b]\n: c", "title: *nobody", "\x01"],
)  # fmt: skip
def test_hostile_heads_are_refused_and_nothing_worse(head):
    with pytest.raises(ArticleBroken):
        parse(f"---\n{head}\n---\nx")


@pytest.mark.parametrize("name", ["sl/return.md", "sl/a/b/return.md", "de/orders/return.md", "sl/Or ders/return.md"])
def test_the_path_must_be_language_category_slug(name):
    with pytest.raises(ArticleBroken):
        parse(GOOD, name)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    secret = tmp_path / "secret.md"
    secret.write_text(GOOD, "utf-8")
    root = tmp_path / "articles"
    root.mkdir()
    (root / "a.md").symlink_to(secret)
    with pytest.raises(ArticleBroken, match="link to a file outside"):
        read_file(root / "a.md", root)
    (root / "b.md").symlink_to(root / "b.md")
    with pytest.raises(ArticleBroken, match="cannot be read"):
        read_file(root / "b.md", root)


def test_a_file_too_large_is_not_read(tmp_path):
    (tmp_path / "a.md").write_bytes(b"x" * (MAX_BYTES + 1))
    with pytest.raises(ArticleBroken, match="too large"):
        read_file(tmp_path / "a.md", tmp_path)


def test_hidden_files_are_left_out(tmp_path):
    for name in ("sl/orders/a.md", "sl/orders/.a.md.swp.md", ".git/x.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", "utf-8")
    assert [path.name for path in find_files(tmp_path)] == ["a.md"]


def test_a_follow_up_to_nowhere_is_named_but_the_article_serves():
    article = parse(GOOD.replace("status:", "follow_ups: [orders/gone]\nstatus:"))
    [problem] = check_articles([article], ROOT)
    assert "orders/gone" in problem.reason and problem.line == 5 and not problem.is_broken
