"""What a customer wrote themselves: without what their mail program quoted of us, and without the signature.

Line by line, so that no text takes long. Nothing is cut in a mail that answers nothing; in an answer, only what carries
a mark (a >, a mail program's), stands below a line that names us, or is ours by its words. (mail-parser-reply knows
neither Slovenian nor Croatian, and its patterns take minutes for some 24 KB.)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from odziv.mail.reading.added import begins_list_footer, strip_added
from odziv.mail.reading.attributions import (
    ADDRESS,
    FULL_DATE,
    SENTENCE_END,
    TIME,
    HeaderBlock,
    count_bare_headers,
    find_attributions,
    find_separator,
    read_header_block,
)
from odziv.mail.reading.lines import Line, Place, split_plain, tidy
from odziv.mail.reading.ours import Ours, words_of
from odziv.mail.reading.typed import (
    LABELLED,
    LEAST_RUN,
    LEAST_WORDS,
    LINK,
    find_links,
    find_told,
    find_typed,
    is_rule,
    tells_of_mail,
)

# Words of ours in a row without any mark, LEAST_WORDS: a mail of ours, and no sentence the customer repeats.
LEAST_KNOWN = 0.5  # of the words below a mark, before others there count as the customer's answers
MOST_GAP = 3  # blank lines between a line of dashes and what is told below it
MOST_MARKS = 5  # lines of signs in a row
MOST_OF_SIGNATURE = 12  # lines
MOST_ABOVE, LEAST_LABELLED = 6, 2  # lines that tell of a mail below them
ARMOUR, SIGNATURE_BEGINS = "-----BEGIN PGP SIGNED MESSAGE-----", "-----BEGIN PGP SIGNATURE-----"
SIGNATURE_ENDS = "-----END PGP SIGNATURE-----"
# A question, a postscript, or one more such line: then what stands below a -- is the writer's.
NO_SIGNATURE = re.compile(r"\?|^\s*(?:p\.? ?s\b|--\s*$)", re.IGNORECASE)
WEB = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)  # a question mark in an address asks nothing
SIGNATURE = frozenset({"--", "- --", "—"})


@dataclass(frozen=True)
class Words:
    """What a mail says: its writer's own words, and what they passed on. Either may be empty.

    `is_unsure`: of what was left out as quoted, more may be the writer's.
    """

    own: str
    forwarded: str = ""
    is_unsure: bool = False


def strip_quotes(text: str, *, is_reply: bool = True, ours: Ours | None = None) -> str:
    """The customer's own words in a plain text; empty when there are none."""
    return read_words(split_plain(text), is_reply=is_reply, ours=ours or Ours()).own


def read_words(lines: Sequence[Line], *, is_reply: bool, ours: Ours, is_forward: bool = False) -> Words:
    """A text's own and forwarded words. In a mail that answers nothing, nothing is quoted but lines with >."""
    is_reply = is_reply and not is_forward
    own, forwarded = _split_forwarded(lines, ours, is_reply=is_reply, is_forward=is_forward)
    kept: list[str | None]
    is_unsure = False
    if is_reply:
        answer = _Answer(own, ours)
        kept, is_unsure = answer.read(), answer.is_unsure
    else:
        kept = [None if _has_arrow(line) else line.shown for line in own if line.place is not Place.REST]
    return Words(
        _tidy(_without_signatures(_without_armour(kept))),
        tidy([line.shown for line in _without_separator(forwarded)]),
        is_unsure,
    )


def _has_arrow(line: Line) -> bool:
    return line.place is Place.CITED and line.text.lstrip().startswith(">")


