"""`python -m bench.all [--data FOLDER]`: one bench after the other, each with its JSON in bench/results.

FOLDER holds public sets, laid out as the data's README says; without it, or where a file of a set is missing, the
benches that need it are left out. One that fails does not stop the others. A list at the end says what became of each.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.parts.product import ROOT, stop_tidily
from bench.parts.summary import table
from bench.plain_rasa.training import end

RESULTS = ROOT / "bench" / "results"
GRACE = 60.0  # seconds for a bench to stop what it has started; the product itself may take 45


@dataclass(frozen=True)
class Bench:
    """One run: its module and arguments, the file it leaves in the results, the data it reads."""

    module: str
    result: str
    arguments: list[str]
    data: list[Path] = field(default_factory=list)


@dataclass(frozen=True)
class Outcome:
    """How one went: `code` is None when it was left out."""

    bench: Bench
    code: int | None
    seconds: float
    verdict: str


def shipped_benches(results: Path) -> list[Bench]:
    """Those that need nothing but the product."""
    more = {"turns": ["--rounds", "1"]}
    names = (
        "questions", "several", "passages", "routing", "dialogues", "replies", "languages", "detection", "encoder",
        "desk_pages", "turns",
    )  # fmt: skip
    benches = [
        Bench(name, f"{name}.json", [*more.get(name, []), "--json", str(results / f"{name}.json")]) for name in names
    ]
    worded = [
        Bench("questions", f"questions_{folder.split('/')[0]}.json", [
            "--folder", str(ROOT / "tests" / "data" / folder),
            "--json", str(results / f"questions_{folder.split('/')[0]}.json"),
        ])
        for folder in ("rough", "further", "near/test")
    ]  # fmt: skip
    return [benches[0], *worded, *benches[1:]]


def data_benches(results: Path, data: Path) -> list[Bench]:
    """Those on public sets in the folder `data`."""
    curekart, clinc = data / "hint3_curekart/curekart_v1.jsonl", data / "clinc150/data_full.jsonl"
    benches = [intents("intents", "curekart", curekart, results), intents("intents", "clinc150", clinc, results)]
    for queries, kb in (("queries_desc", "kb"), ("handoff_queries", "handoff_kb")):
        for language in ("en", "pl"):
            files = [data / "gnome_help" / f"{name}_{language}.jsonl" for name in (kb, queries)]
            result = f"retrieval_{'handoff_' if kb != 'kb' else ''}gnome_{language}.json"
            arguments = ["--kb", str(files[0]), "--queries", str(files[1]), "--out", str(results / result)]
            benches.append(Bench("retrieval", result, arguments, files))
    scored = ["--data", str(curekart), "--json", str(results / "scores_curekart.json")]
    benches.append(Bench("scores", "scores_curekart.json", scored, [curekart]))
    return [*benches, intents("rasa", "curekart", curekart, results)]


def intents(module: str, name: str, file: Path, results: Path) -> Bench:
    """A bench of intents on one file that has both splits."""
    out = results / f"{module}_{name}.jsonl"
    arguments = ["--train", str(file), "--test", str(file), "--out", str(out)]
    return Bench(module, f"{out.stem}.json", arguments, [file])


def run(bench: Bench, results: Path) -> Outcome:
    """Runs one to its end. Nothing of it is left running, whatever ends us."""
    if missing := [path for path in bench.data if not path.is_file()]:
        return Outcome(bench, None, 0.0, f"left out: {missing[0]} is missing")
    (results / bench.result).unlink(missing_ok=True)  # an earlier run's must not stand for this one's
    print(f"\n━━ {bench.module} → {bench.result}\n", flush=True)
    started = time.monotonic()
    # In a session of its own, so that Ctrl-C reaches it once: as our SIGTERM, after which it stops what it started.
    child = subprocess.Popen(
        [sys.executable, "-m", "bot.launch", str(os.getpid()), f"bench.{bench.module}", *bench.arguments],
        cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        code = child.wait()
    finally:
        end(child, GRACE)
    return Outcome(bench, code, time.monotonic() - started, verdict(code, (results / bench.result).is_file()))


def verdict(code: int, has_result: bool) -> str:
    """What an exit code means; 1 without a result is not a missed figure but a bench that broke."""
    if code == 0:
        return "ran" if has_result else "wrote no result"
    return "a figure missed" if code == 1 and has_result else "could not measure"


def show(outcomes: list[Outcome]) -> str:
    """The list at the end."""
    rows = [
        [outcome.bench.result.removesuffix(".json"), outcome.verdict,
         "–" if outcome.code is None else str(outcome.code), f"{outcome.seconds:.0f}"]
        for outcome in outcomes
    ]  # fmt: skip
    total = sum(outcome.seconds for outcome in outcomes)
    return table(["bench", "", "exit", "seconds"], [*rows, ["together", "", "", f"{total:.0f}"]])


def main() -> int:
    """Returns 0 when all ran and met their figures, 1 when not, 2 when FOLDER is none, 130 when stopped."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.all", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="with the public sets")
    options = parser.parse_args()
    if options.data and not options.data.is_dir():
        parser.error(f"--data: {options.data} is no folder")
    stop_tidily()
    RESULTS.mkdir(parents=True, exist_ok=True)
    benches = shipped_benches(RESULTS) + (data_benches(RESULTS, options.data.resolve()) if options.data else [])
    outcomes: list[Outcome] = []
    try:
        for bench in benches:
            outcomes.append(run(bench, RESULTS))
    except (KeyboardInterrupt, SystemExit):
        print("\nstopped; the rest did not run", file=sys.stderr)
        return 130
    finally:
        print(f"\n{show(outcomes)}\n\nresults in {RESULTS}", flush=True)
    return 0 if all(outcome.verdict == "ran" for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
