"""Taking over and reassigning: a conversation goes to another agent by somebody who doesn't have it."""

from __future__ import annotations

from dataclasses import replace

from odziv.cases.conversations.entries import internal_entry, system_notice
from odziv.cases.conversations.lookup import get_conversation, say_who_has
from odziv.cases.conversations.transfer import list_colleagues, pass_to_colleague
from odziv.cases.refused import Kind, Refused
from odziv.cases.routing import load_team
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.agents.availability import AgentAvailability
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.messages import NewMessage
from odziv.store.handoffs.handoff import claim, list_handoffs_of
from odziv.store.handoffs.leases import NoSuchColleague, transfer_to_agent
from odziv.texts.desk import N_, _


def may_reassign(settings: Settings, agent: Agent) -> bool:
    """Whether the agent may take over from colleagues and give conversations to them: administrators always."""
    return agent.role == "admin" or settings.desk.take_over == "everyone"


def take_over(store: Store, settings: Settings, agent: Agent, conversation_id: str) -> None:
    """Takes a conversation from the colleague who has it, who finds it under their mentions; the customer reads who has
    joined. Taking what one has is harmless.

    Raises Refused without the right, and when no colleague has it.
    """
    conversation = get_conversation(store, conversation_id)
    if _has(agent.id, conversation):
        return
    _check_right(settings, agent)
    if conversation.status != "open":
        raise Refused(Kind.CONFLICT, _("Not taken over: %(who)s", who=say_who_has(conversation)))
    told = N_("%(agent)s took this over from %(other)s.")
    entry = internal_entry(told, agent=agent.name, other=conversation.agent_name)
    _move(store, agent, conversation, agent.id, agent, entry)


def assign(store: Store, settings: Settings, agent: Agent, conversation_id: str, to: str) -> AgentAvailability:
    """Gives a conversation that waits, or that somebody has, to the agent with the id `to`; returns them.

    Both who had it and who gets it find it under their mentions. Raises Refused when `to` isn't at the desk, when the
    conversation is with nobody or waits for nobody, and without the right, but for what one has oneself.
    """
    conversation = get_conversation(store, conversation_id)
    if _has(agent.id, conversation):
        return pass_to_colleague(store, settings, agent, conversation_id, to, None)
    _check_right(settings, agent)
    colleague = _find_colleague(store, settings, agent, to)
    if _has(colleague.agent_id, conversation):
        return colleague
    if conversation.status == "queued":
        _give_waiting(store, agent, conversation, colleague)
    elif conversation.status == "open":
        told = N_("%(agent)s gave this to %(name)s. %(other)s had it.")
        entry = internal_entry(told, agent=agent.name, name=colleague.name, other=conversation.agent_name)
        _move(store, agent, conversation, colleague.agent_id, colleague, entry)
    else:
        raise Refused(
            Kind.CONFLICT, _("Not given to %(name)s: %(who)s", name=colleague.name, who=say_who_has(conversation))
        )
    return colleague


def _has(agent_id: int, conversation: Conversation) -> bool:
    return conversation.status == "open" and conversation.agent_id == agent_id


def _check_right(settings: Settings, agent: Agent) -> None:
    if not may_reassign(settings, agent):
        raise Refused(Kind.FORBIDDEN, _("Only an administrator may take over or reassign conversations here."))


def _find_colleague(store: Store, settings: Settings, agent: Agent, to: str) -> AgentAvailability:
    for member in list_colleagues(load_team(store, settings), agent):
        if str(member.agent_id) == to:
            return member
    raise Refused(Kind.CONFLICT, _("Not given: that colleague isn’t at the desk. Choose another."))


def _move(
    store: Store,
    agent: Agent,
    conversation: Conversation,
    to_id: int,
    to: Agent | AgentAvailability,
    entry: NewMessage,
) -> None:
    told = {conversation.agent_id, to_id} - {agent.id, None}
    entries = (_tell(agent, entry, told), system_notice("joined", conversation.language, name=to.name_for_customers))
    holder = conversation.agent_id or 0
    try:
        moved = transfer_to_agent(store, conversation.id, holder, to_id, None, *entries, by=agent.id)
    except NoSuchColleague as error:
        raise Refused(
            Kind.CONFLICT, _("Nothing changed: the account of %(name)s is disabled.", name=to.name)
        ) from error
    if not moved:  # somebody did something with it a moment ago
        raise Refused(
            Kind.CONFLICT, _("Nothing changed: %(who)s", who=say_who_has(get_conversation(store, conversation.id)))
        )


def _give_waiting(store: Store, agent: Agent, conversation: Conversation, to: AgentAvailability) -> None:
    waiting = next((each for each in list_handoffs_of(store, conversation.id) if each.status == "waiting"), None)
    joined = system_notice("joined", conversation.language, name=to.name_for_customers)
    entry = _tell(
        agent, internal_entry(N_("%(agent)s gave this to %(name)s."), agent=agent.name, name=to.name), {to.agent_id}
    )
    if waiting is None or not claim(store, waiting.id, to.agent_id, joined, entry, by=agent.id).won:
        raise Refused(
            Kind.CONFLICT, _("Nothing changed: %(who)s", who=say_who_has(get_conversation(store, conversation.id)))
        )


def _tell(agent: Agent, entry: NewMessage, told: set[int | None]) -> NewMessage:
    """An entry in the log that these colleagues find under their mentions."""
    mentions = tuple(sorted(one for one in told if one is not None))
    return replace(entry, agent_id=agent.id, mentions=mentions)
