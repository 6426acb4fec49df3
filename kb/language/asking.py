"""A customer's message as words, and where it may be cut: by the words of asking.yml, one language at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path

import yaml

from kb.language.text import WORD, fold, words

ASKING = Path(__file__).with_name("asking.yml")
MAX_WORDS = 1000  # what stands behind them is not cut any more
LONG_LINE = 50  # characters: from here on a line may have been broken by a program, not by the customer
SENTENCE, LINE, ITEM, JOINT, COMMA = "sentence", "line", "item", "joint", "comma"
SENTENCE_END = re.compile(r"[?!…;]|[.:][\"'»”’)]*\s")
PAUSE = re.compile(r"[,–—]|\s-+\s")
SIGN = re.compile(r"\s[+&]\s")  # joins questions as "and" does; beside anything else it is part of a name or a sum
AFTER = re.compile(r"[?!.…)\"'»”’]*")
BEFORE = "(\"'«„“‘¿"
BULLET = re.compile(r"\n[^\S\n]*[-–*•]\s")


@dataclass(frozen=True)
class Wording:
    """The words of one language; what they are for is told in asking.yml."""

    joints: frozenset = frozenset()
    turns: frozenset = frozenset()
    again: frozenset = frozenset()
    greetings: frozenset = frozenset()
    hails: frozenset = frozenset()
    closings: frozenset = frozenset()
    openers: frozenset = frozenset()
    requests: frozenset = frozenset()
    rhetorical: frozenset = frozenset()
    question_words: frozenset = frozenset()
    relative: frozenset = frozenset()
    dependent: frozenset = frozenset()
    clause: frozenset = frozenset()
    enclitics: frozenset = frozenset()
    endings: frozenset = frozenset()
    little: frozenset = frozenset()
    tells: frozenset = frozenset()
    polite: frozenset = frozenset()
    function: frozenset = frozenset()
    pointing: frozenset = frozenset()
    small_talk: frozenset = frozenset()
    abbreviations: frozenset = frozenset()


PHRASES = ("joints", "turns", "again", "greetings", "hails", "closings", "openers", "requests", "rhetorical")
LONG_WORD = 5  # letters; only longer ones are known by their endings
LONGEST_PHRASE = 6  # words of a phrase that are compared


@lru_cache
def read_wording(language: str) -> Wording:
    """Return the words of `language`; no words at all when asking.yml doesn't have it."""
    lists = yaml.safe_load(ASKING.read_text("utf-8")).get(language, {})
    separate = {name: text.split(",") if name in PHRASES else text.split() for name, text in lists.items()}
    folded = {name: [tuple(words(fold(part))) for part in parts] for name, parts in separate.items()}
    return Wording(**{
        name: frozenset(filter(None, parts)) if name in PHRASES else frozenset(word for part in parts for word in part)
        for name, parts in folded.items()
    })  # fmt: skip


@lru_cache
def read_small_talk() -> frozenset[str]:
    """Return the words of small talk and greetings, of all languages: customers borrow them from one another."""
    own = [read_wording(language) for language in yaml.safe_load(ASKING.read_text("utf-8"))]
    greetings = {word for wording in own for phrase in wording.greetings | wording.hails for word in phrase}
    return frozenset(greetings).union(*(wording.small_talk for wording in own))


