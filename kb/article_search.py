"""Search as one types: words begun, misspelt or without their accents, in titles, phrasings and texts; no vectors."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from scipy.sparse import csr_matrix

from kb.language.text import fold, one_line, words
from kb.model.lexical import CharGrams
from kb.sources.articles import Article

TITLE, PHRASING, HEADING, TEXT = 3.0, 2.0, 1.5, 1.0  # what a word counts for by where it stands
BEGUN = 0.85  # a word that begins like the one typed; the rest of 1 goes with how much of it is there
SWAPPED = 0.8  # two letters changed places: the commonest slip, which leaves few n-grams alike
ALIKE = 0.5  # cosine of two words' n-grams from which on one may be the other misspelt or in another case
LEAST_COVERED = 0.45  # share of the question's weight that an article has to have words for
MOST_WORDS, MOST_ALIKE, MOST_BEGUN = 12, 40, 200
LONGEST_WORD = 40  # characters
SNIPPET = 150


@dataclass(frozen=True)
class FoundArticle:
    """An article with how well it fits (higher is better), how much of the question it covers (0 to 1), and a piece."""

    article: Article
    score: float
    covered: float
    snippet: str


class ArticleSearch:
    """The articles as shown in one language."""

    def __init__(self, articles: Sequence[Article]):
        self._articles = tuple(articles)
        weights: dict[str, dict[int, float]] = {}
        for number, article in enumerate(self._articles):
            for weight, text in _fields(article):
                for word in words(fold(text)):
                    row = weights.setdefault(word[:LONGEST_WORD], {})
                    row[number] = max(row.get(number, 0.0), weight)
        self._words = sorted(weights)
        self._titles = [one_line(fold(article.title)) for article in self._articles]
        self._grams = CharGrams(self._words)
        self._rare = np.array([np.log1p(len(self._articles) / len(weights[word])) for word in self._words])
        self._weights = self._matrix(weights)
        # Whoever types a question asks for all but its last word again and again.
        self._of_word = lru_cache(maxsize=512)(self._weigh)
        self._cut_up = cache(self._cut)

    def _matrix(self, weights: dict[str, dict[int, float]]) -> csr_matrix:
        rows = [row for row, word in enumerate(self._words) for _ in weights[word]]
        columns = [column for word in self._words for column in weights[word]]
        values = [value for word in self._words for value in weights[word].values()]
        return csr_matrix((values, (rows, columns)), shape=(len(self._words), len(self._articles)), dtype=np.float64)

    def find(self, text: str, limit: int = 8) -> list[FoundArticle]:
        """Return the articles that fit what was typed so far, best first; none when nothing does."""
        typed = list(dict.fromkeys(word[:LONGEST_WORD] for word in words(fold(text))))[:MOST_WORDS]
        if not typed or not self._words:
            return []
        score, covered = self._score(typed)
        line = one_line(fold(text))
        score += np.array([TITLE * title.startswith(line) + (line in title) for title in self._titles])
        best = np.argsort(-score, kind="stable")[:limit]
        return [
            FoundArticle(
                self._articles[number], float(score[number]), float(covered[number]), self.snippet(number, typed)
            )
            for number in best
            if covered[number] >= LEAST_COVERED
        ]

    def _score(self, typed: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return for each article its score, and the share of the words' weight (rare ones weigh more) it covers."""
        score, covered, total = np.zeros(len(self._articles)), np.zeros(len(self._articles)), 0.0
        for word in typed:
            weight, of_word, there = self._of_word(word)
            score, covered, total = score + weight * of_word, covered + weight * there, total + weight
        return score, covered / total

    def _weigh(self, word: str) -> tuple[float, np.ndarray, np.ndarray]:
        """Return a word's weight, and for each article how much it counts there and how surely it is there."""
        rows, quality = self._meant(word, self._grams.similarity([word])[0])
        if not len(rows):
            nowhere = np.zeros(len(self._articles))
            return float(np.log1p(1.0)), nowhere, nowhere
        weight = float((self._rare[rows] * quality).max() / quality.max())
        weights = self._weights[rows].toarray()
        of_word = (weights * quality[:, None]).max(axis=0)
        return weight, of_word, ((weights > 0) * quality[:, None]).max(axis=0)

    def _meant(self, word: str, alike: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the known words that may be meant by a typed one, and how likely (0 to 1)."""
        quality: dict[int, float] = {}
        if len(word) > 2:
            near = np.flatnonzero(alike >= ALIKE)
            near = near[np.argsort(-alike[near])][:MOST_ALIKE]
            quality = {int(row): float(alike[row]) for row in near}
        for swapped in _swapped(word):
            quality |= dict.fromkeys(self._begun(swapped), SWAPPED)
        for row in self._begun(word):
            quality[row] = BEGUN + (1 - BEGUN) * len(word) / len(self._words[row])
        rows = np.array(sorted(quality), dtype=int)
        return rows, np.array([quality[row] for row in rows])

    def _begun(self, word: str) -> list[int]:
        """Return the known words that begin like this one."""
        start = bisect_left(self._words, word)
        end = bisect_left(self._words, word + "\uffff", lo=start)
        return list(range(start, min(end, start + MOST_BEGUN)))

    def _cut(self, number: int) -> list[tuple[str, set[str]]]:
        return [(piece, set(words(fold(piece)))) for piece in _pieces(self._articles[number])]

    def snippet(self, number: int, typed: Sequence[str]) -> str:
        """Return the piece of the article's text that has most of the typed words, on one line."""
        pieces = self._cut_up(number)
        stems = [word[: max(3, len(word) - 2)] for word in typed]
        best = max(pieces, key=lambda piece: sum(any(w.startswith(stem) for w in piece[1]) for stem in stems))
        return shorten(best[0])


def shorten(text: str, length: int = SNIPPET) -> str:
    """Return `text` on one line, cut at a word with "…" when it is longer than `length` characters."""
    line = one_line(text)
    if len(line) <= length:
        return line
    return line[:length].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"


def _swapped(word: str) -> list[str]:
    """Return the word with each two neighbouring letters in each other's place; nothing for short ones."""
    if len(word) < 4:
        return []
    return [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1) if word[i] != word[i + 1]]


def _fields(article: Article) -> Iterator[tuple[float, str]]:
    yield TITLE, article.title
    for question in article.questions:
        yield PHRASING, question
    for passage in article.passages:
        yield HEADING, passage.heading or ""
        yield TEXT, passage.plain


def _pieces(article: Article) -> list[str]:
    """The blocks of an article's text: paragraphs and list items."""
    blocks = [block for passage in article.passages for block in passage.plain.split("\n") if block.strip()]
    return blocks or [article.title]
