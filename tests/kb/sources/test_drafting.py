"""A new article's file: whole, readable, where it belongs, and never over another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kb.sources.articles import parse_article
from kb.sources.drafting import NewArticle, name_file, write_article
from kb.sources.editing import NotWritten

LANGUAGES = ("sl", "en")
NEW = NewArticle("sl", "orders", "gift-wrap", "Darilni ovoj", ("Ali zavijete darilo?", "darilni papir: koliko"), "Da.")


@pytest.fixture
def root(tmp_path) -> Path:
    return tmp_path / "articles"


def read(root, name):
    return parse_article((root / name).read_bytes(), root / name, root, LANGUAGES)


def test_a_new_article_is_written_as_it_was_meant(root):
    name = write_article(root, replace(NEW, body="Da.\r\n\r\n## Cena\n\n- 2 EUR\x07\ud800\n"), LANGUAGES)
    article = read(root, name)
    assert (name, article.id, article.status) == ("sl/orders/gift-wrap.md", "orders/gift-wrap", "published")
    assert article.questions == ("Ali zavijete darilo?", "darilni papir: koliko")
    assert (article.title, article.body) == ("Darilni ovoj", "Da.\n\n## Cena\n\n- 2 EUR")
    assert [path.name for path in (root / "sl/orders").iterdir()] == ["gift-wrap.md"]


def test_another_article_is_never_overwritten(root):
    write_article(root, NEW, LANGUAGES)
    before = (root / "sl/orders/gift-wrap.md").read_bytes()
    with pytest.raises(NotWritten, match="already"):
        write_article(root, replace(NEW, body="Ne."), LANGUAGES)
    assert (root / "sl/orders/gift-wrap.md").read_bytes() == before
    assert len(list((root / "sl/orders").iterdir())) == 1


def test_a_link_that_leads_nowhere_is_not_written_through(root, tmp_path):
    (root / "sl/orders").mkdir(parents=True)
    (root / "sl/orders/gift-wrap.md").symlink_to(tmp_path / "outside.md")
    with pytest.raises(NotWritten):
        write_article(root, NEW, LANGUAGES)
    assert not (tmp_path / "outside.md").exists()


@pytest.mark.parametrize("part", ["..", ".", "", "a/b", "/etc", "A", "a b", "a--b", "-a", "č", "a\0", "a\n", "x" * 81])
@pytest.mark.parametrize("field", ["category", "slug"])
def test_a_path_that_leads_elsewhere_is_refused(root, tmp_path, part, field):
    with pytest.raises(NotWritten):
        write_article(root, replace(NEW, **{field: part}), LANGUAGES)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("language", ["de", "", "..", "sl/../.."])
def test_a_language_that_is_not_served_is_refused(root, language):
    with pytest.raises(NotWritten):
        write_article(root, replace(NEW, language=language), LANGUAGES)


def test_a_folder_that_is_a_link_is_refused(root, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (root / "sl").mkdir(parents=True)
    (root / "sl/orders").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotWritten, match="link"):
        write_article(root, NEW, LANGUAGES)
    assert list((tmp_path / "elsewhere").iterdir()) == []


HOSTILE = ['": {x: !!python/object:os.system}', "a: b", "- x", "# no", "'\"", "---", "| y", "\u2028z", "*a &b", "null"]


@pytest.mark.parametrize("text", HOSTILE)
def test_yaml_in_a_title_or_question_is_only_text(root, text):
    name = write_article(root, replace(NEW, title=text, questions=(text,), body=f"{text}\n\nx"), LANGUAGES)
    article = read(root, name)
    assert article.title == " ".join(text.split()) and article.questions == (" ".join(text.split()),)
    assert not article.handoff and article.tags == ()


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""},
        {"title": "x" * 201},
        {"questions": ()},
        {"questions": (" ", "\x07")},
        {"questions": ("x" * 501,)},
        {"questions": tuple(str(n) for n in range(51))},
        {"body": ""},
        {"body": " \n\x00 "},
        {"body": "x" * 300_000},
        {"status": "king"},
    ],
    ids=str,
)
def test_what_would_be_no_good_article_is_not_written(root, change):
    with pytest.raises(NotWritten):
        write_article(root, replace(NEW, **change), LANGUAGES)
    assert not root.exists()


def test_a_folder_that_can_not_be_written_says_so(root, monkeypatch):
    def refuse(*_args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("kb.sources.drafting.os.link", refuse)
    with pytest.raises(NotWritten, match="Permission denied"):
        write_article(root, NEW, LANGUAGES)
    assert list((root / "sl/orders").iterdir()) == []


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Kje je moj paket?", "kje-je-moj-paket"),
        ("Žółć & đak 2", "zolc-dak-2"),
        ("日本", ""),
        ("../..", ""),
        ("a" * 99, ""),
    ],
)
def test_a_title_names_the_file(title, slug):
    assert name_file(title) == slug
