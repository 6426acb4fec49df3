"""Messages with several questions, cut into them: `python -m bench.several [--json FILE] [--prepared FOLDER]`.

Reads tests/data/several/<language>.jsonl, lines of {"text", "questions": [{"text", "article"}]} (article null: nothing
answers it). A question that was cut out is right when it overlaps exactly one wanted question by at least half of that
question's words and half of its own, and no other one was right for it before. A message with one question that comes
out as it is counts as right, greetings and all. Precision is the share of cut-out questions that are right, recall the
share of wanted questions found, F1 their harmonic mean. "Split" counts messages with one question that came out as
several. "Answered" is the share of wanted questions whose article comes first for the question that was right for it,
or that is not answered as sure when it has none. "Torn" is the share of tests/data/questions, one question each, that
came out as several. Fails (exit 1) when a wanted figure is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from bench.questions import open_knowledge_base, read_questions
from kb import KnowledgeBase
from kb.language.questions import split_questions
from kb.language.text import WORD

SEVERAL = Path(__file__).resolve().parents[1] / "tests" / "data" / "several"
WANTED_F1 = 0.85  # at least, of all languages together
MAX_TORN = 0.02
OVERLAP = 0.5


def places(text: str, pieces: list[str]) -> list[set[int]]:
    """Return where the words of each of `pieces`, which follow one another in `text`, start."""
    result, since = [], 0
    for piece in pieces:
        start = max(text.find(piece, since), 0)
        result.append({match.start() + start for match in WORD.finditer(piece)})
        since = start + len(piece)
    return result


def pair_up(wanted: list[set[int]], found: list[set[int]]) -> dict[int, int]:
    """Return for each wanted question that was found which of the found ones it is."""
    if len(wanted) == len(found) == 1:
        return {0: 0}
    pairs = {}
    for number, own in enumerate(found):
        fits = [w for w, words in enumerate(wanted) if len(own & words) >= OVERLAP * max(len(words), len(own))]
        touched = [w for w, words in enumerate(wanted) if len(own & words) >= OVERLAP * len(words)]
        if fits == touched and len(fits) == 1:
            pairs.setdefault(fits[0], number)
    return pairs


def measure(kb: KnowledgeBase, language: str, messages: list[dict]) -> dict:
    """Return the counts of one language, and the messages that went wrong."""
    row = {"language": language, "messages": len(messages), "wanted": 0, "found": 0, "right": 0, "split": 0,
           "answered": 0, "misses": []}  # fmt: skip
    for message in messages:
        wanted, pieces = message["questions"], split_questions(message["text"], language, kb)
        pairs = pair_up(places(message["text"], [q["text"] for q in wanted]), places(message["text"], pieces))
        row["wanted"] += len(wanted)
        row["found"] += len(pieces)
        row["right"] += len(pairs)
        row["split"] += len(wanted) == 1 < len(pieces)
        row["answered"] += sum(is_answered(kb, language, wanted[w], pieces[p]) for w, p in pairs.items())
        if not len(pairs) == len(wanted) == len(pieces):
            row["misses"].append({"wanted": [q["text"] for q in wanted], "found": pieces})
    single = [split_questions(question["text"], language, kb) for question in read_questions(language)]
    return row | shares(row) | {"single": len(single), "torn": sum(len(pieces) > 1 for pieces in single)}


def is_answered(kb: KnowledgeBase, language: str, wanted: dict, piece: str) -> bool:
    decision = kb.decide(piece, language)
    if wanted["article"] is None:
        return decision.kind != "answer"
    return bool(decision.hits) and decision.hits[0].article == wanted["article"]


def shares(row: dict) -> dict:
    """Return precision, recall, F1 and the share answered (0 to 1) from the counts."""
    precision, recall = row["right"] / max(row["found"], 1), row["right"] / max(row["wanted"], 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return {
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "right_article": row["answered"] / max(row["wanted"], 1),
    }


def overall(rows: list[dict]) -> dict:
    names = ("messages", "wanted", "found", "right", "split", "answered", "single", "torn")
    total = {"language": "all"} | {name: sum(row[name] for row in rows) for name in names}
    return total | shares(total)


def is_met(total: dict) -> bool:
    return total["f1"] >= WANTED_F1 and not total["split"] and total["torn"] <= MAX_TORN * total["single"]


def print_row(row: dict) -> None:
    print(f"{row['language']:4}{row['messages']:9}{row['precision']:11.1%}{row['recall']:8.1%}{row['f1']:8.1%}"
          f"{row['split']:7}{row['right_article']:10.1%}{row['torn'] / max(row['single'], 1):8.1%}")  # fmt: skip


def print_misses(row: dict) -> None:
    for miss in row["misses"]:
        print(f"\n{row['language']}: wanted", *miss["wanted"], sep="\n    ")
        print("  found", *miss["found"], sep="\n    ")


def open_prepared(folder: Path | None) -> KnowledgeBase:
    """Return the shipped knowledge base; its index is in the data folder `folder`, or in the configured one."""
    if folder:
        os.environ["ODZIV_VAR"] = str(folder.resolve())
    return open_knowledge_base()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    parser.add_argument("--prepared", type=Path, metavar="FOLDER", help="data folder with an index, instead of var/")
    parser.add_argument("--misses", action="append", default=[], metavar="LANGUAGE", help="list what went wrong in it")
    options = parser.parse_args()
    kb = open_prepared(options.prepared)
    rows = [measure(kb, language, read_questions(language, SEVERAL)) for language in kb.languages]
    total = overall(rows)
    print(f"{'':4}{'messages':>9}{'precision':>11}{'recall':>8}{'F1':>8}{'split':>7}{'answered':>10}{'torn':>8}")
    for row in (*rows, total):
        print_row(row)
    print(f"wanted: F1 of all ≥ {WANTED_F1:.0%}, no message with one question split, torn ≤ {MAX_TORN:.0%}")
    for row in rows:
        if row["language"] in options.misses:
            print_misses(row)
    if options.json:
        figures = {"languages": rows, "all": total, "met": is_met(total)}
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0 if is_met(total) else 1


if __name__ == "__main__":
    sys.exit(main())
