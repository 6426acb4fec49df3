"""Topics of one section of an article: a comment directly below its heading, which nobody but editors sees.

## How long you have
<!-- topics: returns/period, returns/holiday-period -->
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from markdown_it.token import Token

from kb.sources.comments import Numbered
from kb.sources.faults import Fault, Reason
from kb.sources.passages import MARKDOWN

TOPIC = re.compile(r"[a-z0-9-]+/[a-z0-9-]+")
_COMMENT = re.compile(r"<!--\s*topics\b\s*:?(.*?)-->\s*", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class SectionTopics:
    """A body without these comments, and the topics of its sections; number 0 is what stands before a heading.

    `faults` are the comments that can't be read.
    """

    source: Numbered
    topics: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


def read_section_topics(source: Numbered) -> SectionTopics:
    """Take the comments out of an article's Markdown."""
    if "<!--" not in source.text:
        return SectionTopics(source)
    section, before = 0, ""
    taken: set[int] = set()
    topics: dict[int, tuple[str, ...]] = {}
    faults: list[Fault] = []
    for token in MARKDOWN.parse(source.text):
        if token.level or not token.map:
            continue
        section += token.type == "heading_open"
        if is_comment(token):
            topics[section], reason = topics_in(token.content)
            if before != "heading_open":
                reason = Reason("a comment with topics stands directly below the heading it is about")
            faults += [Fault(source.number(token.map[0]), reason)] if reason else []
            taken.update(range(*token.map))
        before = token.type
    return SectionTopics(_without(source, taken), topics, tuple(faults))


def _without(source: Numbered, taken: set[int]) -> Numbered:
    kept = [(line, source.number(n)) for n, line in enumerate(source.text.split("\n")) if n not in taken]
    kept = kept or [("", source.number(0))]
    return Numbered("\n".join(line for line, _ in kept), tuple(number for _, number in kept))


def is_comment(token: Token) -> bool:
    """Return whether a block is such a comment, well-formed or not."""
    return token.type == "html_block" and bool(_COMMENT.match(token.content.lstrip()))


def topics_in(comment: str) -> tuple[tuple[str, ...], str]:
    """Return the topics that a comment names, and what is to be put right in it, if anything is."""
    found = _COMMENT.fullmatch(comment.lstrip())
    named = [part.strip() for part in found[1].split(",")] if found else []
    if not named or not all(TOPIC.fullmatch(topic) for topic in named):
        return (), Reason(
            "topics of a section are written on a line of their own, like <!-- topics: returns/period -->"
        )
    return tuple(dict.fromkeys(named)), ""
