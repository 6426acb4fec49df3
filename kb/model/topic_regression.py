"""How topics are learnt: a regression over vectors and one over pieces of words, added up (learn_topics.py).

Each learns as if it were alone: learnt together, the letters would only mend what the vectors get wrong. Some of the
pieces are left out at each step, so that no word is relied on alone: customers have other words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from kb.model.pieces import Pieces, piece_names, places

# Chosen on phrasings that were held out, two of each topic and language.
MOST_PIECES, LEAST_TEXTS = 40_000, 3  # how many pieces are learnt, and in how many texts each has to be
DIRECTIONS = 64
VECTORS, LETTERS = 0.8, 0.7  # what each counts for in the sum
EPOCHS, BATCH, RATE, DECAY, SMOOTHING = 12, 512, 2e-3, 0.02, 0.05
VECTORS_LEFT_OUT, PIECES_LEFT_OUT = 0.1, 0.3
FIRST_ROWS = 0.1  # spread of the rows at the beginning


@dataclass(frozen=True)
class Learnt:
    """`weights` are (dimension + directions + 1) × classes, the constants in the last row."""

    weights: np.ndarray
    pieces: Pieces


class Regressions(torch.nn.Module):
    """Classes from vectors, and classes from the rows of pieces."""

    def __init__(self, dimension: int, pieces: int, classes: int) -> None:
        super().__init__()
        self.scale = dimension**0.5  # of unit vectors, so that their numbers are about 1 as those of the rows are
        self.rows = torch.nn.EmbeddingBag(pieces, DIRECTIONS, mode="sum")
        torch.nn.init.normal_(self.rows.weight, 0, FIRST_ROWS)
        self.left_out = torch.nn.Dropout(VECTORS_LEFT_OUT)
        self.of_vectors = torch.nn.Linear(dimension, classes)
        self.of_rows = torch.nn.Linear(DIRECTIONS, classes)

    def forward(self, vectors: torch.Tensor, found: Sequence[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return texts × classes, by vectors and by letters; `found` are the places of each text's pieces."""
        counts = np.array([len(own) for own in found])
        weight = torch.from_numpy(np.repeat(1 / np.sqrt(np.maximum(counts, 1)), counts).astype(np.float32))
        weight = torch.nn.functional.dropout(weight, PIECES_LEFT_OUT, self.training)
        starts = torch.from_numpy(np.cumsum(counts) - counts)
        said = self.rows(torch.from_numpy(np.concatenate(found)), starts, per_sample_weights=weight)
        return self.of_vectors(self.left_out(vectors) * self.scale), self.of_rows(said)


def learn_regression(vectors: np.ndarray, texts: Sequence[str], labels: np.ndarray, class_weight: np.ndarray) -> Learnt:
    """Return what tells the classes (`labels`, from 0) of texts with these (centred) vectors; the same each time."""
    torch.manual_seed(0)
    known = common_pieces(texts)
    found = [places(text, known) for text in texts]
    model = Regressions(vectors.shape[1], len(known), len(class_weight))
    fit(model, torch.from_numpy(vectors), found, torch.from_numpy(labels), torch.from_numpy(class_weight))
    return read_off(model, known)


def common_pieces(texts: Sequence[str]) -> np.ndarray:
    """Return the names of the pieces that are in LEAST_TEXTS texts, the MOST_PIECES commonest, ascending."""
    names, count = np.unique(np.concatenate([piece_names(text) for text in texts]), return_counts=True)
    names, count = names[count >= LEAST_TEXTS], count[count >= LEAST_TEXTS]
    return np.sort(names[np.argsort(-count, kind="stable")[:MOST_PIECES]])


def fit(
    model: Regressions, vectors: torch.Tensor, found: Sequence[np.ndarray], labels: torch.Tensor, weight: torch.Tensor
) -> None:
    """Have the model learn; `weight` is what each class counts for the vectors.

    To the letters all count alike: with eight times their weight, the few sentences about nothing here would make
    whatever they name, such as a tent, a word about nothing.
    """
    steps = EPOCHS * max(len(labels) // BATCH, 1)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    loss_of_vectors = torch.nn.CrossEntropyLoss(weight, label_smoothing=SMOOTHING)
    loss_of_letters = torch.nn.CrossEntropyLoss(label_smoothing=SMOOTHING)
    for rows in batches(len(labels), steps):
        by_vectors, by_letters = model(vectors[rows], [found[row] for row in rows])
        loss = loss_of_vectors(by_vectors, labels[rows]) + loss_of_letters(by_letters, labels[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        rate.step()
    model.eval()


def batches(count: int, steps: int) -> Iterator[np.ndarray]:
    """Yield the rows of each step, every row once before any comes again."""
    chance, left = np.random.default_rng(0), np.zeros(0, dtype=np.int64)
    for _ in range(steps):
        if len(left) < min(BATCH, count):
            left = np.append(left, chance.permutation(count))
        yield left[:BATCH]
        left = left[BATCH:]


def read_off(model: Regressions, known: np.ndarray) -> Learnt:
    """Return the sum of both as one regression, the rows of the pieces as whole numbers of one byte."""
    weights = [
        VECTORS * model.scale * numbers(model.of_vectors.weight).T,
        LETTERS * numbers(model.of_rows.weight).T,
        VECTORS * numbers(model.of_vectors.bias)[None] + LETTERS * numbers(model.of_rows.bias)[None],
    ]
    rows = numbers(model.rows.weight)
    scale = float(np.abs(rows).max()) / 127
    return Learnt(np.vstack(weights), Pieces(known, np.rint(rows / scale).astype(np.int8), scale))


def numbers(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().numpy()
