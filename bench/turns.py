"""Time to acknowledgement and answer, turns a second and memory, beside plain Rasa: `python -m bench.turns`."""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import platform
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx

from bench.parts.load import Ask, Interrupted, Sample, ask_plain, ask_product, count_kinds, measure
from bench.parts.processes import below, busy_seconds, cpu_seconds, memory_mb
from bench.parts.product import ROOT, NotStarted, Product, stop_tidily
from bench.parts.summary import over_rounds, percentiles_ms, show, table
from bench.parts.visitor import CallRefused
from bench.parts.wording import LANGUAGES, read_questions
from bench.plain_rasa.assistant import PlainRasa, train
from bench.scale.installation import POSTGRESQL as AS_ON_A_SERVER
from tests.postgresql.server import find_programs, running_server

CUSTOMERS = (1, 5, 20)
# Wanted, from the issue that asked for this: milliseconds at five customers, megabytes for both processes.
ACK_P95_MS, ANSWER_P95_MS, AT_CUSTOMERS, MEMORY_MB = 25.0, 200.0, 5, 1600.0
FIGURES = (
    "turns_per_second",
    "ack_p50",
    "ack_p95",
    "ack_p99",
    "answer_p50",
    "answer_p95",
    "answer_p99",
    "cpu_ms_per_turn",
)
WARM_UP_SECONDS = 3.0
POSTGRESQL = "postgresql"
SIDES = ("odziv", POSTGRESQL, "plain")


class Side:
    """One of the two that are compared: how it is asked, and which processes are its own."""

    def __init__(self, name: str, ask: Ask, server: Product | PlainRasa) -> None:
        self.name, self.ask, self.server = name, ask, server
        self.rounds: dict[int, list[dict[str, Any]]] = defaultdict(list)
        self.samples: list[Sample] = []
        self.memory: dict[str, dict[str, float]] = {}

    def pids(self) -> list[int]:
        """Its processes."""
        return [self.server.pid, *(process.pid for process in below(self.server.pid))]

    def note_memory(self) -> None:
        """Keeps the highest seen of each process and of all together."""
        now = {"together": memory_mb(self.pids())}
        if isinstance(self.server, Product):
            found = self.server.roles()
            for part, members in (
                ("web", ("web-master", "web")),
                ("worker", ("worker-master", "worker")),
                ("rasa", ("rasa",)),
            ):
                pids = [found[name].pid for name in members if name in found]
                pids += [process.pid for pid in pids for process in below(pid) if process.pid not in pids]
                now[part] = memory_mb(pids)
        for part, figures in now.items():
            self.memory[part] = {k: max(v, self.memory.get(part, {}).get(k, 0.0)) for k, v in figures.items()}


def say(text: str) -> None:
    """A line of progress, at once."""
    print(text, flush=True)


def figures_of(sample: Sample) -> dict[str, float]:
    """One round's figures; times in milliseconds."""
    figures = {"turns": len(sample.answered), "turns_per_second": round(sample.turns_per_second, 2)}
    for name, seconds in (("ack", sample.acknowledged), ("answer", sample.answered)):
        figures.update({f"{name}_{key}": value for key, value in percentiles_ms(seconds).items()})
    return figures


def run_once(side: Side, customers: int, seconds: float, questions: dict[str, list[str]], seed: object) -> None:
    """One measurement, noted with what other programs took of the machine meanwhile."""
    own, served, busy, started = cpu_seconds([os.getpid()]), cpu_seconds(side.pids()), busy_seconds(), time.monotonic()
    sample = asyncio.run(measure(side.ask, side.server.url, customers, seconds, questions, seed))
    passed = (time.monotonic() - started) * (os.cpu_count() or 1)
    own, served = cpu_seconds([os.getpid()]) - own, cpu_seconds(side.pids()) - served
    others = busy_seconds() - busy - own - served
    figures = {
        **figures_of(sample),
        "cpu_ms_per_turn": round(1000 * served / max(1, len(sample.answered)), 1),
        "others_cpu_percent": round(100 * max(0.0, others) / passed),
    }
    side.rounds[customers].append(figures)
    side.samples.append(sample)
    side.note_memory()
    say(
        f"  {side.name:10} {customers:3} customers: {figures['turns_per_second']:6.1f} turns/s, "
        f"answer p95 {figures['answer_p95']:.0f} ms"
        + (f", acknowledgement p95 {figures['ack_p95']:.0f} ms" if sample.acknowledged else "")
        + f" (others took {figures['others_cpu_percent']} % of the processors)"
    )


