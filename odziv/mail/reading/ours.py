"""Our own words, found again in what a customer's program quotes without a mark, in whichever language it says so."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

RUN = 3  # words in a row
LEAST_SAME, LEAST_LONG = 0.7, 5  # of a longer line's runs; a link or a typo may stand in it
LONGEST_LINE = 2_000
LEAST_CLOSING = 4  # words
WORD = re.compile(r"\w+")
SENTENCE_ENDS = re.compile(r"(?<=[.!?:…])\s+")
JOINED = re.compile(r"\s*[:?=]")  # between a word of ours and what was typed behind it
LONGEST_JOINED = 3  # words
TRIMMED = " \t-–—:=>,;.?!→"
ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")


def words_of(text: str) -> list[str]:
    """The words of a text, small."""
    return WORD.findall(text.casefold())


@dataclass(frozen=True)
class Read:
    """A quoted line: how many words of it stand in what was said, or only around that in every mail, and the others.

    `is_unsure`: some within our words are not ours. `is_closing`: a mail of ours ends with it.
    """

    said: int = 0
    around: int = 0
    rest: str = ""
    is_unsure: bool = False
    is_closing: bool = False


class Ours:
    """Who we are in an attribution, and what we wrote in this conversation: `said` by us, `asked` by the customer.

    `names` are names and addresses. Without texts nothing is known to be ours by its words. `around` stands in every
    mail of ours; each ends with one of the `closings`.
    """

    def __init__(
        self,
        names: Iterable[str] = (),
        said: Sequence[str] = (),
        asked: Sequence[str] = (),
        around: Sequence[str] = (),
        closings: Sequence[str] = (),
    ) -> None:
        self._names = [f" {' '.join(words_of(name))} " for name in names if len(name) > 2 and "@" not in name]
        self._addresses = {name.casefold() for name in names if "@" in name}
        self._local, self._domain = _split(names)
        self._said = _Texts([*around, *closings, *said])
        self._content, self._said_alone = _Texts([*said, *asked]), _Texts(said)
        self._around, self._closings = _Texts([*around, *closings]), closings
        self.has_names = bool(self._names or self._addresses)
        self.is_known = bool(self._said_alone.lines)

    def names_us(self, text: str) -> bool:
        """Whether one of our names or addresses stands in it; also with something after a plus."""
        addresses = {each.casefold() for each in ADDRESS.findall(text[:1000])}
        if self._addresses & addresses or self._has_plus_address(text):
            return True
        found = f" {' '.join(words_of(ADDRESS.sub(' ', text[:1000])))} "
        return any(name in found for name in self._names)

    def find(self, lines: Sequence[str]) -> list[bool]:
        """For each line whether it is ours."""
        result: list[bool] = []
        before: list[str] = []
        for line in lines:
            words = words_of(line[:LONGEST_LINE])
            is_ours = bool(words) and self._said.has(words, before)
            result.append(is_ours)
            before = before if not words else words[-RUN + 1 :] if is_ours else []
        return result

    def read(self, lines: Sequence[str]) -> list[Read]:
        """What of each quoted line is ours, and what was typed behind or before it.

        Our mails quote the customer below their closing: what they had written before is theirs anew above it.
        """
        closings = {tuple(words_of(each)) for each in self._closings}
        is_closing = [any(_begins_as(words, each) for each in closings) for words in map(_words_in, lines)]
        end = is_closing.index(True) if any(is_closing) else 0
        reader = _Reader(self._said_alone, self._around)
        above = reader.read(lines[:end], lines[end : end + 1])
        reader.content = self._content
        read = [*above, *reader.read(lines[end:])]
        return [replace(each, is_closing=closes) for each, closes in zip(read, is_closing, strict=True)]

    def _has_plus_address(self, text: str) -> bool:
        pattern = rf"\b{re.escape(self._local)}\+[\w.+-]{{1,64}}@{re.escape(self._domain)}"
        return bool(self._local and re.search(pattern, text[:1000], re.IGNORECASE))


def _words_in(line: str) -> tuple[str, ...]:
    return tuple(words_of(line[:LONGEST_LINE]))


def _begins_as(words: tuple[str, ...], closing: tuple[str, ...]) -> bool:
    """Whether a line begins with a closing, or with as much of it as was left in the line when it was broken."""
    length = min(len(words), len(closing))
    return length >= min(LEAST_CLOSING, len(closing)) and words[:length] == closing[:length]


class _Reader:
    """Reads quoted lines one after the other. What was typed in between doesn't end a run of ours."""

    def __init__(self, content: _Texts, around: _Texts) -> None:
        self.content, self._around = content, around
        self._before: list[str] = []

    def read(self, lines: Sequence[str], below: Sequence[str] = ()) -> list[Read]:
        """All lines, sentence by sentence; `below` are those that follow."""
        after: list[str] = []  # the first words below a line
        followed: list[list[str]] = []
        for line in reversed([*lines, *below]):
            followed.append(after)
            after = [*_words_in(line)[: RUN - 1], *after][: RUN - 1]
        pairs = zip(lines, reversed(followed), strict=False)
        return [self._read_line(line, words) for line, words in pairs]

    def _read_line(self, line: str, after: list[str]) -> Read:
        sentences = SENTENCE_ENDS.split(line)
        told = [self._read(sentence, after if sentence is sentences[-1] else []) for sentence in sentences]
        rest = " ".join(each.rest for each in told if each.rest)
        said, around = sum(each.said for each in told), sum(each.around for each in told)
        return Read(said, around, rest, any(each.is_unsure for each in told))

    def _read(self, sentence: str, after: list[str]) -> Read:
        found = list(WORD.finditer(sentence))
        words, spans = [each[0].casefold() for each in found], [each.span() for each in found]
        if not words:
            return Read(rest=sentence.strip() if self._is_sign(sentence.strip()) else "")
        content = self.content.cover(words, self._before, after)
        ours = [any(each) for each in zip(content, self._around.cover(words, self._before, after), strict=True)]
        same, there = sum(content), sum(ours) - sum(content)
        if joined := self._find_joined(sentence, words, spans):
            ours, same = [place < joined for place in range(len(words))], max(same, joined)
        goes_on = self.content.cover(words[:1], self._before, [])[0] or bool(joined)
        self._before = [*self._before, *(word for word, each in zip(words, ours, strict=True) if each)][-RUN + 1 :]
        if all(ours) or not any(ours):
            return Read(same, there, "" if all(ours) else sentence.strip())
        return self._take_apart(sentence, spans, ours, words, Read(same, there), goes_on=goes_on)

    def _is_sign(self, text: str) -> bool:
        """Whether it is a sign that says something, like a tick or a face, and none of ours."""
        is_sign = any(unicodedata.category(sign) == "So" for sign in text)
        return is_sign and not self.content.has_text(text) and not self._around.has_text(text)

    def _find_joined(self, sentence: str, words: list[str], spans: list[tuple[int, int]]) -> int:
        """How many words at the beginning are a line of ours, behind whose colon something was typed."""
        counts = range(1, min(LONGEST_JOINED, len(words) - 1) + 1)
        return next(
            (
                count
                for count in counts
                if tuple(words[:count]) in self.content.sentences and JOINED.match(sentence, spans[count - 1][1])
            ),
            0,
        )

    def _take_apart(
        self,
        sentence: str,
        spans: list[tuple[int, int]],
        ours: list[bool],
        words: list[str],
        same: Read,
        *,
        goes_on: bool,
    ) -> Read:
        """What was typed behind a whole sentence of ours, or before one; else only few words of ours are no sign.

        `goes_on`: the sentence of ours began above.
        """
        last, first = len(ours) - ours[::-1].index(True), ours.index(True)
        texts = (self.content, self._around)
        if all(ours[:last]) and any(each.has_end(words[:last], whole=not goes_on) for each in texts):
            return replace(same, rest=sentence[spans[last - 1][1] :].strip(TRIMMED))
        if all(ours[first:]) and any(each.has_begin(words[first:]) for each in texts):
            return replace(same, rest=sentence[: spans[first][0]].strip(TRIMMED))
        is_mine = sum(ours) * 2 >= len(ours)
        return replace(same, is_unsure=True) if is_mine else Read(rest=sentence.strip())


