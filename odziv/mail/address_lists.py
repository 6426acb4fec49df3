"""Address headers as mail programs write them, well formed or not: whose mailboxes stand in From, To or Reply-To.

Ours, because the standard library gives up where a name has an @ or a comma, or takes the name for the address. The
work grows with the header's length and no faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from odziv.cases.mail_addresses import read_sender_address
from odziv.mail.reading.headers import WORD, decode_words

SEPARATORS = ",;"
MOST_PIECES = 10  # pieces of a name before its address
ROUTE = re.compile(r"^\s*@[^:<>]*:")
AROUND_SIGNS = re.compile(r"\s*([@.])\s*")
SCHEME = re.compile(r"^\s*mailto:", re.IGNORECASE)
SHORTEST_TORN = 55  # characters of an encoded word that is full, so that what it says may go on in the next one
UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\xad \t\r\n\xa0"  # what comes along when an address is copied


@dataclass(frozen=True)
class Mailbox:
    """A name and an address as they are written, unchecked. `is_bracketed`: the address stands in angle brackets."""

    name: str
    address: str
    is_bracketed: bool


@dataclass(frozen=True)
class _Token:
    """A piece of a header: "text", "quoted", "comment", "angle" (without its brackets) or "separator"."""

    kind: str
    text: str


def read_mailboxes(values: Iterable[str]) -> list[Mailbox]:
    """Those of some headers, in their order; what is no mailbox is left out.

    Encoded words, and what stands between quotation marks, are names and never addresses, but where one stands in the
    place of an address, or a header has nothing else: some programs encode or quote all of it.
    """
    found: list[Mailbox] = []
    for value in values:
        text = to_text(value)
        boxes = [_decode_address(box) for box in _read(text)]
        if WORD.search(text) and not any("@" in box.address for box in boxes):
            boxes = _read(decode_words(_part_words(text)))
        if not any("@" in box.address for box in boxes):
            boxes = _read_whole_quoted(decode_words(text)) or boxes
        found += boxes
    return found


def to_text(value: str) -> str:
    """A header's value with the bytes beyond ASCII that it may hold read as UTF-8, else as Windows' central Europe."""
    raw = value.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1250", "replace")


def _decode_address(box: Mailbox) -> Mailbox:
    """It, where encoded words are its address or a part of that, as they say; with none, where they say several."""
    if not WORD.search(box.address):
        return box
    inside = _read(decode_words(box.address))
    said = inside[0] if len(inside) == 1 else Mailbox("", "", False)
    return replace(box, address=said.address, name=box.name or said.name)


def _part_words(text: str) -> str:
    """With spaces around an encoded word that is a whole address, which others beside it are not to be joined with."""
    words = list(WORD.finditer(text))
    if any(len(word[0]) >= SHORTEST_TORN for word in words) or "<" in decode_words(text):
        return text  # one that is torn into several words, or that brackets tell
    for word in reversed(words):
        told = decode_words(word[0])
        if read_sender_address(told):
            text = f"{text[: word.start()]} {told} {text[word.end() :]}"
    return text


def _read_whole_quoted(text: str) -> list[Mailbox]:
    """What a header says that stands between quotation marks from its beginning to its end."""
    filled = [token for token in _tokenize(text) if token.kind != "text" or token.text.strip()]
    return _read(filled[0].text) if [token.kind for token in filled] == ["quoted"] else []


def _read(text: str) -> list[Mailbox]:
    """Mailbox after mailbox. A part without an address is the beginning of a name with a comma: "Novak, Ana <…>"."""
    found: list[Mailbox] = []
    before: list[_Token] = []
    part: list[_Token] = []
    for token in [*_tokenize(text), _Token("separator", ",")]:
        if token.kind != "separator":
            part.append(token)
            continue
        box = _read_mailbox([*before, *part])
        if box is not None:
            found.append(box)
            before = []
        elif token.text == ",":
            before = [*before, *part, token][-MOST_PIECES:]
        part = []
    return found


def _read_mailbox(tokens: list[_Token]) -> Mailbox | None:
    """A part's mailbox. What stands in angle brackets is the address, whatever the name looks like."""
    angles = [token.text for token in tokens if token.kind == "angle" and token.text.strip()]
    if angles:
        name = "".join(token.text for token in tokens if token.kind in {"text", "quoted", "separator"})
        comment = " ".join(token.text for token in tokens if token.kind == "comment")
        return Mailbox(_tidy(_after_group(name)) or _tidy(comment), _strip_address(angles[-1]), True)
    return _read_bare(tokens)


