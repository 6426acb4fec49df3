"""What a customer typed between the lines of ours that their mail program marks as quoted.

It is theirs where our words stand around it in the same quote, and it is none of them. What can't be told stays out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from odziv.mail.reading.attributions import (
    FULL_DATE,
    TIME,
    count_bare_headers,
    find_attributions,
    find_separator,
    is_header_line,
)
from odziv.mail.reading.lines import Line, Place
from odziv.mail.reading.ours import Ours, Read, words_of

LEAST_RUN, LEAST_WORDS = 3, 12  # words of ours that show a quote to be of our mail: few beside others, many anyhow
FEW_OURS, MOST_OURS = 0.25, 0.5  # of a quote's words
LONGEST_ABOVE = 500  # characters that tell of a mail
LABELLED = re.compile(r"^[*>\s]*[^\W\d_][^:\n]{0,30}:[*\s]")
ARROWS = re.compile(r"^[>\s]*")
LINK = re.compile(r"^[<(\[]*(?:https?://|www\.|mailto:)\S+$", re.IGNORECASE)


@dataclass
class Typed:
    """The customer's words by the number of their line; `is_unsure`: more of what was left out may be theirs."""

    lines: dict[int, str] = field(default_factory=dict)
    is_unsure: bool = False


def find_typed(lines: Sequence[Line], ours: Ours) -> Typed:
    """What they typed into quotes, which their program marks by HTML or with a >."""
    texts = [ARROWS.sub("", line.text) if line.place is Place.CITED else "" for line in lines]
    told = find_told(texts, ours) | {number for number in find_links(texts) if _has_arrow(lines[number])}
    numbers = [number for number, text in enumerate(texts) if text and number not in told]
    if not ours.is_known:
        return Typed(is_unsure=any(words_of(texts[number]) for number in numbers if not _has_arrow(lines[number])))
    read = dict(zip(numbers, ours.read([texts[number] for number in numbers]), strict=True))
    found, quotes = Typed(), _measure({number: _quote_of(lines[number]) for number in numbers}, texts, read)
    for number, each in read.items():
        quote, text = quotes[_quote_of(lines[number])], texts[number]
        is_unsure = each.is_unsure
        if each.rest and quote.is_ours and quote.first <= number < quote.closed and not _begins_mail(text, each, ours):
            found.lines[number] = each.rest
        elif each.rest and not tells_of_mail(text, ours):
            is_unsure |= not (quote.is_ours and number < quote.first and LABELLED.match(text))
        found.is_unsure |= is_unsure and (quote.is_ours or not _has_arrow(lines[number]))
    return found


def _has_arrow(line: Line) -> bool:
    return line.text.lstrip().startswith(">")


def _quote_of(line: Line) -> int:
    """The number of its quote; of lines with a >, below 0, how many of them they have."""
    arrows = ARROWS.match(line.text)
    return -arrows[0].count(">") if arrows and ">" in arrows[0] else line.quote


def _begins_mail(text: str, read: Read, ours: Ours) -> bool:
    """Whether a line in a quote tells of one more mail below it."""
    return not read.said and not read.around and text.rstrip().endswith(":") and tells_of_mail(text, ours)


@dataclass
class _Quote:
    """A quote: between which lines the customer may have typed, and whether it is of a mail of ours."""

    first: int
    closed: int
    is_ours: bool


def _measure(quote_of: dict[int, int], texts: Sequence[str], read: dict[int, Read]) -> dict[int, _Quote]:
    said, around, total = Counter[int](), Counter[int](), Counter[int]()
    for number, each in read.items():
        quote = quote_of[number]
        said[quote] += each.said
        around[quote] += each.around
        total[quote] += len(words_of(texts[number]))
    result = {}
    for quote in total:
        same = said[quote] + around[quote]
        is_ours = (
            said[quote] >= LEAST_WORDS
            or (said[quote] >= LEAST_RUN and same >= FEW_OURS * total[quote])
            or (said.total() >= LEAST_RUN and same >= MOST_OURS * total[quote] > 0)
        )
        inside = [number for number in read if quote_of[number] == quote]
        first = next((number for number in inside if read[number].said or read[number].around), len(texts))
        closed = next((number for number in inside if read[number].is_closing), len(texts))
        result[quote] = _Quote(first, closed, is_ours)
    return result


def find_told(texts: Sequence[str], ours: Ours) -> set[int]:
    """The lines that a mail program says of what it quotes: nobody's words.

    A single line like "Subject: …" is one only above all others; a customer may tell their address in such a line.
    """
    separators = {number for number, text in enumerate(texts) if find_separator(text)}
    told = separators | {number for number, text in enumerate(texts) if is_rule(text)}
    for number in {-1, *separators}:
        told.update(range(number + 1, number + 1 + count_bare_headers(texts, number + 1)))
    for attribution in find_attributions(texts, ours.names_us).values():
        told.update(range(attribution.start, attribution.end))
    above = True
    for is_label, group in groupby(range(len(texts)), lambda number: is_header_line(texts[number])):
        numbers = list(group)
        if is_label and (above or _are_of_mail([texts[number] for number in numbers])):
            told.update(numbers)
        above &= is_label or all(number in told or not texts[number].strip() for number in numbers)
    return told


def _are_of_mail(labels: Sequence[str]) -> bool:
    """Whether lines with labels are above a mail, and no list of a customer's."""
    joined = "\n".join(labels)
    return len(labels) > 2 or (len(labels) == 2 and ("@" in joined or bool(FULL_DATE.search(joined))))


def find_links(texts: Sequence[str]) -> set[int]:
    """The lines that are a link and nothing else, as stand below titles in the plain text of our mails."""
    return {number for number, text in enumerate(texts) if LINK.match(text.strip())}


def is_rule(line: str) -> bool:
    """Whether it is a line of underscores."""
    return set(line.strip()) == {"_"}


def tells_of_mail(text: str, ours: Ours) -> bool:
    """Whether a line says when a mail was written, by us or with a date and a time, in whichever language."""
    has_digit = any(character.isdigit() for character in text)
    has_date = bool(FULL_DATE.search(text) and TIME.search(text))
    return has_digit and len(text) <= LONGEST_ABOVE and (ours.names_us(text) or has_date)
