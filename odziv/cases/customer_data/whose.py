"""Who is meant, and which conversations and addresses are theirs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from odziv.cases.forgetting import list_senders
from odziv.cases.mail_addresses import list_spellings, read_sender_address
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.conversations.conversation import find_conversation
from odziv.store.customers.belonging import list_in_order, list_likely, list_of_customer_id, list_proven
from odziv.store.customers.other_addresses import list_added
from odziv.store.mail.strays import count_strays_of

CONVERSATION = re.compile(r"[0-9a-f]{24}")


class Unknown(Exception):
    """Nobody is known by that; the message says so in words for an operator, and repeats nothing of it."""


@dataclass(frozen=True)
class Who:
    """One of the three: the id of a conversation, an address as mails have it, or a site and its id for a customer."""

    conversation_id: str | None = None
    address: str | None = None
    site: str | None = None
    customer: str | None = None


@dataclass(frozen=True)
class Customer:
    """One customer's conversations, the oldest first, and their addresses, in lower case.

    `unsure` are conversations that may be theirs: only their address was typed there, or an agent added it there, or an
    address of there to them, or merged it with one.
    `mails_aside` is how many mails from or about their addresses were put aside.
    """

    conversation_ids: tuple[str, ...]
    addresses: frozenset[str]
    unsure: tuple[str, ...]
    mails_aside: int = 0


def read_who(text: str, settings: Settings) -> Who:
    """Who is meant by a conversation's id, an e-mail address, or "SITE:ID". Raises Unknown for anything else."""
    text = text.strip()
    site, _, customer = text.partition(":")
    if customer and site in settings.sites and customer.isprintable():
        return Who(site=site, customer=customer)
    if CONVERSATION.fullmatch(text):
        return Who(conversation_id=text)
    if address := read_sender_address(text):
        return Who(address=address)
    raise Unknown("Give the id of a conversation, an e-mail address, or SITE:ID, where ID is the site’s own.")


def find_customer(store: Store, settings: Settings, who: Who, *, also_unsure: bool = False) -> Customer:
    """What is theirs; with `also_unsure`, what may be as well. Raises Unknown when nothing is.

    From the conversations of whoever is meant follow their proven addresses, and from these more conversations; no
    further, so that what two people share leads to the second, and not to all that the second ever shared.
    """
    ids, typed = _begin(store, who)
    addresses = {who.address} if who.address else set()
    for each in ids:
        addresses |= list_senders(store, settings, each)
    with store.read() as connection:
        ids |= list_proven(connection, _spell(addresses))
        added = list_added(connection, ids)
        likely = list_likely(connection, _spell(addresses | typed | added), ids)
        unsure = (likely | list_proven(connection, _spell(added))) - ids
        if also_unsure:
            ids, unsure = ids | unsure, set()
        found = Customer(
            tuple(list_in_order(connection, ids)),
            frozenset(addresses),
            tuple(list_in_order(connection, unsure)),
            count_strays_of(connection, addresses),
        )
    if not (found.conversation_ids or found.unsure or found.mails_aside):
        raise Unknown("Nothing is known of them.")
    return found


def _begin(store: Store, who: Who) -> tuple[set[str], set[str]]:
    """The first conversations, and the address that was only typed in the one that is meant."""
    if who.conversation_id is None:
        with store.read() as connection:
            ids = list_of_customer_id(connection, who.site, who.customer) if who.site and who.customer else set()
        return ids, set()
    conversation = find_conversation(store, who.conversation_id)
    if conversation is None:
        raise Unknown("There is no such conversation.")
    ids = {conversation.id}
    if conversation.verified and conversation.customer is not None:
        with store.read() as connection:
            ids |= list_of_customer_id(connection, conversation.site, conversation.customer)
    address = read_sender_address(conversation.email)
    return ids, {address} if address else set()


def _spell(addresses: set[str]) -> set[str]:
    return {spelling for address in addresses for spelling in list_spellings(address)}
