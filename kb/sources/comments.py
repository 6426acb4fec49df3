"""Takes editors' HTML comments out of an article's text: customers never see them. What stands in code stays."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from markdown_it import MarkdownIt

from kb.sources.faults import MOST, Fault, Reason

# Without text_join, what was escaped ("\<!--", "&lt;!--") is told apart from what was typed.
_PARSER = MarkdownIt("commonmark").enable("table").disable("text_join")
_MARK = "\x00"  # stands where a comment was; articles hold no such character
_NEXT = re.compile(r"`+|\\.|<!--", re.DOTALL)
_EMPTY = re.compile(r"<!---?>")  # to browsers these are whole comments
_END = re.compile(r"--!?>")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_ROW = re.compile(r"\s*(?:\||[-*+]\s|\d{1,9}[.)]\s)")
_BULLET_ALONE = re.compile(r"[\s>]*(?:[-*+]|\d{1,9}[.)])?[\s>]*")
# Word processors turn the dashes of a comment into others.
_LOOKALIKE = re.compile(r"<!\s?[–—‒―−-][^\n]*")
_MOST_ROUNDS = 5  # a comment may hide where code begins; after so many looks the file is refused
TOPICS = re.compile(r"<!--\s*topics\b", re.IGNORECASE)
UNCLOSED = Reason("a comment begins here and does not end; write --> where it ends")


@dataclass(frozen=True)
class Numbered:
    """Text, and for each of its lines the number that the line has in the file, from 1."""

    text: str
    numbers: tuple[int, ...]

    @classmethod
    def of(cls, text: str, first: int = 1) -> Numbered:
        """Return the text with its lines counted from `first`."""
        return cls(text, tuple(range(first, first + text.count("\n") + 1)))

    def number(self, line: int) -> int:
        """Return the number in the file of a line, which counts from 0."""
        return self.numbers[min(max(line, 0), len(self.numbers) - 1)]

    def line_at(self, offset: int) -> int:
        """Return the number in the file of the line that a character stands on."""
        return self.number(self.text.count("\n", 0, offset))


def strip_comments(source: Numbered, *, keep_topics: bool = False) -> tuple[Numbered, list[Fault]]:
    """Return the text without its comments, and what can't be taken out; with `keep_topics` but for those of topics."""
    if "<!" not in source.text:
        return source, []
    for _ in range(_MOST_ROUNDS):
        found = _find(source.text, keep_topics)
        if not found:
            break
        source = _without(source, found)
    return source, _left(source, keep_topics)


def strip_line(text: str) -> str:
    """Return a line, such as a title, without its comments."""
    return re.sub(r"\s*<!--(?:.*?--!?>|-?>)\s*", " ", text).strip() if "<!--" in text else text


def _find(text: str, keep_topics: bool) -> list[tuple[int, int]]:
    """Return where comments begin and end, without those in code."""
    starts, code = [*_line_starts(text), len(text)], _code_lines(text)
    blanks = [match.start() for match in _BLANK_LINE.finditer(text)]
    found, place = [], 0
    while match := _NEXT.search(text, place):
        place, line = match.end(), bisect_right(starts, match.start(), hi=len(starts) - 1)
        if line - 1 in code:
            place = starts[line]
        elif match[0][0] == "`":
            after = bisect_right(blanks, match.start())
            place = _end_of_code(text, match, blanks[after] if after < len(blanks) else len(text))
        elif match[0] == "<!--":
            end = _end_of_comment(text, match.start())
            if end is None:
                break
            if not (keep_topics and TOPICS.match(text, match.start())):
                found.append((match.start(), end))
            place = end
    return found


def misplaced_topics(source: Numbered) -> list[Fault]:
    """Return a fault for each comment with topics that is left when those below headings are taken out."""
    reason = Reason("a comment with topics stands on a line of its own, directly below the heading it is about")
    places = [start for start, _ in _find(source.text, False) if TOPICS.match(source.text, start)]
    return [Fault(source.line_at(place), reason) for place in places[:MOST]]


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


