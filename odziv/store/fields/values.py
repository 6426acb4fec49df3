"""What fields hold: of a conversation, or of its customer, in all conversations that are known to be theirs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, delete, insert, select

from odziv.store.audit import record
from odziv.store.conversations.conversation import load_conversation
from odziv.store.customers.belonging import list_known
from odziv.store.engine import Store, moment_of, touch
from odziv.store.fields.fields import CUSTOMER, Field, load_field
from odziv.store.lengths import LONGEST_FIELD_VALUE
from odziv.store.schema import field_values, fields
from odziv.store.search.entries import keep_fields
from odziv.store.search.words import fold
from odziv.store.webhooks.events import emit


class NoSuchField(Exception):
    """There is none of that id for the conversation's site, or it is archived."""


def list_values(store: Store, conversation_id: str) -> Mapping[int, str]:
    """What the fields of a conversation and its customer hold, by field; those without anything are left out."""
    statement = select(field_values.c.field_id, field_values.c.value)
    with store.read() as connection:
        rows = connection.execute(statement.where(field_values.c.conversation_id == conversation_id))
        return {field_id: value for field_id, value in rows}


def list_values_of(store: Store, ids: Collection[str]) -> Mapping[str, dict[int, str]]:
    """The same of several conversations, by conversation."""
    found: dict[str, dict[int, str]] = defaultdict(dict)
    columns = (field_values.c.conversation_id, field_values.c.field_id, field_values.c.value)
    with store.read() as connection:
        for one, field_id, value in connection.execute(select(*columns).where(field_values.c.conversation_id.in_(ids))):
            found[one][field_id] = value
    return found


def set_value(store: Store, conversation_id: str, field_id: int, value: str, by: int | None) -> bool:
    """Has a field hold `value`; with an empty one, nothing. Of one about the customer, in all conversations that are
    known to be theirs. False: it did before. Raises NoSuchField, and KeyError for an unknown conversation."""
    with store.write() as connection:
        conversation, field = load_conversation(connection, conversation_id), load_field(connection, field_id)
        if conversation is None:
            raise KeyError(conversation_id)
        if field is None or field.is_archived or field.site not in ("", conversation.site):
            raise NoSuchField(field_id)
        if _held(connection, conversation_id, field_id) == (value or None):
            return False
        theirs = list_known(connection, conversation) if field.about == CUSTOMER else []
        for one in (conversation_id, *theirs):
            _put(connection, one, field, value, by)
        record(connection, "field_set", by, f"conversation:{conversation_id}", field=field.name)
        told = {"id": field.id, "name": field.name, "about": field.about, "value": value or None}
        emit(connection, "conversation.field_changed", conversation_id, field=told)
        return True


def take_over_values(connection: Connection, conversation_id: str) -> None:
    """Has a conversation know what is known of its customer by others of theirs, in the caller's transaction; what it
    knows already stays."""
    conversation = load_conversation(connection, conversation_id)
    if conversation is not None:
        _copy(connection, list_known(connection, conversation), conversation_id)


def merge_values(connection: Connection, from_id: str, into_id: str) -> None:
    """Has the conversation that goes on know what the other one did, where it knows nothing itself."""
    _copy(connection, [from_id], into_id, also_conversations=True)


def _copy(connection: Connection, from_ids: Iterable[str], into_id: str, *, also_conversations: bool = False) -> None:
    statement = (
        select(field_values.c.field_id, field_values.c.value, field_values.c.agent_id)
        .join(fields, fields.c.id == field_values.c.field_id)
        .where(field_values.c.conversation_id.in_(list(from_ids)))
        .order_by(field_values.c.updated_at.desc())
    )
    if not also_conversations:
        statement = statement.where(fields.c.about == CUSTOMER)
    for row in connection.execute(statement).all():
        field = load_field(connection, row.field_id)
        if field is not None and _held(connection, into_id, row.field_id) is None:
            _put(connection, into_id, field, row.value, row.agent_id)


def mark_values(store: Store, conversation_id: str) -> str:
    """Differs whenever its fields hold something else."""
    mine = select(field_values.c.field_id, field_values.c.value).where(
        field_values.c.conversation_id == conversation_id
    )
    with store.read() as connection:
        return repr([tuple(row) for row in connection.execute(mine.order_by(field_values.c.field_id))])


def _held(connection: Connection, conversation_id: str, field_id: int) -> str | None:
    here = (field_values.c.conversation_id == conversation_id) & (field_values.c.field_id == field_id)
    return connection.execute(select(field_values.c.value).where(here)).scalar()


def _put(connection: Connection, conversation_id: str, field: Field, value: str, by: int | None) -> None:
    here = (field_values.c.conversation_id == conversation_id) & (field_values.c.field_id == field.id)
    connection.execute(delete(field_values).where(here))
    if value:
        row = {"conversation_id": conversation_id, "field_id": field.id, "value": value, "folded": _fold(value)}
        connection.execute(insert(field_values).values(**row, agent_id=by, updated_at=moment_of(connection)))
    mine = select(field_values.c.value).where(field_values.c.conversation_id == conversation_id)
    keep_fields(connection, conversation_id, connection.execute(mine.order_by(field_values.c.field_id)).scalars())
    touch(connection, conversation_id)


def _fold(value: str) -> str:
    return fold(value)[: 2 * LONGEST_FIELD_VALUE]  # some signs become many letters
