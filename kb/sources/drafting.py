"""Puts a new article in place: checked before it is there, complete from its first moment, and never over another."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from kb.language.text import fold, one_line, words
from kb.sources.articles import MAX_BYTES, SLUG, STATUSES, Article, ArticleBroken, parse_article
from kb.sources.body import read_body
from kb.sources.comments import Numbered
from kb.sources.editing import LONGEST_PHRASING, UNSEEN, NotWritten, refuse_misnamed
from kb.sources.links import Place
from kb.writing import written_beside

LONGEST_SLUG = 80  # characters of a file's or folder's name
MOST_QUESTIONS = 50


@dataclass(frozen=True)
class NewArticle:
    """What an editor wants written. `category` and `slug` name folder and file; `questions` are phrasings.

    `topics` are those of the library that it answers.
    """

    language: str
    category: str
    slug: str
    title: str
    questions: tuple[str, ...]
    body: str
    status: str = "published"
    topics: tuple[str, ...] = ()


def name_file(title: str) -> str:
    """A slug for a title: "Kje je moj paket?" → "kje-je-moj-paket". Empty when no Latin letter or digit is in it."""
    parts = [part for part in words(fold(title)) if SLUG.fullmatch(part)]
    slug = ""
    for part in parts:
        if len(slug) + len(part) >= 60:
            break
        slug = f"{slug}-{part}" if slug else part
    return slug


def write_article(root: Path, new: NewArticle, languages: Sequence[str]) -> str:
    """Write a new article's file below `root`; returns its path there. Raises NotWritten, with nothing changed."""
    path = find_place(root, new, languages)
    name = path.relative_to(root).as_posix()
    raw = compose(new)
    check_article(new, raw, path, root, languages)
    refuse_misnamed(path, root)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        put_in_place(path, raw)
    except FileExistsError as error:
        raise NotWritten(
            "There is %(name)s already. Choose another name, or add a phrasing to that one.", name=name
        ) from error
    except OSError as error:
        raise NotWritten(
            "%(name)s can’t be written: %(why)s. Ask your operator.", name=name, why=error.strerror or error
        ) from error
    return name


def find_place(root: Path, new: NewArticle, languages: Sequence[str]) -> Path:
    """Return where the file belongs: below `root`, and not behind a link."""
    if new.language not in languages:
        raise NotWritten("%(language)s is not one of the languages served here.", language=repr(new.language))
    if not is_slug(new.category):
        raise NotWritten(
            "The category has from 1 to %(most)s of a–z, 0–9 and single hyphens: “my-category”.", most=LONGEST_SLUG
        )
    if not is_slug(new.slug):
        raise NotWritten(
            "The file name has from 1 to %(most)s of a–z, 0–9 and single hyphens: “my-article”.", most=LONGEST_SLUG
        )
    folder = root / new.language / new.category
    if folder.resolve() != root.resolve() / new.language / new.category:
        raise NotWritten(
            "%(folder)s is a link, or lies behind one; write the article by hand.",
            folder=folder.relative_to(root).as_posix(),
        )
    return folder / f"{new.slug}.md"


def is_slug(part: str) -> bool:
    """Return whether a part of an article's path can be called so."""
    return SLUG.fullmatch(part) is not None and len(part) <= LONGEST_SLUG


def compose(new: NewArticle) -> bytes:
    """Return the file's content."""
    questions = list(dict.fromkeys(filter(None, (clean_line(question) for question in new.questions))))
    head = {"title": clean_line(new.title), "questions": questions}
    head |= ({"topics": list(new.topics)} if new.topics else {}) | {"status": new.status}
    source = yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=float("inf"))
    return f"---\n{source}---\n{clean_body(new.body)}\n".encode()


def check_article(new: NewArticle, raw: bytes, path: Path, root: Path, languages: Sequence[str]) -> Article:
    """Return the article in `raw`; raise NotWritten unless it can be read and says what was meant."""
    questions = [line for line in map(clean_line, new.questions) if line]
    if not 1 <= len(questions) <= MOST_QUESTIONS or any(len(line) > LONGEST_PHRASING for line in questions):
        raise NotWritten(
            "An article needs 1 to %(most)s questions of up to %(longest)s characters.",
            most=MOST_QUESTIONS,
            longest=LONGEST_PHRASING,
        )
    if new.status not in STATUSES:
        raise NotWritten("The status has to be one of %(known)s.", known=STATUSES)
    if len(raw) > MAX_BYTES:
        raise NotWritten("The article is too long: at most %(most)s KB.", most=MAX_BYTES // 1024)
    try:
        article = parse_article(raw, path, root, languages)
    except ArticleBroken as broken:
        raise NotWritten("This would be no good article: %(reason)s.", reason=broken.reason) from broken
    body = read_body(Numbered.of(clean_body(new.body)), Place(article.language, article.id, tuple(languages))).text
    if (article.title, article.body, article.topics) != (clean_line(new.title), body, new.topics):
        raise NotWritten("Title or text can’t be written safely; write the article by hand.")
    return article


def put_in_place(path: Path, content: bytes) -> None:
    """Make the file appear whole. Raises FileExistsError when there is one: `link` replaces nothing."""
    with written_beside(path, content) as temporary:
        os.link(temporary, path)
        temporary.unlink()


def clean_line(text: str) -> str:
    """Return `text` on one line, without what can't be seen."""
    return one_line("".join(" " if unicodedata.category(c) in UNSEEN else c for c in text))


def clean_body(text: str) -> str:
    """Return Markdown with plain line endings, without control characters, and without space around it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in UNSEEN).strip()
