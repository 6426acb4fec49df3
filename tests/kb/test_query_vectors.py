"""A question is embedded once, however often a turn asks about it."""

from __future__ import annotations

import numpy as np
import pytest

from kb.vectors.query_vectors import REMEMBERED, QueryVectors


class Encoder:
    """Its vectors are the texts' lengths."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.fails = False

    def encode_query(self, texts, show_progress_bar=False):
        self.calls.append(list(texts))
        if self.fails:
            raise RuntimeError("out of memory")
        return np.array([[float(len(text))] for text in texts])


@pytest.fixture
def encoder() -> Encoder:
    return Encoder()


@pytest.fixture
def vectors(encoder) -> QueryVectors:
    return QueryVectors(encoder)


def test_known_ones_are_not_embedded_again(encoder, vectors):
    assert [float(v[0]) for v in vectors.of(["a", "bb", "a"])] == [1.0, 2.0, 1.0]
    assert [float(v[0]) for v in vectors.of(["bb", "ccc"])] == [2.0, 3.0]
    assert encoder.calls == [["a", "bb"], ["ccc"]]


def test_a_failure_is_not_remembered(encoder, vectors):
    encoder.fails = True
    with pytest.raises(RuntimeError):
        vectors.of(["a"])
    encoder.fails = False
    assert float(vectors.of(["a"])[0][0]) == 1.0


def test_the_oldest_are_forgotten(encoder, vectors):
    lines = [f"question {number}" for number in range(REMEMBERED + 1)]
    for line in lines:
        vectors.of([line])
    vectors.of([lines[-1]])
    assert len(encoder.calls) == REMEMBERED + 1
    vectors.of([lines[0]])
    assert len(encoder.calls) == REMEMBERED + 2


def test_more_than_are_remembered_at_once(vectors):
    lines = ["x" * number for number in range(1, 3 * REMEMBERED)]
    assert [float(v[0]) for v in vectors.of(lines)] == [float(len(line)) for line in lines]
