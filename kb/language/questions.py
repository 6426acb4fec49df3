"""One message, several questions: cut as kb/language/asking.py reads it, joined again where the knowledge base says so.

What is cut off but answers to nothing of its own goes back to its neighbour: a question too few does less harm than one
torn in two, whose halves would both be answered wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from kb.hits import Decision
from kb.language.asking import COMMA, ITEM, JOINT, LINE, SENTENCE, FoldedMessage, Wording, read_wording
from kb.model.confidence import CAREFUL
from kb.vectors.query_vectors import REMEMBERED

if TYPE_CHECKING:
    from kb.knowledge import KnowledgeBase

MAX_QUESTIONS = 5
MAX_PARTS = 16  # embedded for one message
FAINT = 0.15  # confidence below which two parts with the same best article have nothing in common
CLEAR = 0.8  # confidence with which a few words after a joint are believed to be a question of their own
# The same where the question before is likely and its article is not among what they may be about, less than SHARED;
# and where they point back ("and how long till it is there").
LEAST_CLEAR, POINTING_CLEAR, SHARED = 0.45, 0.7, 0.05
SHORT_CLOSING, SHORT_INTRO = 6, 8  # words: "Thanks and kind regards, Tom", "a few things before I order:"
STORY = 25  # words: with so many before it, a question that follows is still about them
# Confidence that two parts have to lose by being asked together, lest they are one question after all. Without it one
# in twenty of the questions in tests/data/questions was torn in two.
LEAST_LOSS = {SENTENCE: 0.1, COMMA: 0.25}


@dataclass(frozen=True)
class MessagePart:
    """Words `start` up to `end` of a message. `cut` is how it begins, `turned` whether it opens another
    matter, `adds` whether a joint led to it; `loss` is what confidence falls by when it is asked with the one before.
    """

    start: int
    end: int
    cut: str
    turned: bool
    adds: bool
    asks: bool
    again: bool = False
    is_intro: bool = False
    leans: bool = False
    points: bool = False
    decision: Decision | None = None
    loss: float = 1.0

    @property
    def is_doubtful(self) -> bool:
        """Whether nothing but a full stop or a comma says that this part asks something else than the one before."""
        return self.cut == COMMA or (self.cut == SENTENCE and not self.adds)

    def joined(self, other: MessagePart) -> MessagePart:
        """Return this part and the `other`, which follows it, as one."""
        better = max((p for p in (self, other) if p.decision), key=lambda p: p.decision.confidence, default=self)
        return replace(
            self, end=other.end, asks=self.asks or other.asks, is_intro=False, leans=self.leans and other.leans,
            decision=better.decision,
        )  # fmt: skip


def cut(message: FoldedMessage) -> list[MessagePart]:
    """Return the parts of a message, in order, without the greetings, the thanks and the padding."""
    places, cuts = [0], [SENTENCE]
    for place in range(1, len(message.words)):
        if how := message.cut_before(place, places[-1]):
            places.append(place)
            cuts.append(how)
    parts, has_closed = [], False
    for start, end, how in zip(places, [*places[1:], len(message.words)], cuts, strict=True):
        if parts and not any(character.isalpha() for word in message.words[start:end] for character in word):
            parts[-1] = replace(parts[-1], end=end)  # a number belongs to what it was given with
            continue
        part = read_part(message, start, end, how)
        is_name = has_closed and part is not None and not part.asks and part.end - part.start < 4
        has_closed = is_name or (part is None and is_closing(message, start, end))
        if part and not is_name and not part.is_intro:
            parts.append(part)
    return parts


def read_part(message: FoldedMessage, start: int, end: int, how: str) -> MessagePart | None:
    """Return words `start` up to `end` as a part without its greeting and joints; None when nothing is left."""
    wording, first = message.wording, start
    start, turned, adds = strip_start(message, start, end)
    own = message.words[start:end]
    has_mark = "?" in message.gaps[end]
    if not own or all(word in wording.polite for word in own) or (not has_mark and is_closing(message, first, end)):
        return None
    is_rhetorical = message.has_any(start, end, wording.rhetorical)
    asks = has_mark or message.starts_asking(start) or message.has_any(start, end, wording.requests)
    again = message.has_any(start, min(start + 3, end), wording.again)
    is_intro = ":" in message.gaps[end] and not asks and len(own) <= SHORT_INTRO
    return MessagePart(
        start, end, how, turned, adds, asks and not is_rhetorical, again, is_intro, does_lean(own, wording, how),
        any(word in wording.pointing for word in own),
    )  # fmt: skip


def is_closing(message: FoldedMessage, start: int, end: int) -> bool:
    """Return whether words `start` up to `end` only thank or say goodbye: short, not the first, and no question."""
    length = message.match(start, message.wording.closings)
    after = start + length
    return (
        bool(length and start) and end - start <= SHORT_CLOSING and (after >= end or not message.starts_asking(after))
    )


def strip_start(message: FoldedMessage, start: int, end: int) -> tuple[int, bool, bool]:
    """Return where number, greeting and joints at `start` end, whether another matter opens, whether one is joined."""
    turned, adds, before = False, False, -1
    while start < end and start != before:
        before = start
        if start in message.numbers:
            start += 1
        start = skip_greeting(message, start)
        after, opens = message.skip_joints(start)
        turned, adds, start = turned or opens, adds or after > start, after
    return min(start, end), turned, adds


def skip_greeting(message: FoldedMessage, start: int) -> int:
    """Return where a greeting at `start` ends, with the name in it."""
    hail = message.match(start, message.wording.hails)
    for after in range(start + hail + 1, min(start + hail + 4, len(message.words))) if hail else ():
        if re.search(r"[,!\n]", message.gaps[after]):
            return start + hail if message.is_pause(start + hail) else after
    return start + message.match(start, message.wording.greetings)


def does_lean(own: Sequence[str], wording: Wording, how: str) -> bool:
    """Return whether these words say too little without what came before: "and how do I do that"."""
    empty = wording.function | wording.polite
    telling = {word for word in own if word not in empty and (empty or len(word) > 3)}
    points = any(word in wording.pointing for word in own)
    return len(telling) < (3 if how == JOINT else 2) or (points and len(telling) < 4)


def with_background(parts: Sequence[MessagePart]) -> list[MessagePart]:
    """Return the parts with what only leads to a question joined to it; what may stand alone stays so."""
    result, pending = [], []
    for part in parts:
        if part.cut == COMMA and not part.asks and result and not pending and result[-1].asks:
            result[-1] = result[-1].joined(part)
            continue
        if part.turned or part.cut in (ITEM, LINE, COMMA):
            result += joined_all(pending)
            pending = []
        pending.append(part)
        if part.asks:
            result += joined_all(pending)
            pending = []
    return result + pending


def joined_all(parts: Sequence[MessagePart]) -> Iterator[MessagePart]:
    """Yield the parts as one, with the last one's say about leaning; nothing for no parts."""
    if parts:
        whole = parts[0]
        for part in parts[1:]:
            whole = whole.joined(part)
        yield replace(whole, leans=all(part.leans for part in parts))