def _split(names: Iterable[str]) -> tuple[str, str]:
    address = next((name for name in names if "@" in name), "")
    local, _, domain = address.partition("@")
    return local, domain


class _Texts:
    """Some texts by their lines, and by each three words that follow each other in them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.lines = {tuple(words) for text in texts for line in text.split("\n") if (words := words_of(line))}
        self._runs = {run for text in texts for run in _runs(words_of(text))}
        self._texts = texts
        parts = (part for text in texts for line in text.split("\n") for part in SENTENCE_ENDS.split(line))
        self.sentences = self.lines | {tuple(words) for part in parts if (words := words_of(part))}
        self._begins = {each[:RUN] for each in self.sentences if len(each) >= RUN}
        self._ends = {each[-RUN:] for each in self.sentences if len(each) >= RUN}

    def has_text(self, text: str) -> bool:
        """Whether it stands in one of them, letter by letter."""
        return any(text in each for each in self._texts)

    def has_end(self, words: Sequence[str], *, whole: bool) -> bool:
        """Whether a line or sentence ends with the last of these words; if `whole`, it has to be these."""
        return tuple(words) in self.sentences or (not whole and tuple(words[-RUN:]) in self._ends)

    def has_begin(self, words: Sequence[str]) -> bool:
        """Whether one begins with the first of them."""
        return tuple(words) in self.sentences or tuple(words[:RUN]) in self._begins

    def cover(self, words: list[str], before: list[str], after: list[str]) -> list[bool]:
        """For each word whether it stands in these texts, in a run with its neighbours, `before` and `after` it too."""
        if tuple(words) in self.sentences:
            return [True] * len(words)
        all_words, start = [*before, *words, *after], len(before)
        covered = [False] * len(all_words)
        for place, run in enumerate(_runs(all_words)):
            if run in self._runs:
                covered[place : place + RUN] = [True] * RUN
        return covered[start : start + len(words)]

    def has(self, words: list[str], before: list[str]) -> bool:
        """Whether a line is one of these, or goes on in one after the words `before`."""
        if tuple(words) in self.lines:
            return True
        runs = _runs([*before, *words])
        if not runs:
            return False
        same = sum(run in self._runs for run in runs)
        return same == len(runs) or (len(words) >= LEAST_LONG and same >= LEAST_SAME * len(runs))


def _runs(words: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(words[place : place + RUN]) for place in range(len(words) - RUN + 1)]