def _split_forwarded(
    lines: Sequence[Line], ours: Ours, *, is_reply: bool, is_forward: bool
) -> tuple[Sequence[Line], Sequence[Line]]:
    """The lines above what was passed on, and the others. In an answer, a quote of ours ends the search."""
    texts = [line.text for line in lines]
    for place, line in enumerate(lines):
        if not line.text and line.place is not Place.REST:
            continue
        if (is_reply and line.place is Place.CITED) or (not is_forward and _has_arrow(line)):
            continue
        kind = "original" if line.place is Place.REST else find_separator(line.text)
        block = None if kind else read_header_block(texts, place)
        if kind == "forwarded" or (kind and not is_reply) or (kind and _is_of_others(texts, place + 1, ours)):
            return lines[:place], lines[place:]
        if kind or (block and is_reply and _is_of_us(block, ours)):
            break
        if block and (is_forward or block.is_whole):
            return lines[:place], lines[place:]
    if is_forward:
        cited = [place for place, line in enumerate(lines) if line.place is Place.CITED]
        begin = min([*cited[:1], *list(find_attributions(texts))[:1]], default=len(lines))
        return lines[:begin], lines[begin:]
    return lines, ()


def _is_of_us(block: HeaderBlock, ours: Ours) -> bool:
    return not ours.has_names or ours.names_us(block.all)


def _is_of_others(texts: Sequence[str], place: int, ours: Ours) -> bool:
    """Whether a program's whole block begins here, below blank lines at most, that tells of a mail not of ours."""
    begin = next((number for number in range(place, min(place + MOST_GAP, len(texts))) if texts[number].strip()), None)
    block = None if begin is None else read_header_block(texts, begin)
    return block is not None and block.is_whole and not _is_of_us(block, ours)


def _without_separator(lines: Sequence[Line]) -> Sequence[Line]:
    rest = list(lines)
    while rest and (not rest[0].text.strip() or find_separator(rest[0].text)):
        rest.pop(0)
    return rest