def is_series(parts: Sequence[MessagePart]) -> bool:
    """Return whether questions are strung together, three or more: then a short one is meant as one too."""
    return sum(part.asks and part.cut in (JOINT, ITEM) for part in parts) > 1 and all(part.asks for part in parts)


@dataclass(frozen=True)
class Judge:
    """Says whether two neighbouring parts are two questions; confidences from which one is likely, and sure."""

    likely: float
    sure: float
    is_numbered: bool
    is_series: bool

    def is_likely(self, part: MessagePart) -> bool:
        return part.decision.confidence >= self.likely

    def is_sure(self, part: MessagePart) -> bool:
        return part.decision.confidence >= self.sure

    def are_two(self, one: MessagePart, two: MessagePart) -> bool:
        """Return whether `two`, which follows `one`, asks something else."""
        if two.again or (self.is_numbered and two.cut not in (ITEM, LINE)) or self._are_same(one, two):
            return False
        if two.cut == ITEM:
            return True
        if two.loss < LEAST_LOSS.get(two.cut, 0):
            return False
        if two.asks and one.asks:
            is_second = self._stands_alone(two) or self._is_another(one, two)
            return not self._is_one_story(one, two) and self._stands_alone(one) and is_second
        if two.asks:
            is_new = two.turned or two.cut == COMMA or self.is_likely(two)
            return is_new and self.is_likely(one) and self._stands_alone(two)
        if one.asks:
            return (two.adds or two.cut != SENTENCE) and self.is_likely(two)
        return self.is_likely(one) and self.is_likely(two) and (self.is_sure(one) or self.is_sure(two))

    def _is_one_story(self, one: MessagePart, two: MessagePart) -> bool:
        """Return whether two questions belong to one tale: a long one, or both parts of it unknown."""
        if two.turned or self.is_series or self.is_likely(one):
            return False
        return one.end - one.start > STORY or not self.is_likely(two)

    def _is_another(self, one: MessagePart, two: MessagePart) -> bool:
        """Return whether few words after a joint ask something that the first part is not about: "and when"."""
        if two.cut != JOINT or not self.is_likely(one):
            return False
        first = one.decision.hits[0].article
        shared = max((hit.confidence for hit in two.decision.hits if hit.article == first), default=0.0)
        return shared < SHARED and two.decision.confidence >= (POINTING_CLEAR if two.points else LEAST_CLEAR)

    def _stands_alone(self, part: MessagePart) -> bool:
        if not part.leans or (self.is_series and self.is_likely(part)):
            return True
        return part.decision.confidence >= (max(CLEAR, self.sure) if part.cut == JOINT else self.sure)

    def _are_same(self, one: MessagePart, two: MessagePart) -> bool:
        least = self.likely if two.cut == ITEM else FAINT
        hits = [part.decision.hits for part in (one, two)]
        if not all(hits) or min(one.decision.confidence, two.decision.confidence) < least:
            return False
        return hits[0][0].article == hits[1][0].article


