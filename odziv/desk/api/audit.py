"""The audit trail, for programs of administrators."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import AuditFilter, read_number_cursor, write_cursor
from odziv.desk.frame.roles import ADMIN
from odziv.store.audit import AuditEntry, list_entries
from odziv.store.engine import iso_time
from odziv.web.bodies import read_query
from odziv.web.services import services


@call("GET", "/audit", needs=ADMIN)
def get_audit() -> Response:
    """Entries, the newest first, a page at a time."""
    query = read_query(AuditFilter)
    limit, person, before = int(query.limit), query.agent and int(query.agent), read_number_cursor(query.cursor)
    found = list_entries(services().store, agent_id=person or None, action=query.action, before=before, limit=limit + 1)
    following = write_cursor(found[limit - 1].id) if len(found) > limit else None
    return jsonify(entries=[_entry_json(entry) for entry in found[:limit]], next_cursor=following)


def _entry_json(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": iso_time(entry.at),
        "action": entry.action,
        "agent": {"id": entry.agent_id, "name": entry.agent_name} if entry.agent_id else None,
        "object": entry.object,
        "detail": entry.detail or {},
        "address": entry.address,
    }