class _Answer:
    """The lines of a mail that answers one; `read` tells its writer's own, with None where a quote was left out.

    Then `is_unsure` says whether more of it may be theirs.
    """

    def __init__(self, lines: Sequence[Line], ours: Ours) -> None:
        self._lines, self._ours = lines, ours
        self._texts = ["" if line.place is Place.CITED else line.text for line in lines]
        self._attributions = find_attributions(self._texts, ours.names_us)
        self._flags = ours.find(self._texts)
        self._runs = _find_runs(self._texts, self._flags)
        self._filled = _find_filled(lines)
        typed = find_typed(lines, ours)
        self._typed, self.is_unsure = typed.lines, typed.is_unsure

    def read(self) -> list[str | None]:
        kept: list[str | None] = []
        place = 0
        while place < len(self._lines):
            if place in self._typed:
                kept += [None, self._show(place, self._typed[place])]
                place += 1
            elif (after := self._skip_quote(place)) is not None:
                kept.append(None)
                place = after
            elif (below := self._begin_quote(place)) is not None:
                return [*kept, None, *self._answers(below, is_marked=True)]
            elif place in self._runs:
                return [*_without_last_attribution(kept, self._ours), None, *self._answers(place, is_marked=False)]
            else:
                kept.append(self._show(place, self._texts[place]))
                place += 1
        return kept

    def _show(self, place: int, words: str) -> str:
        """Words of a line, with the addresses of its links where they are all of it."""
        line = self._lines[place]
        return line.shown if words.strip() == line.words else words

    def _skip_quote(self, place: int) -> int | None:
        """Where it goes on after a quote with its own end, that begins here; None where none does."""
        if self._lines[place].place is Place.CITED:
            return place + 1
        if self._lines[place].place is Place.BLOCK:
            is_first = place == 0 or self._lines[place - 1].place is not Place.BLOCK
            return self._skip_block(place) if is_first and self._is_block_ours(place) else None
        attribution = self._attributions.get(place)
        follows = self._following(attribution.end) if attribution else None
        if attribution is None or follows is None:
            below = self._begin_quote(place)
            follows = self._following(below) if below is not None else None
            return below if follows is not None and self._lines[follows].place is Place.CITED else None
        kind = self._lines[follows].place
        if kind is Place.BLOCK and (ADDRESS.search(attribution.text) or self._begin_quote(place)):
            return self._skip_block(follows)
        return attribution.end if kind is Place.CITED else None

    def _begin_quote(self, place: int) -> int | None:
        """Below which line a quote without an end of its own goes on, that begins here; None where none does."""
        below: int | None = None
        if not self._texts[place] and self._lines[place].place is not Place.REST:
            return None
        for _ in range(MOST_MARKS):
            is_mark = self._lines[place].place is Place.REST or find_separator(self._texts[place])
            if not is_mark and not is_rule(self._texts[place]):
                return self._below_attribution(place) or below
            below = place + 1 + count_bare_headers(self._texts, place + 1) if is_mark else below
            follows = self._following(max(place + 1, below or 0))
            if follows is None:
                return below
            place = follows
        return below

    def _below_attribution(self, place: int) -> int | None:
        """Below which line we are quoted, as words here say; None where they don't."""
        if attribution := self._attributions.get(place):
            is_ours = (
                self._is_known(attribution.end) or not self._ours.has_names or self._ours.names_us(attribution.text)
            )
            return attribution.end if is_ours else None
        block = read_header_block(self._texts, place)
        if block:
            below = place + block.lines
            return below if _is_of_us(block, self._ours) or self._is_known(below) else None
        if self._texts[place].endswith(":") and tells_of_mail(self._texts[place], self._ours):
            return place + 1 if self._is_known(place + 1) else None
        return None

    def _following(self, place: int) -> int | None:
        """The first line with words at a place or below it."""
        return self._filled[place] if place < len(self._filled) else None

    def _is_known(self, place: int) -> bool:
        """Whether what follows from here is ours by its words."""
        follows = self._following(place)
        return follows is not None and self._flags[follows]

    def _skip_block(self, place: int) -> int:
        while place < len(self._lines) and self._lines[place].place is Place.BLOCK:
            place += 1
        return place

    def _is_block_ours(self, place: int) -> bool:
        """Whether a quotation that nobody marked says what we said."""
        block = range(place, self._skip_block(place))
        total = sum(len(words_of(self._texts[each])) for each in block)
        same = sum(len(words_of(self._texts[each])) for each in block if self._flags[each])
        return same >= LEAST_RUN and same >= LEAST_KNOWN * total

    def _answers(self, place: int, *, is_marked: bool) -> list[str | None]:
        """What the customer wrote into our words, from here on. Below a mark, nothing where those aren't known."""
        texts = self._texts[place:]
        read, told = self._ours.read(texts), find_told(texts, self._ours) | find_links(texts)
        total = sum(len(words_of(text)) for number, text in enumerate(texts) if number not in told)
        same = sum(each.said + each.around for number, each in enumerate(read) if number not in told)
        is_ours = not is_marked or same >= max(1, LEAST_KNOWN * total)
        rest = {number: each for number, each in enumerate(read) if number not in told}
        self.is_unsure |= any(each.is_unsure or (not is_ours and each.rest) for each in rest.values())
        kept = {number: each.rest for number, each in rest.items() if each.rest or not texts[number].strip()}
        kept = {number: text and self._show(place + number, text) for number, text in kept.items()}
        return [self._typed.get(place + number, kept.get(number) if is_ours else None) for number in range(len(texts))]


def _find_filled(lines: Sequence[Line]) -> list[int | None]:
    """For each line the first with words from there on."""
    result: list[int | None] = [None] * len(lines)
    filled = None
    for number in range(len(lines) - 1, -1, -1):
        filled = number if lines[number].text.strip() else filled
        result[number] = filled
    return result


def _find_runs(texts: Sequence[str], flags: Sequence[bool]) -> set[int]:
    """The lines at which so many words of ours begin that it is a mail of ours, mark or not."""
    filled = [number for number, text in enumerate(texts) if text.strip() and not LINK.match(text.strip())]
    runs = (list(group) for is_ours, group in groupby(filled, lambda number: flags[number]) if is_ours)
    return {run[0] for run in runs if sum(len(words_of(texts[number])) for number in run) >= LEAST_WORDS}


