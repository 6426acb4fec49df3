"""`python -m kb.language.learn`: learn what tells the languages apart, and keep it in learnt.npz. Takes a minute.

From the library's phrasings, the articles, the sentences about other things, Rasa's examples and the common words: each
text whole and a few words of it, with its diacritics or without. What tests and benches ask is not among them.
"""

from __future__ import annotations

import argparse
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import yaml
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from kb.language.evidence import COMMON, LEARNT, ROWS, WORD, Evidence, parts_of, telling_words
from kb.language.text import fold

ROOT = Path(__file__).parents[2]
STRENGTH = 1.0  # inverse of the penalty on the weights, for the sum over all texts
STEPS = 100  # of L-BFGS
COMMON_WEIGHT = 2.0  # of a common word, once as written and once without diacritics
FEW_WORDS = (1, 1, 2, 2, 3, 4, 5)
Row = tuple[list[str], str, float]  # words, language, weight


def read_texts(language: str) -> Iterator[str]:
    """Yield the texts to learn a language from."""
    for path in sorted((ROOT / "kb" / "library" / language).glob("*.yml")):
        for topic in yaml.safe_load(path.read_text(encoding="utf-8")).values():
            yield from (topic["name"], topic["about"], *topic["asked"])
    for path in sorted((ROOT / "kb" / "articles" / language).rglob("*.md")):
        yield from read_article(path)
    for path in (ROOT / "kb" / "model" / "off_topic").glob(f"{language}.txt"):
        yield from (line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    examples = yaml.safe_load((ROOT / "bot" / "data" / "nlu" / f"{language}.yml").read_text(encoding="utf-8"))
    for intent in examples["nlu"]:
        yield from (line.removeprefix("- ") for line in intent["examples"].splitlines())


def read_article(path: Path) -> Iterator[str]:
    """Yield the title, the phrasings and each line of an article, without what links lead to."""
    _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    fields = yaml.safe_load(head)
    yield from (fields["title"], *fields.get("questions", ()))
    yield from re.sub(r"\]\([^)]*\)", "]", body).splitlines()


def make_rows(languages: Iterable[str]) -> Iterator[Row]:
    """Yield what is learnt from; the same each time."""
    dice = random.Random(0)
    common = yaml.safe_load(COMMON.read_text(encoding="utf-8"))
    for language in languages:
        for text in filter(telling_words, dict.fromkeys(read_texts(language))):
            found = [word for word, _ in telling_words(text)]
            start, length = dice.randrange(len(found)), dice.choice(FEW_WORDS)
            for words in (found, found[start : start + length]):
                yield words if dice.random() < 0.5 else [fold(word) for word in words], language, 1.0
        for word in dict.fromkeys(WORD.findall(common[language].lower())):
            yield from (([word], language, COMMON_WEIGHT), ([fold(word)], language, COMMON_WEIGHT))


def learn(languages: tuple[str, ...]) -> Evidence:
    """Return what a logistic regression learns of these languages."""
    rows = list(make_rows(languages))
    parts = [[part for word in words for part in parts_of(word)] for words, _, _ in rows]
    ends = np.cumsum([0, *map(len, parts)])
    counts = csr_matrix((np.ones(ends[-1], np.float32), np.concatenate(parts), ends), shape=(len(rows), ROWS))
    counts.sum_duplicates()
    labels = np.array([languages.index(language) for _, language, _ in rows])
    weights = regress(counts, labels, np.array([weight for _, _, weight in rows]), len(languages))
    return Evidence(languages, weights - weights.mean(axis=1, keepdims=True))


def regress(counts: csr_matrix, labels: np.ndarray, weight: np.ndarray, classes: int) -> np.ndarray:
    """Return the weights, features × classes, of a logistic regression with a penalty on their squares."""
    turned, right = counts.T.tocsr(), np.eye(classes)[labels]

    def loss_and_slope(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(counts.shape[1], classes)
        scores = counts @ weights
        scores -= scores.max(axis=1, keepdims=True)
        shares = np.exp(scores)
        sums = shares.sum(axis=1, keepdims=True)
        loss = (weight * (np.log(sums[:, 0]) - (scores * right).sum(axis=1))).sum()
        slope = turned @ (weight[:, None] * (shares / sums - right)) + weights / STRENGTH
        return loss + (weights**2).sum() / (2 * STRENGTH), slope.ravel()

    start = np.zeros(counts.shape[1] * classes)
    return minimize(loss_and_slope, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS}).x.reshape(
        counts.shape[1], classes
    )


def main() -> None:
    """Reads the texts, learns, and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=LEARNT, help="the file to write (kb/language/learnt.npz)")
    options = parser.parse_args()
    languages = tuple(yaml.safe_load(COMMON.read_text(encoding="utf-8")))
    learn(languages).save(options.out)
    print(f"{options.out}: {', '.join(languages)}, {options.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
