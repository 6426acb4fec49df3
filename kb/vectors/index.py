"""Vectors that survive a restart: one FAISS file and one JSON manifest, embedding only what is new.

The manifest is written last and names the index file and its hash, so a crash in between leaves the old pair whole.
FAISS can crash the process on a damaged file: the bytes are hashed before FAISS sees them.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

import faiss
import numpy as np

from kb.vectors.encoder import encoder_identity
from kb.writing import write_atomically

FORMAT = 1
BATCH = 32
log = logging.getLogger(__name__)


class VectorIndex:
    """The vectors of all phrasings ("query") and passages ("document"), by the hash of their text."""

    def __init__(self, folder: Path, encoder):
        """Load what is in `folder`; when it is missing, damaged or another encoder's, start empty."""
        self.folder, self._encoder = folder, encoder
        self.identity = encoder_identity(encoder)
        self.dimension: int = encoder.get_embedding_dimension()
        self.articles: dict[str, str] = {}
        self.embedded = 0  # texts embedded since the last save
        self._vectors: dict[str, np.ndarray] = {}
        self._saved: tuple | None = None
        self._load()

    def vectors(self, kind: str, texts: Sequence[str]) -> np.ndarray:
        """Return one unit row for each text, embedding those not known; `kind` is "query" or "document"."""
        keys = [text_key(kind, text) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._vectors}
        encode = self._encoder.encode_query if kind == "query" else self._encoder.encode_document
        names, todo = list(missing), list(missing.values())
        for start in range(0, len(todo), BATCH):
            batch = np.asarray(encode(todo[start : start + BATCH], show_progress_bar=False), dtype=np.float32)
            self._vectors.update(zip(names[start:], batch, strict=False))
        self.embedded += len(todo)
        if not keys:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.stack([self._vectors[key] for key in keys])

    def save(self, articles: dict[str, str], used: Iterable[str]) -> None:
        """Write the vectors whose keys are `used`, and the content hash of each article file; forget the others."""
        rows = sorted(key for key in set(used) if key in self._vectors)
        if self._saved == (rows, articles):
            return
        self._vectors = {key: self._vectors[key] for key in rows}
        index = faiss.IndexFlatIP(self.dimension)
        if rows:
            index.add(np.stack([self._vectors[key] for key in rows]))
        content = faiss.serialize_index(index).tobytes()
        digest = hashlib.sha256(content).hexdigest()
        name = f"vectors-{digest[:16]}.faiss"
        write_atomically(self.folder / name, content)
        manifest = {
            "format": FORMAT, "encoder": self.identity, "dimension": self.dimension, "index": name,
            "index_sha256": digest, "rows": rows, "articles": articles,
        }  # fmt: skip
        write_atomically(self.folder / "manifest.json", json.dumps(manifest, indent=1).encode())
        for old in self.folder.glob("vectors-*.faiss"):
            if old.name != name:
                old.unlink(missing_ok=True)
        self.articles, self.embedded, self._saved = dict(articles), 0, (rows, dict(articles))

    def save_all(self) -> None:
        """Write every vector there is, with the articles of the last save."""
        self.save(self.articles, list(self._vectors))

    def _load(self) -> None:
        path = self.folder / "manifest.json"
        if not path.exists():
            return
        try:
            manifest = json.loads(path.read_bytes())
            self._check(manifest)
            content = (self.folder / Path(manifest["index"]).name).read_bytes()
            if hashlib.sha256(content).hexdigest() != manifest["index_sha256"]:
                raise ValueError("the index is not the one the manifest describes")
            index = faiss.deserialize_index(np.frombuffer(content, dtype=np.uint8))
            if index.ntotal != len(manifest["rows"]) or index.d != self.dimension:
                raise ValueError("index and manifest differ in size")
            matrix = index.reconstruct_n(0, index.ntotal) if index.ntotal else ()
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
            log.warning("index in %s is not usable (%s); building it again", self.folder, error)
            return
        self._vectors = dict(zip(manifest["rows"], matrix, strict=True))
        self.articles = dict(manifest["articles"])
        self._saved = (manifest["rows"], self.articles)

    def _check(self, manifest: dict) -> None:
        expected = {"format": FORMAT, "encoder": self.identity, "dimension": self.dimension}
        for key, value in expected.items():
            if manifest[key] != value:
                raise ValueError(f"its {key} is {manifest[key]!r}, not {value!r}")


def text_key(kind: str, text: str) -> str:
    return f"{kind[0]}-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:32]}"
