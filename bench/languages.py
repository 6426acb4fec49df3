"""`python -m bench.languages`: asked in a language that no article is in.

The shipped articles with languages removed, asked the questions of tests/data/questions: in each language with only its
own articles removed, and with those of one other language alone left. Prints how often the right article comes first.
Fails (exit 1) when one share is below what is wanted.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

from bench.parts.summary import table
from bench.parts.wording import LANGUAGES
from bench.questions import read_questions
from kb import KnowledgeBase
from kb.vectors.encoder import load_encoder
from odziv.settings import ROOT, load_settings

RIGHT_FIRST = 0.75  # wanted of each


def right_first(kb: KnowledgeBase, asked_in: str) -> float:
    """Return the share, 0 to 1, of the questions in one language whose article comes first."""
    questions = [question for question in read_questions(asked_in) if question["article"]]
    found = [kb.search(question["text"], asked_in, limit=1) for question in questions]
    right = [bool(hits) and hits[0].article == q["article"] for hits, q in zip(found, questions, strict=True)]
    return sum(right) / max(len(right), 1)


def measure(encoder) -> dict[str, dict[str, float]]:
    """Return for each set of articles' languages, and each other language, the share that is right first."""
    left = [(kept,) for kept in LANGUAGES] + [tuple(x for x in LANGUAGES if x != asked) for asked in LANGUAGES]
    shares = {}
    for kept in left:
        with tempfile.TemporaryDirectory(prefix="odziv-bench-") as folder:
            articles, index = Path(folder) / "articles", Path(folder) / "index"
            for language in kept:
                shutil.copytree(ROOT / "kb" / "articles" / language, articles / language)
            if (prepared := load_settings(passwords=False).var / "index").is_dir():  # spares embedding everything again
                shutil.copytree(prepared, index, ignore=shutil.ignore_patterns("last_good"))
            kb = KnowledgeBase.open(articles, index, encoder, languages=LANGUAGES, default_language="en")
            shares[", ".join(kept)] = {asked: right_first(kb, asked) for asked in LANGUAGES if asked not in kept}
    return shares


def main() -> int:
    """Returns 0 when every share is as wanted, 1 when not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="also write the shares here")
    options = parser.parse_args()
    shares = measure(load_encoder(load_settings(passwords=False).encoder))
    rows = [
        [kept, *(f"{100 * own[asked]:.1f}" if asked in own else "" for asked in LANGUAGES)]
        for kept, own in shares.items()
    ]
    print("right article first, per cent of the questions that one answers")
    print(table(["articles only in", *(f"asked in {language}" for language in LANGUAGES)], rows))
    lowest = min(share for own in shares.values() for share in own.values())
    print(f"lowest {lowest:.1%}, wanted {RIGHT_FIRST:.0%}")
    if options.json:
        options.json.write_text(json.dumps(shares, indent=1) + "\n", encoding="utf-8")
    return 0 if lowest >= RIGHT_FIRST else 1


if __name__ == "__main__":
    sys.exit(main())
