"""A customer's other conversations: found by who the site says they are, or by one of their e-mail addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select

from odziv.store.conversations.conversation import Conversation
from odziv.store.customers.belonging import Spell, spell_simply
from odziv.store.customers.other_addresses import list_together
from odziv.store.engine import Store
from odziv.store.schema import agents, conversations, customer_addresses, handoffs, messages

MOST_EARLIER = 20


@dataclass(frozen=True)
class Other:
    """Another conversation of the same customer. `is_sure`: the site verified both. `is_by_other`: only an address that
    an agent added says that it is theirs.

    `said` is how it began, `status` how it stands, `handoffs` how often a person was needed.
    """

    id: str
    site: str
    language: str
    status: str
    agent_id: int | None
    agent_name: str | None
    created_at: int
    updated_at: int
    said: str | None
    handoffs: int
    is_sure: bool
    is_by_other: bool = False


def list_others(
    store: Store, conversation: Conversation, limit: int = MOST_EARLIER, *, spell: Spell = spell_simply
) -> list[Other]:
    """The same customer's other conversations, newest first; none when nothing tells who they are."""
    with store.read() as connection:
        together = list_together(connection, conversation, spell)
        sure = _same_customer(conversation)
        if sure is None and not together:
            return []
        own = set(spell(conversation.email)) if conversation.email else set()
        rows = connection.execute(_select_others(conversation, sure, together, limit)).mappings().all()
    return [_tell(dict(row), own) for row in rows]


def _tell(row: dict[str, Any], own: set[str]) -> Other:
    email, is_sure = row.pop("email"), bool(row.pop("is_sure"))
    return Other(**row, is_sure=is_sure, is_by_other=not is_sure and email not in own)


def _select_others(
    conversation: Conversation, sure: ColumnElement[bool] | None, together: set[str], limit: int
) -> Select[Any]:
    added = select(customer_addresses.c.conversation_id).where(customer_addresses.c.address.in_(together))
    ways = [conversations.c.email.in_(together), conversations.c.id.in_(added)]
    same = or_(*ways, *([sure] if sure is not None else []))
    is_sure = case((sure, 1), else_=0) if sure is not None else literal(0)
    of_it = messages.c.conversation_id == conversations.c.id
    first_said = select(messages.c.text).where(of_it, messages.c.sender == "customer").order_by(messages.c.seq).limit(1)
    needed = select(func.count()).select_from(handoffs).where(handoffs.c.conversation_id == conversations.c.id)
    columns = ("id", "site", "language", "status", "agent_id", "created_at", "updated_at", "email")
    return (
        select(
            *(conversations.c[name] for name in columns),
            agents.c.name.label("agent_name"),
            first_said.scalar_subquery().label("said"),
            needed.scalar_subquery().label("handoffs"),
            is_sure.label("is_sure"),
        )
        .select_from(conversations.outerjoin(agents, agents.c.id == conversations.c.agent_id))
        .where(same, conversations.c.id != conversation.id, conversations.c.last_seq > 0)
        .order_by(conversations.c.created_at.desc(), conversations.c.id)
        .limit(limit)
    )


def is_same_customer(one: Conversation, other: Conversation) -> bool:
    """Whether the site verified that both are the same: its own id for them, or the same verified e-mail address."""
    if not (one.verified and other.verified):
        return False
    same_id = one.customer is not None and (one.site, one.customer) == (other.site, other.customer)
    return same_id or (one.email is not None and one.email == other.email)


def _same_customer(conversation: Conversation):
    if not conversation.verified:
        return None
    ways = []
    if conversation.customer is not None:
        ways.append(and_(conversations.c.site == conversation.site, conversations.c.customer == conversation.customer))
    if conversation.email is not None:
        ways.append(conversations.c.email == conversation.email)
    return and_(conversations.c.verified.is_(True), or_(*ways)) if ways else None
