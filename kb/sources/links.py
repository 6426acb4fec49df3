"""Links of an article, written so that they work wherever a passage of it is shown; and what can't be a link there.

`[text][label]` becomes `[text](address)`, `../orders/return.md` becomes `orders/return`, the path of an article, and a
picture its alternative text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, image, link
from markdown_it.token import Token

from kb.language.text import fold, words
from kb.sources.comments import Numbered
from kb.sources.faults import MOST, Fault, Reason

LONGEST_ANCHOR = 60
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_KNOWN_SCHEMES = ("http:", "https:", "mailto:", "tel:")
_PART = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_ENDING = re.compile(r"\.(?:md|markdown|html?)$", re.IGNORECASE)
_DEFINITION = re.compile(r"""\[[^\[\]]+\]:[ \t]*\S+(?:[ \t]+(?:"[^"]*"|'[^']*'|\([^()]*\)))?[ \t]*""")
_LIKE_DEFINITION = re.compile(r"^[ \t]*\[[^\[\]\n]+\]:", re.MULTILINE)
_NO_DEFINITION = re.compile(r"\[[^\[\]]+\]\s?\[[^\[\]]*\]")
_NO_ADDRESS = re.compile(r"\]\([^\n]{0,200}?\)")
_SIGNS = re.compile(r"[\[<]")
_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]+\]:?")
_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
# What other programs make something of, and what is wrong with it here.
_UNKNOWN = (
    (re.compile(r"~~[^~\n]+~~"), Reason("is shown with its ~~; leave out what no longer holds")),
    (
        re.compile(r"^\[[ xX]\](?= )", re.MULTILINE),
        Reason("is a box of a task list, which is shown as it is written; write a plain list"),
    ),
    (re.compile(r"^#{2,6}(?=[^#\s])[^\n]{1,40}", re.MULTILINE), Reason("is no heading; write a space after the #")),
    (
        re.compile(r"^(?::::[^\n]{0,40}|\[!\w+\])", re.MULTILINE),
        Reason("is shown as it is written; write a sentence or a heading"),
    ),
    (
        re.compile(r"\{\{[^{}\n]*\}\}|\{%[^{}\n]*%\}"),
        Reason("is shown as it is written; no template is filled in here"),
    ),
)
_SPECIAL = re.compile(r'(["\\])')


@dataclass(frozen=True)
class Place:
    """Where an article is: its language, its path ("orders/return"), and the languages there are."""

    language: str
    identity: str
    languages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Target:
    """What a link leads to: an article, with the anchor of one of its headings, a `page` elsewhere, or nothing.

    `query` has its question mark; `problem` says why it leads nowhere.
    """

    language: str = ""
    article: str = ""
    query: str = ""
    anchor: str = ""
    page: str = ""
    problem: str = ""

    def address(self, own: str) -> str:
        """Return how it is written in an article of the language `own`; empty for what leads nowhere."""
        if not self.article:
            return self.page
        path = self.article if self.language == own else f"/help/{self.language}/{self.article}"
        return f"{path}{self.query}{'#' if self.anchor else ''}{self.anchor}"


@dataclass(frozen=True)
class Link:
    """A link to an article, with the line that it stands on and how it was written."""

    target: Target
    written: str
    line: int