def _read_bare(tokens: list[_Token]) -> Mailbox | None:
    """An address without brackets; None where there is none, or where it can't be told from a name like one."""
    signs = [place for place, token in enumerate(tokens) if token.kind == "text" for _ in range(token.text.count("@"))]
    if len(signs) != 1:
        return None
    place = signs[0]
    left, _, right = AROUND_SIGNS.sub(r"\1", tokens[place].text).partition("@")
    words = _after_group(left).split()
    is_quoted = not left and place > 0 and tokens[place - 1].kind == "quoted"
    local = f'"{_escape(tokens[place - 1].text)}"' if is_quoted else words.pop() if words else ""
    if not local or not right.split():
        return None
    domain, *rest = right.split()
    if local.startswith("'") and domain.endswith("'"):
        local, domain = local[1:], domain[:-1]
    others = [token.text for token in tokens[: place - is_quoted] if token.kind != "separator"]
    others += [*words, *rest, *(token.text for token in tokens[place + 1 :] if token.kind != "separator")]
    return Mailbox(_tidy(" ".join(others)), f"{local}@{domain.rstrip('>')}".strip(UNSEEN), False)


def _after_group(name: str) -> str:
    """Without the name of a group ("Team: Ana <…>;") or a scheme ("mailto:")."""
    return name if WORD.search(name) else name.rpartition(":")[2]


def _strip_address(text: str) -> str:
    return SCHEME.sub("", ROUTE.sub("", text)).strip() if '"' in text else _strip_plain(text)


def _strip_plain(text: str) -> str:
    """Without a route, a scheme, and the spaces that the oldest standard allows around the signs."""
    return AROUND_SIGNS.sub(r"\1", SCHEME.sub("", ROUTE.sub("", text.strip(UNSEEN)))).strip(UNSEEN)


def _tidy(name: str) -> str:
    return " ".join(name.split()).strip(" ,;")


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _tokenize(text: str) -> list[_Token]:
    """Cuts a header into its pieces. What opens and never closes is text from there on."""
    tokens: list[_Token] = []
    place = begun = 0
    open_kinds = {'"': _read_quoted, "(": _read_comment, "<": _read_angle}
    while place < len(text):
        sign = text[place]
        read = open_kinds.get(sign)
        found = read(text, place) if read else None
        if read and found is None:
            del open_kinds[sign]
        if found is None and sign not in SEPARATORS:
            place += 1
            continue
        if begun < place:
            tokens.append(_Token("text", text[begun:place]))
        token, place = found or (_Token("separator", sign), place + 1)
        tokens.append(token)
        begun = place
    return [*tokens, _Token("text", text[begun:])] if begun < place else tokens


def _read_quoted(text: str, start: int) -> tuple[_Token, int] | None:
    """What stands between quotation marks, without its backslashes, and where it ends; None when it never does."""
    place, said = start + 1, list[str]()
    while place < len(text):
        if text[place] == '"':
            return _Token("quoted", "".join(said)), place + 1
        if text[place] == "\\" and place + 1 < len(text):
            place += 1
        said.append(text[place])
        place += 1
    return None


def _read_comment(text: str, start: int) -> tuple[_Token, int] | None:
    """The same of a comment in round brackets, which may hold others."""
    depth, place = 0, start
    while place < len(text):
        sign = text[place]
        place += 2 if sign == "\\" else 1
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return _Token("comment", text[start + 1 : place - 1]), place
    return None


def _read_angle(text: str, start: int) -> tuple[_Token, int] | None:
    """The same of angle brackets: the innermost, where some stand in others; up to the next comma, if left open."""
    place, begun, is_quoted = start + 1, start + 1, False
    while place < len(text):
        sign = text[place]
        if sign == "\\" and is_quoted:
            place += 1
        elif sign == '"':
            is_quoted = not is_quoted
        elif sign == "<" and not is_quoted:
            begun = place + 1
        elif (
            sign in ">,;" and not is_quoted and not text[begun:place].lstrip().startswith("@" if sign == "," else "\0")
        ):
            ends = len(text) - len(text[place:].lstrip(">")) if sign == ">" else place
            return _Token("angle", text[begun:place]), ends
        place += 1
    return None if is_quoted else (_Token("angle", text[begun:]), len(text))