class FoldedMessage:
    """A text as folded words, and what stands between them."""

    def __init__(self, text: str, wording: Wording):
        self.text, self.wording = text, wording
        found = list(islice(WORD.finditer(text), MAX_WORDS))
        self.spans = [match.span() for match in found]
        if len(found) == MAX_WORDS:
            self.spans[-1] = (self.spans[-1][0], len(text))
        self.words = [fold(match.group()) for match in found]
        starts, ends = [start for start, _ in self.spans], [end for _, end in self.spans]
        self.gaps = [text[a:b] for a, b in zip([0, *ends], [*starts, len(text)], strict=True)]
        self.numbers = self._list_numbers()
        self.has_line_items = self._has_line_items()
        self.is_one_breath = not any(SENTENCE_END.search(gap) or "\n" in gap for gap in self.gaps[1:-1])

    def _list_numbers(self) -> frozenset[int]:
        """Return where the numbers 1, 2, … of a list stand among the words."""
        found = []
        for place, word in enumerate(self.words):
            is_next = word == str(len(found) + 1) and re.match(r"[.)]\)?\s", self.gaps[place + 1])
            begins = not place or re.search(r"[\n?!:.;,]", self.gaps[place]) or self.gaps[place + 1].startswith(")")
            if is_next and begins:
                found.append(place)
        return frozenset(found if len(found) > 1 else ())

    def _has_line_items(self) -> bool:
        """Return whether each line looks like an entry of its own: three or more, capital first, no full stop last."""
        lines = [line for line in self.text.splitlines()[:50] if len(words(line)) > 2]
        return len(lines) > 2 and all(line.strip()[:1].isupper() and line.rstrip()[-1] not in ".,:;" for line in lines)

    def match(self, place: int, phrases: frozenset) -> int:
        """Return how many words the longest of `phrases` that stands at `place` has; 0 for none."""
        for length in range(min(LONGEST_PHRASE, len(self.words) - place), 0, -1):
            if tuple(self.words[place : place + length]) in phrases:
                return length
        return 0

    def has_any(self, start: int, end: int, phrases: frozenset) -> bool:
        """Return whether one of `phrases` begins at a word from `start` up to `end`."""
        return any(self.match(place, phrases) for place in range(start, end))

    def piece(self, start: int, end: int) -> str:
        """Return the text from word `start` up to word `end`, with the punctuation that belongs to it."""
        first, last = self.spans[start][0], self.spans[end - 1][1]
        first -= len(self.gaps[start]) - len(self.gaps[start].rstrip(BEFORE))
        return self.text[first : AFTER.match(self.text, last).end()].strip()

    def is_pause(self, place: int) -> bool:
        return bool(PAUSE.search(self.gaps[place]))

    def skip_joints(self, place: int) -> tuple[int, bool]:
        """Return where the words that join end, and whether they open another matter."""
        return self._joints[place] if place < len(self.words) else (place, False)

    @cached_property
    def _joints(self) -> list[tuple[int, bool]]:
        """For each word what `skip_joints` returns: from the last word on, since it is asked of every one."""
        found = [(len(self.words), False)]
        for place in range(len(self.words) - 1, -1, -1):
            turn, joint = self.match(place, self.wording.turns), self.match(place, self.wording.joints)
            length = max(turn, joint)
            after, turned = found[-length] if length else (place, False)
            found.append((after, turned or (length > 0 and turn >= joint)))
        return found[::-1]

    def starts_asking(self, place: int, barred: frozenset = frozenset()) -> bool:
        """Return whether a question or a request starts with the word at `place`, `barred` question words aside."""
        wording = self.wording
        if place >= len(self.words):
            return False
        if self.match(place, wording.openers) or self._has_asking_verb(place):
            return True
        last = min(place + 3, len(self.words))
        while place < last and self.words[place] in wording.little and self.words[place] not in wording.question_words:
            place += 1
        if place >= last or self.words[place] not in wording.question_words or self.words[place] in barred:
            return False
        return self.words[place + 1 : place + 2] == [] or self.words[place + 1] not in wording.clause

    def _has_asking_verb(self, place: int) -> bool:
        """Return whether the word at `place` asks by its form or by the one that leans on it: "šaljete li"."""
        word, following = self.words[place], self.words[place + 1 : place + 2]
        is_addressed = len(word) > LONG_WORD and word.endswith(tuple(self.wording.endings))
        return is_addressed or bool(self.wording.enclitics.intersection(following))

    def cut_before(self, place: int, since: int) -> str | None:
        """Return how the text may be cut before the word at `place`, when it was last cut before `since`."""
        gap = self.gaps[place]
        if place in self.numbers:
            return ITEM
        if place - 1 in self.numbers:
            return None
        if "\n" in gap and not self._is_wrapped(place):
            return ITEM if self.has_line_items or BULLET.search(gap) else LINE
        if self._ends_sentence(place):
            return SENTENCE
        if place - since < 2 or self.skip_joints(since)[0] >= place:
            return None
        if self._joins_another(place, since):
            return JOINT
        return COMMA if self.is_one_breath and self.is_pause(place) and place - since > 3 else None

    def _is_wrapped(self, place: int) -> bool:
        """Return whether a program broke the line here: it is long, ends nowhere, and goes on in lower case."""
        gap, start = self.gaps[place], self.spans[place][0]
        end = start - len(gap)
        length = end - 1 - self.text.rfind("\n", 0, end)
        return not gap.strip(" \t\r\n,") and "\n\n" not in gap and length > LONG_LINE and self.text[start].islower()

    def _ends_sentence(self, place: int) -> bool:
        found = SENTENCE_END.search(self.gaps[place])
        if not found or not found.group().startswith("."):
            return bool(found)
        before = self.words[place - 1]
        if before.isdigit():
            return self.text[self.spans[place][0]].isupper()
        return len(before) > 1 and before not in self.wording.abbreviations

    def _joins_another(self, place: int, since: int) -> bool:
        """Return whether words at `place` join another question, or another matter, to what came before."""
        after, turned = self.skip_joints(place)
        pause = self.is_pause(place) or bool(SIGN.search(self.gaps[place]))
        if after == place:
            return pause and not self._is_told(place, since) and self.starts_asking(place, self._barred(since))
        if after >= len(self.words):
            return False
        return self.starts_asking(after) or (turned and (pause or self.match(place, self.wording.joints) > 0))

    def _barred(self, since: int) -> frozenset:
        """Return the question words that after a mere comma only go on with the sentence that began at `since`."""
        is_asking = self.starts_asking(self.skip_joints(since)[0])
        return self.wording.relative | (frozenset() if is_asking else self.wording.dependent)

    def _is_told(self, place: int, since: int) -> bool:
        """Return whether what follows is what somebody knows or tells: "tell me, where is it"."""
        before = self.words[max(since, place - 4) : place]
        return place - since < 3 or any(word in self.wording.tells for word in before)
