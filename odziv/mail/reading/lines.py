"""A text as lines, each with what is known of where it stands: the writer's, or quoted by their mail program."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Place(Enum):
    """Where a line stands. BLOCK is set as a quotation by nobody knows whom; REST begins what a program quotes."""

    OWN = "own"
    CITED = "cited"
    BLOCK = "block"
    REST = "rest"


@dataclass(frozen=True)
class Line:
    """A line without white space at its end. `quote` numbers the quote that it stands directly in; 0: in none.

    `linked` is the line with the addresses that its links lead to, where it has some: who wrote it is told without.
    """

    text: str
    place: Place = Place.OWN
    quote: int = 0
    linked: str = ""

    @property
    def shown(self) -> str:
        """The line as its readers see it."""
        return self.linked or self.text

    @property
    def words(self) -> str:
        """The line without what marks it as quoted."""
        return self.text.strip()


def split_plain(text: str) -> tuple[Line, ...]:
    """The lines of a plain text; those with > are quoted."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return tuple(Line(each.rstrip(), Place.CITED if each.lstrip().startswith(">") else Place.OWN) for each in lines)


def join_lines(lines: Sequence[Line]) -> str:
    """The lines as text, what a program quoted with a > before it."""
    return tidy([_show(line) for line in lines if line.shown or line.place is not Place.REST])


def _show(line: Line) -> str:
    is_marked = line.place is not Place.CITED or line.text.lstrip().startswith(">")
    return line.shown if is_marked else f"> {line.shown}".rstrip()


def tidy(lines: Sequence[str]) -> str:
    """The lines as text, without more than one blank line in a row."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def unflow(text: str, *, joins_words: bool = False) -> str:
    """Text in `format=flowed` with its paragraphs in one line each (RFC 3676); `joins_words` as DelSp=yes says."""
    result: list[list[str]] = []
    is_open, depth_before = False, 0
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        is_signature = content == "-- "
        if is_open and depth == depth_before and not is_signature:
            result[-1].append(content)
        else:
            result.append([">" * depth + " " * bool(depth), content])
        is_open, depth_before = content.endswith(" ") and not is_signature, depth
        if is_open and joins_words:
            result[-1][-1] = content[:-1]
    return "\n".join("".join(pieces).rstrip() if "".join(pieces) != "-- " else "-- " for pieces in result)
