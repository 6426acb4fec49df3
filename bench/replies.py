"""`python -m bench.replies [--part choose|test] [FILE.jsonl …]`: replies of the running product, judged.

Cases are conversations as customers type them, in four languages, with what has to be in the reply
(bench/parts/verdicts.py). They are in tests/data/replies: `choose` to work with, `test` to measure on and never to
tune on, so its misses are not listed. FILE: other cases of the same form. Each run begins with a fresh data folder.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx

from bench.parts.customer import Customer, read_articles
from bench.parts.product import ROOT, NotStarted, Product, stop_tidily
from bench.parts.verdicts import FOLDER, VERDICTS, as_list, judge, read_cases, read_reaction, shares
from bench.parts.wording import LANGUAGES

WANTED = {"choose": (0.92, 0.02), "test": (0.85, 0.04)}  # right at least, wrong at most, in each language

Row = dict[str, Any]


def judge_case(client: httpx.Client, case: dict[str, Any]) -> Iterator[Row]:
    """Yield a row for each judged turn of a conversation."""
    customer, titles, said = Customer(client, case["page"]), read_articles(), []
    for turn in case["turns"]:
        said.append(turn["text"])
        got = read_reaction(customer.say(turn["text"]), turn["text"], called=customer.was_called)
        if "want" in turn:
            verdict = judge(turn, got, titles)
            yield {
                "id": case["id"], "page": case["page"], "category": turn.get("category", case["category"]),
                "verdict": verdict.verdict, "why": list(verdict.why), "said": list(said), "got": vars(got),
                "language": as_list(turn["want"])[0].get("language", case["page"]),
            }  # fmt: skip


def print_shares(rows: Sequence[Row], key: str) -> None:
    """Print a line for each value of `key`, and one for all."""
    groups: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row["verdict"])
    print(f"\n{key:<16}{'turns':>6}" + "".join(f"{name:>9}" for name in VERDICTS))
    for name, verdicts in [*sorted(groups.items()), ("all", [row["verdict"] for row in rows])]:
        count, share = shares(verdicts)
        print(f"{name:<16}{count:>6}" + "".join(f"{share[each]:>9.1%}" for each in VERDICTS))


def print_misses(rows: Sequence[Row]) -> None:
    for row in rows:
        if row["verdict"] != "right":
            got = row["got"]
            print(f"\n{row['verdict']} {row['id']} ({row['category']}): {' | '.join(row['said'])}")
            print(f"    {got['kind']} {got['article'] or ''}: {' / '.join(got['text'].split(chr(10)))[:300]}")
            print("".join(f"    [{title}]\n" for title in got["choices"]) + f"    {'; '.join(row['why'])}")


def is_enough(rows: Sequence[Row], part: str) -> bool:
    """Return whether every language has what is wanted of a part."""
    right, wrong = WANTED[part]
    own = [shares(row["verdict"] for row in rows if row["page"] == language)[1] for language in LANGUAGES]
    return all(share["right"] >= right and share["wrong"] <= wrong for share in own)


def ask_all(cases: Sequence[dict[str, Any]], prepared: Path) -> list[Row]:
    """Return the rows of all cases, said to a product that is started for them. Raises NotStarted."""
    with (
        tempfile.TemporaryDirectory(prefix="odziv-bench-") as folder,
        Product(Path(folder), prepared) as product,
        httpx.Client(base_url=product.url, timeout=30.0, trust_env=False) as client,
    ):
        return [row for case in cases for row in judge_case(client, case)]


def main() -> int:
    """Returns 0 when every language has what is wanted, 1 when not, 2 when the product did not start."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE.jsonl")
    parser.add_argument("--part", choices=sorted(WANTED), default="test")
    parser.add_argument("--only", default="", help="cases with this in their id or category")
    parser.add_argument("--misses", action="store_true", help="list what was not right (not of `test`)")
    parser.add_argument("--prepared", type=Path, default=ROOT / "var", help="data folder with a model and an index")
    parser.add_argument("--json", type=Path, help="also write the rows here (of `test` without texts)")
    options = parser.parse_args()
    stop_tidily()
    files = options.files or [FOLDER / options.part / f"{language}.jsonl" for language in LANGUAGES]
    cases = [case for file in files for case in read_cases(file) if options.only in f"{case['id']} {case['category']}"]
    try:
        rows = ask_all(cases, options.prepared)
    except NotStarted as error:
        print(error)
        return 2
    is_secret = not options.files and options.part == "test"
    if options.misses and not is_secret:
        print_misses(rows)
    for key in ("page", "category"):
        print_shares(rows, key)
    if options.json:
        kept = [{key: row[key] for key in ("page", "category", "verdict")} for row in rows] if is_secret else rows
        options.json.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0 if is_enough(rows, options.part) else 1


if __name__ == "__main__":
    sys.exit(main())
