"""`python -m bench.rasa --train FILE --test FILE --out PREDICTIONS.jsonl`: intents through Rasa's own default pipeline.

The side-by-side of bench.intents, on the same FILEs and with the same figures, by the Rasa in .venv-rasa. Out-of-scope
rows take no part in training. A prediction is Rasa's best intent with Rasa's own confidence, also where its fallback
would have stepped in. The model is kept: another run with the same texts tells the time and memory of the first.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections import Counter
from functools import partial
from pathlib import Path

from bench.parts.figures import OUT_OF_SCOPE, prediction_figures, print_figures
from bench.parts.product import ROOT, NotStarted, stop_tidily
from bench.parts.rows import BadFile, progress, read_split, write_predictions
from bench.parts.summary import percentile
from bench.plain_rasa.nlu import Parser, intent_names, train
from bench.plain_rasa.training import Training

say = partial(print, flush=True)  # lines of progress, at once


def training_rows(path: Path, per_class: int | None) -> list[dict]:
    """Return the rows to train on: in scope, of each label only the first `per_class`. Raises BadFile."""
    count: Counter[str] = Counter()
    rows = []
    for row in read_split(path, "train"):
        count[row["label"]] += 1
        if row["label"] != OUT_OF_SCOPE and (per_class is None or count[row["label"]] <= per_class):
            rows.append(row)
    if len({row["label"] for row in rows}) < 2:
        raise BadFile(f"{path}: Rasa needs training texts of two labels at least, other than {OUT_OF_SCOPE}")
    return rows


def predict(parser: Parser, names: dict[str, str], test: list[dict]) -> tuple[list[dict], list[float]]:
    """Return the predictions, and the seconds that each message took."""
    labels = {name: label for label, name in names.items()}
    parser.parse("Hello")  # the first message has TensorFlow prepare itself
    predictions, seconds = [], []
    for done, row in enumerate(test, 1):
        name, confidence, taken = parser.parse(row["text"])
        prediction = {"predicted": labels.get(name, ""), "confidence": confidence}
        predictions.append({"text": row["text"], "label": row["label"]} | prediction)
        seconds.append(taken)
        progress(done, len(test))
    return predictions, seconds


def cost_figures(training: Training, seconds: list[float], memory_mb: float) -> dict[str, float]:
    return {
        "seconds_to_train": training.seconds,
        "processor_seconds_to_train": training.cpu_seconds,
        "milliseconds_a_message": 1000 * percentile(seconds, 0.5),
        "milliseconds_a_message_p95": 1000 * percentile(seconds, 0.95),
        "training_peak_mb": training.peak_mb,
        "answering_mb": memory_mb,
    }


def whole_number(text: str) -> int:
    """Raises ValueError unless it is 1 or more."""
    if (number := int(text)) < 1:
        raise ValueError
    return number


def read_options(parser: argparse.ArgumentParser) -> argparse.Namespace:
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="predictions; the figures go beside them, as .json")
    parser.add_argument("--epochs", type=whole_number, default=100, metavar="N", help="Rasa's own default is 100")
    parser.add_argument(
        "--per-class", type=whole_number, metavar="N", help="train on the first N texts of each label; default: all"
    )
    parser.add_argument("--cache", type=Path, default=ROOT / "var" / "bench", help="where trained models are kept")
    options = parser.parse_args()
    if options.out.suffix == ".json":
        parser.error("--out: predictions are JSON Lines, name them .jsonl; the figures go beside them, as .json")
    return options


def run(options: argparse.Namespace, train_rows: list[dict], test: list[dict]) -> None:
    """Trains, asks, prints and writes. Raises NotStarted."""
    names = intent_names(row["label"] for row in train_rows)
    cache = options.cache.resolve()
    model, training = train(cache, train_rows, names, options.epochs, say)
    say(f"  model: {model}, trained {training.began}")
    with Parser(model, cache / f"{model.name.split('.')[0]}-parse.log") as parser:
        predictions, seconds = predict(parser, names, test)
        costs = cost_figures(training, seconds, parser.memory_mb())
    figures = prediction_figures(predictions) | costs
    used = f"{options.epochs} epochs, " + (f"first {options.per_class} of each label" if options.per_class else "all")
    print_figures(
        f"Rasa {parser.version}, default pipeline: {options.test}: {len(test)} messages, "
        f"{len(train_rows)} phrasings ({used})",
        figures,
    )
    write_predictions(options.out, predictions)
    about = {"rasa": parser.version, "epochs": options.epochs, "per_class": options.per_class,
             "phrasings": len(train_rows), "messages": len(test), "trained": training.began,
             "processors": os.cpu_count(), "system": platform.platform()}  # fmt: skip
    options.out.with_suffix(".json").write_text(json.dumps(figures | {"about": about}, indent=1) + "\n", "utf-8")


def main() -> int:
    """Returns 0, or 2 when nothing could be measured."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.rasa", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options = read_options(parser)
    stop_tidily()
    try:
        train_rows, test = training_rows(options.train, options.per_class), read_split(options.test, "test")
        for folder in (options.out.parent, options.cache):
            folder.mkdir(parents=True, exist_ok=True)
        run(options, train_rows, test)
    except (BadFile, NotStarted, OSError) as error:
        print(f"stopped: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped by Ctrl-C", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
