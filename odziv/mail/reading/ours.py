"""Our own words, found again in what a customer's program quotes without a mark, in whichever language it says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

RUN = 3  # words in a row
LEAST_SAME, LEAST_LONG = 0.7, 5  # of a longer line's runs; a link or a typo may stand in it
LONGEST_LINE = 2_000
WORD = re.compile(r"\w+")
ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")


def words_of(text: str) -> list[str]:
    """The words of a text, small."""
    return WORD.findall(text.casefold())


class Ours:
    """Who we are in an attribution, and what we wrote in this conversation: `said` by us, `asked` by the customer.

    `names` are names and addresses. Without texts nothing is known to be ours by its words.
    """

    def __init__(self, names: Iterable[str] = (), said: Sequence[str] = (), asked: Sequence[str] = ()) -> None:
        self._names = [f" {' '.join(words_of(name))} " for name in names if len(name) > 2 and "@" not in name]
        self._addresses = {name.casefold() for name in names if "@" in name}
        self._local, self._domain = _split(names)
        self._said, self._asked = _Texts(said), _Texts(asked)
        self.has_names = bool(self._names or self._addresses)
        self.is_known = bool(self._said.lines)

    def names_us(self, text: str) -> bool:
        """Whether one of our names or addresses stands in it; also with something after a plus."""
        addresses = {each.casefold() for each in ADDRESS.findall(text[:1000])}
        if self._addresses & addresses or self._has_plus_address(text):
            return True
        found = f" {' '.join(words_of(ADDRESS.sub(' ', text[:1000])))} "
        return any(name in found for name in self._names)

    def find(self, lines: Sequence[str], *, quoted: bool = False) -> list[bool]:
        """For each line whether it is ours; among what is `quoted`, the customer's earlier words are known too."""
        texts = [self._said, self._asked] if quoted else [self._said]
        result: list[bool] = []
        before: list[str] = []
        for line in lines:
            words = words_of(line[:LONGEST_LINE])
            is_ours = any(text.has(words, before) for text in texts) if words else False
            result.append(is_ours)
            before = before if not words else words[-RUN + 1 :] if is_ours else []
        return result

    def _has_plus_address(self, text: str) -> bool:
        pattern = rf"\b{re.escape(self._local)}\+[\w.+-]{{1,64}}@{re.escape(self._domain)}"
        return bool(self._local and re.search(pattern, text[:1000], re.IGNORECASE))


def _split(names: Iterable[str]) -> tuple[str, str]:
    address = next((name for name in names if "@" in name), "")
    local, _, domain = address.partition("@")
    return local, domain


class _Texts:
    """Some texts by their lines, and by each three words that follow each other in them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.lines = {tuple(words) for text in texts for line in text.split("\n") if (words := words_of(line))}
        self._runs = {run for text in texts for run in _runs(words_of(text))}

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
