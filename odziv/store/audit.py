"""The audit trail: who did what to whom, and when. Never what was written, and no secrets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from odziv.store.engine import DAY_MS, Store, moment_of
from odziv.store.retention.scope import Found
from odziv.store.schema import agents, audit

ACTIONS = (
    "sign_in",
    "sign_in_failed",
    "sign_out",
    "sessions_ended",
    "password_changed",
    "reset_link_made",
    "password_reset",
    "two_factor_on",
    "two_factor_off",
    "recovery_code_used",
    "recovery_codes_made",
    "invited",
    "invitation_revoked",
    "invitation_used",
    "name_changed",
    "shown_name_changed",
    "portrait_changed",
    "portrait_removed",
    "push_on",
    "push_off",
    "title_changed",
    "role_changed",
    "account_made",
    "identity_joined",
    "identity_parted",
    "disabled",
    "enabled",
    "claimed",
    "assigned",
    "passed_on",
    "taken_back",
    "handed_back",
    "withdrawn",
    "resolved",
    "snoozed",
    "woken",
    "merged",
    "time_promised",
    "priority_set",
    "availability_changed",
    "skills_changed",
    "overdue_mail_changed",
    "marked_spam",
    "unmarked_spam",
    "mail_opened",
    "exported",
    "export_begun",
    "export_cancelled",
    "export_downloaded",
    "deleted",
    "forgotten",
    "erased",
    "expired",
    "phrasing_accepted",
    "phrasing_dismissed",
    "saved_reply_changed",
    "saved_reply_deleted",
    "draft_accepted",
    "draft_dismissed",
    "topic_accepted",
    "topic_denied",
    "article_written",
    "first_drafts_written",
    "answer_flagged",
    "flag_done",
    "webhook_added",
    "webhook_removed",
    "webhook_on",
    "webhook_off",
    "token_made",
    "token_revoked",
    "reopened",
    "begun",
    "forwarded",
    "taken_over",
    "reassigned",
    "closed_silent",
    "label_saved",
    "label_deleted",
    "label_added",
    "label_removed",
    "view_saved",
    "view_deleted",
    "macro_saved",
    "macro_deleted",
    "macro_run",
    "macro_undone",
    "several_changed",
    "several_undone",
    "field_saved",
    "field_archived",
    "field_restored",
    "field_set",
    "address_added",
    "address_removed",
    "rule_saved",
    "rule_deleted",
    "rule_on",
    "rule_off",
    "rule_run",
    "settings_changed",
    "settings_undone",
    "first_steps_put_away",
    "first_steps_shown",
)
# Set around each request of the desk, so that not every function on the way has to carry it.
_address: ContextVar[str | None] = ContextVar("address", default=None)
# The name of the token by which a program acts for an agent.
_token: ContextVar[str | None] = ContextVar("token", default=None)


@dataclass(frozen=True)
class AuditEntry:
    """One thing that happened. Without an agent: from outside, or (no address either) by a command."""

    id: int
    at: int
    agent_id: int | None
    agent_name: str | None
    action: str
    object: str | None
    detail: dict[str, Any] | None
    address: str | None


def set_address(address: str | None) -> None:
    """Where what follows in this thread comes from, already shortened; None at its end."""
    _address.set(address)


def set_token(name: str | None) -> None:
    """By which token what follows in this thread is done; None: by the person themselves."""
    _token.set(name)


@contextmanager
def coming_from(address: str | None) -> Iterator[None]:
    """The same for a block."""
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)


def record(
    connection: Connection,
    action: str,
    agent_id: int | None = None,
    object: str | None = None,
    **detail: Any,
) -> None:
    """Adds an entry in the caller's transaction: it is kept if, and only if, the thing itself is.

    `agent_id` is who did it; `object` what it was done to, as "agent:7" or "conversation:…". Raises ValueError
    for an action that is not in ACTIONS. Keep texts, addresses of customers, tokens and codes out of `detail`.
    """
    if action not in ACTIONS:
        raise ValueError(f"{action!r} is no action of the audit trail; add it to ACTIONS")
    if _token.get() is not None:
        detail["token"] = _token.get()
    connection.execute(
        insert(audit).values(
            at=moment_of(connection),
            agent_id=agent_id,
            action=action,
            object=object,
            detail=detail or None,
            address=_address.get(),
        )
    )


def record_alone(
    store: Store, action: str, agent_id: int | None = None, object: str | None = None, **detail: Any
) -> None:
    """The same for what changes nothing else, like a failed sign-in."""
    with store.write() as connection:
        record(connection, action, agent_id, object, **detail)


def list_entries(
    store: Store, *, agent_id: int | None = None, action: str | None = None, before: int | None = None, limit: int = 50
) -> list[AuditEntry]:
    """Entries, newest first; by or about an agent, of one action, older than the entry `before`."""
    statement = select(audit, agents.c.name.label("agent_name")).select_from(
        audit.outerjoin(agents, agents.c.id == audit.c.agent_id)
    )
    if agent_id is not None:
        statement = statement.where((audit.c.agent_id == agent_id) | (audit.c.object == f"agent:{agent_id}"))
    if action is not None:
        statement = statement.where(audit.c.action == action)
    if before is not None:
        statement = statement.where(audit.c.id < before)
    with store.read() as connection:
        rows = connection.execute(statement.order_by(audit.c.id.desc()).limit(limit)).mappings()
        return [AuditEntry(**row) for row in rows]


def count_old_entries(store: Store, days: int) -> Found:
    """How many are older than that many days, and from when the oldest is."""
    old = audit.c.at < store.clock() - days * DAY_MS
    with store.read() as connection:
        count, oldest = connection.execute(select(func.count(), func.min(audit.c.at)).where(old)).one()
    return Found(count, oldest)


def remove_old_entries(store: Store, days: int) -> int:
    """Deletes what is older than that many days; returns how many entries that were."""
    with store.write() as connection:
        return connection.execute(delete(audit).where(audit.c.at < store.clock() - days * DAY_MS)).rowcount
