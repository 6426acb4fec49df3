"""`python -m bench.scores --data FILE… [--seeds 10] [--json FILE]`: the product's score beside plain ones.

FILEs as in the data's README, with the splits train and test. Each set is asked twice. With all its intents known:
accuracy in scope, and how well the score tells what is out of scope. And with a share of its intents known, chosen anew
for each seed, the others being out of scope: macro-F1 with "open" as an intent of its own (the open-intent setting,
Zhang 2021), the threshold chosen inside of what is known. Vectors are kept, so that a second run embeds nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from bench.parts.figures import OUT_OF_SCOPE, acceptance, intent_figures
from bench.parts.rows import BadFile, progress
from bench.parts.summary import table
from bench.scores.held_out import (
    Scorer,
    chosen,
    hold_out,
    macro_f1,
    mean_and_spread,
    taken_for,
    threshold,
    with_stack,
)
from bench.scores.messages import OPEN, IntentSet, Messages, embedded, read_set
from bench.scores.scores import MIXED, SINGLE, best, is_right, scores_of
from kb.knowledge import OFF_TOPIC, read_off_topic
from kb.vectors.encoder import load_encoder
from kb.vectors.index import VectorIndex

CACHE = Path("var/bench/scores")
NAMES = (*SINGLE, *MIXED)
CLOSED = ("in_scope_accuracy", "oscr", "auroc")  # figures with all intents known
OPENED = ("macro_f1", "oscr")  # with some of them known
DRAWS = 100  # of the messages asked, for how much a figure may be luck
Figures = dict[str, dict[str, float]]  # of each score, by what they tell


def figures_of(score: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Return accuracy in scope and, where something is out of it, OSCR and AUROC."""
    taken, confidence = best(score)
    names = np.where(labels == OPEN, OUT_OF_SCOPE, labels.astype(str))
    found = intent_figures(names, taken.astype(str), confidence)
    return {name: found[name] for name in CLOSED if name in found}


def all_known(one: IntentSet, scorer: Scorer) -> dict[str, np.ndarray]:
    """Return each score of the messages asked, with all intents known."""
    scores = scorer(one.known, one.asked, one.intents)
    return with_stack(scores, hold_out(one.known, one.intents, scorer, 0))[0]


def drawn_again(scores: dict[str, np.ndarray], labels: np.ndarray) -> list[Figures]:
    """Return the figures of as many messages drawn from these with repetition, DRAWS times."""
    chance = np.random.default_rng(0)
    draws = [chance.integers(len(labels), size=len(labels)) for _ in range(DRAWS)]
    return [{name: figures_of(score[rows], labels[rows]) for name, score in scores.items()} for rows in draws]


def some_known(one: IntentSet, scorer: Scorer, share: float, seed: int) -> Figures:
    """Return macro-F1 and OSCR of each score where a share of the intents is known, the others being open."""
    intents = chosen(one.intents, share, seed)
    known, asked = one.known.relabelled(intents), one.asked.relabelled(intents)
    known = known.only(known.labels != OPEN)
    held = hold_out(known, len(intents), scorer, seed)
    scores, held = with_stack(scorer(known, asked, len(intents)), held)
    return {
        name: {
            "macro_f1": macro_f1(asked.labels, taken_for(score, threshold(held.scores[name], held.labels))),
            "oscr": area(score, asked.labels),
        }
        for name, score in scores.items()
        if name in held.scores
    }


def area(score: np.ndarray, labels: np.ndarray) -> float:
    """Return OSCR: accuracy in scope over acceptance out of it, as the threshold falls."""
    accepted, answered = acceptance(score.max(axis=1), is_right(score, labels), labels != OPEN)
    return float(np.trapezoid(answered, accepted))


def measure(one: IntentSet, scorer: Scorer, shares: list[int], seeds: int) -> dict:
    """Return all figures of a set: "all known", "drawn again" from that, and of each share (in percent) each seed."""
    scores, labels = all_known(one, scorer), one.asked.labels
    result: dict = {"set": one.name, "intents": one.intents}
    result["all known"] = {name: figures_of(score, labels) for name, score in scores.items()}
    result["drawn again"] = drawn_again(scores, labels)
    for done, share in enumerate(shares):
        result[str(share)] = []
        for seed in range(seeds):
            result[str(share)].append(some_known(one, scorer, share / 100, seed))
            progress(done * seeds + seed + 1, len(shares) * seeds)
    return result


