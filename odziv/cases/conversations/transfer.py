"""Passing on: an agent gives what they have to a colleague who is there, or back to the queue."""

from __future__ import annotations

from dataclasses import dataclass, replace

from odziv.cases.conversations.entries import internal_entry, system_notice
from odziv.cases.conversations.lookup import get_conversation
from odziv.cases.conversations.reply import draft_message
from odziv.cases.conversations.targets import TARGETS
from odziv.cases.refused import Kind, Refused
from odziv.cases.routing import Team, load_team
from odziv.cases.topics import label_language, label_topic, list_topics
from odziv.settings import REFERENCE, Settings
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.agents.availability import AgentAvailability
from odziv.store.conversations.messages import NewMessage
from odziv.store.handoffs.leases import NoSuchColleague, transfer_to_agent, transfer_to_queue
from odziv.texts.desk import N_, _, number
from odziv.texts.moments import name_language

LONGEST_NOTE = 4000


@dataclass(frozen=True)
class QueueTarget:
    """Where in the queue: for whom, and by when the customer was told to have an answer, one of TARGETS.

    `language` None stands for the conversation's own.
    """

    language: str | None
    topic: str | None = None
    minutes: int | None = None

    @property
    def team(self) -> str:
        """Whom it waits for, in words."""
        return label_language(self.language) + (f", {label_topic(self.topic)}" if self.topic else "")


def list_colleagues(team: Team, agent: Agent) -> list[AgentAvailability]:
    """Who could be given it: everyone else who is there."""
    return [member for member in team.members if member.agent_id != agent.id and member.is_online(team.now)]


def draft_note(store: Store, agent: Agent, text: str) -> NewMessage | None:
    """The internal note that goes with passing on; None when it is empty. Raises Refused when it is too long."""
    text = text.replace("\r\n", "\n").strip()
    if len(text) > LONGEST_NOTE:
        problem = _(
            "Not passed on: the note has %(count)s characters; it can have %(most)s.",
            count=number(len(text)),
            most=number(LONGEST_NOTE),
        )
        raise Refused(Kind.UNFIT, problem)
    return draft_message(store, agent, text, "", internal=True) if text else None


def pass_to_colleague(
    store: Store, settings: Settings, agent: Agent, conversation_id: str, to: str, note: NewMessage | None
) -> AgentAvailability:
    """Gives the conversation to the colleague with the id `to`, who sees `note` first; returns them.

    Raises Refused when they aren't there, and unless this agent has the conversation.
    """
    conversation = get_conversation(store, conversation_id)
    there = {str(member.agent_id): member for member in list_colleagues(load_team(store, settings), agent)}
    if to not in there:
        problem = _("Not passed on: that colleague isn’t at the desk. Choose another, or the queue.")
        raise Refused(Kind.CONFLICT, problem)
    colleague = there[to]
    entries = (
        internal_entry(N_("%(agent)s passed this on to %(name)s."), agent=agent.name, name=colleague.name),
        system_notice("joined", conversation.language, name=colleague.name_for_customers),
    )
    try:
        done = transfer_to_agent(store, conversation_id, agent.id, colleague.agent_id, note, *entries)
    except NoSuchColleague as error:
        problem = _("Not passed on: the account of %(name)s is disabled.", name=colleague.name)
        raise Refused(Kind.CONFLICT, problem) from error
    _check_done(done)
    return colleague


def pass_to_queue(
    store: Store, settings: Settings, agent: Agent, conversation_id: str, place: QueueTarget, note: NewMessage | None
) -> None:
    """Puts the conversation back into the queue, in its old place, for `place`; whoever takes it sees `note` first.

    Raises Refused for a language or topic there isn't, and unless this agent has the conversation.
    """
    conversation = get_conversation(store, conversation_id)
    language = conversation.language if place.language is None else place.language
    place = replace(place, language=language)
    _check_place(settings, place)
    entries = (
        _tell_queue(agent, place),
        system_notice("passed_on", conversation.language, name=agent.name_for_customers),
    )
    moment = store.clock() + place.minutes * 60_000 if place.minutes else None
    done = transfer_to_queue(
        store,
        conversation_id,
        agent.id,
        note,
        *entries,
        language=language,
        topic=place.topic,
        target_at=moment,
    )
    _check_done(done)


def _tell_queue(agent: Agent, place: QueueTarget) -> NewMessage:
    team = name_language(place.language or "", REFERENCE) + (f", {label_topic(place.topic)}" if place.topic else "")
    if not place.minutes:
        return internal_entry(N_("%(agent)s passed this on to the queue: %(team)s."), agent=agent.name, team=team)
    told = N_("%(agent)s passed this on to the queue: %(team)s. Promised an answer %(when)s.")
    return internal_entry(told, agent=agent.name, team=team, when=TARGETS[place.minutes])


def _check_place(settings: Settings, place: QueueTarget) -> None:
    if place.language not in settings.languages:
        raise Refused(Kind.INVALID, _("Please choose one of the languages served here."))
    if place.topic is not None and place.topic not in list_topics(settings):
        raise Refused(Kind.INVALID, _("There is no such topic. Please choose one from the list."))
    if place.minutes is not None and place.minutes not in TARGETS:
        raise Refused(Kind.INVALID, _("Please choose one of the times offered."))


def _check_done(done: bool) -> None:
    if not done:
        problem = _("Nothing changed: you don’t have this conversation any more. Please reload the page.")
        raise Refused(Kind.CONFLICT, problem)
