"""Settings that are set at the desk, by key, and every change of them: who, when, from what, to what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from odziv.store.audit import record
from odziv.store.engine import Store, moment_of, touch
from odziv.store.schema import agents, setting_changes, setting_values

SETTINGS = "settings"  # touched by each change
MOST_TOLD = 200  # characters of a value in the audit trail


@dataclass(frozen=True)
class Change:
    """What one press changed. A key that is missing in `before` or `after` was, or is, not set at the desk."""

    id: int
    made_at: int
    made_by: int | None
    agent_name: str | None
    before: dict[str, Any]
    after: dict[str, Any]
    undoes: int | None

    @property
    def keys(self) -> list[str]:
        """Those it changed."""
        return sorted({*self.before, *self.after})


class ChangedMeanwhile(Exception):
    """Somebody else changed some of the same settings first; `change` is the newest that did."""

    def __init__(self, change: Change) -> None:
        super().__init__(f"by change {change.id}")
        self.change = change


def read_values(store: Store) -> tuple[int, dict[str, Any]]:
    """The edition, which every change raises, and what is set; in the order in which it was."""
    with store.read() as connection:
        return _read_edition(connection), _read_values(connection)


def read_edition(store: Store) -> int:
    """0 before the first change."""
    with store.read() as connection:
        return _read_edition(connection)


def change_values(
    store: Store,
    by: int | None,
    wanted: Mapping[str, Any],
    *,
    seen: int,
    check: Callable[[dict[str, Any]], object] = lambda now: None,
    undoes: int | None = None,
) -> int | None:
    """Sets values by key, takes away those that are None, and notes it; returns the change's id, or None where nothing
    differs.

    `seen` is the edition that whoever asks for it looked at. `check` is called with all that is set now, and may
    raise. Raises ChangedMeanwhile.
    """
    with store.write() as connection:
        now = _read_values(connection)
        wanted = {key: value for key, value in wanted.items() if now.get(key) != value}
        if not wanted:
            return None
        _check_seen(connection, wanted.keys(), seen)
        check(now)
        before = {key: now[key] for key in wanted if key in now}
        after = {key: value for key, value in wanted.items() if value is not None}
        change_id = _read_edition(connection) + 1
        made = {"id": change_id, "made_by": by, "made_at": moment_of(connection), "undoes": undoes}
        connection.execute(insert(setting_changes).values(**made, before=before, after=after))
        connection.execute(delete(setting_values).where(setting_values.c.key.in_(list(wanted))))
        for key, value in after.items():
            connection.execute(insert(setting_values).values(key=key, value=value, change_id=change_id))
        action = "settings_undone" if undoes else "settings_changed"
        record(connection, action, by, f"settings:{change_id}", before=_shorten(before), after=_shorten(after))
        touch(connection, SETTINGS, listed=False)
        return change_id


def list_changes(store: Store, *, before: int | None = None, limit: int = 50) -> list[Change]:
    """The newest first; older than `before`, where that is given."""
    statement = _SHOWN.order_by(setting_changes.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(setting_changes.c.id < before)
    with store.read() as connection:
        return [Change(**row) for row in connection.execute(statement).mappings()]


def find_change(store: Store, change_id: int) -> Change | None:
    """One of them, or None."""
    with store.read() as connection:
        row = connection.execute(_SHOWN.where(setting_changes.c.id == change_id)).mappings().first()
        return Change(**row) if row else None


_SHOWN = select(setting_changes, agents.c.name.label("agent_name")).select_from(
    setting_changes.outerjoin(agents, agents.c.id == setting_changes.c.made_by)
)


def _read_edition(connection: Connection) -> int:
    return connection.execute(select(func.max(setting_changes.c.id))).scalar() or 0


def _read_values(connection: Connection) -> dict[str, Any]:
    rows = connection.execute(select(setting_values).order_by(setting_values.c.change_id, setting_values.c.key))
    return {row.key: row.value for row in rows}


def _check_seen(connection: Connection, keys: Iterable[str], seen: int) -> None:
    mine = set(keys)
    newer = _SHOWN.where(setting_changes.c.id > seen).order_by(setting_changes.c.id.desc())
    for row in connection.execute(newer).mappings():
        change = Change(**row)
        if mine & set(change.keys):
            raise ChangedMeanwhile(change)


def _shorten(values: Mapping[str, Any]) -> dict[str, Any]:
    short = {key: str(value)[:MOST_TOLD] + "…" for key, value in values.items() if len(str(value)) > MOST_TOLD}
    return {**values, **short}
