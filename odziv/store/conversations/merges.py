"""Merging: a conversation ends because it goes on in another one of the same customer. Nothing said is moved.

What a customer reads stays where they wrote it: another browser must never show it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from odziv.store.audit import record
from odziv.store.conversations.conversation import Conversation, change_owner, load_conversation
from odziv.store.conversations.messages import NewMessage, append_message
from odziv.store.conversations.turns import skip_waiting_turns
from odziv.store.customers.belonging import Spell, spell_simply
from odziv.store.customers.other_addresses import merge_addresses, share_address
from odziv.store.customers.other_conversations import is_same_customer
from odziv.store.engine import Store, moment_of, touch
from odziv.store.fields.values import merge_values
from odziv.store.handoffs.scheduled_replies import send_scheduled_replies
from odziv.store.schema import agents, conversations, handoffs, merges
from odziv.texts.desk import _

MOST_MERGED = 20  # one into another, and that into a third


class CannotMerge(Exception):
    """Nothing changed; the message says why, in words for an agent."""


class Unconfirmed(CannotMerge):
    """Only an e-mail address says so, which anybody may type: an agent has to say that it is the same customer."""


@dataclass(frozen=True)
class Merge:
    """One conversation was merged into another, by whom and when; `other` is the one that isn't asked about."""

    other: str
    is_into: bool
    agent_name: str
    at: int


def merge(
    store: Store,
    conversation_id: str,
    into_id: str,
    agent_id: int,
    entries: tuple[NewMessage, NewMessage],
    notice: NewMessage,
    *,
    confirmed: bool = False,
    spell: Spell = spell_simply,
) -> None:
    """Ends a conversation in favour of another, which the agent has. `entries` go into the two logs, `notice` to the
    customer of the one that ends. Raises CannotMerge, Unconfirmed without `confirmed`, KeyError for an unknown one.
    """
    with store.write() as connection:
        one, other = load_conversation(connection, conversation_id), load_conversation(connection, into_id)
        if one is None or other is None:
            raise KeyError(conversation_id if one is None else into_id)
        certainty = _check(one, other, agent_id)
        if certainty is None:
            certainty = _weigh(connection, one, other, confirmed, spell)
        send_scheduled_replies(connection, one.id)
        append_message(connection, one.id, notice)
        append_message(connection, one.id, entries[0])
        skip_waiting_turns(connection, one.id)
        _close(connection, one.id)
        change_owner(connection, one.id, "resolved", agent_id=None, merged_into=other.id)
        append_message(connection, other.id, entries[1])
        connection.execute(delete(merges).where(merges.c.conversation_id == one.id))  # it came back, and goes again
        row = {"conversation_id": one.id, "into_id": other.id, "agent_id": agent_id, "at": store.clock()}
        connection.execute(insert(merges).values(**row))
        merge_values(connection, one.id, other.id)
        merge_addresses(connection, one.id, other.id)
        touch(connection, other.id)
        record(connection, "merged", agent_id, f"conversation:{one.id}", into=other.id, because=certainty)


def _check(one: Conversation, other: Conversation, agent_id: int) -> str | None:
    """Whether the one may go into the other, and that the site says whose they are; None where it doesn't."""
    if one.id == other.id:
        raise CannotMerge(_("a conversation can’t be merged into itself."))
    if other.status != "open" or other.agent_id != agent_id:
        raise CannotMerge(_("you don’t have the conversation it would be merged into."))
    if one.status == "open" and one.agent_id != agent_id:
        raise CannotMerge(_("%(name)s has the other conversation.", name=one.agent_name))
    if one.status not in ("bot", "queued", "open"):
        raise CannotMerge(_("the other conversation is over already."))
    return "verified" if is_same_customer(one, other) else None


def _weigh(connection: Connection, one: Conversation, other: Conversation, confirmed: bool, spell: Spell) -> str:
    """What an address says of two whose customer no site knows; only an agent can say that it is so."""
    if one.email is not None and one.email == other.email:
        certainty = "same e-mail"
        problem = _("both only have the same e-mail address; please confirm that it is the same customer.")
    elif share_address(connection, one, other, spell):
        certainty = "added address"
        problem = _("only an e-mail address that an agent added says so; please confirm that it is the same customer.")
    else:
        raise CannotMerge(_("nothing says that both are the same customer."))
    if not confirmed:
        raise Unconfirmed(problem)
    return certainty


def _close(connection: Connection, conversation_id: str) -> None:
    """Its handoff is over; a snooze too."""
    connection.execute(
        update(handoffs)
        .where(handoffs.c.conversation_id == conversation_id, handoffs.c.status != "closed")
        .values(status="closed", closed_at=moment_of(connection), snoozed_until=None, outcome="merged")
    )


def list_merges(store: Store, conversation_id: str) -> list[Merge]:
    """What this conversation was merged into, and what was merged into it, oldest first."""
    here = or_(merges.c.conversation_id == conversation_id, merges.c.into_id == conversation_id)
    statement = select(merges, agents.c.name).join(agents, agents.c.id == merges.c.agent_id).where(here)
    with store.read() as connection:
        rows = connection.execute(statement.order_by(merges.c.at, merges.c.conversation_id)).all()
    found = []
    for row in rows:
        is_into = row.conversation_id == conversation_id
        found.append(Merge(row.into_id if is_into else row.conversation_id, is_into, row.name, row.at))
    return found


def find_where_it_goes_on(connection: Connection, conversation_id: str) -> str:
    """The conversation that this one was merged into, or that one was; itself, where it was not, or came back since."""
    into = select(merges.c.into_id).join(conversations, conversations.c.id == merges.c.conversation_id)
    into = into.where(conversations.c.status == "resolved")
    for _step in range(MOST_MERGED):
        other = connection.execute(into.where(merges.c.conversation_id == conversation_id)).scalar()
        if other is None:
            break
        conversation_id = other
    return conversation_id


def list_merged_away(store: Store, conversation_ids: list[str]) -> set[str]:
    """Which of these are resolved because they were merged into another one."""
    statement = (
        select(merges.c.conversation_id)
        .join(conversations, conversations.c.id == merges.c.conversation_id)
        .where(merges.c.conversation_id.in_(conversation_ids))
        # Not by the index of all that are resolved: few were merged.
        .where(func.coalesce(conversations.c.status, "") == "resolved")
    )
    with store.read() as connection:
        return set(connection.execute(statement).scalars())
