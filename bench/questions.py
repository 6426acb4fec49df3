"""The shipped knowledge base asked questions it has not seen: `python -m bench.questions [--json [FILE]]`.

Reads tests/data/questions/<language>.jsonl, lines of {"text", "article"} (null: no article answers it; a list: any of
these does), which take no part in training or calibration. Fails (exit 1) when a wanted figure is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.parts.wording import shuffled
from kb import Hit, KnowledgeBase
from odziv.settings import load_settings

QUESTIONS = Path(__file__).resolve().parents[1] / "tests" / "data" / "questions"
PRINTED = Path("-")
RIGHT_FIRST, WRONG_SURE, OUTSIDE_SURE = 0.90, 0.05, 0.10  # wanted: at least, at most, at most


def read_questions(language: str, folder: Path = QUESTIONS) -> list[dict]:
    return [json.loads(line) for line in (folder / f"{language}.jsonl").read_text("utf-8").splitlines() if line.strip()]


def measure(kb: KnowledgeBase, language: str, questions: list[dict]) -> dict:
    """Return one language's shares.

    "sure" and "of_sure_right" are of all questions and of those answered as sure, "outside_sure" is of the questions
    that no article answers, the rest of the others.
    """
    # The knowledge base learns from what it is asked: questions come in no order, as with customers.
    asked = [(q, kb.decide(q["text"], language)) for q in shuffled(questions, "questions")]
    inside, outside = [(q, d) for q, d in asked if q["article"]], [(q, d) for q, d in asked if not q["article"]]
    wrong = [(q, d) for q, d in inside if not is_right(q, d.hits[:1])]
    strays = [(q, d) for q, d in outside if d.kind == "answer"]
    sure_right = sum(d.kind == "answer" and is_right(q, d.hits[:1]) for q, d in inside)
    sure = sum(d.kind == "answer" for _, d in asked)
    return {
        "language": language,
        "inside": len(inside),
        "outside": len(outside),
        "right_first": 1 - len(wrong) / max(len(inside), 1),
        "right_in_three": sum(is_right(q, d.hits[:3]) for q, d in inside) / max(len(inside), 1),
        "right_sure": sure_right / max(len(inside), 1),
        "wrong_sure": sum(d.kind == "answer" for _, d in wrong) / max(len(inside), 1),
        "outside_sure": len(strays) / max(len(outside), 1),
        "sure": sure / max(len(asked), 1),
        "of_sure_right": sure_right / sure if sure else None,
        "misses": [describe(q, d) for q, d in wrong + strays],
    }


def is_right(question: dict, hits: Sequence[Hit]) -> bool:
    """Return whether one of the articles that answer the question is among `hits`."""
    right = question["article"]
    return any(hit.article in (right if isinstance(right, list) else [right]) for hit in hits)


def describe(question: dict, decision) -> dict:
    hits = [f"{hit.article} {hit.confidence:.2f}" for hit in decision.hits[:3]]
    return {"text": question["text"], "article": question["article"], "kind": decision.kind, "hits": hits}


def meets(row: dict) -> bool:
    return row["right_first"] >= RIGHT_FIRST and row["wrong_sure"] <= WRONG_SURE and row["outside_sure"] <= OUTSIDE_SURE


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--json", type=Path, nargs="?", const=PRINTED, metavar="FILE",
        help="also write the figures there; without FILE, print them as one JSON object instead of the table",
    )  # fmt: skip
    parser.add_argument("--misses", action="store_true", help="list the questions that went wrong")
    parser.add_argument("--folder", type=Path, default=QUESTIONS, help="of the questions, <language>.jsonl")
    options = parser.parse_args()
    kb = open_knowledge_base()
    rows = [measure(kb, language, read_questions(language, options.folder)) for language in kb.languages]
    figures = json.dumps({"languages": rows, "met": all(map(meets, rows))}, ensure_ascii=False, indent=1)
    if options.json == PRINTED:
        print(figures)
    else:
        print_table(rows, options.misses)
        if options.json:
            options.json.write_text(figures + "\n", "utf-8")
    return 0 if all(map(meets, rows)) else 1


def open_knowledge_base() -> KnowledgeBase:
    """Return the shipped knowledge base as the server opens it."""
    from kb.vectors.encoder import load_encoder

    settings = load_settings(passwords=False)
    return KnowledgeBase.open(
        settings.articles, settings.var / "index", load_encoder(settings.encoder), languages=settings.languages,
        default_language=settings.default_language, answer_precision=settings.answer_precision,
        suggest_recall=settings.suggest_recall, library=settings.library,
    )  # fmt: skip


def print_table(rows: list[dict], show_misses: bool) -> None:
    print(f"{'':4}{'inside':>8}{'outside':>8}{'right first':>13}{'in three':>10}{'sure+right':>12}{'sure+wrong':>12}"
          f"{'outside sure':>14}{'sure':>8}{'right of sure':>15}")  # fmt: skip
    for row in rows:
        of_sure = "" if row["of_sure_right"] is None else f"{row['of_sure_right']:.1%}"
        print(f"{row['language']:4}{row['inside']:8}{row['outside']:8}{row['right_first']:13.1%}"
              f"{row['right_in_three']:10.1%}{row['right_sure']:12.1%}{row['wrong_sure']:12.1%}{row['outside_sure']:14.1%}"
              f"{row['sure']:8.1%}{of_sure:>15}{'' if meets(row) else '   missed'}")  # fmt: skip
    print(
        f"wanted: right first ≥ {RIGHT_FIRST:.0%}, sure and wrong ≤ {WRONG_SURE:.0%}, outside sure ≤ {OUTSIDE_SURE:.0%}"
    )
    if show_misses:
        for miss in (miss for row in rows for miss in row["misses"]):
            print(
                f"  {miss['kind']:8}{miss['text']}\n          wanted {miss['article']}; got {', '.join(miss['hits'])}"
            )


if __name__ == "__main__":
    sys.exit(main())
