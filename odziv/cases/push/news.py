"""What is news for an agent while no page of the desk is open: who waits whom they can take, and what is theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from odziv.cases.routing import Team, order_for
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.alerts import list_unanswered
from odziv.store.agents.availability import AgentAvailability
from odziv.store.agents.mentions import list_mentions
from odziv.store.handoffs.queue_view import Waiting


@dataclass(frozen=True)
class News:
    """One thing. `subject` is what it is about, `state` how far that is: another state is news again.

    `reason` and `language` are the handoff's. No text of a customer: it is shown on screens that others see.
    """

    kind: Literal["handoff", "message", "mention"]
    subject: str
    state: str
    conversation_id: str
    reason: str = ""
    language: str = ""


def list_takeable(me: AgentAvailability, queue: list[Waiting], team: Team) -> list[Waiting]:
    """What "Take next" would give this agent, in that order; nothing while they are away. `queue` is all who wait."""
    return order_for(me, queue, team) if me.available else []


def list_news(store: Store, settings: Settings, agent_id: int, queue: list[Waiting], team: Team) -> list[News]:
    """What an agent may be told of now: nothing while they are away, and outside the hours only of danger.

    Of messages those nobody has answered, of mentions those they have not seen.
    """
    me = next((member for member in team.members if member.agent_id == agent_id), None)
    if me is None or me.disabled or not me.available:
        return []

    def is_open(language: str, mailbox: str | None = None) -> bool:
        return settings.calendar(language, mailbox).is_open(team.now)

    news = [
        News("handoff", f"handoff:{waiting.id}", "", waiting.conversation_id, waiting.reason, waiting.language)
        for waiting in list_takeable(me, queue, team)
        if waiting.reason == "danger" or is_open(waiting.language, waiting.mailbox)
    ]
    if any(is_open(language) for language in me.languages):
        news += _list_own(store, agent_id)
    return news


def _list_own(store: Store, agent_id: int) -> Iterator[News]:
    for conversation, seq in list_unanswered(store, agent_id).items():
        yield News("message", f"message:{conversation}", str(seq), conversation)
    for mention in list_mentions(store, agent_id):
        if mention.read_at is None:
            yield News("mention", f"mention:{mention.conversation_id}.{mention.seq}", "", mention.conversation_id)
