"""Topics of one section of an article: a comment directly below its heading, which nobody but editors sees.

## How long you have
<!-- topics: returns/period, returns/holiday-period -->
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from markdown_it.token import Token

from kb.sources.passages import MARKDOWN

TOPIC = re.compile(r"[a-z0-9-]+/[a-z0-9-]+")
_COMMENT = re.compile(r"<!--\s*topics\b\s*:?(.*?)-->\s*", re.DOTALL | re.IGNORECASE)


class BadSectionTopics(Exception):
    """A comment that names topics and can't be read; `place` is its text, `reason` says what to put right."""

    def __init__(self, reason: str, place: str):
        super().__init__(reason)
        self.reason, self.place = reason, place


@dataclass(frozen=True)
class SectionTopics:
    """A body without these comments, and the topics of its sections; number 0 is what stands before a heading."""

    body: str
    topics: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


def read_section_topics(body: str) -> SectionTopics:
    """Take the comments out of an article's Markdown. Raises BadSectionTopics."""
    if "<!--" not in body:
        return SectionTopics(body)
    lines, section, before = body.split("\n"), 0, ""
    taken: set[int] = set()
    topics: dict[int, tuple[str, ...]] = {}
    for token in MARKDOWN.parse(body):
        if token.level or not token.map:
            continue
        section += token.type == "heading_open"
        if is_comment(token):
            if before != "heading_open":
                raise BadSectionTopics(
                    "a comment with topics stands directly below the heading it is about", lines[token.map[0]]
                )
            topics[section] = topics_in(token.content)
            taken.update(range(*token.map))
        before = token.type
    return SectionTopics("\n".join(line for number, line in enumerate(lines) if number not in taken).strip(), topics)


def is_comment(token: Token) -> bool:
    """Return whether a block is such a comment, well-formed or not."""
    return token.type == "html_block" and bool(_COMMENT.match(token.content.lstrip()))


def topics_in(comment: str) -> tuple[str, ...]:
    """Return the topics that a comment names. Raises BadSectionTopics."""
    found = _COMMENT.fullmatch(comment.lstrip())
    named = [part.strip() for part in found[1].split(",")] if found else []
    if not named or not all(TOPIC.fullmatch(topic) for topic in named):
        reason = "topics of a section are written on a line of their own, like <!-- topics: returns/period -->"
        raise BadSectionTopics(reason, comment.strip().split("\n")[0])
    return tuple(dict.fromkeys(named))