def run_rounds(sides: list[Side], options: argparse.Namespace, questions: dict[str, list[str]]) -> None:
    """The sides take turns, and take turns at being first."""
    for side in sides:
        asyncio.run(measure(side.ask, side.server.url, 4, WARM_UP_SECONDS, questions, "warm-up"))
    for number in range(options.rounds):
        say(f"round {number + 1} of {options.rounds}")
        for customers in options.customers:
            for side in sides if number % 2 == 0 else reversed(sides):
                run_once(side, customers, options.seconds, questions, f"{number}-{customers}")


def summarise(side: Side) -> dict[str, Any]:
    """All rounds of one side, by number of customers."""
    levels = {
        customers: {
            "rounds": rounds,
            **{name: over_rounds([figures[name] for figures in rounds]) for name in FIGURES},
        }
        for customers, rounds in side.rounds.items()
    }
    resends = sum(sample.resends for sample in side.samples)
    return {"levels": levels, "memory_mb": side.memory, "reactions": count_kinds(side.samples), "resends": resends}


def targets(results: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """What was wanted, what was measured, and whether it was met; only what this run measured."""
    odziv = results["odziv"]
    together = odziv["memory_mb"]["together"]["pss"]
    met = [(f"all processes under {MEMORY_MB:.0f} MB (PSS)", f"{together:.0f} MB", together < MEMORY_MB)]
    for name, label, limit in (("ack_p95", "acknowledgement", ACK_P95_MS), ("answer_p95", "answer", ANSWER_P95_MS)):
        if level := odziv["levels"].get(AT_CUSTOMERS):
            value = level[name]["median"]
            wanted = f"{label} p95 at {AT_CUSTOMERS} customers ≤ {limit:.0f} ms"
            met.append((wanted, f"{value:.0f} ms", value <= limit))
    for customers in odziv["levels"] if POSTGRESQL in results else ():
        here, there = (results[s]["levels"][customers]["turns_per_second"]["median"] for s in ("odziv", POSTGRESQL))
        wanted = f"on PostgreSQL within a tenth of SQLite's turns a second at {customers} customers"
        met.append((wanted, f"{there:.1f} to {here:.1f}", there >= 0.9 * here))
    for customers in odziv["levels"] if "plain" in results else ():
        ours, plain = (results[s]["levels"][customers]["turns_per_second"]["median"] for s in ("odziv", "plain"))
        wanted = f"at least plain Rasa's turns a second at {customers} customers"
        met.append((wanted, f"{ours:.1f} to {plain:.1f}", ours >= plain))
    return met


def report(results: dict[str, Any], met: list[tuple[str, str, bool]]) -> str:
    """The tables for people."""
    head = [
        "customers",
        "",
        "turns/s",
        *(f"{what} {p}" for what in ("ack", "answer") for p in ("p50", "p95", "p99")),
        "cpu/turn",
    ]
    rows = [
        [str(customers), name, *(show(level[figure], 1 if figure == FIGURES[0] else 0) for figure in FIGURES)]
        for customers in results["odziv"]["levels"]
        for name in SIDES
        if name in results
        for level in [results[name]["levels"][customers]]
    ]
    parts = [[name, part, f"{m['pss']:.0f}", f"{m['rss']:.0f}"]
             for name in SIDES if name in results
             for part, m in results[name]["memory_mb"].items()]  # fmt: skip
    lines = [
        "Milliseconds from POST; median of the rounds (lowest–highest). Plain Rasa has no acknowledgement of its own.",
        "", table(head, rows), "",
        table(["memory", "", "PSS MB", "RSS MB"], parts), "",
        *(f"reactions of {name}: {results[name]['reactions']}" for name in SIDES if name in results), "",
        *(f"{'met   ' if ok else 'MISSED'}  {wanted}: {measured}" for wanted, measured, ok in met),
    ]  # fmt: skip
    return "\n".join(lines)


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Starts both sides, measures, and returns everything that goes into the JSON file."""
    # The same questions for both, in the languages that both know.
    asked_in = LANGUAGES if options.without_plain else tuple(options.plain_languages)
    questions = {language: texts for language, texts in read_questions(ROOT).items() if language in asked_in}
    with ExitStack() as stack:
        model = (
            None
            if options.without_plain
            else train(options.cache, ROOT / "kb" / "articles", options.plain_languages, options.plain_epochs, say)
        )
        sides = [Side("odziv", ask_product, stack.enter_context(Product(folder, options.prepared, say)))]
        if options.postgresql:
            sides.append(stack.enter_context(on_postgresql(folder, options.prepared)))
        if model:
            sides.append(Side("plain", ask_plain, stack.enter_context(PlainRasa(model, folder, say))))
        run_rounds(sides, options, questions)
    results: dict[str, Any] = {side.name: summarise(side) for side in sides}
    machine = {"processors": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
    asked = {"rounds": options.rounds, "seconds": options.seconds, "customers": options.customers,
             "plain_languages": options.plain_languages, "plain_epochs": options.plain_epochs}  # fmt: skip
    met = targets(results)
    say("\n" + report(results, met))
    wanted = [{"wanted": text, "measured": measured, "met": ok} for text, measured, ok in met]
    return {"machine": machine, "asked": asked, **results, "targets": wanted}


@contextmanager
def on_postgresql(folder: Path, prepared: Path) -> Iterator[Side]:
    """The product once more, on a PostgreSQL of its own that syncs every commit as on a server."""
    programs = find_programs()
    if programs is None:
        raise NotStarted("PostgreSQL 15 or newer is missing; on Debian: apt-get install postgresql")
    below = folder / POSTGRESQL
    below.mkdir()
    with running_server(programs, AS_ON_A_SERVER) as server:
        server.run(f"CREATE DATABASE {POSTGRESQL}")
        with Product(below, prepared, say, {"database_url": server.url(POSTGRESQL)}) as product:
            yield Side(POSTGRESQL, ask_product, product)


def without_nan(value: Any) -> Any:
    """The same for JSON, which knows no NaN."""
    if isinstance(value, dict):
        return {str(key): without_nan(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(entry) for entry in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def main() -> int:
    """Returns 0 when every target was met, 1 when one was missed, 2 when nothing could be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.turns", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each measurement")
    parser.add_argument("--customers", type=int, nargs="+", default=list(CUSTOMERS))
    parser.add_argument("--without-plain", action="store_true", help="only the product")
    parser.add_argument("--postgresql", action="store_true", help="the product on PostgreSQL, too, beside SQLite")
    parser.add_argument(
        "--plain-languages", nargs="+", default=["en"], choices=LANGUAGES,
        help="of plain Rasa's examples; one trains in minutes, all four in more than half an hour",
    )  # fmt: skip
    parser.add_argument(
        "--plain-epochs", type=int, default=30, metavar="N",
        help="how long plain Rasa learns (its own default is 100): not how quickly it answers, only how well",
    )  # fmt: skip
    parser.add_argument("--cache", type=Path, default=ROOT / "var" / "bench", help="where plain Rasa's model is kept")
    parser.add_argument("--prepared", type=Path, default=ROOT / "var", help="data folder with a model and an index")
    parser.add_argument("--json", type=Path, help="also write every figure here")
    options = parser.parse_args()
    stop_tidily()
    options.cache = options.cache.resolve()
    options.cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="odziv-bench-"))
    try:
        result = run(options, folder)
    except (NotStarted, Interrupted, CallRefused, httpx.HTTPError) as error:
        say(f"stopped: {error!r}" if isinstance(error, httpx.HTTPError) else f"stopped: {error}")
        return 2
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(without_nan(result), indent=1, ensure_ascii=False), encoding="utf-8")
    return 0 if all(target["met"] for target in result["targets"]) else 1


if __name__ == "__main__":
    sys.exit(main())
