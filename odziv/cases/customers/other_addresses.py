"""A customer's other e-mail addresses: added and removed by agents, and proposed where something hints at one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from odziv.cases.conversations.lookup import get_conversation
from odziv.cases.mail_addresses import is_machine, is_of_company, leads_to_any, read_sender_address, spell_all
from odziv.cases.refused import Kind, Refused
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.conversations.conversation import Conversation
from odziv.store.customers import other_addresses
from odziv.store.customers.other_addresses import MOST_ADDRESSES, OtherAddress, TooManyAddresses
from odziv.store.customers.other_conversations import Other, list_others
from odziv.store.customers.suggestions import COPY, Hint, list_hints
from odziv.texts.desk import _

MOST_PROPOSED = 5
LONGEST_QUOTED = 60


@dataclass(frozen=True)
class Known:
    """What is known of a customer beside their own address: addresses that were added, and such as may be theirs."""

    added: list[OtherAddress]
    proposed: list[Hint]


def look_up_addresses(store: Store, settings: Settings, conversation: Conversation) -> Known:
    """Those added, without the one that the conversation has by now, and the first MOST_PROPOSED of the others."""
    own = spell_all(conversation.email) if conversation.email else set()
    listed = other_addresses.list_addresses(store, conversation, spell_all)
    added = [each for each in listed if each.address not in own]
    taken = {*own, *(each.address for each in listed)}
    return Known(added, _propose(store, settings, conversation, taken))


def list_history(store: Store, conversation: Conversation) -> list[Other]:
    """The customer's other conversations, by each address that is known of them, newest first."""
    return list_others(store, conversation, spell=spell_all)


def add_other_address(store: Store, settings: Settings, agent: Agent, conversation_id: str, typed: str) -> bool:
    """Adds what an agent typed; False where it is there already. Raises Refused for what can be no customer's."""
    conversation = get_conversation(store, conversation_id)
    address = read_sender_address(typed)
    shown = " ".join(typed.split())[:LONGEST_QUOTED]
    if address is None:
        raise Refused(Kind.UNFIT, _("Not added: “%(typed)s” is not an e-mail address.", typed=shown))
    if not _may_be_a_customers(settings, address):
        problem = _("Not added: %(address)s is no customer’s, but our own or a machine’s.", address=address)
        raise Refused(Kind.UNFIT, problem)
    if conversation.email and address in spell_all(conversation.email):
        return False
    try:
        return other_addresses.add_address(store, conversation_id, address, agent.id, spell_all)
    except KeyError as error:  # deleted a moment ago
        raise Refused(Kind.NOT_FOUND, _("There is no such conversation.")) from error
    except TooManyAddresses as error:
        problem = _("Not added: a customer can have %(most)s other addresses. Remove one first.", most=MOST_ADDRESSES)
        raise Refused(Kind.UNFIT, problem) from error


def remove_other_address(store: Store, agent: Agent, conversation_id: str, address_id: int) -> None:
    """Removes one; where it isn't there any more, nothing happens. Raises Refused without the conversation."""
    try:
        other_addresses.remove_address(store, conversation_id, address_id, agent.id, spell_all)
    except KeyError as error:
        raise Refused(Kind.NOT_FOUND, _("There is no such conversation.")) from error


def _propose(store: Store, settings: Settings, conversation: Conversation, taken: set[str]) -> list[Hint]:
    found: dict[str, Hint] = {}
    for hint in list_hints(store, conversation, spell_all):
        address = read_sender_address(hint.address)
        if address is None or address in taken or address in found or not _may_be_a_customers(settings, address):
            continue
        if hint.because != COPY or _is_alike(hint, conversation):
            found[address] = Hint(address, hint.name, hint.because)
    return list(found.values())[:MOST_PROPOSED]


def _is_alike(hint: Hint, conversation: Conversation) -> bool:
    """Whether somebody in copy may be the customer, and not whoever else reads along: by the name, or what stands
    before the @."""
    local = hint.address.partition("@")[0]
    return any(one and one.casefold() == other.casefold() for one, other in _pairs(hint, local, conversation))


def _pairs(hint: Hint, local: str, conversation: Conversation) -> Iterator[tuple[str, str]]:
    yield " ".join(hint.name.split()), " ".join((conversation.name or "").split())
    yield local, (conversation.email or "").partition("@")[0]


def _may_be_a_customers(settings: Settings, address: str) -> bool:
    """Not our own mailbox, a machine's, or one of our company's, under which a form writes for everybody."""
    is_own = leads_to_any(address, settings.mail.own)
    return not (is_own or is_machine(address) or is_of_company(address, settings.mail.domains))
