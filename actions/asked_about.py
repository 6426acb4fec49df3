"""What a question is about: its words, countries and days, to be found again in an article's rows and sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from babel.core import get_global

from kb.language.asking import read_wording
from kb.language.stems import hardened, stems
from kb.language.text import fold, words
from odziv.texts import CATALOGUE

MOST_READ = 60  # words of a question that are looked for in an article: each is compared with all of its names
MOST_WORDS, MOST_SAID = 6, 2  # of a message that only names a country: words, and those that say something
Stems = frozenset[str]

ABBREVIATED = 3  # letters at most: "lj", "zg", "krk"
LONG_NAME, CLOSE = 5, 0.8  # letters of a name that may be mistyped, and how like it what was typed must be, 0 to 1
_NUMBER = re.compile(r"(?<!\w)\w*-?\d{4,}")  # of an order or a phone: it says nothing of what the question is about
_RANGE = re.compile(r"\W*[–—-]\W*|\.?\s(?:do|to|through|until|till)\s")
_VOWELS = set("aeiouy")
_AMOUNT = re.compile(r"\d[\d.,]*\s*(?:EUR|€|PLN|zł)|[€£$]\s*\d", re.IGNORECASE)
_FREE = re.compile(r"\b(?:brezplač|besplat|bezpłat|free\b)", re.IGNORECASE)


@dataclass(frozen=True)
class AskedAbout:
    """The words of a question that say what it is about, each as the stems by which it is known, and its weekdays."""

    words: tuple[Stems, ...]
    typed: tuple[str, ...]
    days: frozenset[int] = frozenset()

    def found_in(self, text: str, language: str) -> frozenset[int]:
        """Which of the words (by number) are in a text in `language`; the days count as one more."""
        there = all_stems(text)
        found = {number for number, own in enumerate(self.words) if own & there}
        return frozenset(found) | self.days_found_in(text, language)

    def days_found_in(self, text: str, language: str) -> frozenset[int]:
        """The number of the days, if one of them is in a text."""
        return frozenset({len(self.words)} if self.days and self.days & days_in(text, language) else ())

    def abbreviated_in(self, name: str) -> frozenset[int]:
        """Which of the words may stand for a name in few letters ("lj", "zg"), as customers write cities."""
        folded = fold(name)
        return frozenset(number for number, typed in enumerate(self.typed) if stands_for(typed, folded))


def read_asked(question: str, language: str, text: str, text_language: str) -> AskedAbout:
    """What a question in `language` asks about, to be found in parts of `text`, which may be in another language."""
    idle, there = idle_words(language), all_stems(text)
    said = [word for word in dict.fromkeys(words(_NUMBER.sub(" ", question))) if fold(word) not in idle and word[1:]]
    left = [word for word in said[:MOST_READ] if day_of(word, language) is None]
    names = list(dict.fromkeys(fold(name) for name in words(text) if name[0].isupper() and len(name) >= LONG_NAME))
    known = tuple(known_by(word, there, text_language) or mistyped(word, names) for word in left)
    return AskedAbout(known, tuple(fold(word) for word in left), days_in(question, language))


def only_names_country(text: str, language: str) -> bool:
    """Whether a message of few words names a country and asks nothing of its own: "and to Austria?"."""
    wording = read_wording(language)
    idle = idle_words(language) | wording.polite
    said = [word for word in words(text) if fold(word) not in idle] if len(words(text)) <= MOST_WORDS else []
    return 0 < len(said) <= MOST_SAID and any((stems(word) | hardened(word)) & places().keys() for word in said)


def says_price(markdown: str) -> bool:
    """Whether an article names an amount of money, or says before its first heading that something is free."""
    opening = markdown.partition("\n## ")[0]
    return bool(_AMOUNT.search(markdown) or _FREE.search(opening))


@lru_cache
def idle_words(language: str) -> frozenset[str]:
    """The folded words that say nothing of what a question in a language is about."""
    wording = read_wording(language)
    phrases = wording.openers | wording.requests
    return wording.function | wording.question_words | wording.little | {word for each in phrases for word in each}


def known_by(word: str, there: Stems, language: str) -> Stems:
    """The stems of a word that are `there`, or those of the country that it or its city names, in `language`."""
    own = stems(word) | hardened(word)
    if own & there:
        return own
    codes = {code for stem in own for code in places().get(stem, ())}
    return frozenset().union(*(names_of(code, language) for code in codes))


def mistyped(word: str, names: Sequence[str]) -> Stems:
    """The stems of the folded name that a word comes close to; none where it comes close to none."""
    close = get_close_matches(fold(word), names, n=1, cutoff=CLOSE) if len(word) >= LONG_NAME else ()
    return frozenset().union(*(stems(name) for name in close))


@lru_cache(maxsize=20_000)  # of our articles and their rows
def all_stems(text: str) -> Stems:
    """The stems of all words in a text."""
    return frozenset().union(*(stems(word) for word in words(text)))


def stands_for(typed: str, name: str) -> bool:
    """Whether few letters abbreviate a name: its beginning, or its first and some later consonants."""
    if not 2 <= len(typed) <= ABBREVIATED or typed.isdigit() or len(name) < ABBREVIATED + 2 or typed[0] != name[0]:
        return False
    letters = iter(name)
    return not _VOWELS & set(typed) and all(letter in letters for letter in typed)


@lru_cache
def names_of(code: str, language: str) -> Stems:
    """The stems of a country's name in a language, where one word is its name."""
    name = CATALOGUE.locale_of(language).territories.get(code, "")
    return stems(name) | hardened(name) if len(words(name)) == 1 else frozenset()


@lru_cache
def places() -> dict[str, frozenset[str]]:
    """The countries by the stems of their names and of their cities', in every language there is."""
    found: dict[str, set[str]] = {}
    for name, code in (each for language in CATALOGUE.by_language("replies") for each in named_in(language)):
        for stem in stems(name):
            if len(stem) > ABBREVIATED or stem == fold(name):
                found.setdefault(stem, set()).add(code)
    return {stem: frozenset(codes) for stem, codes in found.items()}


def named_in(language: str) -> Iterator[tuple[str, str]]:
    """Each country's name, and the cities that its time zones are called after, with its code, in a language."""
    locale = CATALOGUE.locale_of(language)
    for code, name in locale.territories.items():
        if code.isalpha() and len(words(name)) == 1:
            yield name, code
    for zone, code in get_global("zone_territories").items():
        city = locale.time_zones.get(zone, {}).get("city") or zone.rpartition("/")[2]
        if len(words(city)) == 1:
            yield city, code


def days_in(text: str, language: str) -> frozenset[int]:
    """The weekdays (0 is Monday) that a text names; those between two that a dash joins, too."""
    found: set[int] = set()
    last: tuple[int, int] | None = None
    for match in re.finditer(r"[^\W\d_]+", text):
        day = day_of(match.group(), language)
        if day is None:
            continue
        joined = last and _RANGE.fullmatch(text[last[1] : match.start()])
        found |= set(range(last[0], day + 1)) if joined and last else {day}
        last = day, match.end()
    return frozenset(found)


def day_of(word: str, language: str) -> int | None:
    """Which weekday a word names, in full or as it is shortened."""
    return next((day for stem in stems(word) if (day := _days(language).get(stem)) is not None), None)


@lru_cache
def _days(language: str) -> dict[str, int]:
    locale = CATALOGUE.locale_of(language)
    return {
        stem: day
        for width in ("abbreviated", "wide")
        for day, name in locale.days["format"][width].items()
        for stem in (stems(name) if width == "wide" else {fold(name).rstrip(".")})
    }
