"""Adds a phrasing, or another entry of the head, to an article's file and leaves every other byte as it was."""

from __future__ import annotations

import os
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import frontmatter
import yaml

from kb.language.text import one_line
from kb.sources.articles import Article, ArticleBroken, decode, identify, parse_article, read_file
from kb.sources.faults import Reason
from kb.sources.head import space_tabs
from kb.sources.strays import find_misnamed
from kb.writing import write_atomically

LONGEST_PHRASING = 500  # characters; kb/sources/articles.py takes no longer line
UNSEEN = ("Cc", "Cs")  # control characters and half characters
editing = threading.Lock()  # of two who add to the same file, the second reads what the first has written


class NotWritten(Exception):
    """Nothing was changed; `reason` says why, in a sentence for an editor."""

    def __init__(self, message: str, /, **values: Any) -> None:
        self.reason = Reason(message, **values)
        super().__init__(str(self.reason))


def add_phrasing(root: Path, article_id: str, language: str, text: str, languages: Sequence[str]) -> str:
    """Append `text` to the `questions` of an article below `root`. Raises NotWritten.

    Returns the file's path below `root`. The file is replaced in one step; whoever reads it sees it before or after.
    """
    text = one_line("".join(" " if unicodedata.category(c) in UNSEEN else c for c in text))
    if not text or len(text) > LONGEST_PHRASING:
        raise NotWritten(
            "A phrasing has from 1 to %(most)s characters, this one %(have)s.", most=LONGEST_PHRASING, have=len(text)
        )
    try:
        with editing:
            path = find_article_file(root, article_id, language, languages)
            edit_file(path, text, root, languages)
    except OSError as error:
        name = f"{language}/{article_id}.md"
        raise NotWritten("%(name)s can’t be written: %(why)s.", name=name, why=error.strerror or error) from error
    return path.relative_to(root).as_posix()


def edit_file(path: Path, text: str, root: Path, languages: Sequence[str]) -> None:
    """Put the file with `text` in place of the one without, unless it is broken, has it already, or is being saved."""
    name = path.relative_to(root).as_posix()
    raw, old = read_to_edit(path, root, languages)
    if text.casefold() in {one_line(question).casefold() for question in old.questions}:
        raise NotWritten("%(name)s has this phrasing already.", name=name)
    new = insert_entry(raw, "questions", text)
    check_edit(replace(old, questions=(*old.questions, text)), new, root, languages)
    if path.read_bytes() != raw:
        raise NotWritten("%(name)s was changed just now; please try again.", name=name)
    write_atomically(path, new)


def read_to_edit(path: Path, root: Path, languages: Sequence[str]) -> tuple[bytes, Article]:
    """Return the content of a file and the article in it. Raises NotWritten where it is broken."""
    try:
        raw = read_file(path, root)
        return raw, parse_article(raw, path, root, languages)
    except ArticleBroken as broken:
        name = path.relative_to(root).as_posix()
        place = name if broken.line is None else f"{name}:{broken.line}"
        raise NotWritten(
            "The file is broken; put that right first. %(place)s: %(reason)s.", place=place, reason=broken.reason
        ) from broken


def find_article_file(root: Path, article_id: str, language: str, languages: Sequence[str]) -> Path:
    """Return the path of an article's file, which is there, can be written, and lies below `root` without links."""
    relative = Path(language, f"{article_id}.md")
    try:
        if identify(relative, languages) != (language, article_id):
            raise ValueError(article_id)
    except (ArticleBroken, ValueError) as error:
        raise NotWritten(
            "%(article)s in %(language)s is no article.", article=repr(article_id), language=repr(language)
        ) from error
    path = root / relative
    if not path.is_file():
        refuse_misnamed(path, root)
        others = [other for other in languages if (root / other / f"{article_id}.md").is_file()]
        if others:
            raise NotWritten(
                "There is no %(name)s: the article exists only in %(languages)s.",
                name=relative,
                languages=tuple(others),
            )
        raise NotWritten("There is no %(name)s: the article has been taken away or moved.", name=relative)
    if path.resolve() != root.resolve() / relative:
        raise NotWritten("%(name)s is a link, or lies behind one; write to the file itself.", name=relative)
    if not path.stat().st_mode & 0o222 or not os.access(path, os.W_OK):
        raise NotWritten("%(name)s is read-only for Odziv; ask your operator, or write it by hand.", name=relative)
    return path


