"""Articles: Markdown files below `<language>/<category>/<slug>.md`, read, checked, and explained when broken."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Literal

import frontmatter
import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from kb.sources.gaps import gaps_in, name_gaps
from kb.sources.passages import Passage, cut
from kb.sources.section_topics import BadSectionTopics, read_section_topics

MAX_BYTES = 256 * 1024
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
STATUSES = ("draft", "internal", "published")

ShortText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Identity = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")]


class Head(BaseModel):
    """What may stand between the two `---` lines."""

    model_config = ConfigDict(extra="forbid", strict=True)

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    questions: Annotated[list[ShortText], Field(max_length=1000)] = []
    tags: Annotated[list[ShortText], Field(max_length=50)] = []
    topics: Annotated[list[Identity], Field(max_length=20)] = []
    not_topics: Annotated[list[Identity], Field(max_length=200)] = []
    status: Literal["draft", "internal", "published"] = "draft"
    follow_ups: Annotated[list[Identity], Field(max_length=20)] = []
    handoff: bool = False


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


class ArticleBroken(Exception):
    """A file that cannot become an article; `line` (from 1) is where, `reason` says what to change."""

    def __init__(self, reason: str, line: int | None = None):
        super().__init__(reason)
        self.reason, self.line = reason, line


def find_files(root: Path) -> Iterator[Path]:
    """Yield every Markdown file below `root`, sorted; hidden files and folders are left out."""
    for path in sorted(root.rglob("*.md")):
        if not any(part.startswith(".") for part in path.relative_to(root).parts):
            yield path


def read_file(path: Path, root: Path) -> bytes:
    """Return the content of an article's file; raises ArticleBroken for what should not be opened at all."""
    try:
        if not path.resolve(strict=True).is_relative_to(root.resolve()):
            raise ArticleBroken("is a link to a file outside the articles' folder; put the file itself here")
        if not path.is_file():
            raise ArticleBroken("is not a file")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ArticleBroken(f"is too large ({size // 1024} KB, at most {MAX_BYTES // 1024}); split it")
        return path.read_bytes()
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
        raise ArticleBroken(f"cannot be read: {getattr(error, 'strerror', None) or error}") from error


def parse_article(raw: bytes, path: Path, root: Path, languages: Iterable[str] | None = None) -> Article:
    """Return the article in `raw`, the content of the file at `path`; raises ArticleBroken.

    `languages`, when given, are the folders that may stand directly below `root`.
    """
    language, identity = identify(path.relative_to(root), languages)
    text = decode(raw)
    head = parse_head(text)
    body, passages = parse_body(text)
    if head.status != "draft" and (gaps := gaps_in(head.title, body)):
        reason = f"still has a gap to fill in: {name_gaps(gaps)}; fill it in, or make the article a draft"
        raise ArticleBroken(reason, line_of(gaps[0], text))
    return Article(
        id=identity, language=language, title=head.title, questions=tuple(dict.fromkeys(head.questions)),
        tags=tuple(head.tags), status=head.status, follow_ups=tuple(head.follow_ups), handoff=head.handoff,
        body=body, path=path, topics=tuple(dict.fromkeys(head.topics)),
        not_topics=tuple(dict.fromkeys(head.not_topics)), passages=passages,
        content_hash=content_hash(raw),
    )  # fmt: skip


def parse_body(text: str) -> tuple[str, tuple[Passage, ...]]:
    """Return what customers read of an article's text, and its passages; raises ArticleBroken."""
    try:
        sections = read_section_topics(body_of(text))
    except BadSectionTopics as bad:
        raise ArticleBroken(bad.reason, line_of(bad.place, text)) from None
    passages = cut(sections.body, sections.topics)
    if not passages:
        raise ArticleBroken("has no text below its head; write the answer there", len(text.splitlines()) or 1)
    return sections.body, passages


def line_of(place: str, text: str) -> int | None:
    """Return the line, from 1, on which `place` first stands in the text; None where it doesn't as it is."""
    return text.count("\n", 0, text.index(place)) + 1 if place in text else None