@dataclass(frozen=True)
class Linked:
    """A text whose links work, those that lead to articles, and what is wrong with the others."""

    source: Numbered
    links: tuple[Link, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class _Span:
    """A link or picture in the text of one block: where its label and itself begin and end."""

    is_picture: bool
    start: int
    label: tuple[int, int]
    end: int
    href: str
    title: str

    def is_reference(self, text: str) -> bool:
        return not text.startswith("(", self.label[1] + 1) or self.end <= self.label[1] + 1


def make_anchor(heading: str, taken: Sequence[str] = ()) -> str:
    """Return what a heading is called in a link: "Where they are" is "where-they-are", the second one ends in -2."""
    anchor = "-".join(words(fold(heading)))[:LONGEST_ANCHOR] or "part"
    number, found = 1, anchor
    while found in taken:
        number += 1
        found = f"{anchor}-{number}"
    return found


def find_target(href: str, place: Place) -> Target:
    """Return what a link in an article at `place` leads to. `href` may be percent-encoded."""
    href = href.strip()
    if _SCHEME.match(href) or href.startswith("//"):
        return _elsewhere(href)
    rest, _, fragment = href.partition("#")
    path, mark, query = rest.partition("?")
    anchor = "-".join(words(fold(unquote(fragment))))[:LONGEST_ANCHOR]
    path = unquote(path).replace("\\", "/").strip()
    query = mark + query if query else ""
    if not path:
        problem = "" if anchor or query else Reason("has no address")
        return Target(place.language, place.identity, query, anchor, problem=problem)
    return replace(_of_path(path, place), query=query, anchor=anchor)


def _elsewhere(href: str) -> Target:
    if href.startswith("//"):
        href = f"https:{href}"
    if href.lower().startswith(_KNOWN_SCHEMES):
        return Target(page=href)
    return Target(problem=Reason("has an address of a kind that is not shown; write https://…, mailto:… or tel:…"))


def _of_path(path: str, place: Place) -> Target:
    """Return what a path leads to: from the article's folder with dots, else from that of the language or of all."""
    languages = place.languages or (place.language,)
    parts = [part for part in path.split("/") if part]
    if path.startswith("/"):
        if parts[:1] != ["help"]:
            return _article(parts, place, languages) if len(parts) in (2, 3) else Target(problem=_NOWHERE)
        return _help_page(parts[1:], path.endswith("/"), place, languages)
    if parts[0] in (".", ".."):
        return _article(_climb(parts, place), place, languages)
    parts = [part for part in parts if part != "."]
    if len(parts) == 1 and path.endswith("/"):
        return Target(page=f"/help/{place.language}/{parts[0]}/") if _PART.fullmatch(parts[0]) else _nowhere(path)
    if len(parts) == 1:
        parts = [place.identity.partition("/")[0], *parts]
    return _article(parts, place, languages)


_NOWHERE = Reason(
    "leads nowhere: write the path of an article, such as orders/return, or a whole address with https://"
)


def _nowhere(path: str) -> Target:
    if "@" in path:
        return Target(problem=Reason("leads nowhere; write mailto: before an e-mail address"))
    return Target(problem=_NOWHERE)


def _climb(parts: Sequence[str], place: Place) -> list[str]:
    """Return the parts of a path below all languages that begins with dots; empty where it leads out of there."""
    found = [place.language, place.identity.partition("/")[0]]
    for part in parts:
        if part == "..":
            if not found:
                return []
            found.pop()
        elif part != ".":
            found.append(part)
    return found


def _article(parts: Sequence[str], place: Place, languages: Sequence[str]) -> Target:
    """Return the article that the last two or three parts of a path name."""
    path = "/".join(parts)
    if len(parts) > 2 and parts[-3] in languages:
        language, parts = parts[-3], parts[-2:]
    elif len(parts) == 2 and parts[0] not in languages:
        language = place.language
    else:
        return _nowhere(path)
    category, slug = parts[0].lower(), _ENDING.sub("", parts[1]).lower()
    if not (_PART.fullmatch(category) and _PART.fullmatch(slug)):
        return _nowhere(path)
    return Target(language, f"{category}/{slug}")


def _help_page(parts: Sequence[str], is_folder: bool, place: Place, languages: Sequence[str]) -> Target:
    """Return what a path below /help leads to: an article, a category or the front page."""
    if not parts or parts[0] not in languages:
        return Target(page="/help/") if not parts else Target(problem=_NOWHERE)
    if len(parts) == 3:
        return _article(parts, place, languages)
    if len(parts) == 2 and is_folder and _PART.fullmatch(parts[1]):
        return Target(page=f"/help/{parts[0]}/{parts[1]}/")
    return Target(page=f"/help/{parts[0]}/") if len(parts) == 1 else Target(problem=_NOWHERE)


def write_links(source: Numbered, place: Place) -> Linked:
    """Return the text with links that work in each of its passages, and without the definitions of references."""
    if not _SIGNS.search(source.text) and not any(pattern.search(source.text) for pattern, _ in _UNKNOWN):
        return Linked(source)
    source = _set_apart(source)
    reader = _Reader(source, place)
    reader.read()
    return Linked(_without_definitions(source, reader), tuple(reader.links), tuple(reader.faults[: 2 * MOST]))


def _set_apart(source: Numbered) -> Numbered:
    """Return the text with an empty line above each definition that stands directly below a line of a paragraph."""
    if not _LIKE_DEFINITION.search(source.text):
        return source
    lines = source.text.split("\n")
    close: set[int] = set()
    for token in _BLOCKS.parse(source.text):
        if token.type == "inline" and token.map and token.map[1] - token.map[0] > 1:
            close.update(n for n in range(token.map[0] + 1, token.map[1]) if _DEFINITION.fullmatch(lines[n].strip()))
    if not close:
        return source
    apart = [(line, n) for n, line in enumerate(lines) for line in (["", line] if n in close else [line])]
    return Numbered("\n".join(line for line, _ in apart), tuple(source.number(n) for _, n in apart))


def _without_definitions(source: Numbered, reader: _Reader) -> Numbered:
    lines = reader.edited().split("\n")
    for first, last in reader.definitions:
        lines[first:last] = [""] * (last - first)
    return replace(source, text="\n".join(lines))


class _Reader:
    """Reads the links of a text; `edits` are what is to stand at places in it."""

    def __init__(self, source: Numbered, place: Place) -> None:
        self.source, self.place = source, place
        self.lines = source.text.split("\n")
        self.offsets = [0]
        for line in self.lines:
            self.offsets.append(self.offsets[-1] + len(line) + 1)
        self.edits: list[tuple[int, int, str]] = []
        self.links: list[Link] = []
        self.faults: list[Fault] = []
        self.definitions: list[tuple[int, int]] = []

    def read(self) -> None:
        """Read every block that has text."""
        env: dict = {}
        tokens = _BLOCKS.parse(self.source.text, env)
        self._tell_doubled(env)
        within = [0, 0]  # in a row of a table, which cell is next, by its line and place
        for token in tokens:
            if token.type == "definition" and token.map and not token.level:
                self.definitions.append((token.map[0], token.map[1]))
            elif token.type == "html_block" and token.map:
                self._tell(token.map[0], "HTML is shown to customers as text; write Markdown instead")
            elif token.type == "inline" and token.map:
                self._tell_unknown(token)
                within = self._read_block(token, env, within)

    def edited(self) -> str:
        """Return the text with what was read of it as it is to be."""
        text, end = [], len(self.source.text)
        for start, stop, new in sorted(self.edits, reverse=True):
            text += [self.source.text[stop:end], new]
            end = start
        return "".join(reversed([*text, self.source.text[:end]]))

    def _read_block(self, token: Token, env: dict, within: list[int]) -> list[int]:
        if not _SIGNS.search(token.content):
            return within
        first, last = token.map or (0, 0)
        places, within = self._find(token, within)
        spans: list[_Span] = []
        children: list[Token] = []
        _BLOCKS.inline.parse(token.content, _BLOCKS, {**env, "spans": spans, "inside": False}, children)
        self._tell_raw(token, children)
        for span in spans:
            line = first + (token.content.count("\n", 0, span.start) if last - first > 1 else 0)
            tail = (
                self._picture(span, token.content, line) if span.is_picture else self._link(span, token.content, line)
            )
            if tail is not None and places:
                self.edits += _edit(places, span, tail, is_cell="|" in self.lines[first])
        return within

    def _find(self, token: Token, within: list[int]) -> tuple[list[int] | None, list[int]]:
        """Return where in the text each character of a block stands; None where it is not there as it is."""
        first, last = token.map or (0, 0)
        places: list[int] = []
        for number, piece in enumerate(token.content.split("\n")):
            line = first + number
            if line >= last:
                return None, within
            begin = within[1] if within[0] == line else 0
            bare = piece.strip()
            escaped = bare.replace("|", "\\|")
            at = self.lines[line].find(bare, begin)
            if "|" in bare and (at < 0 or escaped in self.lines[line]):
                at, bare = self.lines[line].find(escaped, begin), escaped
            elif last - first > 1:
                at = len(self.lines[line].rstrip()) - len(bare) if self.lines[line].rstrip().endswith(bare) else -1
            if at < 0:
                return None, within
            lead = len(piece) - len(piece.lstrip())
            base = self.offsets[line] + at
            own = [base + n for n, c in enumerate(bare) if not bare.startswith("\\|", n) or bare == piece.strip()]
            places += [base] * lead + own
            places += [self.offsets[line] + len(self.lines[line])] * (len(piece) - lead - len(own) + 1)
            within = [line, at + len(bare)]
        return places, within

    def _link(self, span: _Span, text: str, line: int) -> str | None:
        """Return what is to stand behind a link's text, nothing where it is no link; None where it stays as it is."""
        target = find_target(span.href, self.place)
        if target.problem:
            name = unquote(span.href)[:80] or text[span.start : span.end][:80]
            self._tell(line, Reason("the link %(link)s %(problem)s", link=repr(name), problem=target.problem))
            return ""
        if target.article:
            self.links.append(Link(target, unquote(span.href), self.source.number(line)))
        address = target.address(self.place.language)
        if address == span.href and not span.is_reference(text):
            return None
        return f"({_written(address)}{_title(span.title)})"

    def _picture(self, span: _Span, text: str, line: int) -> str:
        shown, name = text[slice(*span.label)].strip(), unquote(span.href)[:80]
        if shown:
            told = Reason(
                "the picture %(name)s is not shown; customers read its alternative text, %(shown)s",
                name=name,
                shown=repr(shown),
            )
        else:
            told = Reason(
                "the picture %(name)s is not shown, and it has no alternative text: ![what it shows](…)", name=name
            )
        self._tell(line, told)
        return ""

    def _tell_doubled(self, env: dict) -> None:
        for other in env.get("duplicate_refs", ()):
            kept = env["references"][other["label"]]
            if kept["href"] != other["href"]:
                told = Reason("[%(label)s] is defined twice; the first one counts", label=other["label"].lower())
                self._tell(other["map"][0], told)

    def _tell_raw(self, token: Token, children: Sequence[Token]) -> None:
        """Name what customers would read as it is written: references to nothing, addresses that can't be read."""
        line = token.map[0] if token.map else 0
        for child in children:
            if child.type == "softbreak":
                line += 1
            elif child.type == "html_inline":
                told = Reason(
                    "HTML is shown to customers as text: %(html)s; write Markdown instead", html=child.content[:40]
                )
                self._tell(line, told)
            elif child.type == "text":
                self._tell_text(line, child.content)

    def _tell_unknown(self, token: Token) -> None:
        """Name signs that other programs read, and customers would see."""
        content = _CODE.sub(lambda code: re.sub(r"[^\n]", "`", code[0]), token.content)
        for number, line in enumerate(content.split("\n"), token.map[0] if token.map else 0):
            for pattern, reason in _UNKNOWN:
                for found in pattern.finditer(line):
                    self._tell(number, Reason("%(sign)s %(problem)s", sign=found[0][:40], problem=reason))

    def _tell_text(self, line: int, text: str) -> None:
        for found in _FOOTNOTE.findall(text):
            told = Reason(
                "%(sign)s is a footnote, which is shown as it is written; write the note where it belongs", sign=found
            )
            self._tell(line, told)
        for found in _NO_DEFINITION.findall(text):
            told = Reason("%(sign)s is shown as it is written: there is no line [label]: address for it", sign=found)
            self._tell(line, told)
        for found in _NO_ADDRESS.findall(text):
            told = Reason(
                "the link …%(link)s is shown as it is written: that is no address (write %%20 for a space)", link=found
            )
            self._tell(line, told)

    def _tell(self, line: int, reason: str) -> None:
        if len(self.faults) < 2 * MOST:
            self.faults.append(Fault(self.source.number(line), reason))


def _edit(places: Sequence[int], span: _Span, tail: str, *, is_cell: bool) -> list[tuple[int, int, str]]:
    """Return what to put where: `tail` behind the label; without one, of the whole only what the label says is left.

    `places` say where in the text the characters of the block stand.
    """
    last = span.label[1]
    if not tail:
        return [(places[span.start], places[span.label[0] - 1] + 1, ""), (places[last], places[span.end - 1] + 1, "")]
    tail = re.sub(r"(?<!\\)\|", r"\\|", tail) if is_cell else tail
    return [(places[last] + 1, places[span.end - 1] + 1, tail)]


def _written(address: str) -> str:
    return f"<{address}>" if re.search(r"[\s()]", address) else address


def _title(title: str) -> str:
    return ' "' + _SPECIAL.sub(r"\\\1", " ".join(title.split())) + '"' if title else ""


def _recorded(rule: Callable[[StateInline, bool], bool], is_picture: bool) -> Callable[[StateInline, bool], bool]:
    """Return the rule of the parser that also notes where in the text it found something."""

    def parse(state: StateInline, silent: bool) -> bool:
        start, before, outer = state.pos, len(state.tokens), state.env.get("inside")
        state.env["inside"] = outer or (is_picture and not silent)
        try:
            is_found = rule(state, silent)
        finally:
            state.env["inside"] = outer
        if is_found and not silent and not outer and "spans" in state.env:
            state.env["spans"].append(_span(state, start, before, is_picture))
        return is_found

    return parse


def _span(state: StateInline, start: int, before: int, is_picture: bool) -> _Span:
    kind, attribute = ("image", "src") if is_picture else ("link_open", "href")
    token = next(token for token in state.tokens[before:] if token.type == kind)
    opening = start + is_picture
    label = (opening + 1, _BLOCKS.helpers.parseLinkLabel(state, opening, not is_picture))
    title = str(token.attrGet("title") or "")
    return _Span(is_picture, start, label, state.pos, str(token.attrGet(attribute) or ""), title)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"inline_definitions": True}).enable("table").disable(["inline", "text_join"])
    parser.inline.ruler.at("link", _recorded(link, False))
    parser.inline.ruler.at("image", _recorded(image, True))
    return parser


_BLOCKS = _parser()


def headings_in(text: str) -> list[tuple[str, str]]:
    """Return the headings of a text as the names of their tags ("h2") and their Markdown."""
    tokens = _BLOCKS.parse(text)
    pairs = zip(tokens, tokens[1:], strict=False)
    return [(opened.tag, inside.content) for opened, inside in pairs if opened.type == "heading_open"]
