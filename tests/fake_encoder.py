"""A deterministic encoder for tests: a bag of hashed words and word beginnings, with the interface of the real one."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np

from kb.language.text import fold, words


class FakeEncoder:
    """Looks like a SentenceTransformer to kb/; `encoded` counts the texts it was given."""

    identity = "fake/1"

    def __init__(self, dimension: int = 64):
        self.dimension, self.encoded = dimension, 0

    def get_embedding_dimension(self) -> int:
        return self.dimension

    def encode_query(self, inputs, **kwargs) -> np.ndarray:
        return self._encode(inputs)

    def encode_document(self, inputs, **kwargs) -> np.ndarray:
        return self._encode(inputs)

    encode = encode_query

    def _encode(self, inputs) -> np.ndarray:
        if isinstance(inputs, str):
            return self._encode([inputs])[0]
        self.encoded += len(inputs)
        vectors = [vector_of(text, self.dimension) for text in inputs]
        return np.stack(vectors) if vectors else np.zeros((0, self.dimension))


@lru_cache(maxsize=10_000)  # the same articles are embedded for hundreds of tests
def vector_of(text: str, dimension: int) -> np.ndarray:
    """The unit vector of a text."""
    vector = np.full(dimension, 0.05, dtype=np.float32)
    for word in words(fold(text)):
        for part in (word, word[:4]):
            digest = hashlib.sha256(part.encode()).digest()
            vector[digest[0] % dimension] += 1 if digest[1] % 2 else -1
    return vector / np.linalg.norm(vector)
