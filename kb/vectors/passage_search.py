"""Which passages speak of this? Dense (FAISS) and lexical search over the text of the articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import faiss
import numpy as np

from kb.model.lexical import CharGrams
from kb.model.phrasings import Centre
from kb.sources.articles import Article
from kb.sources.passages import Passage

FAR = -1.0  # the similarity of a passage that dense search did not bring up
CANDIDATES = 512  # passages FAISS brings up for a question; more than a small help centre has


@dataclass(frozen=True)
class PassagePlace:
    """Where a passage stands: its article (in one language), the article's number, and its own position."""

    article: Article
    label: int
    position: int

    @property
    def passage(self) -> Passage:
        return self.article.passages[self.position]

    @property
    def indexed(self) -> str:
        """The text that is embedded and searched: an answer seldom repeats what its title and heading say."""
        return "\n".join(filter(None, (self.article.title, self.passage.heading, self.passage.plain)))


@dataclass(frozen=True)
class PassageLikeness:
    """Texts × passages: likeness in `meaning` (vectors, -1 to 1) and in `wording` (n-grams, 0 to 1)."""

    meaning: np.ndarray
    wording: np.ndarray

    @cached_property
    def both(self) -> np.ndarray:
        return (self.meaning + self.wording) / 2


class PassageSearch:
    """All passages that may be served, in every language."""

    def __init__(self, places: Sequence[PassagePlace], vectors: np.ndarray):
        self.places = tuple(places)
        self.labels = np.array([place.label for place in places], dtype=int)
        self.languages = np.array([place.article.language for place in places])
        self._columns: dict[str, np.ndarray] = {}
        self._of_article: dict[tuple[str, str], list[int]] = {}
        for column, place in enumerate(self.places):
            self._of_article.setdefault((place.article.id, place.article.language), []).append(column)
        self._grams = CharGrams([place.indexed for place in places])
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        if len(places):
            centred = Centre(vectors, list(self.languages)).apply(vectors, list(self.languages))
            self._centred = np.ascontiguousarray(centred, dtype=np.float32)
            self._index.add(self._centred)

    def of_article(self, article: Article) -> list[int]:
        """Return the columns of an article's passages."""
        return self._of_article[article.id, article.language]

    def similarity(self, vectors: np.ndarray, texts: Sequence[str], *, remember: bool = False) -> PassageLikeness:
        """Return how much each passage is like each text; `vectors` are centred on the questions' own mean."""
        shape = (len(texts), len(self.places))
        meaning, wording = np.full(shape, FAR, dtype=np.float32), np.zeros(shape, dtype=np.float32)
        if len(self.places) and len(texts) > 1:  # calibration: every passage for every text, in one product
            meaning, wording = vectors @ self._centred.T, self._grams.similarity(texts, remember=remember)
        elif len(self.places) and len(texts):
            count = min(CANDIDATES, len(self.places))
            values, columns = self._index.search(np.ascontiguousarray(vectors, dtype=np.float32), count)
            np.put_along_axis(meaning, columns, values, axis=1)
            wording = self._grams.similarity(texts, remember=remember)
        return PassageLikeness(meaning, wording)

    def best_by_article(self, similarity: np.ndarray, asked_in: Sequence[str], classes: int) -> np.ndarray:
        """Return texts × articles: the best passage of each article in the language of the question.

        An article that does not exist in that language is represented by its other versions.
        """
        result = np.full((len(similarity), classes), FAR, dtype=np.float32)
        asked_in = np.asarray(asked_in)
        for language in np.unique(asked_in):
            texts = np.flatnonzero(asked_in == language)
            columns = self._columns_for(str(language))
            labels = self.labels[columns]
            if len(columns):
                present, starts = np.unique(labels, return_index=True)
                best = np.maximum.reduceat(similarity[np.ix_(texts, columns)], starts, axis=1)
                result[np.ix_(texts, present)] = best
        return result

    def _columns_for(self, language: str) -> np.ndarray:
        """Return the passages to look at for a question in `language`, in the order of their articles."""
        if language not in self._columns:
            own = self.languages == language
            keep = own | ~np.isin(self.labels, self.labels[own])
            columns = np.flatnonzero(keep)
            self._columns[language] = columns[np.argsort(self.labels[columns], kind="stable")]
        return self._columns[language]
