"""Tells open desk pages what changed, as Server-Sent Events. Pages then fetch what they show."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, current_app, jsonify
from flask_login import current_user

from odziv.desk.conversation.conversation import mark_of
from odziv.desk.frame.roles import ADMIN, AGENT, may, page
from odziv.desk.people.sign_in import SignedIn
from odziv.desk.queue.shared import Shared
from odziv.desk.queue.viewers import Viewers, viewers
from odziv.store import Store
from odziv.store.agents.agent import find_agent_by_session, follow_key
from odziv.store.agents.mentions import count_unread
from odziv.store.conversations.conversation import find_conversation
from odziv.store.engine import LISTS
from odziv.store.handoffs.in_hand import mark_in_hand
from odziv.store.handoffs.workload import TeamWorkload, Workload
from odziv.web.errors import ApiError
from odziv.web.following.response import Events, stream_response
from odziv.web.following.subscription import Pause
from odziv.web.forms import Form, Ticked, read_address
from odziv.web.limits import RETRY_SECONDS, Place
from odziv.web.networks import callers_network
from odziv.web.services import services
from odziv.web.streams import Hub, sse

# How soon a session that another process ended is noticed, and a dead connection too.
HEARTBEAT_SECONDS = 4.0
# Then the browser comes back; its cookie is renewed by that.
LIFETIME_SECONDS = 30 * 60.0
# A burst of messages somewhere is one event for everybody.
SETTLE_SECONDS = 0.05


class EventsAddress(Form):
    """Which conversation is open, if one is, and whether it is the team's page."""

    conversation: str = ""
    team: Ticked = False


@page("/events", needs=AGENT)
def stream_events() -> Response:
    """`state` (counts and marks of queue, inbox and the open conversation), `typing` (the customer), and `signed-out`.

    Of the open conversation also `customer` (whether they are on the page), `colleagues` (who else looks at it) and
    `colleague-typing`. `busy`: a newer stream of
    the agent took this one's place.
    """
    streams, hub, own_key = services().open_streams, services().hub, follow_key(current_user.id)
    try:
        place = streams.enter(callers_network(), own_key, is_desk=True)
    except ApiError as full:
        return Response(status=503, headers={"Retry-After": str(full.retry_after or RETRY_SECONDS)})
    if place.displaced:
        hub.wake(own_key)
    me, team = current_user._get_current_object(), _follows_team()
    events = follow(services().store, hub, viewers(), _workload(), me, place, _followed(), team=team)
    return stream_response(events, lambda: streams.leave(place))


@page("/state", needs=AGENT)
def show_state() -> Response:
    """The same at this moment, for a page without a stream: what `state`, `customer` and `colleagues` would say."""
    followed, store = _followed(), services().store
    others = viewers().others(store, followed, current_user.id)
    on_page = _is_customer_on_page(services().hub, store, followed)
    state = read_state(store, _workload(), current_user.id, followed, _follows_team())
    return jsonify(**state, colleagues=others, on_page=on_page)


def _followed() -> str | None:
    return read_address(EventsAddress).conversation[:32] or None


def _follows_team() -> bool:
    return read_address(EventsAddress).team and may(current_user.agent.role, ADMIN)


def _workload() -> Shared[TeamWorkload]:
    return current_app.extensions["desk_workload"]


