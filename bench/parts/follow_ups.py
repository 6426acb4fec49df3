"""What a customer types after an answer, asked of the knowledge base: `python -m bench.dialogues --follow-ups`.

Lines of {"before", "last", "text", "article", "kind"}: the question before, the article that answered it, what is said
next, the articles that answer that, and what it is: "follow" is understood from the answer only, "change" is another
matter, "talk" asks nothing. The part named test is for measuring; what is tuned is tuned on the part named choose. No
Rasa takes part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from actions.context import decide_in_context
from bench.parts.rows import read_rows
from bench.parts.summary import table
from bench.parts.wording import LANGUAGES
from bench.questions import open_knowledge_base
from kb import Decision, KnowledgeBase

OUTCOMES = ("right", "offered", "asked", "wrong")
KINDS = ("follow", "change", "talk")


def outcome(row: dict[str, Any], decision: Decision) -> str:
    """Return "right", "wrong", "offered" (the right one among the choices) or "asked"."""
    if decision.kind == "answer":
        return "right" if decision.hits[0].article in row["article"] else "wrong"
    is_offered = decision.kind == "suggest" and any(hit.article in row["article"] for hit in decision.choices)
    return "offered" if is_offered else "asked"


def measure(kb: KnowledgeBase, language: str, rows: Sequence[dict[str, Any]]) -> dict[str, Counter[str]]:
    """Return how often each outcome came, by kind."""
    found: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for row in rows:
        decision = decide_in_context(kb, row["text"], row["before"], row["last"], language)
        found[row["kind"]][outcome(row, decision)] += 1
    return found


def print_follow_ups(folder: Path) -> None:
    """Print the share of each outcome by language and kind."""
    kb = open_knowledge_base()
    lines = []
    for language in LANGUAGES:
        for kind, counted in measure(kb, language, read_rows(folder / f"{language}.jsonl")).items():
            shares = [f"{100 * counted[name] / max(counted.total(), 1):.1f} %" for name in OUTCOMES]
            lines.append([language, kind, str(counted.total()), *shares])
    print(table(["", "", "rows", *OUTCOMES], lines))
