"""Markdown to HTML that is safe to show anywhere: articles, the bot's and the agents' messages."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

import nh3
from markdown_it import MarkdownIt

TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
# Raw HTML is shown as text; nh3 is the second lock, should the first ever fail.
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")


ARTICLE_LINK = re.compile(r"^([a-z0-9-]+/[a-z0-9-]+)(#[\w-]*)?$")


@lru_cache(maxsize=2048)
def render(text: str, language: str | None = None) -> str:
    """HTML of Markdown text, sanitised: no scripts, styles, images or frames; links only to the web or mail.

    A link to an article ("orders/return") becomes one to its page in `language`; other relative links, and
    these too when no language is given, lose their target.
    """
    tokens = _markdown.parse(text)
    for token in (child for block in tokens for child in block.children or []):
        if token.type == "link_open":
            token.attrSet("href", _resolve(str(token.attrGet("href") or ""), language))
    return nh3.clean(
        _markdown.renderer.render(tokens, _markdown.options, {}),
        tags=TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )


def _resolve(href: str, language: str | None) -> str:
    if re.match(r"^(https?://|mailto:|tel:)", href, re.IGNORECASE):
        return href
    article = ARTICLE_LINK.match(href)
    return f"/help/{language}/{article[0]}" if article and language else "about:blank"


def render_plain(text: str) -> str:
    """HTML of what a customer typed: no Markdown, only paragraphs and line breaks."""
    paragraphs = [p.strip("\n") for p in text.strip().split("\n\n") if p.strip()]
    return "".join(f"<p>{escape(p, quote=False)}</p>".replace("\n", "<br>") for p in paragraphs)
