"""Which words are meant where none begins as what was typed: those it is a part of, and those that are spelled alike.

The list of words is the database's; it is asked for those that have a part of the word unharmed, which few have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from odziv.store.search.words import MOST_LETTERS, begins_near

MOST_ALIKE = 64  # words that one word of a query may stand for; those used first, mostly the usual ones, count
LONGEST_ENDING = 5  # that a word may have beyond one that is spelled like it
MOST_CANDIDATES = 2000  # words that are looked at for being spelled alike
SHORTEST_WITH_ERROR, SHORTEST_WITH_TWO, SHORTEST_PART = 4, 8, 4
BEGIN, END = "^^", "$$"  # around a word: a part that has one of them stands at its beginning or end
# Given parts of words and lengths: the words of these lengths that have one of the parts, with their numbers.
Candidates = Callable[[Sequence[str], range], list[tuple[str, int]]]


def choose_similar(word: str, candidates: Candidates) -> dict[str, int]:
    """The words that this one is a part of, or that are spelled alike, with their numbers; not those that begin so.

    Words with digits in them are never taken for others: they are numbers of orders, and the next one is another's.
    """
    found: dict[str, int] = {}
    if len(word) >= SHORTEST_PART:
        rows = candidates([word], range(len(word) + 1, MOST_LETTERS + 1))
        found |= {each: number for each, number in rows if word in each and not each.startswith(word)}
    if len(word) >= SHORTEST_WITH_ERROR and not any(letter.isdigit() for letter in word):
        most = 2 if len(word) >= SHORTEST_WITH_TWO else 1
        rows = candidates(_unharmed(word, most), range(len(word) - most, len(word) + LONGEST_ENDING + 1))
        alike = {each: number for each, number in rows if not each.startswith(word) and begins_near(word, each, most)}
        found |= alike
    of_texts = {each: number for each, number in found.items() if each.isalnum()}  # the others mark kinds of entries
    return dict(list(of_texts.items())[:MOST_ALIKE])


def _unharmed(word: str, most: int) -> list[str]:
    """Parts of three letters or more: wherever `most` errors stand, the other word has one of these whole."""
    if most == 1:
        half = (len(word) - 1) // 2
        rest = word[half + 1 :]
        return [BEGIN + word[:half], rest if len(rest) > 2 else rest + END]
    third = len(word) // 3
    return [BEGIN + word[:third], word[third : 2 * third + 1], word[2 * third + 1 :]]
