"""`python -m bench.scale`: one, two and three web processes, workers and Rasas on PostgreSQL and Redis.

The running product, started part by part as a service manager does, with a PostgreSQL and a Redis of its own. Customers
ask as fast as they are answered; each request goes to the next web process, so a message is posted to one and its
answer read from another. Told are turns a second, acknowledgement and answer, processor time a turn by part, how long
the lock of those who write is held, and memory: the median of the rounds, and the lowest and highest. Afterwards every
conversation is compared with the database: each message once, one order, one reaction. All share the processors of one
machine, customers included, so more processes are not expected to be quicker here: it is what a turn costs that counts.
Exit code 0 when nothing was wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import create_engine

from bench.kills import account_of
from bench.parts.ledger import Violation, find_violations
from bench.parts.load import Interrupted, Sample, ask_product, measure
from bench.parts.processes import busy_seconds, cpu_seconds
from bench.parts.product import ROOT, NotStarted, stop_tidily
from bench.parts.summary import over_rounds, percentile, percentiles_ms, show, table
from bench.parts.visitor import CallRefused, Visitor, open_client
from bench.parts.wording import read_questions
from bench.scale.database import watched
from bench.scale.installation import Installation
from bench.turns import say, without_nan
from odziv.store.postgresql import DRIVER

PARTS = ("web", "worker", "rasa", "PostgreSQL", "Redis")
WARM_UP_SECONDS = 5.0
ALONE_SECONDS, QUANTILES = 15.0, 50  # of one customer: how much longer one answer takes than another
SHOWN = ("turns_per_second", "ack_p50", "ack_p95", "answer_p50", "answer_p95", "lock_ms_per_turn", "writes_per_turn")


def run_round(installation: Installation, options: argparse.Namespace, seed: str) -> tuple[dict[str, float], Sample]:
    """One measurement of everything."""
    assert installation.postgresql is not None
    questions = read_questions(ROOT)
    before, own, busy = installation.processor_seconds(), cpu_seconds([os.getpid()]), busy_seconds()
    with watched(installation.postgresql) as database:
        sample = asyncio.run(
            measure(ask_product, installation.webs, options.customers, options.seconds, questions, seed)
        )
    after, turns = installation.processor_seconds(), max(1, len(sample.answered))
    used = {part: after[part] - before[part] for part in PARTS}
    others = busy_seconds() - busy - sum(used.values()) - (cpu_seconds([os.getpid()]) - own)
    figures: dict[str, float] = {"turns": turns, "turns_per_second": round(sample.turns_per_second, 2)}
    for name, seconds in (("ack", sample.acknowledged), ("answer", sample.answered)):
        figures.update({f"{name}_{key}": value for key, value in percentiles_ms(seconds).items()})
    figures.update({f"cpu_ms_{part}": round(1000 * used[part] / turns, 2) for part in PARTS})
    figures["cpu_ms_together"] = round(1000 * sum(used.values()) / turns, 1)
    figures["others_cpu_percent"] = round(100 * max(0.0, others) / sample.elapsed / (os.cpu_count() or 1))
    return {**figures, **database.figures(turns)}, sample


async def check(installation: Installation, visitors: Sequence[Visitor]) -> list[Violation]:
    """Every conversation as its customer, the interface of one of the web processes and the database have it."""
    engine, found = create_engine(installation.database.replace("postgresql:", f"{DRIVER}:", 1)), []
    try:
        async with open_client(*installation.webs) as client:
            for visitor in visitors:
                log, status = await visitor.log(client)
                with engine.connect() as connection:
                    found += find_violations(account_of(visitor, log, status, connection))
    finally:
        engine.dispose()
    return found


def measure_alone(installation: Installation) -> dict[str, Any]:
    """What one customer meets, for whom nothing waits: quantiles of the answer's time, and what the database does."""
    assert installation.postgresql is not None
    with watched(installation.postgresql) as database:
        sample = asyncio.run(measure(ask_product, installation.webs, 1, ALONE_SECONDS, read_questions(ROOT), "alone"))
    shares = ((number + 0.5) / QUANTILES for number in range(QUANTILES))
    answers = [round(1000 * percentile(sample.answered, share), 2) for share in shares]
    return {"answers_ms": answers, **database.figures(len(sample.answered))}