def content_hash(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def identify(relative: Path, languages: Iterable[str] | None) -> tuple[str, str]:
    """Return language and identity from a path such as sl/orders/return.md; raises ArticleBroken."""
    parts = (*relative.parts[:-1], relative.stem)
    if len(parts) != 3 or relative.suffix != ".md":
        raise ArticleBroken("must lie at <language>/<category>/<slug>.md")
    for part in parts:
        if not SLUG.fullmatch(part):
            raise ArticleBroken(f"{part!r} in its path may only have a–z, 0–9 and single hyphens")
    known = tuple(languages or ())
    if known and parts[0] not in known:
        raise ArticleBroken(f"its language {parts[0]!r} is not one of the configured ones ({', '.join(known)})")
    return parts[0], f"{parts[1]}/{parts[2]}"


def decode(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ArticleBroken("is not UTF-8 here; save the file in UTF-8", line) from error
    if "\0" in text:
        raise ArticleBroken("holds a NUL character; remove it", text.count("\n", 0, text.index("\0")) + 1)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def body_of(text: str) -> str:
    return frontmatter.YAMLHandler().split(text)[1].strip()


def parse_head(text: str) -> Head:
    """Return the checked head of an article; raises ArticleBroken naming the line and what to put right."""
    if not text.startswith("---\n"):
        raise ArticleBroken("must start with a head between two lines of ---", 1)
    try:
        source, _ = frontmatter.YAMLHandler().split(text)
    except ValueError:
        raise ArticleBroken("its head is not closed; put a line of --- after it", 1) from None
    lines, fields = load_yaml(source)
    try:
        return Head.model_validate(fields)
    except ValidationError as error:
        # include_input=False: what the file holds may be enormous once its YAML aliases are written out.
        first = error.errors(include_url=False, include_context=True, include_input=False)[0]
        raise ArticleBroken(explain(first), lines.get(str(first["loc"][0]), 1)) from None


def load_yaml(source: str) -> tuple[dict[str, int], dict]:
    """Return the line of each key (counted in the file) and the values; raises ArticleBroken."""
    lines: dict[str, int] = {}
    loader = None
    try:
        # Not yaml's C loader: it crashes the process on deep nesting, where this one raises RecursionError.
        loader = yaml.SafeLoader(source)
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise ArticleBroken("its head must be lines of `key: value`", 2)
        for key, _ in node.value:
            line = key.start_mark.line + (1 if source.startswith("\n") else 2)
            if str(key.value) in lines:
                raise ArticleBroken(f"the key `{str(key.value)[:80]}` is there twice; keep one", line)
            lines[str(key.value)] = line
        return lines, loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = None if mark is None else mark.line + (1 if source.startswith("\n") else 2)
        hint = "; put text with a colon or a leading sign into quotes" if "mapping values" in str(error.problem) else ""
        raise ArticleBroken(f"its head is not valid YAML: {error.problem}{hint}", line) from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise ArticleBroken(f"its head is not valid YAML: {str(error)[:200]}", 1) from error
    finally:
        if loader:
            loader.dispose()


def explain(error: dict) -> str:
    """Return pydantic's error as a sentence for an editor."""
    key = str(error["loc"][0])[:80]
    place = f"`{key}`" if len(error["loc"]) == 1 else f"`{key}`, entry {int(error['loc'][1]) + 1},"
    match error["type"]:
        case "missing":
            return f"`{key}` is missing; add a line `{key}: …`"
        case "extra_forbidden":
            return f"`{key}` is not a key of an article; known are {', '.join(Head.model_fields)}"
        case "literal_error":
            return f"{place} must be one of {', '.join(STATUSES)}"
        case "string_type":
            return f"{place} must be text; put it into quotes"
        case "list_type":
            return f"{place} must be a list, one entry a line starting with `- `"
        case "bool_type":
            return f"{place} must be true or false"
        case "string_too_short":
            return f"{place} is empty"
        case "string_pattern_mismatch":
            if key in ("topics", "not_topics"):
                return f"{place} must be a topic of the library, such as returns/period"
            return f"{place} must be the path of an article, such as orders/return"
        case _:
            return f"{place}: {error['msg']}"


def check_follow_ups(articles: Iterable[Article], root: Path) -> list[Problem]:
    """Return a problem for each follow-up that no article answers; these articles still serve."""
    articles = list(articles)
    known = {article.id for article in articles}
    problems = []
    for article in articles:
        for missing in [identity for identity in article.follow_ups if identity not in known]:
            reason = f"`follow_ups` names {missing}, which is no article"
            problems.append(Problem(relative_name(article.path, root), None, reason, is_broken=False))
    return problems


def check_topics(articles: Iterable[Article], known: Iterable[str], root: Path) -> list[Problem]:
    """Return a problem for each topic that the library does not have; these articles still serve."""
    known, problems = set(known), []
    for article in articles:
        for missing in [topic for topic in (*article.every_topic, *article.not_topics) if topic not in known]:
            reason = f"`topics` names {missing}, which is no topic of the library"
            problems.append(Problem(relative_name(article.path, root), None, reason, is_broken=False))
    return problems


def relative_name(path: Path, root: Path) -> str:
    """Return how a file is called in problems and in the manifest: its path below `root`, with slashes."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def moved(article: Article, path: Path) -> Article:
    """Return the article as if read from `path`: a kept last good version stands for the broken file."""
    return replace(article, path=path)
