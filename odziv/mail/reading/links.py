"""Where the links and pictures of a mail's HTML lead and what they show, as words that can be read and copied.

Who wrote what is told without the addresses: a line keeps them beside its text (`Line.linked`). In the layout a sign
stands for each, so that no table grows by their length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import parse_qs, quote, unquote, urlsplit

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from odziv.mail.reading.headers import clean

MOST_LINKS = 30  # of a mail's, with their addresses; the others are only their words
LONGEST_HREF = 10_000
LONGEST_ADDRESS = 300  # characters; of a longer one the beginning, as far as it says where it leads
MOST_ADDRESSES = 1_500  # characters of all together: a message has room for less than 4,000
MOST_PICTURES = 200
MOST_PIECES, MOST_WORDS = 400, 2_000  # of one link: elements, and characters of its words
SILENT = frozenset({"script", "style"})
LONGEST_SIGN = 12  # characters of one that is drawn, such as a family
LONGEST_ALT = 200
FIRST_SIGN = 0xF0000  # of those that no alphabet has, and no text
SIGN = re.compile(f"[{chr(FIRST_SIGN)}-{chr(FIRST_SIGN + MOST_LINKS)}]")
WEB = re.compile(r"https?://[^/?#]", re.IGNORECASE)
BARE_WEB = re.compile(r"^(?://(?=[\w-]+\.)|(?=www\.))", re.IGNORECASE)
SAME = re.compile(r"^(?:https?://|mailto:)?(?:www\.)?(.*?)[/.,;]*$", re.IGNORECASE | re.DOTALL)
MAIL = re.compile(r"mailto:([^\s?<>()]{1,64}@[^\s?<>()]{1,190})", re.IGNORECASE)
# Sites that lead on to the address that stands in their own: mail programs put them in.
DETOURS = (("safelinks.protection.outlook.com", "/", "url"), ("www.google.com", "/url", "q"))
OWN_FILE = re.compile(r"(?:cid|data|file|blob):", re.IGNORECASE)  # it comes with the mail, and is shown
FILE_NAME = re.compile(r"\S*\.(?:jpe?g|png|gif|webp|svg|bmp|heic)\b|https?://\S*", re.IGNORECASE)
UNSEEN = re.compile(r"display:\s*none|visibility:\s*hidden", re.IGNORECASE)


@dataclass
class Links:
    """What the signs in a layout stand for."""

    addresses: dict[str, str] = field(default_factory=dict)

    def add(self, address: str) -> str | None:
        """The sign for an address; None where there are too many."""
        used = sum(map(len, self.addresses.values()))
        if len(self.addresses) >= MOST_LINKS or used + len(address) > MOST_ADDRESSES:
            return None
        sign = chr(FIRST_SIGN + len(self.addresses))
        self.addresses[sign] = address
        return sign

    def split(self, line: str) -> tuple[str, str]:
        """A line without addresses, and with them in brackets; empty where it has none. Each is said once."""
        if not SIGN.search(line):
            return line, ""
        text, written = SIGN.sub("", line).rstrip(), SIGN.sub(lambda found: self._write(found[0]), line)
        return text, written.rstrip() if text else written.strip()

    def _write(self, sign: str) -> str:
        address = self.addresses.pop(sign, "")
        return f" ({address})" if address else ""


def mark_links(tree: HtmlElement) -> Links:
    """Puts a sign behind the words of each link that don't tell where it leads."""
    links = Links()
    found = [
        (link, _words_of(_shown_by(link)), address)
        for link in list(islice(tree.iter("a"), MOST_LINKS * 20))
        if (address := _read_address(link.get("href", "")))
    ]
    spoken = {address for _, words, address in found if words}
    for link, words, address in found:
        if _is_told(link, words, address, spoken) or _goes_on(link):
            continue
        if sign := links.add(_shorten(address)):
            spoken.add(address)
            _put_behind(_shown_by(link), sign)
    return links


def _is_told(link: HtmlElement, words: str, address: str, spoken: set[str]) -> bool:
    """Whether the words say where it leads; without words, whether others lead there, or it shows nothing."""
    if words:
        return _same(address) in {_same(words), _same(words.split()[-1])}
    return address in spoken or next(link.iter("img"), None) is None


def _shown_by(link: HtmlElement) -> HtmlElement:
    """What shows a link: itself, or the table that stands in it, which the parser puts behind it."""
    after = link.getnext()
    is_empty = len(link) == 0 and not f"{link.text or ''}{link.tail or ''}".strip()
    return after if is_empty and after is not None and after.tag == "table" else link


