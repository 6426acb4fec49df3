"""Writes of an article that it answers a topic, or that it doesn't: into the head of each of its languages' files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from kb.sources.articles import ArticleBroken, parse_article, read_file
from kb.sources.editing import (
    NotWritten,
    check_edit,
    editing,
    find_article_file,
    insert_entry,
    read_to_edit,
)
from kb.sources.strays import find_misnamed
from kb.writing import write_atomically

Key = Literal["topics", "not_topics"]


@dataclass(frozen=True)
class Edit:
    """One file as it is and as it is to be."""

    path: Path
    old: bytes
    new: bytes


def name_topic(root: Path, article_id: str, key: Key, topic: str, languages: Sequence[str]) -> list[str]:
    """Add `topic` to `key` in each language's file of an article; return the names of the files that changed.

    Raises NotWritten, with nothing changed, when one of them can't be edited safely.
    """
    try:
        with editing:
            edits = [edit for path in files_of(root, article_id, languages)
                     if (edit := prepare(path, key, topic, root, languages))]  # fmt: skip
            write_all(edits, root)
    except OSError as error:
        name = f"{article_id}.md"
        raise NotWritten("%(name)s can’t be written: %(why)s.", name=name, why=error.strerror or error) from error
    return [edit.path.relative_to(root).as_posix() for edit in edits]


def files_of(root: Path, article_id: str, languages: Sequence[str]) -> list[Path]:
    """Return an article's files, which can be written. Raises NotWritten where there is none."""
    paths = {language: root / language / f"{article_id}.md" for language in languages}
    there = [language for language, path in paths.items() if path.is_file() or find_misnamed(path)]
    return [find_article_file(root, article_id, language, languages) for language in there or languages[:1]]


def prepare(path: Path, key: Key, topic: str, root: Path, languages: Sequence[str]) -> Edit | None:
    """Return what is to be written; None where the file says so already. Raises NotWritten."""
    raw, article = read_to_edit(path, root, languages)
    named = article.topics if key == "topics" else article.not_topics
    if topic in named:
        return None
    new = insert_entry(raw, key, topic)
    names = (*named, topic)
    wanted = replace(article, topics=names) if key == "topics" else replace(article, not_topics=names)
    check_edit(wanted, new, root, languages)
    return Edit(path, raw, new)


def write_all(edits: Sequence[Edit], root: Path) -> None:
    """Put all new contents in place, or none: what was written before an error gets its old content back."""
    for edit in edits:
        if edit.path.read_bytes() != edit.old:
            name = edit.path.relative_to(root).as_posix()
            raise NotWritten("%(name)s was changed just now; please try again.", name=name)
    written: list[Edit] = []
    try:
        for edit in edits:
            write_atomically(edit.path, edit.new)
            written.append(edit)
    except OSError:
        for edit in written:
            write_atomically(edit.path, edit.old)
        raise


def topics_in_files(root: Path, article_id: str, languages: Sequence[str]) -> set[str]:
    """Return the topics that an article's files name as its own, or as not its own, at this moment."""
    named: set[str] = set()
    for language in languages:
        path = root / language / f"{article_id}.md"
        try:
            article = parse_article(read_file(path, root), path, root, languages)
        except ArticleBroken:
            continue
        named.update(article.every_topic, article.not_topics)
    return named