def measure_level(count: int, options: argparse.Namespace) -> dict[str, Any]:
    """So many of each: all rounds, memory at the end, and what was wrong."""
    rounds, violations, conversations = [], [], 0
    with (
        tempfile.TemporaryDirectory(prefix="odziv-scale-") as folder,
        Installation(Path(folder), count, options.prepared, say) as installation,
    ):
        asyncio.run(measure(ask_product, installation.webs, 4, WARM_UP_SECONDS, read_questions(ROOT), "warm-up"))
        alone = measure_alone(installation)
        for number in range(options.rounds):
            figures, sample = run_round(installation, options, f"{options.seed}-{count}-{number}")
            rounds.append(figures)
            violations += asyncio.run(check(installation, sample.visitors))
            conversations += len(sample.visitors)
            say(
                f"  {figures['turns_per_second']:.1f} turns/s, answer p95 {figures['answer_p95']:.0f} ms, "
                f"{figures['cpu_ms_together']:.0f} ms of processor a turn, others took "
                f"{figures['others_cpu_percent']:.0f} % of the processors; {len(violations)} violations so far"
            )
        memory = installation.memory_mb()
    over = {name: over_rounds([each[name] for each in rounds]) for name in rounds[0]}
    return {"figures": over, "rounds": rounds, "memory_mb": memory, "conversations": conversations, "alone": alone,
            "violations": [asdict(violation) for violation in violations]}  # fmt: skip


def report(levels: dict[int, dict[str, Any]]) -> str:
    """The tables for people."""
    heads = ["of each", "", "turns/s", "ack p50", "p95", "answer p50", "p95", "lock ms/turn", "writes/turn"]
    digits = {"turns_per_second": 1, "lock_ms_per_turn": 2, "writes_per_turn": 1}
    rows = [
        [str(count), "", *(show(level["figures"][name], digits.get(name, 0)) for name in SHOWN)]
        for count, level in levels.items()
    ]
    costs = [
        [str(count), kind, *(show(level["figures"][f"cpu_ms_{part}"], 1) for part in PARTS),
         show(level["figures"]["cpu_ms_together"], 1)]
        for count, level in levels.items() for kind in ("ms a turn",)
    ]  # fmt: skip
    sizes = [
        [str(count), "MB", *(f"{memory[part]:.0f}" for part in PARTS), f"{sum(memory.values()):.0f}"]
        for count, memory in ((count, level["memory_mb"]) for count, level in levels.items())
    ]  # fmt: skip
    wrong = sum(len(level["violations"]) for level in levels.values())
    checked = sum(level["conversations"] for level in levels.values())
    return "\n\n".join([
        "Milliseconds from POST; median of the rounds (lowest–highest).",
        table(heads, rows),
        table(["of each", "", *PARTS, "together"], [*costs, *sizes]),
        f"{checked} conversations compared with the database: {wrong} violations",
    ])  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 when nothing was wrong, 1 when something was, 2 when nothing could be measured."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.scale", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--of-each", type=int, nargs="+", default=[1, 2, 3], help="how many of each process")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each round")
    parser.add_argument("--customers", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--prepared", type=Path, default=ROOT / "var", help="data folder with a model and an index")
    parser.add_argument("--json", type=Path, help="also write every figure here")
    options = parser.parse_args(arguments)
    stop_tidily()
    levels: dict[int, dict[str, Any]] = {}
    try:
        for count in options.of_each:
            levels[count] = measure_level(count, options)
    except (NotStarted, Interrupted, CallRefused, httpx.HTTPError) as error:
        say(f"stopped: {error!r}" if isinstance(error, httpx.HTTPError) else f"stopped: {error}")
        return 2
    say("\n" + report(levels))
    if options.json:
        asked = {name: getattr(options, name) for name in ("of_each", "rounds", "seconds", "customers", "seed")}
        machine = {"processors": os.cpu_count(), "system": platform.platform(), "measured": time.strftime("%Y-%m-%d")}
        result = {"machine": machine, "asked": asked, "levels": levels}
        options.json.write_text(json.dumps(without_nan(result), indent=1) + "\n", encoding="utf-8")
    return 1 if any(level["violations"] for level in levels.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
