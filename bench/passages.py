"""Is the fact in what is shown? What a customer gets of the right article: `python -m bench.passages [--json FILE]`.

Reads tests/data/passages/<language>.jsonl, lines of {"text", "article", "fact": a pattern of the fact as the article
writes it}. The article is given, so only what of it is shown is measured: "shown" is the share of answers that have the
fact, "first" of those that have it among their first FIRST words, "words" the median length. "Alone" is for comparison,
what was shown before 2026-11-29: the best passage without the opening, in articles of more than 80 words. Fails (exit
1) when a wanted figure is missed.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from actions.replies import Replies
from bench.questions import open_knowledge_base, read_questions
from kb import Article, Decision, Hit, KnowledgeBase
from kb.sources.passages import to_plain

PASSAGES = Path(__file__).resolve().parents[1] / "tests" / "data" / "passages"
WANTED_SHOWN = 0.98  # at least, in each language
FIRST = 60
MOST_BEFORE = 80


@dataclass(frozen=True)
class Answer:
    """One question's fact, and the words shown now and before."""

    question: dict
    shown: list[str]
    alone: list[str]

    def has_fact(self, words: list[str]) -> bool:
        """Whether the fact is among the words."""
        return bool(re.search(self.question["fact"], " ".join(words)))


def answers(kb: KnowledgeBase, language: str, questions: list[dict]) -> Iterator[Answer]:
    """Yield each question with its answer from the article that has it."""
    replies = Replies(kb)
    for question in questions:
        hit = kb.hit_of(question["article"], question["text"], language)
        article = kb.article(question["article"], language)
        payload = replies.answer(Decision("answer", language, (hit,), hit.confidence, question["text"]))
        yield Answer(question, to_plain(payload["text"]).split(), shown_before(article, hit).split())


def shown_before(article: Article, hit: Hit) -> str:
    """Return what was shown before 2026-11-29."""
    texts = [passage.text for passage in article.passages]
    for shown in (texts, list(dict.fromkeys([texts[0], hit.text]))):
        if sum(len(text.split()) for text in shown) <= MOST_BEFORE:
            return to_plain("\n\n".join(shown))
    return to_plain(hit.text)


def measure(kb: KnowledgeBase, language: str, questions: list[dict]) -> dict:
    """Return the figures of one language."""
    found = list(answers(kb, language, questions))
    return {
        "language": language,
        "questions": len(found),
        "shown": statistics.mean(each.has_fact(each.shown) for each in found),
        "first": statistics.mean(each.has_fact(each.shown[:FIRST]) for each in found),
        "words": statistics.median(len(each.shown) for each in found),
        "alone": statistics.mean(each.has_fact(each.alone) for each in found),
        "words_alone": statistics.median(len(each.alone) for each in found),
        "misses": [each.question for each in found if not each.has_fact(each.shown)],
        "late": [each.question for each in found if not each.has_fact(each.shown[:FIRST])],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    parser.add_argument("--misses", action="store_true", help="list the questions whose fact is missing or late")
    options = parser.parse_args()
    kb = open_knowledge_base()
    rows = [measure(kb, language, read_questions(language, PASSAGES)) for language in kb.languages]
    print_table(rows, options.misses)
    met = all(row["shown"] >= WANTED_SHOWN for row in rows)
    if options.json:
        options.json.write_text(
            json.dumps({"languages": rows, "met": met}, ensure_ascii=False, indent=1) + "\n", "utf-8"
        )
    return 0 if met else 1


def print_table(rows: list[dict], show_misses: bool) -> None:
    print(f"{'':4}{'questions':>10}{'shown':>9}{'first':>9}{'words':>8}{'alone':>9}{'words':>8}")
    for row in rows:
        print(f"{row['language']:4}{row['questions']:10}{row['shown']:9.1%}{row['first']:9.1%}{row['words']:8.0f}"
              f"{row['alone']:9.1%}{row['words_alone']:8.0f}")  # fmt: skip
    print(f"wanted: shown ≥ {WANTED_SHOWN:.0%}; first: among the first {FIRST} words; alone: as before 2026-11-29")
    if show_misses:
        for row in rows:
            for kind in ("misses", "late"):
                for question in row[kind]:
                    print(f"  {row['language']} {kind:7}{question['article']}: {question['text']}")


if __name__ == "__main__":
    sys.exit(main())
