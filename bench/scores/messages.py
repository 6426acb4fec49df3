"""Messages with intents, embedded once: what every score is learnt from and asked about."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.parts.figures import OUT_OF_SCOPE
from bench.parts.rows import read_split
from kb.vectors.index import VectorIndex

OPEN = -1  # label of a message that is about none of the known intents


@dataclass(frozen=True)
class Messages:
    """Texts with their vectors (texts × dimension) and labels: numbers of intents from 0, or OPEN."""

    texts: tuple[str, ...]
    vectors: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.texts)

    def only(self, rows: np.ndarray) -> Messages:
        """Return some of them; `rows` are numbers, or true and false for each."""
        numbers = np.flatnonzero(rows) if rows.dtype == bool else rows
        return Messages(tuple(self.texts[n] for n in numbers), self.vectors[numbers], self.labels[numbers])

    def relabelled(self, intents: np.ndarray) -> Messages:
        """Return them with only these intents known: numbered anew by their place in `intents`, all others OPEN."""
        place = {int(intent): number for number, intent in enumerate(intents)}
        return Messages(self.texts, self.vectors, np.array([place.get(int(label), OPEN) for label in self.labels], int))


@dataclass(frozen=True)
class IntentSet:
    """A public set: what is known, what is asked, and how many intents there are."""

    name: str
    language: str
    known: Messages
    asked: Messages
    intents: int


def read_set(path: Path, index: VectorIndex, per_class: int | None = None) -> IntentSet:
    """Return the splits "train" and "test" of a file, embedded. Raises bench.parts.rows.BadFile.

    An intent without a training text is OPEN. With `per_class`, so many training texts of each intent are taken, chosen
    by chance but always the same.
    """
    train, test = read_split(path, "train"), read_split(path, "test")
    texts = defaultdict(list)
    for row in train:
        texts[row["label"]].append(row["text"])
    texts.pop(OUT_OF_SCOPE, None)
    chance = random.Random(0)
    known = [
        (text, number)
        for number, intent in enumerate(sorted(texts))
        for text in chance.sample(texts[intent], min(per_class or len(texts[intent]), len(texts[intent])))
    ]
    number_of = {intent: number for number, intent in enumerate(sorted(texts))}
    asked = [(row["text"], number_of.get(row["label"], OPEN)) for row in test]
    language = train[0].get("lang", "en")
    return IntentSet(path.stem, language, embedded(known, index), embedded(asked, index), len(number_of))


def embedded(rows: Sequence[tuple[str, int]], index: VectorIndex) -> Messages:
    """Return texts with labels as messages, embedding what `index` does not know yet."""
    texts = tuple(text for text, _ in rows)
    return Messages(texts, index.vectors("query", texts), np.array([label for _, label in rows], dtype=int))
