"""The language to answer in: the conversation's own, then the page's; the text itself only when it says so plainly.

What a text says is learnt beforehand (evidence.py), in the same units as what is known: logarithms of how likely each
language is. So a text needs less to decide against the page alone than against page and conversation, and whoever goes
back to the page's language is followed as easily as whoever left it.

A text in a language that is not served gets the nearest one that is (neighbours.py). A language that was added, of
which nothing is learnt, is told by a detector (lingua), which is loaded for it only.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kb.language.evidence import load_evidence, read_common
from kb.language.neighbours import Neighbour, find_neighbour, nearest_served
from kb.language.text import fold, words

LETTERS = {"pl": "ąęłńśźżó", "hr": "đ"}
# What speaks for a known language beforehand, as a logarithm: for the conversation's, and for the page's.
CONVERSATION, PAGE = 4.5, 3.0
MIN_WORDS = 3  # a shorter message may lead back to the page's language, but to no third one
FEW_WORDS, FEW = 3, 5.0  # so few words must say more, by this: "click and collect" is said everywhere
# What words must say when no common one is among them: products and brands are called so everywhere, mostly in English.
UNTOLD, UNTOLD_ENGLISH = 7.0, 12.0
UNTOLD_WORDS = 5  # the detector is believed of longer texts
OWN_WORDS, MIXED = 2, 4.0  # so many words that only the known language has: such a text is in two languages
DETECTED = 10.0  # what a certain detector says
REMEMBERED = 64  # texts, for as long as it takes to answer them


@dataclass(frozen=True)
class Reading:
    """What a text says: its words, folded; how much speaks for each language; a neighbour that it is plainly in."""

    words: tuple[str, ...]
    weights: Mapping[str, float]
    stranger: Neighbour | None


@dataclass(frozen=True)
class Known:
    """What is known beforehand: the language of the conversation, and that of the page."""

    conversation: str | None
    page: str | None

    @property
    def language(self) -> str | None:
        return self.conversation or self.page

    def weight(self, language: str) -> float:
        return CONVERSATION * (language == self.conversation) + PAGE * (language == self.page)

    def has(self, language: str) -> bool:
        return language in (self.conversation, self.page)


class LanguageGuess:
    """Callable: text and what is known → language. Thread-safe."""

    def __init__(self, languages: Sequence[str], default: str):
        self._languages, self._default = tuple(languages), default
        self._common = {code: read_common().get(code, frozenset()) for code in languages}
        self._own = only_here(self._common)
        self._added = frozenset(languages).difference(load_evidence().languages)
        self._detector = None
        self._lock = threading.Lock()
        self._look = lru_cache(maxsize=REMEMBERED)(self._look_anew)  # a turn asks twice about the same words

    def __call__(self, text: str, *, conversation: str | None = None, page: str | None = None) -> str:
        """Return one of the configured languages."""
        conversation = self._configured(conversation)
        reading, known = self._look(text), Known(conversation, self._configured(page) or conversation)
        if reading.stranger and (nearest := nearest_served(reading.stranger, self._languages)):
            return nearest
        if not reading.words:
            return known.language or self._default
        return self._weighed(reading, known)

    def neighbour(self, text: str) -> Neighbour | None:
        """Return the language that is none of ours and that the text is plainly in; None when there is none."""
        return self._look(text).stranger

    def _configured(self, language: str | None) -> str | None:
        """Return the language without its region ("pl-PL" → "pl") if it is configured."""
        short = (language or "").replace("_", "-").split("-")[0].lower()
        return short if short in self._languages else None

    def _weighed(self, reading: Reading, known: Known) -> str:
        """Return the language that the text and what is known speak for together."""
        first = known.language or self._default
        candidates = [code for code in self._languages if code == first or self._may_be(code, reading, known)]
        return max(candidates, key=lambda code: (self._weight(code, reading, known), code == first))

    def _weight(self, code: str, reading: Reading, known: Known) -> float:
        """Return how much speaks for a language, as a logarithm."""
        against = 0.0
        if known.language and not known.has(code):
            is_phrase = code == "en" and known.conversation and len(reading.words) <= FEW_WORDS
            against = FEW * bool(is_phrase) + MIXED * (self._only_in(known.language, code, reading) >= OWN_WORDS)
        return reading.weights[code] + known.weight(code) - against

    def _only_in(self, one: str, other: str, reading: Reading) -> int:
        """Return how many words are common in one language and not in the other."""
        return sum(word in self._common[one] and word not in self._common[other] for word in set(reading.words))

    def _may_be(self, code: str, reading: Reading, known: Known) -> bool:
        """Return whether the text may lead to a language that is not the known one, if it says enough for it."""
        if known.language is None:
            return True
        is_short, is_page = len(reading.words) < MIN_WORDS, code == known.page
        if is_page and not is_short:
            return True
        if is_short and known.conversation and not is_page:
            return False
        if code in self._added:
            return len(reading.words) > UNTOLD_WORDS
        if self._only_in(code, known.language, reading):
            return True
        least = UNTOLD_ENGLISH if code == "en" else UNTOLD
        return not is_short and reading.weights[code] - reading.weights[known.language] > least

    def _look_anew(self, text: str) -> Reading:
        found = find_neighbour(text, self._votes(text))
        stranger = found if found and found.code not in self._languages else None
        return Reading(tuple(words(fold(text))), self._weigh(text), stranger)

    def _weigh(self, text: str) -> Mapping[str, float]:
        """Return how much speaks for each configured language, as logarithms."""
        learnt = load_evidence().weigh(text)
        weights = {code: learnt[code] for code in self._languages if code in learnt}
        if self._added:
            likely, share = self._detect(text)
            certainty, most = DETECTED * (2 * share - 1), max(weights.values(), default=0.0)
            weights |= {code: most + (certainty if code == likely else -certainty) for code in self._added}
        return weights

    def _votes(self, text: str) -> dict[str, int]:
        """Return how many words of the text each language has to itself."""
        votes = dict.fromkeys(self._languages, 0)
        for word in words(text):
            plain = fold(word)
            for language, own in self._own.items():
                own_letter = any(letter in word.lower() for letter in LETTERS.get(language, ""))
                votes[language] += plain in own or own_letter
        return votes

    def _detect(self, text: str) -> tuple[str, float]:
        """Return the detector's first choice and its confidence (0 to 1)."""
        detector = self._load()
        if detector is None or not words(text):
            return self._default, 0.5
        best = detector.compute_language_confidence_values(text)[0]
        return best.language.iso_code_639_1.name.lower(), best.value

    def _load(self):
        """Return the detector, built at first use; None when it knows fewer than two of the languages."""
        from lingua import IsoCode639_1, Language, LanguageDetectorBuilder

        with self._lock:
            if self._detector is None:
                codes = [getattr(IsoCode639_1, code.upper(), None) for code in self._languages]
                known = [Language.from_iso_code_639_1(code) for code in codes if code]
                builder = LanguageDetectorBuilder.from_languages(*known) if len(known) > 1 else None
                self._detector = builder.with_low_accuracy_mode().build() if builder else False
            return self._detector or None


def only_here(lists: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Return each language's words without those another language's list has too."""
    return {
        code: own.difference(*(other for name, other in lists.items() if name != code)) for code, own in lists.items()
    }
