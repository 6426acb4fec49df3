"""Which of a customer's messages says what they want to know, and what the articles have for it.

The last message often doesn't: it asks for a person, thanks, calls "hello?", or gives a number that was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from actions.wording import fact_of, without_wish
from kb.hits import Hit
from kb.language.asking import read_small_talk, read_wording
from kb.language.questions import asking_pieces, leans
from kb.language.text import fold, words
from odziv.cases.mails.question import without_notes
from odziv.store.conversations.asked import Asked

# What is less likely to be the answer is hardly ever it (docs/benchmarks.md).
LEAST_CONFIDENCE = 0.15
# From here on it nearly always is: so likely, a few words that may ask nothing do ask.
LIKELY = 0.3
TELLING_WORDS = 3  # so many, without a question, are a matter whatever the articles know of it
TELLING_WISH = 2  # and so many beside the wish for a person
SHORTEST = 2  # letters of a word that tells something

Search = Callable[[str], Sequence[Hit]]


@dataclass(frozen=True)
class Matter:
    """A message that asks something, and the passages likely to answer it, best first; none where no article does."""

    asked: Asked
    hits: tuple[Hit, ...] = ()


def find_matter(asked: Sequence[Asked], language: str, search: Search) -> Matter | None:
    """Return the newest of the messages (newest first) that asks something; None when none does.

    A few words that may ask something, or nothing, count when an article is likely to answer just them. Where only such
    were written, it is the newest of these.
    """
    doubtful: Matter | None = None
    for place, each in enumerate(asked):
        text = _matter_of(each, language)
        if not text:
            continue
        if _is_clear(each, text, language):
            return Matter(each, _hits(search, _with_before(text, asked[place + 1 :], language)))
        found = Matter(each, _hits(search, text))
        if found.hits and found.hits[0].confidence >= LIKELY:
            return found
        doubtful = doubtful or found
    return doubtful


def _hits(search: Search, text: str) -> tuple[Hit, ...]:
    return tuple(hit for hit in search(text) if hit.confidence >= LEAST_CONFIDENCE)


def _with_before(text: str, before: Sequence[Asked], language: str) -> str:
    """The words with those that they lean on before them: "and how long does it take" says too little alone."""
    if not leans(text, language):
        return text
    earlier = next((found for each in before if (found := _matter_of(each, language))), "")
    return f"{earlier} {text}".strip()


def _matter_of(asked: Asked, language: str) -> str:
    """What of a message may ask something; empty for one that doesn't."""
    text = without_notes(asked.text).strip()
    if asked.taken == "question":
        return text
    if asked.taken == "talk" or fact_of(text, language):
        return ""
    rest = without_wish(text, language)
    if rest == text:
        return text if asked.taken is None and _telling(text, language) else ""
    return rest if len(_telling(rest, language)) >= TELLING_WISH else ""


def _is_clear(asked: Asked, text: str, language: str) -> bool:
    """Whether a message asks something for sure: the bot looked it up, it has a question's form, or tells enough."""
    if asked.taken == "question":
        return True
    if asked.taken == "wish":
        return False
    return bool(asking_pieces(text, language)) or len(_telling(text, language)) >= TELLING_WORDS


def _telling(text: str, language: str) -> list[str]:
    """The folded words that say something of a matter: no courtesy, no small talk, no numbers."""
    wording = read_wording(language)
    empty = wording.function | wording.polite | wording.little | read_small_talk()
    return [word for word in words(fold(text)) if word.isalpha() and len(word) >= SHORTEST and word not in empty]
