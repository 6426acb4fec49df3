"""What would go: counted, and nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from odziv.cases.retention.rules import list_rules
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.audit import count_old_entries
from odziv.store.engine import DAY_MS
from odziv.store.retention.conversations import count_old_conversations
from odziv.store.retention.parts import PARTS, count_old_parts
from odziv.store.retention.scope import Found

WHOLE = "the whole installation"


@dataclass(frozen=True)
class Planned:
    """What would go of one kind and place; `oldest` in milliseconds since 1970."""

    kind: str
    where: str
    days: int
    count: int
    oldest: int | None


def plan_retention(store: Store, settings: Settings) -> Iterator[Planned]:
    """What a run would delete now, by rule, as things are: parts of conversations that go are counted with them."""
    now, retention = store.clock(), settings.retention
    for rule in list_rules(settings, now):
        if rule.kind == "conversations":
            found = [count_old_conversations(store, rule.scope)]
        else:
            found = [count_old_parts(store, part, rule.scope) for part in PARTS[rule.kind]]
        yield Planned(rule.kind, rule.where, rule.days, *_sum(found))
    if retention.audit:
        found = [count_old_entries(store, retention.audit)]
        yield Planned("audit", WHOLE, retention.audit, *_sum(found))
    if retention.logs:
        moments = [_written_at(path) for path in list_old_logs(settings.var, retention.logs, now)]
        yield Planned("logs", WHOLE, retention.logs, len(moments), min(moments, default=None))


def list_old_logs(var: Path, days: int, now: int) -> list[Path]:
    """The files in logs/ that were put aside and have not been written to for so many days; never one in use."""
    folder = var / "logs"
    aside = (path for path in folder.iterdir() if path.is_file() and ".log" in path.name) if folder.is_dir() else ()
    return [path for path in aside if not path.name.endswith(".log") and _written_at(path) < now - days * DAY_MS]


def _written_at(path: Path) -> int:
    return path.lstat().st_mtime_ns // 1_000_000


def _sum(found: list[Found]) -> tuple[int, int | None]:
    moments = [each.oldest for each in found if each.oldest is not None]
    return sum(each.count for each in found), min(moments, default=None)
