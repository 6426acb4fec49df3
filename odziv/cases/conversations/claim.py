"""Claiming: an agent takes a conversation that waits, or the one that is next for them."""

from __future__ import annotations

from dataclasses import dataclass

from odziv.cases.conversations.entries import system_notice
from odziv.cases.conversations.lookup import get_conversation
from odziv.cases.refused import Kind, Refused
from odziv.cases.routing import load_team, order_for
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.agents.availability import AgentAvailability
from odziv.store.handoffs import handoff as handoffs
from odziv.store.handoffs.handoff import Claim, find_handoff, list_handoffs_of
from odziv.store.handoffs.queue_view import list_waiting
from odziv.texts.desk import _


@dataclass(frozen=True)
class Next:
    """What came of taking the next: which conversation, if any, and whether anybody waited at all."""

    conversation_id: str | None
    some_wait: bool


def claim_handoff(store: Store, agent: Agent, handoff_id: int) -> Claim:
    """Takes one handoff, with the notice to the customer. Of several agents exactly one wins.

    Taking what one has already is harmless. Raises Refused, which says who has it, when somebody else was quicker.
    """
    outcome = _try_to_claim(store, agent, handoff_id)
    if not outcome.won and not _has_it(store, agent, handoff_id):
        raise Refused(Kind.CONFLICT, _say_lost(outcome))
    return outcome


def claim_conversation(store: Store, agent: Agent, conversation_id: str) -> Claim:
    """Takes a conversation by the handoff it waits with. Raises Refused as `claim_handoff`; when none waits, too."""
    open_ones = [each for each in list_handoffs_of(store, conversation_id) if not each.closed_at]
    if not open_ones:
        get_conversation(store, conversation_id)
        raise Refused(Kind.CONFLICT, _("This conversation doesn't wait for a person."))
    return claim_handoff(store, agent, open_ones[-1].id)


def claim_next(store: Store, settings: Settings, agent: Agent) -> Next:
    """Takes the fair first of those the agent has the skills for; when another is quicker, the one after.

    Then of those nobody else who is there can take.
    """
    team, queue = load_team(store, settings), list_waiting(store)
    me = next(member for member in team.members if member.agent_id == agent.id)
    for waiting in order_for(me, queue, team):
        if _try_to_claim(store, agent, waiting.id).won:
            return Next(waiting.conversation_id, True)
    return Next(None, bool(queue))


def find_overload(store: Store, settings: Settings, agent: Agent) -> AgentAvailability | None:
    """The agent's availability, when they have more open conversations than their capacity."""
    me = next(member for member in load_team(store, settings).members if member.agent_id == agent.id)
    return me if me.open > (me.capacity or 0) else None


def _try_to_claim(store: Store, agent: Agent, handoff_id: int) -> Claim:
    handoff = find_handoff(store, handoff_id)
    if handoff is None:
        raise Refused(Kind.NOT_FOUND, _("There is no such handoff."))
    conversation = get_conversation(store, handoff.conversation_id)
    joined = system_notice("joined", conversation.language, name=agent.name_for_customers)
    return handoffs.claim(store, handoff_id, agent.id, joined)


def _has_it(store: Store, agent: Agent, handoff_id: int) -> bool:
    """A second click on "Take" is no loss."""
    handoff = find_handoff(store, handoff_id)
    return handoff is not None and handoff.status == "claimed" and handoff.agent_id == agent.id


def _say_lost(outcome: Claim) -> str:
    """Why a claim was not won. Nobody has what was closed while it waited: its customer went back to the bot, say."""
    if outcome.agent_name:
        return _("%(name)s has it already.", name=outcome.agent_name)
    return _("It doesn’t wait for a person any more.")
