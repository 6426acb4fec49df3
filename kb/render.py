"""Markdown to HTML that is safe to show anywhere: articles, the bot's and the agents' messages."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from kb.sources.passages import inline_text

TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
# Raw HTML is shown as text; nh3 is the second lock, should the first ever fail.
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table")


# What may stand behind an address: "?from=mail#part".
_BEHIND = r"(\?[^#\s]*)?(#[\w%-]*)?"
ARTICLE_LINK = re.compile(rf"[a-z0-9-]+/[a-z0-9-]+{_BEHIND}")
_CODE = r"(?s:```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z))|(?<!`)(`+)(?!`)(?s:.+?)(?<!`)\1(?!`)"
_INSIDE = re.compile(rf"{_CODE}|\]\(<?(?P<path>(?:/help/|[a-z0-9-]+/)[^()<>\s\"]*)(?=[>\s)])")
HELP_PAGE = re.compile(rf"/help/([a-z]{{2,3}}(/([a-z0-9-]+/?([a-z0-9-]+)?)?)?)?{_BEHIND}")


@lru_cache(maxsize=2048)
def render(text: str, language: str | None = None) -> str:
    """HTML of Markdown text, sanitised: no scripts, styles, images or frames; links only to the web or mail.

    A link to an article ("orders/return") becomes one to its page in `language`; one to a page of the help centre
    stays. Other relative links, and those to articles when no language is given, lose their target. Of a picture its
    alternative text is shown.
    """
    tokens = _markdown.parse(text)
    for block in tokens:
        block.children = block.children and [_as_text(child) for child in block.children]
        for token in block.children or ():
            if token.type == "link_open":
                token.attrSet("href", _resolve(str(token.attrGet("href") or ""), language))
    return nh3.clean(
        _markdown.renderer.render(tokens, _markdown.options, {}),
        tags=TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )


def with_whole_addresses(text: str, language: str, url: str) -> str:
    """Return an article's Markdown with links to pages of the help centre that work on any website: below `url`."""

    def write(found: re.Match[str]) -> str:
        path = found["path"]
        address = _resolve(path, language) if path else "about:blank"
        return found[0] if address == "about:blank" else found[0].replace(path, url + address)

    return _INSIDE.sub(write, text) if "](" in text else text


def _resolve(href: str, language: str | None) -> str:
    if re.match(r"^(https?://|mailto:|tel:)", href, re.IGNORECASE):
        return href
    if HELP_PAGE.fullmatch(href):
        return href
    return f"/help/{language}/{href}" if language and ARTICLE_LINK.fullmatch(href) else "about:blank"


def _as_text(token: Token) -> Token:
    """Return what a picture shows, in words; any other token as it is."""
    return Token("text", "", 0, content=inline_text(token)) if token.type == "image" else token


def render_plain(text: str) -> str:
    """HTML of what a customer typed: no Markdown, only paragraphs and line breaks."""
    paragraphs = [p.strip("\n") for p in text.strip().split("\n\n") if p.strip()]
    return "".join(f"<p>{escape(p, quote=False)}</p>".replace("\n", "<br>") for p in paragraphs)
