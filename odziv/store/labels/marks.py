"""Which conversations have which labels: put on and taken off, with an event for other programs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from odziv.store.audit import record
from odziv.store.engine import Store, moment_of, touch
from odziv.store.labels.labels import BY_NAME, SHOWN, Label
from odziv.store.schema import conversation_labels, conversations, labels
from odziv.store.webhooks.events import emit
from odziv.store.webhooks.payloads import label_payload

MOST_ON_ONE = 20


class NoSuchLabel(Exception):
    """There is none of that id for the conversation's site."""


class TooManyOnOne(Exception):
    """The conversation has MOST_ON_ONE labels already."""


def list_labels_of(store: Store, ids: Collection[str]) -> Mapping[str, list[Label]]:
    """By conversation its labels, by name; those without any are left out."""
    if not ids:
        return {}
    statement = (
        select(conversation_labels.c.conversation_id, *SHOWN)
        .join(labels, labels.c.id == conversation_labels.c.label_id)
        .where(conversation_labels.c.conversation_id.in_(ids))
        .order_by(*BY_NAME)
    )
    found: dict[str, list[Label]] = defaultdict(list)
    with store.read() as connection:
        for row in connection.execute(statement).mappings():
            found[row["conversation_id"]].append(Label(**{name: row[name] for name in Label.__dataclass_fields__}))
    return found


def mark_labels(store: Store, conversation_id: str) -> str:
    """Differs whenever a conversation has other labels."""
    mine = conversation_labels.c.conversation_id == conversation_id
    statement = select(conversation_labels.c.label_id).where(mine).order_by(conversation_labels.c.label_id)
    with store.read() as connection:
        return "-".join(map(str, connection.execute(statement).scalars()))


def put_on(store: Store, conversation_id: str, label_id: int, by: int | None) -> bool:
    """Puts a label on a conversation. False: it has it already. Raises NoSuchLabel, also for another site's, and
    TooManyOnOne."""
    try:
        with store.write() as connection:
            return _put_on(connection, conversation_id, label_id, by)
    except IntegrityError:  # on PostgreSQL, two agents at once; or it is being deleted
        return False


def _put_on(connection: Connection, conversation_id: str, label_id: int, by: int | None) -> bool:
    label = _find_for(connection, conversation_id, label_id)
    if label is None:
        raise NoSuchLabel
    mine = conversation_labels.c.conversation_id == conversation_id
    on_it = connection.execute(select(conversation_labels.c.label_id).where(mine)).scalars().all()
    if label_id in on_it:
        return False
    if len(on_it) >= MOST_ON_ONE:
        raise TooManyOnOne
    values = {"conversation_id": conversation_id, "label_id": label_id, "agent_id": by}
    connection.execute(insert(conversation_labels).values(**values, created_at=moment_of(connection)))
    _tell(connection, conversation_id, "added", label, by)
    return True


def take_off(store: Store, conversation_id: str, label_id: int, by: int | None) -> bool:
    """Takes a label off a conversation. False: it doesn't have it."""
    c = conversation_labels.c
    with store.write() as connection:
        row = connection.execute(select(*SHOWN).where(labels.c.id == label_id)).mappings().first()
        mine = delete(conversation_labels).where(c.conversation_id == conversation_id, c.label_id == label_id)
        if row is None or not connection.execute(mine).rowcount:
            return False
        _tell(connection, conversation_id, "removed", Label(**row), by)
        return True


def _find_for(connection: Connection, conversation_id: str, label_id: int) -> Label | None:
    site = connection.execute(select(conversations.c.site).where(conversations.c.id == conversation_id)).scalar()
    if site is None:
        return None
    wanted = select(*SHOWN).where(labels.c.id == label_id, labels.c.site.in_(("", site)))
    row = connection.execute(wanted).mappings().first()
    return Label(**row) if row else None


def _tell(connection: Connection, conversation_id: str, what: str, label: Label, by: int | None) -> None:
    emit(connection, f"conversation.label_{what}", conversation_id, label=label_payload(label))
    record(connection, f"label_{what}", by, f"conversation:{conversation_id}", label=label.name)
    touch(connection, conversation_id)
