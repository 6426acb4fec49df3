"""A library of two topics, told without doubt from the words that stand for them."""

from __future__ import annotations

import numpy as np

from kb.model.pieces import Pieces
from kb.model.topics import TopicModel

WRAPPING, RETURN = "returns/wrapping", "returns/how"
ASKED = {WRAPPING: "can you wrap it as a gift", RETURN: "how do I return boots"}
NAMES = {"en": ("Gift wrapping", "Returns"), "sl": ("Zavijanje daril", "Vračila")}


def fake_topics(encoder) -> TopicModel:
    """What was learnt of them, for the fake encoder."""
    vectors = encoder.encode_query(list(ASKED.values()))
    weights = np.zeros((vectors.shape[1] + 1, 3), dtype=np.float32)
    weights[:-1, :2] = 60 * vectors.T
    weights[-1, 2] = 30
    means = {language: np.zeros(vectors.shape[1], dtype=np.float32) for language in ("en", "sl")}
    return TopicModel(tuple(ASKED), "fake", weights, means, Pieces.none(), NAMES)