def _without_last_attribution(kept: Sequence[str | None], ours: Ours) -> list[str | None]:
    """Without the lines right above a mail of ours that say so in a language that isn't known here."""
    rest = list(kept)
    while rest and not (rest[-1] or "").strip():
        rest.pop()
    above: list[str] = []
    for line in reversed(rest[-MOST_ABOVE:]):
        if not line or not line.strip():
            break
        above.insert(0, line)
    count = _count_labelled(above, ours) or _count_wrapped(above, ours)
    return rest[:-count] if count else list(kept)


def _count_labelled(above: Sequence[str], ours: Ours) -> int:
    """How many of the last of these lines are a block of labels and what they say."""
    count = next((number for number, line in enumerate(reversed(above)) if not LABELLED.match(line)), len(above))
    return count if count > LEAST_LABELLED and tells_of_mail(" ".join(above[-count:]), ours) else 0


def _count_wrapped(above: Sequence[str], ours: Ours) -> int:
    """How many of the last of these lines, as few as may be, say when we wrote."""
    if not above or not above[-1].rstrip().endswith(":"):
        return 0
    own = next((number for number, line in enumerate(reversed(above)) if SENTENCE_END.search(line)), len(above))
    is_named = ours.names_us(above[-1])
    for count in range(1, own + 1):
        joined = " ".join(above[-count:])
        has_date, has_time = FULL_DATE.search(joined), TIME.search(joined)
        is_told = count == 1 or (has_date and has_time) or (not is_named and (has_date or has_time))
        if is_told and tells_of_mail(joined, ours):
            return count
    return 1 if is_named else 0


def _without_armour(lines: Sequence[str | None]) -> list[str | None]:
    """The lines without what PGP sets around a text it signs, and its signature."""
    begin = next((number for number, line in enumerate(lines) if line == ARMOUR), None)
    if begin is None:
        return list(lines)
    end = next((number for number, line in enumerate(lines) if line == SIGNATURE_BEGINS and number > begin), None)
    last = next((number for number, line in enumerate(lines) if line == SIGNATURE_ENDS), len(lines) - 1)
    inside = list(lines[begin + 1 : end])
    while inside and (inside[0] or "").startswith(("Hash:", "Charset:")):
        inside.pop(0)
    return [*lines[:begin], *inside, *(lines[last + 1 :] if end is not None else ())]


def mark_quoted(text: str) -> str:
    """A text with a > before each of its lines that has none."""
    return "\n".join(line if line.startswith(">") else f"> {line}".rstrip() for line in text.split("\n") if text)


def strip_signature(text: str) -> str:
    """A text without what stands below a --."""
    return _tidy(_without_signatures(text.split("\n")))


def _without_signatures(lines: Sequence[str | None]) -> list[str]:
    """The lines without what stands below a --, up to a quote or the end, as long as it looks like a signature."""
    result: list[str] = []
    skips: bool | None = None  # from the first -- on, until a quote: whether it begins a signature
    for number, line in enumerate(lines):
        if line is None:
            skips = None
            continue
        if skips is None and (line.strip() in SIGNATURE or begins_list_footer(lines, number)):
            skips = _is_signature(lines[number + 1 :])
        if not skips:
            result.append(line)
    return result


def _is_signature(below: Sequence[str | None]) -> bool:
    upto = next((number for number, line in enumerate(below) if line is None), len(below))
    filled = [line for line in below[: min(upto, 100)] if line and line.strip()]
    return len(filled) <= MOST_OF_SIGNATURE and not any(NO_SIGNATURE.search(WEB.sub("", line)) for line in filled)


def _tidy(lines: list[str]) -> str:
    """Without what a telephone or program adds, a line of underscores and more than one blank line in a row."""
    return tidy(strip_added(lines))
