"""A customer's other e-mail addresses, as agents added them: known, and proven by nothing.

They find what belongs together, for agents. By them nobody gets into a conversation, or is sent what was said there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, or_, select, union
from sqlalchemy.exc import IntegrityError

from odziv.store.audit import record
from odziv.store.conversations.conversation import Conversation, load_conversation
from odziv.store.customers.belonging import Spell, list_known, select_known, spell_simply
from odziv.store.engine import Store, moment_of, touch
from odziv.store.schema import agents, conversations, customer_addresses, merges

MOST_ADDRESSES = 10  # of a customer, beside the one that their conversation has
MOST_TOGETHER = 50  # addresses by which other conversations are looked for


@dataclass(frozen=True)
class OtherAddress:
    """An address in lower case, its domain in ASCII; who added it, and when (milliseconds since 1970)."""

    id: int
    address: str
    agent_name: str
    created_at: int


class TooManyAddresses(Exception):
    """The customer has MOST_ADDRESSES already."""


def list_addresses(store: Store, conversation: Conversation, spell: Spell = spell_simply) -> list[OtherAddress]:
    """Each once, in the order in which they were added: those of this conversation, and of those known to be theirs."""
    with store.read() as connection:
        return _load(connection, conversation, spell)


def add_address(store: Store, conversation_id: str, address: str, by: int, spell: Spell = spell_simply) -> bool:
    """Adds one, as `OtherAddress` has it. False: it is there. Raises TooManyAddresses, KeyError: no conversation."""
    try:
        with store.write() as connection:
            conversation = load_conversation(connection, conversation_id)
            if conversation is None:
                raise KeyError(conversation_id)
            there = {each.address for each in _load(connection, conversation, spell)}
            if address in there:
                return False
            if len(there) >= MOST_ADDRESSES:
                raise TooManyAddresses(conversation_id)
            _insert(connection, conversation_id, [(address, by)])
            record(connection, "address_added", by, f"conversation:{conversation_id}")
            return True
    except IntegrityError:  # on PostgreSQL, two agents at once
        return False


def remove_address(
    store: Store, conversation_id: str, address_id: int, by: int, spell: Spell = spell_simply
) -> str | None:
    """Removes one in all conversations known to be the customer's, and returns it; None where there is none of that id.

    Raises KeyError without conversation.
    """
    with store.write() as connection:
        conversation = load_conversation(connection, conversation_id)
        if conversation is None:
            raise KeyError(conversation_id)
        found = next((each for each in _load(connection, conversation, spell) if each.id == address_id), None)
        if found is None:
            return None
        _delete(connection, (customer_addresses.c.address == found.address) & _is_theirs(conversation, spell))
        record(connection, "address_removed", by, f"conversation:{conversation_id}")
        return found.address


def take_over_addresses(connection: Connection, conversation_id: str) -> None:
    """Has a conversation have those of its customer's others, in the caller's transaction: they may go before it."""
    conversation = load_conversation(connection, conversation_id)
    if conversation is not None:
        _copy(connection, list_known(connection, conversation), conversation_id)


def merge_addresses(connection: Connection, from_id: str, into_id: str) -> None:
    """Has the conversation that goes on have those of the one that was merged into it."""
    _copy(connection, [from_id], into_id)


def forget_addresses(connection: Connection, addresses: Collection[str]) -> int:
    """Removes these, wherever they were added, in the caller's transaction; returns from how many conversations."""
    return _delete(connection, customer_addresses.c.address.in_(addresses)) if addresses else 0


def list_added(connection: Connection, conversation_ids: Collection[str]) -> set[str]:
    """Those that agents added in these conversations."""
    here = customer_addresses.c.conversation_id.in_(conversation_ids)
    return set(connection.execute(select(customer_addresses.c.address).where(here)).scalars())


