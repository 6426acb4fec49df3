"""Compares what was acknowledged to customers with what the store kept and the stream showed: `find_violations`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kept:
    """A row of the store's log. `reply_to` is the number of the customer's message it reacts to."""

    seq: int
    sender: str
    client_id: str | None
    text: str
    reply_to: int | None


@dataclass(frozen=True)
class Acknowledged:
    """An acknowledged message: the client's id, its text, and the number the server gave it."""

    client_id: str
    text: str
    seq: int


@dataclass
class Account:
    """One conversation from all sides, after everything has settled."""

    conversation: str
    acknowledged: list[Acknowledged]  # in the order they were acknowledged
    tried: dict[str, str]  # client id → text of every message sent, acknowledged or not
    log: list[dict[str, Any]]  # GET …/messages?after=0
    status: str
    kept: list[Kept]  # the database's rows
    seen: list[int]  # numbers in the order the stream showed them
    open_turns: int = 0  # recorded as waiting or running
    handoffs: int = 0  # entries in the queue


@dataclass(frozen=True)
class Violation:
    """What went wrong with a conversation: `kind` in one word or two, `detail` for whoever looks into it."""

    kind: str
    conversation: str
    detail: str


def find_violations(account: Account) -> list[Violation]:
    """Everything that went wrong in one conversation; empty when nothing did."""
    checks = (_stored_once, _in_order, _same_everywhere, _reacted_to_once, _handed_off_once, _stream_complete)
    return [Violation(kind, account.conversation, detail) for check in checks for kind, detail in check(account)]


Found = Iterator[tuple[str, str]]


def _stored_once(account: Account) -> Found:
    stored = [message for message in account.log if message["sender"] == "customer"]
    copies = Counter(message.get("client_id") for message in stored)
    by_client_id = {message.get("client_id"): message for message in stored}
    for client_id, count in copies.items():
        if client_id not in account.tried:
            yield "stray", f"a message nobody sent, client_id {client_id}"
        if count > 1:
            yield "doubled", f"client_id {client_id} is stored {count} times"
    for one in account.acknowledged:
        message = by_client_id.get(one.client_id)
        if message is None:
            yield "lost", f"message {one.seq} was acknowledged and is not stored"
        elif message["seq"] != one.seq:
            yield "renumbered", f"acknowledged as {one.seq}, stored as {message['seq']}"
        elif message["text"] != one.text:
            yield "altered", f"message {one.seq} has another text than was sent"


def _in_order(account: Account) -> Found:
    for before, after in zip(account.acknowledged, account.acknowledged[1:], strict=False):
        if after.seq <= before.seq:
            yield "reordered", f"{after.seq} was acknowledged after {before.seq}"
    numbers = [message["seq"] for message in account.log]
    if numbers != list(range(1, len(numbers) + 1)):
        yield "misnumbered", f"the log's numbers are {numbers}"


def _same_everywhere(account: Account) -> Found:
    told = [(m["seq"], m["sender"], m.get("client_id"), m["text"]) for m in account.log]
    kept = [(row.seq, row.sender, row.client_id, row.text) for row in account.kept]
    if told != kept:
        yield "contradiction", f"the interface tells {len(told)} messages, the database keeps {len(kept)}, not the same"


def _reacted_to_once(account: Account) -> Found:
    """A handoff is the reaction to all that still waited; what comes after it is for a person."""
    notice = _notice(account.kept)
    reactions = Counter(row.reply_to for row in account.kept if row.reply_to is not None)
    customers = {row.seq for row in account.kept if row.sender == "customer"}
    for seq in sorted(customers):
        if reactions[seq] > 1:
            yield "reacted twice", f"message {seq} got {reactions[seq]} reactions"
        elif reactions[seq] == 0 and not (notice and notice.reply_to is not None and seq > notice.reply_to):
            yield "no reaction", f"message {seq} got none, the conversation is {account.status!r}"
    for seq in sorted(set(reactions) - customers):
        yield "reaction to nothing", f"{seq} is no customer's message"
    for row in account.kept:
        if row.sender != "customer" and row.reply_to is None and not _introduces(row, notice):
            yield "unasked", f"message {row.seq} by {row.sender} reacts to nothing"
        # What is written while a person is waited for may be answered; what was before has got its reaction.
        if notice and row.sender == "bot" and row.seq > notice.seq and (row.reply_to or 0) < notice.seq:
            yield "talked over", f"the bot's message {row.seq} came after the handoff, {notice.seq}"
    if account.open_turns:
        yield "unfinished", f"{account.open_turns} turns are still waiting or running"


def _handed_off_once(account: Account) -> Found:
    notices = [row.seq for row in account.kept if row.sender == "system"]
    if len(notices) > 1:
        yield "handed off twice", f"notices {notices}"
    expected = "queued" if notices else "bot"
    if account.status != expected:
        yield "wrong owner", f"the status is {account.status!r}, not {expected!r}"
    if account.handoffs != len(notices):
        yield "queue", f"{account.handoffs} entries in the queue for {len(notices)} notices"


def _stream_complete(account: Account) -> Found:
    """The stream may have been left early, but up to there it shows each message once, in order."""
    if not account.seen:
        return
    expected = [row.seq for row in account.kept if row.seq <= max(account.seen)]
    if account.seen != expected:
        yield "stream", f"it showed {account.seen}, the log has {expected}"


def _notice(kept: Sequence[Kept]) -> Kept | None:
    return next((row for row in kept if row.sender == "system"), None)


def _introduces(row: Kept, notice: Kept | None) -> bool:
    """What the bot says in one breath with a handoff: the notice right after it carries the `reply_to`."""
    return notice is not None and row.sender == "bot" and row.seq == notice.seq - 1
