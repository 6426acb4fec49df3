"""`python -m odziv.processes.embed_examples FILE EXAMPLES…`: adds the vectors of examples that FILE lacks.

It runs in `.venv`: there the knowledge base's encoder embeds a batch several times faster than the engine in Rasa's
environment does, and both read the same weights. Training then finds them all.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bot.vectors import MOST_READ, read_examples, read_vectors, vector_key, write_vectors


def main(store: Path, paths: list[Path]) -> None:
    """Embeds what `store` lacks of the examples in `paths`."""
    known = read_vectors(store)
    missing = {vector_key(text): text for text in read_examples(paths) if vector_key(text) not in known}
    if not missing:
        return
    from kb.vectors.encoder import load_encoder  # brings PyTorch along

    texts = [text[:MOST_READ] for text in missing.values()]
    found = load_encoder().encode_query(texts, batch_size=128, show_progress_bar=False)
    store.parent.mkdir(parents=True, exist_ok=True)
    write_vectors(store, known | dict(zip(missing, found, strict=True)))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main(Path(sys.argv[1]), [Path(argument) for argument in sys.argv[2:]])
