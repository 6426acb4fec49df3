"""A mail's HTML as lines of text, with what a mail program's marks say of them: quoted, or a quotation of the writer's.

Marks are set into the tree as signs that no text has, and found again in the text that is laid out of it.
"""

from __future__ import annotations

import re
from html import unescape
from itertools import islice

from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml.etree import LxmlError
from lxml.html import Element, HtmlElement, document_fromstring

from odziv.mail.reading.attributions import FORWARDED
from odziv.mail.reading.headers import clean
from odziv.mail.reading.lines import Line, Place
from odziv.mail.reading.links import Links, mark_links, spell_pictures

MOST_HTML = 300_000  # characters; more takes seconds and is an advertisement
MOST_MARKS = 2_000
NEAR = 10  # levels between a quote and what a program has set around it
CITE, CITE_ENDS, BLOCK, BLOCK_ENDS, REST = "\ue000", "\ue001", "\ue002", "\ue003", "\ue004"
MARK = re.compile("[\ue000-\ue004]")
TAG = re.compile(r"<(?:script|style)\b[^<]*|<[^<>]*>?", re.IGNORECASE)
# Class or id of what a mail program sets around a quoted mail. Outlook on the web puts `x_`, Yahoo `yiv123` before it.
QUOTE = re.compile(
    r"\b(?:x_|yiv\d+)*(?:gmail_quote(?:_container)?|gmail_extra|yahoo_quoted|protonmail_quote|tutanota_quote|zmail_extra"
    r"|moz-cite-prefix|gmail_attr|reply-intro|ms-outlook-mobile-reference-message|mail-editor-reference-message-container"
    r"|quotedmessage|quoted_message|OutlookMessageHeader|rcmBody_quote|cite|mailbox_quote|iCloud-quote)(?![\w-])",
    re.IGNORECASE,
)
# Where one begins, and goes on to the end of the mail.
FROM_HERE = re.compile(
    r"^(?:x_|yiv\d+)*(?:divRplyFwdMsg|appendonsend|stopSpelling|OLK_SRC_BODY_SECTION|replyforwardmessage)$"
    r"|^__QUOTED_TEXT__$|^__HR_DIVIDER__$|^__DIVIDER__$",
    re.IGNORECASE,
)
OUTLOOK_LINE = re.compile(r"border:\s?none;\s?border-top:\s?solid #(?:E1E1E1|B5C4DF)", re.IGNORECASE)
LONGEST_BEFORE = 400  # characters between the beginning of such a container and its quote: who wrote what follows


def parse_html(html: str) -> HtmlElement | None:
    """The tree of some HTML; None where there is none to be made."""
    html = MARK.sub("", re.sub(r"^\s*<\?xml[^>]*>", "", html[:MOST_HTML]))
    try:
        return document_fromstring(html) if html.strip() else None
    except (ValueError, LxmlError, AssertionError):
        return None


def split_html(html: str) -> tuple[Line, ...]:
    """The lines of some HTML, with lists and tables laid out; no scripts, styles or hidden parts."""
    tree = parse_html(html)
    text, links = _lay_out(tree) if tree is not None else ("", Links())
    if not MARK.sub("", text).strip():  # nested too deep to be laid out: then without layout
        text = unescape(TAG.sub(" ", html[:MOST_HTML]))
    return _read_marks(text.replace("\xa0", " "), links)


def _lay_out(tree: HtmlElement) -> tuple[str, Links]:
    spell_pictures(tree)
    links = mark_links(tree)
    _set_marks(tree)
    config = ParserConfig(css=CSS_PROFILES["strict"].copy(), display_links=False)
    try:
        return Inscriptis(tree, config).get_text(), links
    except (ValueError, RecursionError, IndexError, KeyError, AttributeError, TypeError):
        return "", links


