"""Several conversations at once, for programs: what came of each, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, jsonify
from flask_login import current_user

from odziv.cases.macros.pressing import undo
from odziv.cases.macros.several import choose_steps, do_for_program, name_batch
from odziv.desk.api.blueprint import call
from odziv.desk.api.bodies import Several
from odziv.desk.frame.roles import AGENT
from odziv.store.engine import iso_time
from odziv.store.macros.scheduled_actions import ScheduledAction, list_batch
from odziv.web.bodies import read_body
from odziv.web.errors import ApiError
from odziv.web.services import services

BATCH = "/several/<client_id>"


@call("POST", "/several", needs=AGENT)
def post_several() -> Response:
    """Has one thing done with each, now, or after some seconds; a repeat does nothing again."""
    body, store, settings = read_body(Several), services().store, services().settings
    steps = choose_steps(body.do, to=body.to or 0, label=body.label or 0, priority=body.priority)
    chosen = list({one.id: (one.id, one.seen) for one in body.conversations}.values())
    what = (store, settings, current_user.agent, body.do, steps, chosen)
    rows = do_for_program(*what, key=body.client_id, delay_ms=body.undo_seconds * 1000)
    if body.undo_seconds:
        services().scheduled_actions.wake()
    missing = [one for one, _ in chosen if one not in {row.conversation_id for row in rows}]
    return _tell(body.client_id, body.do, rows, missing)


@call("GET", BATCH, needs=AGENT)
def get_several(client_id: str) -> Response:
    """What came of each, within a day."""
    rows = _find(client_id)
    return _tell(client_id, rows[0].name, rows)


@call("POST", f"{BATCH}/undo", needs=AGENT)
def post_several_undo(client_id: str) -> Response:
    """Takes back what has not begun; repeating it is harmless."""
    _find(client_id)
    undo(services().store, current_user.agent, name_batch(current_user.agent, client_id))
    return get_several(client_id)


def _find(client_id: str) -> list[ScheduledAction]:
    rows = list_batch(services().store, name_batch(current_user.agent, client_id), current_user.id)
    if not rows:
        raise ApiError(404, "not_found", "Nothing was done under this client_id, or it is forgotten.")
    return rows


def _tell(client_id: str, did: str, rows: Sequence[ScheduledAction], missing: Sequence[str] = ()) -> Response:
    waits = [row for row in rows if row.status == "waiting"]
    gone = {"status": "refused", "problem": "There is no such conversation."}
    return jsonify(
        client_id=client_id,
        do=did,
        undo_until=iso_time(waits[0].due_at) if waits else None,
        results=[_result_json(row) for row in rows] + [{"conversation_id": one, **gone} for one in missing],
    )


def _result_json(row: ScheduledAction) -> dict[str, Any]:
    return {"conversation_id": row.conversation_id, "status": row.status, "problem": row.problem}
