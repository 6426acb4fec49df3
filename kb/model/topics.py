"""Which topics of the library is a question about? A regression over the library's phrasings, learnt beforehand.

It sees a question in two ways, the encoder's vector and the pieces of its words (pieces.py). It is learnt once, from
103,000 phrasings, and comes along as one small file, so that it costs next to nothing at a start and a product of
matrices for each question. `python -m kb.model.learn_topics` learns it anew when the library has changed.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.npyio import NpzFile

from kb.model.logistic import probabilities
from kb.model.pieces import Pieces
from kb.sources.library import LIBRARY

LEARNT = LIBRARY / "learnt.npz"


@dataclass(frozen=True)
class TopicModel:
    """Tells topics from vectors and letters.

    `weights` are (dimension + directions of `pieces` + 1) × (topics + 1), the last column for what is about none;
    `means` is the centre of each language, `names` what each topic is called in it.
    """

    topics: tuple[str, ...]
    encoder: str
    weights: np.ndarray
    means: Mapping[str, np.ndarray]
    pieces: Pieces
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def likelihood(self, vectors: np.ndarray, texts: Sequence[str], languages: Sequence[str]) -> np.ndarray:
        """Return for each text (row; `vectors` are texts × dimension) how likely it is about each topic (column).

        A row adds up to less than 1 by how likely it is about none.
        """
        if not len(vectors):
            return np.zeros((0, len(self.topics)), dtype=np.float32)
        features = np.hstack([centred(vectors, languages, self.means), self.pieces.directions(texts)])
        return probabilities(features, self.weights)[:, : len(self.topics)]

    def save(self, path: Path) -> None:
        """Write the file that `load` reads, in half precision."""
        kept: dict[str, Any] = {f"mean-{name}": mean.astype(np.float16) for name, mean in self.means.items()}
        kept |= {f"names-{language}": np.array(names) for language, names in self.names.items()}
        kept |= {"topics": np.array(self.topics), "encoder": np.array(self.encoder)}
        kept |= {"pieces": self.pieces.known, "rows": self.pieces.rows, "scale": np.float32(self.pieces.scale)}
        np.savez_compressed(path, weights=self.weights.astype(np.float16), **kept)

    @classmethod
    def load(cls, encoder: str, path: Path = LEARNT) -> TopicModel | None:
        """Return what was learnt for the encoder of that identity; None when there is nothing for it."""
        try:
            with open(path, "rb") as file, np.load(file, allow_pickle=False) as kept:
                if str(kept["encoder"]) != encoder:
                    return None
                means = {language: mean.astype(np.float32) for language, mean in by_language(kept, "mean-")}
                names = {language: tuple(map(str, named)) for language, named in by_language(kept, "names-")}
                pieces = Pieces(kept["pieces"], kept["rows"], float(kept["scale"]))
                weights = kept["weights"].astype(np.float32)
                return cls(tuple(map(str, kept["topics"])), encoder, weights, means, pieces, names)
        except FileNotFoundError:
            return None
        except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
            raise ValueError(f"{path.name}: cannot be read ({error}); run python -m kb.model.learn_topics") from error


def by_language(kept: NpzFile, kind: str) -> list[tuple[str, np.ndarray]]:
    """Return each language with its array of a kind, such as "mean-"."""
    return [(name.removeprefix(kind), kept[name]) for name in kept.files if name.startswith(kind)]


def centred(vectors: np.ndarray, languages: Sequence[str], means: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the vectors without their language's mean (that of all, for another one), of unit length."""
    overall = np.mean(list(means.values()), axis=0)
    moved = np.asarray(vectors, dtype=np.float32) - np.stack([means.get(name, overall) for name in languages])
    return moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)


def favoured(likelihood: np.ndarray, answered: np.ndarray, times: float) -> np.ndarray:
    """Return the likelihood (texts × topics) if each of the `answered` topics is asked about so many times as often."""
    weighed = likelihood * np.where(answered, times, 1).astype(np.float32)
    return weighed / (1 + weighed.sum(axis=1, keepdims=True) - likelihood.sum(axis=1, keepdims=True))


def topics_of_articles(
    stated: Sequence[frozenset[str]], likely: np.ndarray, topics: Sequence[str], least: float
) -> np.ndarray:
    """Return topics × articles: 1 where an article answers a topic.

    `stated` are the topics that each article names. One that names none gets those that are at least `least` likely for
    its phrasings (`likely`: topics × articles).
    """
    number = {topic: row for row, topic in enumerate(topics)}
    answers = np.zeros((len(topics), len(stated)), dtype=np.float32)
    for column, named in enumerate(stated):
        if named:
            answers[[number[topic] for topic in named if topic in number], column] = 1
        else:
            answers[likely[:, column] >= least, column] = 1
    return answers