def _set_marks(tree: HtmlElement) -> None:
    found = [(element, mark) for element in tree.iter("*") if (mark := _mark_of(element))][:MOST_MARKS]
    for element, mark in found:
        if mark == REST:
            _put(element, REST, None)
        elif mark == BLOCK:
            _put(element, BLOCK, BLOCK_ENDS)
        elif (inner := _first_quote(element)) is None:
            _put(element, CITE, CITE_ENDS)
        elif len("".join(_text_before(element, inner))) <= LONGEST_BEFORE:
            element.insert(0, _sign(CITE, element))
            inner.addprevious(_sign(CITE_ENDS))


def _mark_of(element: HtmlElement) -> str | None:
    """What a mail program says with this element of what stands in it."""
    named = f"{element.get('class', '')} {element.get('id', '')}"[:300]
    if FROM_HERE.match(element.get("id", "").strip()) or FROM_HERE.match(element.get("data-marker", "")):
        return REST
    if element.tag == "blockquote":
        is_cited = element.get("type", "").lower() == "cite" or element.get("cite") or QUOTE.search(named)
        return CITE if is_cited or _is_within_quote(element) else BLOCK
    if element.tag == "div" and OUTLOOK_LINE.search(element.get("style", "")[:200]):
        return REST
    is_quote = QUOTE.search(named) or (element.get("name") == "quote" and element.tag == "div")
    return CITE if is_quote and element.tag not in {"body", "html", "table"} and not _passes_on(element) else None


def _passes_on(element: HtmlElement) -> bool:
    """Whether it begins with the line that says that a mail was passed on."""
    begins = "".join(islice(element.itertext(), NEAR))[:LONGEST_BEFORE].strip()
    return bool(re.match(r"[-_ ]{3,}", begins) and FORWARDED.search(begins[:80]))


def _is_within_quote(element: HtmlElement) -> bool:
    above = islice(element.iterancestors("div", "section"), NEAR)
    return any(QUOTE.search(f"{each.get('class', '')} {each.get('id', '')}"[:300]) for each in above)


def _first_quote(element: HtmlElement) -> HtmlElement | None:
    """The blockquote within what a program sets around a quoted mail, where it has one of its own."""
    return None if element.tag == "blockquote" else next(element.iter("blockquote"), None)


def _text_before(element: HtmlElement, inner: HtmlElement) -> list[str]:
    """The text between the beginning of an element and one within it."""
    found: list[str] = []
    for event in element.iter():
        if event is inner:
            break
        found += [event.text or "", event.tail or ""] if isinstance(event.tag, str) and event is not element else []
        found += [event.text or ""] if event is element else []
        if sum(map(len, found)) > LONGEST_BEFORE:
            break
    return found


def _put(element: HtmlElement, before: str, after: str | None) -> None:
    if element.getparent() is None:
        return
    element.addprevious(_sign(before))
    if after is not None:
        sign = _sign(after)
        sign.tail, element.tail = element.tail, None
        element.addnext(sign)


def _sign(sign: str, parent: HtmlElement | None = None) -> HtmlElement:
    """An element that says nothing but this sign; at the beginning of `parent`, with what it says first after it."""
    element = Element("div")
    element.text = sign
    if parent is not None:
        element.tail, parent.text = parent.text, None
    return element


def _read_marks(text: str, links: Links) -> tuple[Line, ...]:
    lines: list[Line] = []
    cited: list[int] = []  # the numbers of the quotes that are open
    count = blocks = 0
    for line in text.split("\n"):
        for mark in MARK.findall(line):
            if mark == CITE:
                cited.append(count := count + 1)
            elif mark == CITE_ENDS and cited:
                cited.pop()
            blocks = max(0, blocks + (mark == BLOCK) - (mark == BLOCK_ENDS))
            if mark == REST and not cited:
                lines.append(Line("", Place.REST))
        words, linked = links.split(clean(MARK.sub("", line)).rstrip())
        if words or linked or not MARK.search(line):
            is_cited = bool(cited and (words or linked))
            place = Place.CITED if is_cited else Place.BLOCK if blocks else Place.OWN
            lines.append(Line(words, place, cited[-1] if is_cited else 0, linked))
    return tuple(lines)