def show(result: dict, shares: list[int]) -> str:
    """Return the table of one set, in percent; with spread (one standard deviation) where there are seeds."""
    closed = result["all known"]
    head = ["score", "", "accuracy", "OSCR", "AUROC", *(f"{what} {s}" for s in shares for what in ("F1", "OSCR"))]
    rows = []
    for name in (name for name in NAMES if name in closed):
        row = [name, ""] + [percent(closed[name].get(what)) for what in CLOSED]
        for share in shares:
            for what in OPENED:
                row.append(over_seeds([seed[name][what] for seed in result[str(share)] if name in seed]))
        rows.append(row)
    return f"{result['set']}: {result['intents']} intents\n{table(head, rows)}\n"


def percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"


def over_seeds(values: list[float]) -> str:
    if not values:
        return "–"
    mean, spread = mean_and_spread(values)
    return f"{100 * mean:.1f} ± {100 * spread:.1f}"


def behind(results: list[dict], shares: list[int], name: str) -> list[tuple[float, float, str]]:
    """Return by how much (in percent) a score is behind the best single one in each figure of each set, most first.

    With it come the standard error of the difference, and which figure of which set it is.
    """
    found = []
    for result in results:
        for what in CLOSED:
            found += behind_in(result["drawn again"], name, what, result["set"], 1)
        for share in shares:
            for what in OPENED:
                found += behind_in(result[str(share)], name, what, f"{result['set']} {share} %", None)
    return sorted(found, reverse=True)


def behind_in(draws: list[Figures], name: str, what: str, where: str, of: int | None) -> list[tuple[float, float, str]]:
    """Return the same for one figure: against the single score that is best over all `draws`, compared draw by draw.

    Their spread is divided by the root of `of`, which is 1 where each draw is as large as what it was drawn from, and
    else (None) their number.
    """
    if not draws or not all(what in draw.get(name, {}) for draw in draws):
        return []
    singles = [single for single in SINGLE if single in draws[0]]
    rival = max(singles, key=lambda single: sum(draw[single][what] for draw in draws))
    mean, spread = mean_and_spread([100 * (draw[rival][what] - draw[name][what]) for draw in draws])
    return [(mean, spread / (of or len(draws)) ** 0.5, f"{where}, {what.replace('_', ' ')}")]


def show_behind(results: list[dict], shares: list[int]) -> str:
    """Return for each score the figure in which it is furthest behind the best single one of that set.

    Level is what is behind by at most two standard errors.
    """
    rows = []
    for name in NAMES:
        lost = behind(results, shares, name)
        if lost:
            most, error, where = lost[0]
            level = sum(each <= 2 * its for each, its, _ in lost)
            rows.append([name, where, f"{most:.1f}", f"{error:.1f}", f"{level} of {len(lost)}"])
    return table(["score", "furthest behind in", "by", "± (s.e.)", "level or ahead"], rows)


def scorer_for(one: IntentSet, index: VectorIndex) -> Scorer:
    """Return what all scores are asked by, with the off-topic sentences of the set's language as strangers."""
    sentences = read_off_topic(OFF_TOPIC, [one.language])[one.language]
    strangers: Messages = embedded([(text, OPEN) for text in sentences], index)
    ask: Callable[..., dict[str, np.ndarray]] = scores_of
    return partial(ask, language=one.language, strangers=strangers, index=index)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.scores", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="FILE")
    parser.add_argument("--seeds", type=int, default=10, help="how often known intents are chosen anew (10)")
    parser.add_argument("--shares", type=int, nargs="*", default=[25, 50, 75], help="in percent (25 50 75)")
    parser.add_argument("--per-class", type=int, metavar="N", help="learn from so many texts of each intent")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"where vectors are kept ({CACHE})")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    options = parser.parse_args()
    index, results = VectorIndex(options.cache, load_encoder()), []
    try:
        sets = [read_set(path, index, options.per_class) for path in options.data]
    except BadFile as error:
        parser.error(str(error))
    for one in sets:
        results.append(measure(one, scorer_for(one, index), options.shares, options.seeds))
        print(show(results[-1], options.shares), flush=True)
    index.save_all()
    print(show_behind(results, options.shares))
    if options.json:
        options.json.write_text(json.dumps({"sets": results}, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
