"""Tells open desk pages what changed, as Server-Sent Events. Pages then fetch what they show."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from flask import Response, request
from flask_login import current_user, login_required

from chat.errors import ApiError
from chat.stream import sse
from desk.blueprint import blueprint, services
from desk.conversation import mark_of
from store import Store
from store.agents import find_agent_by_session, follow_key
from store.conversations import find_conversation
from store.handoffs import measure_workload

# How soon a session that another process ended is noticed, and a dead connection too.
HEARTBEAT_SECONDS = 4.0
# Then the browser comes back; its cookie is renewed by that.
LIFETIME_SECONDS = 30 * 60.0
# A burst of messages somewhere is one event for everybody.
SETTLE_SECONDS = 0.05


@blueprint.get("/events")
@login_required
def stream_events() -> Response:
    """`state` (counts and marks of queue, inbox and the open conversation), `typing`, and `signed-out` at the end."""
    streams, address = services().open_streams, request.remote_addr or ""
    try:
        streams.enter(address)
    except ApiError as full:
        return Response(status=503, headers={"Retry-After": str(full.retry_after or 15)})
    followed = request.args.get("conversation", "")[:32] or None
    events = follow(services().store, services().hub, current_user.token, current_user.id, followed)
    response = Response(events, mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})
    response.call_on_close(lambda: streams.leave(address))
    return response


def follow(store: Store, hub: Any, token: str, agent_id: int, conversation_id: str | None) -> Iterator[str]:
    """The stream of one page. Ends when the server stops or the agent is signed out."""
    ends = time.monotonic() + LIFETIME_SECONDS
    checked, state = 0.0, None
    followed = ("queue", *([conversation_id] if conversation_id else []))
    with hub.follow(follow_key(agent_id)) as sessions, hub.follow(*followed) as changes:
        yield "retry: 2000\n\n"
        woken = True
        while not hub.closing and time.monotonic() < ends:
            if sessions.take_change() or time.monotonic() - checked >= HEARTBEAT_SECONDS:
                if find_agent_by_session(store, token) is None:
                    yield sse("signed-out", {})
                    return
                checked = time.monotonic()
                yield ": still here\n\n"
            if woken and state != (state := read_state(store, agent_id, conversation_id)):
                yield sse("state", state)
            if "customer" in (typing := changes.take_typing()):
                yield sse("typing", {"typing": typing["customer"]})
            if woken := changes.wait(max(0.0, checked + HEARTBEAT_SECONDS - time.monotonic())):
                time.sleep(SETTLE_SECONDS)


def read_state(store: Store, agent_id: int, conversation_id: str | None) -> dict[str, Any]:
    """Counts to show, and a mark for each part of a page that differs whenever that part does."""
    workload = measure_workload(store, agent_id)
    conversation = find_conversation(store, conversation_id) if conversation_id else None
    return {
        "waiting": workload.waiting,
        "mine": workload.mine,
        "marks": {
            "queue": workload.queue_mark,
            "inbox": workload.inbox_mark,
            "conversation": mark_of(conversation) if conversation else None,
        },
    }
