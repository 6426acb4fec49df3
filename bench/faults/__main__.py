"""`python -m bench.faults`: what may go wrong, again and again, and whether everything that was promised still holds.

A matrix of faults, each on SQLite and on PostgreSQL with 20 seeds: kills, stops and slowness of the processes, a
database that is locked, full, read only or cut off, a Redis that is emptied or killed, races between agents, clocks
that are set, files that are missing. After each, five things have to hold of every conversation: what was acknowledged
is stored; a client's id is there once; every view shows one order; at most one person has it; the bot says nothing
while one does. Beside that nothing is left unfinished. Exit code 0 only when all hold.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.faults import clock_rows, copy_rows, database_rows, process_rows, races, rasa_rows, redis_rows
from bench.faults.installation import KINDS, Installations
from bench.faults.invariants import Breach
from bench.faults.load import Outcome
from bench.faults.row import Row
from bench.parts.product import NotStarted, stop_tidily
from bench.parts.summary import table
from odziv.web.logs import configure_logs

ROWS: tuple[Row, ...] = (
    *races.ROWS,
    *clock_rows.ROWS,
    *rasa_rows.ROWS,
    *database_rows.ROWS,
    *redis_rows.ROWS,
    *copy_rows.ROWS,
    *process_rows.ROWS,
)


@dataclass
class Result:
    """What came of a row on one database."""

    row: str
    kind: str
    seeds: int = 0
    seconds: float = 0.0
    acknowledged: int = 0
    again: int = 0
    claims: int = 0
    breaches: list[tuple[int, Breach]] = field(default_factory=list)

    def add(self, seed: int, outcome: Outcome) -> None:
        """Counts a seed; what does not hold is told at once."""
        self.seeds += 1
        self.acknowledged += outcome.acknowledged
        self.again += outcome.again
        self.claims += outcome.claims
        self.breaches += [(seed, breach) for breach in outcome.breaches]
        for breach in outcome.breaches:
            print(f"  seed {seed}: {breach.what}: {breach.detail} ({breach.conversation})", flush=True)


def run_row(row: Row, kind: str, seeds: Sequence[int], installations: Installations) -> Result:
    """One row on one database."""
    result, began = Result(row.name, kind), time.monotonic()
    with installations.make(kind) as installation:
        for seed, outcome in row.run(installation, seeds):
            result.add(seed, outcome)
    result.seconds = round(time.monotonic() - began, 1)
    return result


def chosen(only: Sequence[str]) -> list[Row]:
    """The rows whose names have one of these words; all without any."""
    return [row for row in ROWS if not only or any(word.lower() in row.name.lower() for word in only)]


def report(results: Sequence[Result]) -> str:
    """The matrix."""
    lines = [
        [each.row, each.kind, *map(str, (each.seeds, each.acknowledged, each.again, each.claims, len(each.breaches))),
         f"{each.seconds:.0f}"]
        for each in results
    ]  # fmt: skip
    heads = ["what went wrong", "on", "seeds", "acknowledged", "sent again", "claims", "breaches", "seconds"]
    found = sum(len(each.breaches) for each in results)
    total = f"{sum(each.seeds for each in results)} runs, {found} breaches, {sum(e.seconds for e in results):.0f} s"
    return f"{table(heads, lines)}\n{total}"


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.faults", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=20, help="how many of each row")
    parser.add_argument("--first", type=int, default=1, help="the first seed: the same choices, not the same timing")
    parser.add_argument("--only", nargs="+", default=(), metavar="WORD", help="rows whose names have one of these")
    parser.add_argument("--on", choices=KINDS, help="one of the databases")
    parser.add_argument(
        "--prepared", type=Path, default=process_rows.PREPARED, help="data folder with a model and an index"
    )
    parser.add_argument("--list", action="store_true", help="the rows' names")
    parser.add_argument("--json", type=Path, help="also write what came of each row here")
    options = parser.parse_args(arguments)
    if not chosen(options.only):
        parser.error(f"--only: no row's name has {' or '.join(options.only)}; --list shows them")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns 0 when everything held, 1 when something did not, 2 when something could not be started."""
    options = read_options(arguments)
    rows = chosen(options.only)
    if options.list:
        print("\n".join(row.name for row in rows))
        return 0
    configure_logs("CRITICAL")
    process_rows.PREPARED = options.prepared
    seeds, results, installations = range(options.first, options.first + options.seeds), [], Installations()
    try:
        for row in rows:
            for kind in (kind for kind in row.kinds if options.on in (None, kind)):
                results.append(run_row(row, kind, seeds, installations))
                print(
                    f"{row.name}, {kind}: {len(results[-1].breaches)} breaches in {results[-1].seconds} s", flush=True
                )
    except (NotStarted, FileNotFoundError) as error:
        print(f"stopped: {error}", file=sys.stderr)
        return 2
    finally:
        installations.close()
    print(report(results))
    if options.json:
        options.json.write_text(json.dumps([asdict(each) for each in results], indent=1) + "\n", encoding="utf-8")
    return 1 if any(each.breaches for each in results) else 0


if __name__ == "__main__":
    stop_tidily()
    raise SystemExit(main())
