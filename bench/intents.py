"""`python -m bench.intents --train FILE --test FILE --out PREDICTIONS.jsonl`: intents through the knowledge base.

FILEs as in the data's README; rows of another split than the one asked for are left out, so one file may be both. The
labels become articles, the training texts their phrasings. Out-of-scope rows take no part in training.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

from bench.parts.figures import OUT_OF_SCOPE, prediction_figures, print_figures
from bench.parts.rows import BadFile, progress, read_split, write_predictions
from bench.parts.scratch_kb import scratch_kb
from bench.parts.wording import shuffled
from kb.vectors.encoder import load_encoder

NO_TITLE = "Page"


def pages_of(train: list[dict]) -> dict[str, dict]:
    """Return one page for each label. They all have the same title and text: the data has none, so neither may tell."""
    phrasings = defaultdict(list)
    for row in train:
        if row["label"] != OUT_OF_SCOPE:
            phrasings[row["label"]].append(row["text"])
    return {label: {"title": NO_TITLE, "questions": texts} for label, texts in phrasings.items()}


def predict(kb, names: dict[str, str], test: list[dict]) -> tuple[list[dict], Counter]:
    """Return a prediction for each row, and how often what was done.

    The rows are asked in no order, as customers would: the knowledge base learns from what it is asked, and a file may
    have its out-of-scope rows at the end.
    """
    predictions, decisions = {}, Counter()
    for done, number in enumerate(shuffled(list(range(len(test))), "intents"), 1):
        row = test[number]
        decision = kb.decide(row["text"], kb.languages[0])
        best = names[decision.hits[0].article] if decision.hits else ""
        where = "outside" if row["label"] == OUT_OF_SCOPE else "right" if best == row["label"] else "wrong"
        decisions[decision.kind, where] += 1
        predictions[number] = {
            "text": row["text"], "label": row["label"], "predicted": best, "confidence": decision.confidence
        }  # fmt: skip
        progress(done, len(test))
    return [predictions[number] for number in range(len(test))], decisions


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--library", choices=("auto", "off"), default="auto", help="whether topics may count")
    options = parser.parse_args()
    try:
        train, test = read_split(options.train, "train"), read_split(options.test, "test")
    except BadFile as error:
        parser.error(str(error))
    started = time.perf_counter()
    with scratch_kb(pages_of(train), train[0].get("lang", "en"), load_encoder(), options.library) as (kb, names):
        embedded = time.perf_counter()
        kb.refit()
        fitted = time.perf_counter()
        predictions, decisions = predict(kb, names, test)
    finished = time.perf_counter()
    write_predictions(options.out, predictions)
    figures = prediction_figures(predictions) | {
        "seconds_to_embed_and_train": embedded - started,
        "seconds_to_fit": fitted - embedded,
        "milliseconds_a_message": 1000 * (finished - fitted) / max(len(test), 1),
    }
    for (kind, where), count in sorted(decisions.items()):
        figures[f"share_{kind}_{where}"] = count / len(test)
    print_figures(f"{options.test}: {len(test)} messages, {len(train)} phrasings", figures)
    options.out.with_suffix(".json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
