"""Gaps that an editor still has to fill in, written as `[[how many days]]`: no article is served with one inside."""

from __future__ import annotations

import re
from collections.abc import Iterable

from markdown_it.token import Token

from kb.sources.faults import Reason
from kb.sources.passages import MARKDOWN

GAP = re.compile(r"\[\[[^\[\]\n]{1,120}\]\]")


def gaps_in(title: str, body: str) -> tuple[str, ...]:
    """Return the gaps in an article's title and Markdown, each once; what stands in code is none."""
    if "[[" not in title + body:
        return ()
    texts = [title, *(words_of(token) for token in MARKDOWN.parse(body) if token.type == "inline")]
    return tuple(dict.fromkeys(gap for text in texts for gap in GAP.findall(text)))


def words_of(token: Token) -> str:
    """Return the text of a block without what is in code."""
    return "".join(child.content for child in token.children or () if child.type == "text")


def name_gaps(gaps: Iterable[str], most: int = 3) -> str:
    """Return the gaps in words: "[[a]], [[b]] and 2 more"."""
    gaps = list(gaps)
    rest = len(gaps) - most
    named = ", ".join(gaps[:most])
    return Reason("%(gaps)s and %(more)s more", gaps=named, more=rest) if rest > 0 else named
