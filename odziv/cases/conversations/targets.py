"""Sets the target of a waiting conversation, when an agent has told the customer a time, and its priority."""

from __future__ import annotations

from odziv.cases.conversations.entries import internal_entry
from odziv.cases.refused import Kind, Refused
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.handoffs.handoff import Handoff, list_handoffs_of
from odziv.store.handoffs.targets import PRIORITIES, set_priority, set_target
from odziv.texts.desk import N_, _

# The times an agent can tell a customer: in so many minutes, and in words.
TARGETS = {
    30: N_("in 30 minutes"),
    60: N_("in 1 hour"),
    120: N_("in 2 hours"),
    240: N_("in 4 hours"),
    1440: N_("in 24 hours"),
}


def get_current_handoff(store: Store, conversation_id: str) -> Handoff:
    """The conversation's handoff that isn't over. Raises Refused when there is none."""
    found = [handoff for handoff in list_handoffs_of(store, conversation_id) if handoff.status != "closed"]
    if not found:
        raise Refused(Kind.CONFLICT, _("This conversation waits for nobody, and nobody has it."))
    return found[-1]


def announce_target(store: Store, agent: Agent, handoff_id: int, minutes: int) -> None:
    """Notes that the agent told the customer one of TARGETS. Any agent may; raises Refused unless it waits."""
    if minutes not in TARGETS:
        raise Refused(Kind.INVALID, _("Please choose one of the times offered."))
    entry = internal_entry(N_("%(agent)s promised an answer %(when)s."), agent=agent.name, when=TARGETS[minutes])
    if set_target(store, handoff_id, store.clock() + minutes * 60_000, entry, agent.id) is None:
        raise Refused(Kind.CONFLICT, _("Nothing changed: this conversation isn’t waiting any more."))


def prioritise(store: Store, agent: Agent, handoff_id: int, priority: str) -> str:
    """Sets one of PRIORITIES; returns the conversation's id. Any agent may; raises Refused when the handoff is over."""
    if priority not in PRIORITIES:
        raise Refused(Kind.INVALID, _("A priority is normal, high or urgent."))
    entry = internal_entry(N_("%(agent)s set the priority to %(priority)s."), agent=agent.name, priority=priority)
    conversation_id = set_priority(store, handoff_id, priority, entry, agent.id)
    if conversation_id is None:
        raise Refused(Kind.CONFLICT, _("Nothing changed: this handoff is over."))
    return conversation_id