def _code_lines(text: str) -> set[int]:
    lines: set[int] = set()
    for token in _PARSER.parse(text):
        if token.type in ("fence", "code_block") and token.map:
            lines.update(range(*token.map))
    return lines


def _end_of_code(text: str, ticks: re.Match[str], limit: int) -> int:
    """Return where the code ends that backticks begin, before `limit`; where they begin none, where they end."""
    end = re.compile(rf"(?<!`){ticks[0]}(?!`)").search(text, ticks.end(), limit)
    return end.end() if end else ticks.end()


def _end_of_comment(text: str, start: int) -> int | None:
    """Return where a comment ends; None where it does not."""
    empty, end = _EMPTY.match(text, start), _END.search(text, start + 4)
    following = text.find("<!--", start + 4)
    if empty and (end is None or -1 < following < end.start()):
        return empty.end()
    return end.end() if end else None


def _without(source: Numbered, comments: list[tuple[int, int]]) -> Numbered:
    """Return the text without what stands at these places, line by line with its number."""
    starts = _line_starts(source.text)
    pieces, numbers, place = [], [source.number(0)], 0
    for start, end in [*comments, (len(source.text), len(source.text))]:
        piece = source.text[place:start]
        first = bisect_right(starts, place) - 1
        numbers += [source.number(first + n + 1) for n in range(piece.count("\n"))]
        pieces.append(piece)
        place = end
    return _tidy(_MARK.join(pieces).split("\n"), numbers)


def _tidy(lines: list[str], numbers: list[int]) -> Numbered:
    """Return the lines without the marks; one that a comment had for itself goes, or stays empty between paragraphs."""
    kept = []
    for place, (line, number) in enumerate(zip(lines, numbers, strict=True)):
        if _MARK not in line:
            kept.append((line, number))
        elif not _BULLET_ALONE.fullmatch(rest := _unmark(line)):
            kept.append((rest, number))
        elif not (place + 1 < len(lines) and _ROW.match(lines[place + 1])):
            kept.append(("", number))
    kept = kept or [("", numbers[0])]
    return Numbered("\n".join(line for line, _ in kept), tuple(number for _, number in kept))


def _unmark(line: str) -> str:
    """Return a line without marks, and without the space at its ends that only a comment made."""
    if line.endswith(_MARK):
        line = line.rstrip(_MARK + " \t")
    indent = line[: len(line) - len(line.lstrip())]
    if line.lstrip().startswith(_MARK):
        line = indent + line.lstrip(_MARK + " \t")
    return re.sub(rf" ?{_MARK}+ ", " ", line).replace(_MARK, "")


def _left(source: Numbered, keep_topics: bool) -> list[Fault]:
    """Return a fault for each comment that customers would still read."""
    if "<!" not in source.text:
        return []
    faults = []
    for token in _PARSER.parse(source.text):
        texts = [token.content] if token.type == "html_block" else []
        texts += [child.content for child in token.children or () if child.type in ("text", "html_inline")]
        for text in texts:
            if "<!--" in text and not (keep_topics and TOPICS.search(text)):
                faults.append(Fault(_line_of("<!--", token.map, source), UNCLOSED))
            elif dashes := _LOOKALIKE.search(text.replace("<!--", "")):
                reason = Reason(
                    "%(sign)s looks like a comment, but customers would read it; write <!-- … -->",
                    sign=repr(dashes[0][:40]),
                )
                faults.append(Fault(_line_of("<!", token.map, source), reason))
        if len(faults) > MOST:
            break
    return faults


def loose_ends(source: Numbered) -> list[Fault]:
    """Return a warning for each --> outside code that ends no comment."""
    reason = Reason("--> ends no comment; where it is meant as an arrow, write →")
    faults = []
    for token in _PARSER.parse(source.text) if "-->" in source.text else ():
        if any(child.type == "text" and "-->" in child.content for child in token.children or ()):
            faults.append(Fault(_line_of("-->", token.map, source), reason))
    return faults[:MOST]


def _line_of(sign: str, lines: list[int] | None, source: Numbered) -> int:
    first, last = lines or (0, 0)
    own = source.text.split("\n")[first:last]
    return source.number(first + next((n for n, line in enumerate(own) if sign in line), 0))
