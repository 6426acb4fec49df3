"""`python -m bench.retrieval --kb FILE --queries FILE --out FIGURES.json`: pages found by the knowledge base, and BM25.

FILEs as in the data's README. With handoff labels among the queries, also how well confidence tells the questions that
have no page any more.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from bench.parts.figures import acceptance, print_figures, rank_figures
from bench.parts.rows import BadFile, progress, read_rows
from bench.parts.scratch_kb import scratch_kb
from kb.language.text import fold, words
from kb.vectors.encoder import load_encoder

DEPTH = 10
HANDOFF = "handoff"


class BM25:
    """Okapi BM25 (k1 1.2, b 0.75) over folded words."""

    def __init__(self, texts: list[str]):
        self._counts = [Counter(words(fold(text))) for text in texts]
        self._lengths = np.array([sum(counts.values()) for counts in self._counts])
        self._found_in = Counter(word for counts in self._counts for word in counts)

    def rank(self, query: str) -> list[int]:
        """Return the numbers of the best texts, best first."""
        scores = np.zeros(len(self._counts))
        norm = 1.2 * (0.25 + 0.75 * self._lengths / self._lengths.mean())
        for word in words(fold(query)):
            found = self._found_in[word]
            weight = math.log(1 + (len(scores) - found + 0.5) / (found + 0.5))
            counts = np.array([text[word] for text in self._counts])
            scores += weight * counts * 2.2 / (counts + norm)
        return list(np.argsort(-scores, kind="stable")[:DEPTH])


def rank_of(wanted: str, found: list[str]) -> int | None:
    return found.index(wanted) + 1 if wanted in found else None


def search_all(kb, names: dict[str, str], queries: list[dict]) -> tuple[list[list[str]], list[float]]:
    """Return for each query the pages found, best first, and the confidence in the first."""
    found, confidence = [], []
    for done, query in enumerate(queries, 1):
        hits = kb.search(query["query"], kb.languages[0], DEPTH)
        found.append([names[hit.article] for hit in hits])
        confidence.append(hits[0].confidence if hits else 0.0)
        progress(done, len(queries))
    return found, confidence


def handoff_figures(queries: list[dict], found: list[list[str]], confidence: list[float]) -> dict[str, float]:
    """Return AUROC of confidence, and the share answered right where 80 % of the missing pages are handed off."""
    inside = np.array([query["label"] != HANDOFF for query in queries])
    right = np.array([bool(pages) and pages[0] == q["id"] for q, pages in zip(queries, found, strict=True)]) & inside
    accepted, answered = acceptance(np.array(confidence), right, inside)
    return {
        "handoff_auroc": float(roc_auc_score(inside, confidence)),
        "right_at_80_handoffs": float(answered[accepted <= 0.2 + 1e-9].max()),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kb", type=Path, required=True)
    parser.add_argument("--queries", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--library", choices=("auto", "off"), default="auto", help="whether topics may count")
    options = parser.parse_args()
    try:
        rows, queries = read_rows(options.kb, "id", "question", "answer"), read_rows(options.queries, "query")
    except BadFile as error:
        parser.error(str(error))
    pages = {row["id"]: {"title": row["question"].strip(), "body": row["answer"]} for row in rows}
    started = time.perf_counter()
    with scratch_kb(pages, rows[0].get("lang", "en"), load_encoder(), options.library) as (kb, names):
        ready = time.perf_counter()
        found, confidence = search_all(kb, names, queries)
    finished = time.perf_counter()
    answerable = [i for i, query in enumerate(queries) if query.get("label") != HANDOFF]
    figures = rank_figures([rank_of(queries[i]["id"], found[i]) for i in answerable])
    if len(answerable) < len(queries):
        figures |= handoff_figures(queries, found, confidence)
    figures |= {"seconds_to_train": ready - started, "milliseconds_a_message": 1000 * (finished - ready) / len(queries)}
    bm25 = BM25([f"{row['question']} {row['answer']}" for row in rows])
    ranked = [[rows[i]["id"] for i in bm25.rank(queries[q]["query"])] for q in answerable]
    plain = rank_figures([rank_of(queries[q]["id"], pages) for q, pages in zip(answerable, ranked, strict=True)])
    print_figures(f"{options.queries}: {len(queries)} queries, {len(rows)} pages", figures)
    print_figures("BM25", plain)
    options.out.write_text(json.dumps(figures | {"bm25": plain}, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