def spell_pictures(tree: HtmlElement) -> None:
    """Puts what a picture shows where it is: a sign like 👍, and the words for one that doesn't come with the mail."""
    for image in list(islice(tree.iter("img"), MOST_PICTURES)):
        alt = " ".join(_clean(image.get("alt", "")).split())
        if _is_sign(alt):
            image.tail = alt + (image.tail or "")
        elif _is_said(image, alt):
            image.tail = f" {alt[:LONGEST_ALT]} {image.tail or ''}"


def _clean(text: str) -> str:
    return clean(SIGN.sub("", text))


def _is_sign(alt: str) -> bool:
    return len(alt) <= LONGEST_SIGN and not any(each.isalnum() or each.isascii() for each in alt)


def _is_said(image: HtmlElement, alt: str) -> bool:
    """Whether the words for a picture are somebody's: not a file's name, nor those for what nobody sees."""
    is_unseen = UNSEEN.search(image.get("style", "")[:300]) or image.get("width") in {"0", "1"}
    is_own = OWN_FILE.match(image.get("src", "").strip())
    return any(map(str.isalnum, alt)) and not is_unseen and not is_own and not FILE_NAME.fullmatch(alt)


def _read_address(href: str) -> str:
    """Where a link leads, as it can be copied; empty where that is nowhere on the web and no mailbox."""
    address = BARE_WEB.sub("https://", re.sub(r"[\t\r\n]", "", _clean(href[:LONGEST_HREF])).strip())
    if mail := MAIL.match(address):
        return mail[1]
    return _escape(_clean(_without_detour(address))) if WEB.match(address) else ""


def _without_detour(address: str) -> str:
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
        name = next(
            (name for site, path, name in DETOURS if f".{host}".endswith(f".{site}") and parts.path == path), None
        )
        target = parse_qs(parts.query, max_num_fields=50).get(name, [""])[0] if name else ""
    except ValueError:
        return address
    return target if WEB.match(target) else address


def _escape(address: str) -> str:
    """Without what would end it in a text: white space and brackets."""
    return re.sub(r"[\s<>()\[\]\"]", lambda found: quote(found[0]), address)


def _shorten(address: str) -> str:
    """Of a long one what stands before its query, or its site; … says that something is missing."""
    if len(address) <= LONGEST_ADDRESS:
        return address
    path = re.split(r"[?#]", address, maxsplit=1)[0]
    site = "/".join(path.split("/")[:3])
    return f"{path}?…" if len(path) < LONGEST_ADDRESS else f"{site[:LONGEST_ADDRESS]}/…"


def _same(text: str) -> str:
    """What is equal of an address and the words for it."""
    found = SAME.match(unquote(text.strip(" \t\r\n<>()[]")))
    return found[1].casefold() if found else text


def _words_of(element: HtmlElement) -> str:
    return " ".join("".join(getattr(each, part) for each, part in _pieces(element))[:MOST_WORDS].split())


def _pieces(element: HtmlElement) -> list[tuple[HtmlElement, str]]:
    """The places of text in it, in their order: an element, and whether it is its text or its tail. No comments."""
    found: list[tuple[HtmlElement, str]] = []
    for event, each in islice(iterwalk(element, events=("start", "end", "comment", "pi")), MOST_PIECES):
        is_tag = isinstance(each.tag, str)
        part = "text" if event == "start" and is_tag and each.tag not in SILENT else "tail" if event != "start" else ""
        if part and getattr(each, part) and not (part == "tail" and each is element):
            found.append((each, part))
    return found


def _goes_on(link: HtmlElement) -> bool:
    """Whether the next link is the same one, as programs cut it in pieces."""
    after = link.getnext()
    is_next = after is not None and after.tag == "a" and not (link.tail or "").strip()
    return is_next and after.get("href") == link.get("href") and bool(_words_of(after))


def _put_behind(link: HtmlElement, sign: str) -> None:
    """Puts a sign right behind the last word in a link, wherever in its boxes and tables that stands."""
    spoken = [(each, part) for each, part in _pieces(link) if getattr(each, part).strip()]
    element, part = spoken[-1] if spoken else (link, "text")
    text = getattr(element, part) or ""
    words = text.rstrip()
    setattr(element, part, f"{words}{sign}{text[len(words) :]}")