def follow(
    store: Store,
    hub: Hub,
    viewers: Viewers,
    workload: Shared[TeamWorkload],
    who: SignedIn,
    place: Place,
    conversation_id: str | None,
    *,
    team: bool = False,
) -> Events:
    """The stream of one page. Ends with the session, the role, its place or the server."""
    agent_id, name, role = who.id, who.name, who.agent.role
    ends = time.monotonic() + LIFETIME_SECONDS
    checked, others, on_page = 0.0, [], False
    keys = [conversation_id, viewers.key(conversation_id)] if conversation_id else []
    with (
        hub.follow(follow_key(agent_id)) as sessions,
        hub.follow(LISTS, follow_key(agent_id), *keys) as changes,
        hub.follow(follow_key(agent_id), *keys) as own,
        viewers.look(conversation_id, agent_id, name),
    ):
        yield "retry: 2000\n\n"
        woken, told = True, Told(store, workload, agent_id, conversation_id, team)
        while not hub.closing and time.monotonic() < ends:
            if place.is_lost:
                yield sse("busy", {"retry_after": RETRY_SECONDS})
                return
            if sessions.take_change() or time.monotonic() - checked >= HEARTBEAT_SECONDS:
                agent = find_agent_by_session(store, who.token)
                if agent is None:
                    yield sse("signed-out", {})
                    return
                if agent.role != role:  # whether it may go on is looked at when the browser comes back
                    return
                checked = time.monotonic()
                viewers.remain(conversation_id, agent_id, name)
                yield ": still here\n\n"
                yield from told.catch_up()
            if woken:
                yield from told.news(of_its_own=own.take_change())
            if others != (others := viewers.others(store, conversation_id, agent_id)):
                yield sse("colleagues", {"names": others})
            if on_page != (on_page := _is_customer_on_page(hub, store, conversation_id)):
                yield sse("customer", {"on_page": on_page})
            yield from _typing_events(changes.take_typing(), viewers, conversation_id, agent_id)
            if woken := (yield Pause(max(0.0, checked + HEARTBEAT_SECONDS - time.monotonic()), changes)):
                yield Pause(SETTLE_SECONDS)


class Told:
    """What a page has been told of the lists and of its own conversation.

    Most of what happens is in others' conversations, and may change nothing but the lists: only they are read then. The
    rest, such as a label that is no more, is caught up with at the next sign of life.
    """

    def __init__(
        self, store: Store, workload: Shared[TeamWorkload], agent_id: int, conversation_id: str | None, team: bool
    ) -> None:
        self._store, self._workload = store, workload
        self._agent_id, self._conversation_id, self._team = agent_id, conversation_id, team
        self._state: dict[str, Any] | None = None
        self._is_behind = False

    def news(self, *, of_its_own: bool) -> Iterator[str]:
        """What has changed; `of_its_own` says that it was in the page's conversation, or of its agent."""
        before = self._state
        self._is_behind = not (of_its_own or self._team or before is None)
        if before is not None and self._is_behind:
            self._state = with_lists(before, self._workload.of(self._store).of(self._agent_id))
        else:
            self._state = read_state(self._store, self._workload, self._agent_id, self._conversation_id, self._team)
        if self._state != before:
            yield sse("state", self._state)

    def catch_up(self) -> Iterator[str]:
        """What has changed beside the lists, if only they were read the last time."""
        if self._is_behind:
            yield from self.news(of_its_own=True)


def _is_customer_on_page(hub: Hub, store: Store, conversation_id: str | None) -> bool:
    return conversation_id is not None and hub.is_customer_on_page(conversation_id, store.clock())


def _typing_events(
    signs: dict[str, bool], viewers: Viewers, conversation_id: str | None, agent_id: int
) -> Iterator[str]:
    for sender, is_typing in signs.items():
        if sender == "customer":
            yield sse("typing", {"typing": is_typing})
        elif (name := viewers.name_of(conversation_id, sender)) and sender != str(agent_id):
            yield sse("colleague-typing", {"name": name, "typing": is_typing})


def read_state(
    store: Store,
    shared: Shared[TeamWorkload],
    agent_id: int,
    conversation_id: str | None,
    team: bool = False,
) -> dict[str, Any]:
    """Counts to show, and a mark for each part of a page that differs whenever that part does; with `team`, of that
    page too."""
    workload = shared.of(store).of(agent_id)
    conversation = find_conversation(store, conversation_id) if conversation_id else None
    marks = {
        "conversation": mark_of(store, conversation) if conversation else None,
        **({"team": mark_in_hand(store)} if team else {}),
    }
    return with_lists({"unread": count_unread(store, agent_id), "marks": marks}, workload)


def with_lists(state: Mapping[str, Any], workload: Workload) -> dict[str, Any]:
    """The same, with the lists as they are now."""
    marks = {**state["marks"], "queue": workload.queue_mark, "inbox": workload.inbox_mark}
    return {**state, "waiting": workload.waiting, "mine": workload.mine, "marks": marks}