def leans(text: str, language: str) -> bool:
    """Return whether a message says too little without what came before it: "and how long does it take"."""
    message = FoldedMessage(text, read_wording(language))
    is_known = bool(message.words and message.wording.function)
    return is_known and does_lean(message.words, message.wording, SENTENCE)


@lru_cache(maxsize=REMEMBERED)  # read ahead, and again when it is answered
def read_parts(text: str, language: str) -> tuple[FoldedMessage, tuple[MessagePart, ...]]:
    """Return a message and the parts it has before the knowledge base is asked."""
    message = FoldedMessage(text, read_wording(language))
    return message, tuple(with_background(cut(message)))


def pieces_of(text: str, language: str) -> list[str]:
    """Return what `split_questions` will ask the knowledge base about: nothing for a message with one matter."""
    message, parts = read_parts(text, language)
    parts = no_more(parts)
    return [message.piece(*place) for place in places_of(parts)] if len(parts) > 1 else []


def asking_pieces(text: str, language: str) -> list[str]:
    """Return the pieces of a message that ask, whether or not the knowledge base would keep them apart."""
    message, parts = read_parts(text, language)
    return [message.piece(part.start, part.end) for part in parts[:MAX_QUESTIONS] if part.asks]


def decide_parts(text: str, language: str, kb: KnowledgeBase) -> list[Decision]:
    """Return what the knowledge base says of each part of a message, in order; nothing for a message of one part."""
    message, parts = read_parts(text, language)
    return [part.decision for part in judged(message, parts, language, kb)] if len(parts) > 1 else []


def split_questions(text: str, language: str, kb: KnowledgeBase) -> list[str]:
    """Return the questions in `text`, in order, each a piece of it with its background; at most MAX_QUESTIONS.

    Greetings, thanks and joining words at the edges are left out. A message with one matter is one entry, the whole
    text stripped; so is a text that asks nothing.
    """
    message, parts = read_parts(text, language)
    if len(parts) < 2:
        return [text.strip()]
    parts = judged(message, parts, language, kb)
    limits = kb.calibration.get(language, CAREFUL)
    judge = Judge(limits.suggest_from, limits.answer_from, bool(message.numbers), is_series(parts))
    questions = parts[:1]
    for part in parts[1:]:
        if len(questions) < MAX_QUESTIONS and judge.are_two(questions[-1], part):
            questions.append(part)
        else:
            questions[-1] = questions[-1].joined(part)
    return [message.piece(q.start, q.end) for q in questions] if len(questions) > 1 else [text.strip()]


def no_more(parts: Sequence[MessagePart]) -> list[MessagePart]:
    """Return MAX_PARTS parts at most, the last of them with all that follows."""
    return [*parts[: MAX_PARTS - 1], *joined_all(parts[MAX_PARTS - 1 :])]


def places_of(parts: Sequence[MessagePart]) -> list[tuple[int, int]]:
    """Return where each part stands, and then each doubtful one together with the one before."""
    doubtful = [(parts[number - 1].start, parts[number].end) for number in doubtful_ones(parts)]
    return [(part.start, part.end) for part in parts] + doubtful


def doubtful_ones(parts: Sequence[MessagePart]) -> list[int]:
    return [number for number, part in enumerate(parts) if number and part.is_doubtful]


def judged(message: FoldedMessage, parts: Sequence[MessagePart], language: str, kb: KnowledgeBase) -> list[MessagePart]:
    """Return the parts, MAX_PARTS at most, with what the knowledge base says of each; one call of the encoder."""
    parts = no_more(parts)
    decisions = kb.decide_all([message.piece(*place) for place in places_of(parts)], language)
    result = [replace(part, decision=own) for part, own in zip(parts, decisions, strict=False)]
    for number, together in zip(doubtful_ones(parts), decisions[len(parts) :], strict=True):
        apart = max(part.decision.confidence for part in result[number - 1 : number + 1])
        result[number] = replace(result[number], loss=apart - together.confidence)
    return result
