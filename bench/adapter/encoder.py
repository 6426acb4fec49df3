"""The encoder with an adapter added to its weights, as `load_encoder` would return it."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

from sentence_transformers import SentenceTransformer

from bench.adapter.layers import AdaptedFile
from kb.vectors import embedded


def adapted_encoder(adapter: Path, strength: float) -> SentenceTransformer:
    """Return the encoder with `strength` (0 to 1) of an adapter; raises OSError where there is no such file."""
    read = embedded.read_e5_file
    with mock.patch.object(embedded, "read_e5_file", lambda path: AdaptedFile(read(path), adapter, strength)):
        module = embedded.EmbeddedE5()
    module.identity += f"+{adapter.stem}@{strength:g}"
    prompts = {"query": embedded.QUERY_PROMPT, "document": embedded.DOCUMENT_PROMPT}
    return SentenceTransformer(modules=[module], prompts=prompts, device="cpu")
