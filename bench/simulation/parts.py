"""What the model is made of: what a turn costs each part, as `bench.scale` has measured it."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).parent / "parts.json"
PROCESSES = ("web", "worker", "rasa")
WATCHING = 2  # connections that `bench.scale` itself has


@dataclass(frozen=True)
class Parts:
    """Seconds of a processor a turn (`cpu`) by part, seconds for which each write holds the lock, and sizes.

    `connections` are those to PostgreSQL of a web process, or a worker; `spread` is how many times as long as the mean
    a turn takes, many drawn ones; `stream_cpu` the share of a processor that one open page takes while nothing happens.
    """

    measured: str
    cpu: Mapping[str, float]
    memory_mb: Mapping[str, float]
    writes: float
    lock: float
    notifications: float
    log_bytes: float
    database_bytes: float
    connections: float
    spread: tuple[float, ...]
    stream_cpu: float
    stream_mb: float

    def draw(self, mean: float, luck: random.Random) -> float:
        """A time like those that were measured, with that mean."""
        return mean * luck.choice(self.spread)


def read_parts(path: Path = SHIPPED) -> Parts:
    """From a file. Raises KeyError and ValueError where it is none."""
    found = json.loads(path.read_text(encoding="utf-8"))
    return Parts(**{**found, "spread": tuple(found["spread"])})


def parts_of(scale: Mapping[str, Any], streams: Mapping[str, Any]) -> dict[str, Any]:
    """What parts.json has, from the results of `bench.scale` and `bench.streams`."""
    level = scale["levels"]["1"]
    figures = {name: each["median"] for name, each in level["figures"].items()}
    alone = level["alone"]  # whoever has the lock in a crowd waits for a processor too
    answers = alone["answers_ms"]
    mean = sum(answers) / len(answers)
    count = sum(streams["asked"][name] for name in ("widgets", "agents"))
    quiet, before, after = (streams[name]["web"] for name in ("quiet_cpu_percent", "memory_mb_before", "memory_mb"))
    return {
        "measured": scale["machine"]["measured"],
        "cpu": {part: round(figures[f"cpu_ms_{part}"] / 1000, 5) for part in (*PROCESSES, "PostgreSQL", "Redis")},
        "memory_mb": {part: level["memory_mb"][part] for part in PROCESSES},
        "writes": figures["writes_per_turn"],
        "lock": round(alone["lock_ms_per_turn"] / figures["writes_per_turn"] / 1000, 6),
        "notifications": figures["notifications_per_turn"],
        "log_bytes": figures["log_bytes_per_turn"],
        "database_bytes": figures["database_bytes_per_turn"],
        "connections": (figures["connections"] - WATCHING) / 2,  # of a web process and a worker
        "spread": [round(answer / mean, 3) for answer in answers],
        "stream_cpu": round(quiet / 100 / count, 8),
        "stream_mb": round(max(0.0, after - before) / count, 4),
    }
