"""`python -m bench.simulation`: what 100,000 and 1,000,000 conversations a day would take, and what breaks first.

A model, not a measurement: what a turn costs each part is measured (`bench.scale`, `bench.streams`; parts.json), when
customers come is assumed (arrivals.json), and how long turns wait for each other is simulated by discrete events, for
the busiest quarter of an hour of the week. Each process is taken to have a processor like that of the measurement to
itself, PostgreSQL one disk like it, and the network to cost nothing. The same seed gives the same figures.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.parts.summary import percentile, table
from bench.simulation import arrivals as arriving
from bench.simulation import parts as measured
from bench.simulation.arrivals import Arrivals, read_arrivals
from bench.simulation.model import (
    LOCK_FULL,
    YEAR_DAYS,
    demand_of,
    lock_load,
    most_per_day,
    simulate,
    sizes_for,
)
from bench.simulation.parts import PROCESSES, Parts, parts_of, read_parts

PER_DAY = (100_000, 1_000_000)
# More than this a day is not simulated: nobody waits for a queue that only grows.
TOO_FULL = 0.98
BEGINS, ENDS = "<!-- bench.simulation -->", "<!-- end of bench.simulation -->"


def work_out(per_day: float, arrivals: Arrivals, parts: Parts, seed: int) -> dict[str, Any]:
    """Everything about so many conversations on a mean day."""
    demand = demand_of(per_day, arrivals, parts)
    sizes, lock = sizes_for(demand, parts), lock_load(demand, parts)
    turns_a_year = per_day * YEAR_DAYS * arrivals.turns_mean
    cores = demand.turns * sum(parts.cpu.values()) + demand.streams * parts.stream_cpu
    memory = sum(getattr(sizes, name) * parts.memory_mb[name] for name in PROCESSES) + demand.streams * parts.stream_mb
    listeners = sizes.web + sizes.worker
    found = {
        "per_day": per_day,
        "turns_per_second": round(demand.turns, 1),
        "streams": round(demand.streams),
        "agents": round(demand.agents),
        "sizes": asdict(sizes),
        "processors": round(cores, 1),
        "memory_gb": round(memory / 1024, 1),
        "writes_per_second": round(demand.writes, 1),
        "lock_load": round(lock, 2),
        "notifications_per_second": round(demand.turns * parts.notifications, 1),
        "heard_per_second": round(demand.turns * parts.notifications * listeners),
        "connections": round(listeners * parts.connections),
        "log_mb_per_second": round(demand.turns * parts.log_bytes / 1e6, 2),
        "disk_gb_per_year": round(turns_a_year * parts.database_bytes / 1e9),
        "is_possible": lock <= LOCK_FULL,
    }
    if lock < TOO_FULL:
        outcome = simulate(per_day, sizes, arrivals, parts, seed)
        found["simulated"] = {
            "turns": len(outcome.answers),
            "ack_ms": [round(1000 * percentile(outcome.acknowledged, share)) for share in (0.5, 0.95)],
            "answer_ms": [round(1000 * outcome.p(share)) for share in (0.5, 0.95)],
            "loads": {name: round(load, 2) for name, load in outcome.loads.items()},
        }
    return found


def lines_of(found: dict[str, Any]) -> list[str]:
    """A column of the table."""
    simulated, sizes = found.get("simulated"), found["sizes"]
    return [
        f"{found['per_day']:,.0f}",
        f"{found['turns_per_second']}",
        f"{found['streams']:,}",
        f"{found['agents']:,}",
        *(f"{sizes[name]}" for name in PROCESSES),
        f"{found['processors']}",
        f"{found['memory_gb']} GB",
        f"{found['writes_per_second']}",
        f"{100 * found['lock_load']:.0f} %",
        f"{found['notifications_per_second']}, heard {found['heard_per_second']:,} times",
        f"{found['connections']:,}",
        f"{found['log_mb_per_second']} MB/s",
        f"{found['disk_gb_per_year']:,} GB",
        "{} / {} ms".format(*simulated["ack_ms"]) if simulated else "the queue only grows",
        "{} / {} ms".format(*simulated["answer_ms"]) if simulated else "the queue only grows",
    ]


HEADS = (
    "conversations on a mean day", "turns a second", "open pages", "agents at work",
    "web processes", "workers", "Rasas",
    "processors busy, PostgreSQL's too", "memory of the processes", "writes a second", "lock of the writers busy",
    "NOTIFY a second", "connections to PostgreSQL", "PostgreSQL's log", "database after a year",
    "acknowledgement p50 / p95", "answer p50 / p95",
)  # fmt: skip


def rows_of(results: Sequence[dict[str, Any]]) -> list[list[str]]:
    """Each line of the table, its name first."""
    return [[head, *cells] for head, *cells in zip(HEADS, *map(lines_of, results), strict=True)]


def first_to_break(most: float, parts: Parts) -> str:
    """The sentence that names it."""
    return (
        f"What breaks first: the one writer of the database. Its lock is {100 * LOCK_FULL:.0f} % busy in the burst at "
        f"{most:,.0f} conversations a day ({1000 * parts.writes * parts.lock:.1f} ms a turn), however "
        "many processes there are."
    )


def report(results: Sequence[dict[str, Any]], most: float, parts: Parts) -> str:
    """The table for people, and what breaks first."""
    rows = [[head, "", *cells] for head, *cells in rows_of(results)]
    heads = ["in the busiest ten minutes of a week", "", *("" for _ in results)]
    return f"{table(heads, rows)}\n\n{first_to_break(most, parts)}"


def write_page(page: Path, results: Sequence[dict[str, Any]], most: float, parts: Parts) -> None:
    """Writes the same between the two marks of a page of docs. Raises ValueError where it has none."""
    before, mark, rest = page.read_text(encoding="utf-8").partition(BEGINS)
    _, end, after = rest.partition(ENDS)
    if not mark or not end:
        raise ValueError(f"{page} has no {BEGINS} … {ENDS}")
    head, *rows = rows_of(results)
    lines = [head, ["---"] * len(head), *rows]
    shown = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    told = f"Measured on {parts.measured}. {first_to_break(most, parts)}"
    page.write_text(f"{before}{BEGINS}\n{shown}\n\n{told}\n{ENDS}{after}", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0; 2 where a file can't be used."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.simulation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--per-day", type=float, nargs="+", default=list(PER_DAY), help="conversations on a mean day")
    parser.add_argument("--parts", type=Path, default=measured.SHIPPED, help="what was measured")
    parser.add_argument("--arrivals", type=Path, default=arriving.SHIPPED, help="when customers come, and for how long")
    parser.add_argument("--from", type=Path, nargs=2, metavar=("SCALE", "STREAMS"), dest="measurements",
                        help="make the file of parts from results of bench.scale and bench.streams first")  # fmt: skip
    parser.add_argument("--page", type=Path, help="also write the table into this page, docs/scaling.md")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args(arguments)
    try:
        if options.measurements:
            scale, streams = (json.loads(path.read_text(encoding="utf-8")) for path in options.measurements)
            options.parts.write_text(json.dumps(parts_of(scale, streams), indent=1) + "\n", encoding="utf-8")
        parts, arrivals = read_parts(options.parts), read_arrivals(options.arrivals)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"stopped: {error!r}", file=sys.stderr)
        return 2
    results = [work_out(per_day, arrivals, parts, options.seed) for per_day in options.per_day]
    most = most_per_day(arrivals, parts)
    print(report(results, most, parts))
    if options.page:
        write_page(options.page, results, most, parts)
    if options.json:
        options.json.write_text(json.dumps({"most_per_day": most, "results": results}, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
