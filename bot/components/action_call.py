"""How Rasa calls our actions, without what it does anew at each call: three quarters of what a turn took in Rasa.

It opens a connection for every call, and checks the reply against a schema, and before that the schema itself. The
replies come from our own process, behind a token: that they are of the right shape is enough, and what is in an event
Rasa finds out when it reads it.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any

import aiohttp
import rasa
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.utils.endpoints import EndpointConfig

_new_session = EndpointConfig.session


class KeptSession:
    """A client session that stays open when its `async with` block ends."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    @property
    def is_closed(self) -> bool:
        """Whether it is of no more use."""
        return self._session.closed

    async def __aenter__(self) -> aiohttp.ClientSession:
        return self._session

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing: the next call goes over the same connections."""


def kept_session(endpoint: EndpointConfig) -> KeptSession:
    """The endpoint's one session; called on the event loop that uses it."""
    kept = endpoint.__dict__.get("_kept")
    if kept is None or kept.is_closed:
        kept = endpoint._kept = KeptSession(_new_session(endpoint))
    return kept


def format_call(action: RemoteAction, tracker: DialogueStateTracker, _domain: Domain) -> dict[str, Any]:
    """What an action is told: where the conversation stands, and what was said in it.

    Rasa would send every event, and with each message all that the classifier made of it.
    """
    state = tracker.current_state(EventVerbosity.NONE)
    state["events"] = [said(event) for event in tracker.events if isinstance(event, UserUttered | BotUttered)]
    return {
        "next_action": action.name(),
        "sender_id": tracker.sender_id,
        "tracker": state,
        "version": rasa.__version__,
    }


def said(event: Event) -> dict[str, Any]:
    """A message of either side."""
    spoken = {"event": event.type_name, "timestamp": event.timestamp, "text": event.text}
    return spoken | {"data": event.data} if isinstance(event, BotUttered) else spoken


def validate_reply(_action: RemoteAction, reply: Any) -> bool:
    """True for {"events": [{"event": …}, …], "responses": [{…}, …]}, either left out; else ValidationError."""
    if not isinstance(reply, dict):
        raise ValidationError("an action's reply must be an object")
    for part in ("events", "responses"):
        entries = reply.get(part, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise ValidationError(f"{part} of an action's reply must be a list of objects")
    if not all(isinstance(event.get("event"), str) for event in reply.get("events", [])):
        raise ValidationError("an event of an action's reply has no name")
    return True


def call_actions_lightly() -> None:
    """Has Rasa do it this way from now on."""
    RemoteAction._validate_action_result = validate_reply
    RemoteAction._action_call_format = format_call
    EndpointConfig.session = kept_session
