"""Articles: Markdown files below `<language>/<category>/<slug>.md`, read, checked, and explained when broken."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from kb.sources.body import Body, read_body
from kb.sources.comments import Numbered
from kb.sources.faults import MOST, ArticleBroken, Fault, Faults, Reason
from kb.sources.gaps import gaps_in, name_gaps
from kb.sources.head import STATUSES, Lines, ReadHead, parse_head, split_head
from kb.sources.links import Link, Place
from kb.sources.passages import Passage

__all__ = ["STATUSES", "ArticleBroken"]  # beside what is made here

MAX_BYTES = 256 * 1024
MOST_LINES = 5  # that are no UTF-8 are named
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class Article:
    """A page of the knowledge base in one language; `id` is its path below the language ("orders/return")."""

    id: str
    language: str
    title: str
    questions: tuple[str, ...]
    tags: tuple[str, ...]
    status: str
    follow_ups: tuple[str, ...]
    handoff: bool
    body: str
    path: Path
    topics: tuple[str, ...] = ()  # of the library, as its head names them
    not_topics: tuple[str, ...] = ()  # those that it was said not to answer
    passages: tuple[Passage, ...] = field(repr=False, default=())
    content_hash: str = field(repr=False, default="")
    links: tuple[Link, ...] = field(repr=False, compare=False, default=())  # to articles
    anchors: tuple[str, ...] = field(repr=False, compare=False, default=())  # of its headings
    lines: Lines = field(repr=False, compare=False, default_factory=dict)  # of what its head says
    warnings: tuple[Fault, ...] = field(repr=False, compare=False, default=())  # what is doubtful, but serves

    @property
    def every_topic(self) -> tuple[str, ...]:
        """Return the topics that its head or one of its sections names."""
        own = (topic for passage in self.passages for topic in passage.topics)
        return tuple(dict.fromkeys((*self.topics, *own)))


@dataclass(frozen=True)
class Problem:
    """Something to put right in a file; `is_broken` means the file was set aside because of it."""

    path: str
    line: int | None
    reason: str
    is_broken: bool = True

    def __str__(self) -> str:
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.reason}"


def find_files(root: Path) -> Iterator[Path]:
    """Yield every Markdown file below `root`, sorted; hidden files and folders are left out."""
    for path in sorted(root.rglob("*.md")):
        if not any(part.startswith(".") for part in path.relative_to(root).parts):
            yield path


def read_file(path: Path, root: Path) -> bytes:
    """Return the content of an article's file; raises ArticleBroken for what should not be opened at all."""
    try:
        if not path.resolve(strict=True).is_relative_to(root.resolve()):
            raise ArticleBroken(Reason("is a link to a file outside the articles' folder; put the file itself here"))
        if not path.is_file():
            raise ArticleBroken(Reason("is not a file"))
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ArticleBroken(
                Reason(
                    "is too large (%(size)s KB, at most %(most)s); split it", size=size // 1024, most=MAX_BYTES // 1024
                )
            )
        return path.read_bytes()
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
        raise ArticleBroken(Reason("cannot be read: %(why)s", why=getattr(error, "strerror", None) or error)) from error


def parse_article(raw: bytes, path: Path, root: Path, languages: Iterable[str] | None = None) -> Article:
    """Return the article in `raw`, the content of the file at `path`; raises ArticleBroken with all that is wrong.

    `languages`, when given, are the folders that may stand directly below `root`.
    """
    faults, known = Faults(), tuple(languages or ())
    place, read, body = Place("", "", known), None, Body("")
    with faults.gather():
        place = Place(*identify(path.relative_to(root), known), known)
    text = decode(raw, faults)
    with faults.gather():
        source, below, first = split_head(text)
        with faults.gather():
            read = parse_head(source)
        body = read_body(Numbered.of(below, first), place)
        faults += body.faults
        faults += _gaps(read, body, text)
    faults.raise_any(MOST)
    assert read is not None
    head = read.head
    return Article(
        id=place.identity, language=place.language, title=head.title, questions=tuple(dict.fromkeys(head.questions)),
        tags=tuple(head.tags), status=head.status, follow_ups=tuple(head.follow_ups), handoff=head.handoff,
        body=body.text, path=path, topics=tuple(dict.fromkeys(head.topics)),
        not_topics=tuple(dict.fromkeys(head.not_topics)), passages=body.passages, content_hash=content_hash(raw),
        links=body.links, anchors=body.anchors, lines=read.lines, warnings=(*read.warnings, *body.warnings),
    )  # fmt: skip


def _gaps(read: ReadHead | None, body: Body, text: str) -> list[Fault]:
    """Return what is still to be filled in in an article that is no draft."""
    if read is None or read.head.status == "draft" or not (gaps := gaps_in(read.head.title, body.text)):
        return []
    reason = Reason(
        "still has a gap to fill in: %(gaps)s; fill it in, or make the article a draft", gaps=name_gaps(gaps)
    )
    return [Fault(line_of(gaps[0], text), reason)]


def line_of(place: str, text: str) -> int | None:
    """Return the line, from 1, on which `place` first stands in the text; None where it doesn't as it is."""
    return text.count("\n", 0, text.index(place)) + 1 if place in text else None


def content_hash(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def identify(relative: Path, languages: Iterable[str] | None) -> tuple[str, str]:
    """Return language and identity from a path such as sl/orders/return.md; raises ArticleBroken."""
    parts = (*relative.parts[:-1], relative.stem)
    if len(parts) != 3 or relative.suffix != ".md":
        raise ArticleBroken(Reason("must lie at <language>/<category>/<slug>.md"))
    for part in parts:
        if not SLUG.fullmatch(part):
            raise ArticleBroken(
                Reason("%(part)s in its path may only have a–z, 0–9 and single hyphens", part=repr(part))
            )
    known = tuple(languages or ())
    if known and parts[0] not in known:
        raise ArticleBroken(
            Reason(
                "its language %(language)s is not one of the configured ones (%(known)s)",
                language=repr(parts[0]),
                known=known,
            )
        )
    return parts[0], f"{parts[1]}/{parts[2]}"


def decode(raw: bytes, faults: Faults | None = None) -> str:
    """Return the text in `raw` with plain line ends. What can't be read is added to `faults`; raises without them."""
    found = Faults()
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        found.append(Fault(1, Reason("is UTF-16; save the file in UTF-8")))
    else:
        found += _bad_lines(raw)
    text = raw.decode("utf-8-sig", "replace")
    if "\0" in text:
        reason = Reason("holds a NUL character; remove it")
        found.append(Fault(text.count("\n", 0, text.index("\0")) + 1, reason))
    if faults is None:
        found.raise_any()
    else:
        faults += found
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", " ")


def _bad_lines(raw: bytes) -> list[Fault]:
    """Return a fault for each of the first lines that are no UTF-8."""
    try:
        raw.decode("utf-8-sig")
        return []
    except UnicodeDecodeError:
        lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        bad = [number for number, line in enumerate(lines, 1) if not _is_utf8(line)]
        return [Fault(number, Reason("is not UTF-8 here; save the file in UTF-8")) for number in bad[:MOST_LINES]]


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def relative_name(path: Path, root: Path) -> str:
    """Return how a file is called in problems and in the manifest: its path below `root`, with slashes."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def moved(article: Article, path: Path) -> Article:
    """Return the article as if read from `path`: a kept last good version stands for the broken file."""
    return replace(article, path=path)
