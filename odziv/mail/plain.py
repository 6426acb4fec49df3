"""The plain-text part of a mail: what its HTML shows, without a sign of Markdown and with links written out."""

from __future__ import annotations

import re
from html import unescape

from inscriptis import get_text
from inscriptis.model.config import ParserConfig

from odziv.mail.reading.headers import clean

LINK = re.compile(r'<a href="([^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
TAGS = re.compile(r"<[^>]*>")
BULLET = re.compile(r"^( *)(?:[*+]|(?<=      )o) ", re.MULTILINE)


def html_to_plain(html: str, url: str) -> str:
    """The text of a message's HTML, as `kb.render` makes it: paragraphs, lists and tables laid out. `url` is our own.

    A link is its words and then its address, unless the words are that address.
    """
    html = LINK.sub(lambda link: _write_link(link[1], link[2], url), html)
    html = html.replace("<hr>", "").replace("<table>", "<br><table>")
    # inscriptis reads what stands for signs a second time.
    lines = (
        get_text(html.replace("&amp;", "&amp;amp;"), ParserConfig(display_links=False)).replace("\xa0", " ").split("\n")
    )
    text = "\n".join(line.rstrip() for line in lines)
    text = BULLET.sub(r"\1- ", text) if "<li>" in html else text
    return clean(re.sub(r"\n{3,}", "\n\n", text)).strip("\n")


def _write_link(address: str, words: str, url: str) -> str:
    target = unescape(address)
    told = unescape(TAGS.sub("", words)).strip()
    target = f"{url}{target}" if target.startswith("/") else target
    is_known = target.startswith(("mailto:", "tel:")) and target.partition(":")[2] in {
        told,
        re.sub(r"[ ()/-]", "", told),
    }
    if target == "about:blank" or is_known:
        return words
    return words if told.rstrip("/") == target.rstrip("/") else f"{words} ({_escape(target)})"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