def list_together(connection: Connection, conversation: Conversation, spell: Spell) -> set[str]:
    """The addresses that may be this customer's, as they may be stored: theirs, those added to it, and those of
    conversations to which an agent added it. No further, or one shared address would join what two people have."""
    own = set(spell(conversation.email)) if conversation.email else set()
    having = select(customer_addresses.c.conversation_id).where(customer_addresses.c.address.in_(own))
    of_them = union(
        select(conversations.c.email).where(conversations.c.id.in_(having), conversations.c.email.is_not(None)),
        select(customer_addresses.c.address).where(customer_addresses.c.conversation_id.in_(having)),
    ).limit(MOST_TOGETHER)
    added = {each.address for each in _load(connection, conversation, spell)}
    together = added | set(connection.execute(of_them).scalars())
    return own | {spelling for each in together for spelling in spell(each)}


def share_address(connection: Connection, one: Conversation, other: Conversation, spell: Spell) -> bool:
    """Whether an agent added to one of the two an address that the other has."""
    return any(
        first.email is not None
        and set(spell(first.email)) & {each.address for each in _load(connection, second, spell)}
        for first, second in ((one, other), (other, one))
    )


def list_merged_emails(connection: Connection, conversation_id: str) -> list[tuple[str, str]]:
    """Name, empty where there is none, and address of the conversations that this one was merged with."""
    c = conversations.c
    into = select(merges.c.into_id).where(merges.c.conversation_id == conversation_id)
    away = select(merges.c.conversation_id).where(merges.c.into_id == conversation_id)
    return _named(connection, or_(c.id.in_(into), c.id.in_(away)))


def list_noting(connection: Connection, addresses: Collection[str]) -> list[tuple[str, str]]:
    """The same of the conversations to which an agent added one of these addresses."""
    having = select(customer_addresses.c.conversation_id).where(customer_addresses.c.address.in_(addresses))
    return _named(connection, conversations.c.id.in_(having))


def _named(connection: Connection, which) -> list[tuple[str, str]]:
    c = conversations.c
    statement = select(func.max(c.name), c.email).where(which, c.email.is_not(None)).group_by(c.email)
    newest_first = statement.order_by(func.max(c.created_at).desc(), c.email).limit(MOST_TOGETHER)
    return [(name or "", email) for name, email in connection.execute(newest_first)]


def _is_theirs(conversation: Conversation, spell: Spell):
    column = customer_addresses.c.conversation_id
    return or_(column == conversation.id, column.in_(select_known(conversation, spell)))


def _load(connection: Connection, conversation: Conversation, spell: Spell) -> list[OtherAddress]:
    c = customer_addresses.c
    first = select(func.min(c.id)).where(_is_theirs(conversation, spell)).group_by(c.address)
    statement = (
        select(c.id, c.address, agents.c.name.label("agent_name"), c.created_at)
        .join(agents, agents.c.id == c.agent_id)
        .where(c.id.in_(first))
        .order_by(c.id)
    )
    return [OtherAddress(**row) for row in connection.execute(statement).mappings()]


def _copy(connection: Connection, from_ids: Collection[str], into_id: str) -> None:
    c = customer_addresses.c
    there = list_added(connection, [into_id])
    theirs = select(c.address, func.min(c.agent_id)).where(c.conversation_id.in_(from_ids), c.address.not_in(there))
    room = max(MOST_ADDRESSES - len(there), 0)
    found = connection.execute(theirs.group_by(c.address).order_by(func.min(c.id)).limit(room)).all()
    _insert(connection, into_id, [(address, agent_id) for address, agent_id in found])


def _insert(connection: Connection, conversation_id: str, added: Iterable[tuple[str, int]]) -> None:
    rows = [
        {"conversation_id": conversation_id, "address": address, "agent_id": by, "created_at": moment_of(connection)}
        for address, by in added
    ]
    if rows:
        connection.execute(insert(customer_addresses), rows)
        touch(connection, conversation_id)


def _delete(connection: Connection, which) -> int:
    c = customer_addresses.c
    ids = set(connection.execute(select(c.conversation_id).where(which)).scalars())
    connection.execute(delete(customer_addresses).where(which))
    for conversation_id in ids:
        touch(connection, conversation_id)
    return len(ids)