def refuse_misnamed(path: Path, root: Path) -> None:
    """Raise NotWritten where a file lies beside that is meant for this article: whoever renames it would lose one."""
    if other := find_misnamed(path):
        name = other.relative_to(root).as_posix()
        raise NotWritten(
            "There is %(name)s, which is not read: an article's name ends in .md, in small letters; rename it to "
            "%(wanted)s first.",
            name=name,
            wanted=path.name,
        )


def insert_entry(raw: bytes, key: str, text: str) -> bytes:
    """Return the file's content with `text` as the last of the list `key` of its head, in the form it has already."""
    source = raw.decode("utf-8-sig")
    at, addition = place_entry(decode(raw), key, text)
    position = position_in(source, at)
    before, after = source[:position], source[position:]
    ending = next((end for end in ("\r\n", "\r") if before.endswith(end)), "\n")  # that of the line before
    mark = raw[: len(raw) - len(source.encode())]
    return mark + (before + addition.replace("\n", ending) + after).encode()


def place_entry(document: str, key: str, text: str) -> tuple[int, str]:
    """Return where in an article's text (its lines ending in \\n) to put an entry of a list, and what exactly."""
    start = frontmatter.YAMLHandler.FM_BOUNDARY.match(document).end()
    head, _ = frontmatter.YAMLHandler().split(document)
    node = node_of(head, key)
    if node is None:
        return start + len(head), f"{key}:\n  - {as_yaml(text)}\n"
    if not isinstance(node, yaml.SequenceNode):
        raise NotWritten("Its `%(key)s` are no list; write it by hand.", key=key)
    if node.flow_style:
        if node.value:
            return start + node.value[-1].end_mark.index, f", {as_yaml(text, is_flow=True)}"
        return start + node.start_mark.index + 1, as_yaml(text, is_flow=True)
    last = node.value[-1].end_mark
    # A block of text (`- |`) ends at the head of the line after it, everything else within its last line.
    line_end = start + last.index
    if last.column:
        line_end = document.index("\n", line_end) + 1
    return line_end, f"{' ' * node.start_mark.column}- {as_yaml(text)}\n"


def node_of(head: str, key: str) -> yaml.Node | None:
    """Return the value of a key of a head, with its place; None where the key is missing."""
    loader = yaml.SafeLoader(space_tabs(head))
    try:
        return next((value for name, value in loader.get_single_node().value if name.value == key), None)
    finally:
        loader.dispose()


def as_yaml(text: str, *, is_flow: bool = False) -> str:
    """Return `text` as a YAML scalar on one line, in quotes where it needs them, as an entry of a list."""
    listed = yaml.safe_dump([text], allow_unicode=True, width=float("inf"), default_flow_style=is_flow)
    return listed.strip()[1:-1] if is_flow else listed.removeprefix("- ").rstrip("\n")


def position_in(source: str, at: int) -> int:
    """Return where in `source`, with line endings as they are, the place `at` of its \\n-only form is."""
    position = 0
    for _ in range(at):
        position += 2 if source.startswith("\r\n", position) else 1
    return position


def check_edit(wanted: Article, raw: bytes, root: Path, languages: Sequence[str]) -> None:
    """Raise NotWritten unless `raw` is the article that is wanted: whatever the file looks like, nothing else may
    change."""
    try:
        new = parse_article(raw, wanted.path, root, languages)
    except ArticleBroken as broken:
        raise NotWritten("With this the file would be broken: %(reason)s.", reason=broken.reason) from broken
    if new != replace(wanted, content_hash=new.content_hash):
        raise NotWritten("Its head is written in a way that can’t be added to safely; write it by hand.")
