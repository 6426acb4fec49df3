"""What became of a night's mails, against what was to become of them: lost, doubled, or answered wrongly?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select

from bench.parts.night_mails import ANSWERED, ASIDE, EITHER, MARK, QUIET, Sent
from odziv.store.schema import mail_queue, mails, messages, turns


@dataclass(frozen=True)
class Night:
    """What the database holds in the morning, and what the mail server was given."""

    mails: list[dict[str, Any]]
    messages: dict[tuple[str, int], dict[str, Any]]
    open_turns: int
    waiting: int  # answers that are still to go out: under way when a process was killed, they wait for their lease
    given: Sequence[EmailMessage]

    @classmethod
    def read(cls, database: Path, given: Sequence[EmailMessage]) -> Night:
        """Looks into the database, which stays as it is."""
        engine = create_engine(f"sqlite:///file:{database}?mode=ro&uri=true")
        try:
            with engine.connect() as connection:
                kept = [dict(row) for row in connection.execute(select(mails)).mappings()]
                columns = (messages.c.conversation_id, messages.c.seq, messages.c.sender, messages.c.internal)
                said = connection.execute(select(*columns, messages.c.text, messages.c.reply_to, messages.c.client_id))
                log = {(row["conversation_id"], row["seq"]): dict(row) for row in said.mappings()}
                unfinished = connection.execute(select(turns.c.seq).where(turns.c.finished_at.is_(None))).all()
                queued = connection.execute(select(mail_queue.c.id).where(mail_queue.c.status == "waiting")).all()
        finally:
            engine.dispose()
        return cls(kept, log, len(unfinished), len(queued), given)

    def by_mark(self) -> dict[str, list[dict[str, Any]]]:
        """The mails that were kept, by their mark."""
        found = defaultdict(list)
        for row in self.mails:
            mark = MARK.search(row["subject"]) or MARK.search(row["original"])
            found[mark[0] if mark else "none"].append(row)
        return found


def find_wrongs(sent: Sequence[Sent], night: Night) -> list[str]:
    """What is wrong, a sentence each; nothing when each mail is in one place and nobody was answered wrongly."""
    kept = night.by_mark()
    once = {mail.mark: mail for mail in sent if mail.kind != "copy"}
    wrongs = [wrong for mail in once.values() for wrong in _judge(mail, kept.get(mail.mark, []), night)]
    unknown = kept.keys() - once.keys()
    wrongs += [f"there is a mail that nobody sent: {mark}" for mark in sorted(unknown)]
    known = {(row["conversation_id"], row["seq"]) for row in night.mails}
    stray = [place for place, said in night.messages.items() if said["sender"] == "customer" and place not in known]
    wrongs += [f"a customer's message came in no mail: {place}" for place in stray]
    reactions = Counter(
        (said["conversation_id"], said["reply_to"]) for said in night.messages.values() if said["reply_to"]
    )
    wrongs += [f"a mail got {count} reactions: {place}" for place, count in reactions.items() if count > 1]
    wrongs += [f"{night.open_turns} mails still wait for the bot"] if night.open_turns else []
    return wrongs + _judge_answers(once, night)


def _judge(mail: Sent, rows: list[dict[str, Any]], night: Night) -> list[str]:
    name = f"{mail.mark} ({mail.kind})"
    if len(rows) != 1:
        return [f"{name} was {'lost' if not rows else f'kept {len(rows)} times'}"]
    row = rows[0]
    said = night.messages.get((row["conversation_id"], row["seq"]))
    if row["conversation_id"] is None:
        readable = bool(row["automatic"])
        wrong = [] if readable else [f"{name} is put aside without a reason"]
        return wrong if mail.becomes in {ASIDE, EITHER} else [f"{name} is in no conversation: {row['automatic']}"]
    if said is None:
        return [f"{name} is in a conversation without a message"]
    if mail.becomes == ASIDE:
        return [] if said["internal"] else [f"{name} became a customer's message"]
    if said["sender"] != "customer":
        return [] if mail.becomes == EITHER else [f"{name} is only an entry in the log"]
    is_in = mail.mark in said["text"] or mail.kind == "hostile"
    return [] if is_in else [f"{name} lost its words: {said['text'][:80]!r}"]


def _judge_answers(once: dict[str, Sent], night: Night) -> list[str]:
    """Who was written to, and how often about one mail."""
    customers = {mail.customer: mail for mail in once.values() if mail.customer}
    by_id = {mail.message_id: mail for mail in once.values()}
    about: dict[str, set[str]] = defaultdict(set)
    wrongs = []
    for given in night.given:
        recipient = str(given["To"])
        if recipient not in customers:
            wrongs.append(f"somebody who wrote nothing was written to: {recipient}")
        answered = by_id.get(str(given["In-Reply-To"] or ""))
        if answered is not None:
            about[answered.mark].add(str(given["Message-ID"]))
            wrongs += [f"{answered.mark} ({answered.kind}) was answered"] if answered.becomes in {QUIET, ASIDE} else []
    wrongs += [f"{mark} was answered {len(ids)} times" for mark, ids in about.items() if len(ids) > 1]
    silent = [mail for mail in once.values() if mail.becomes == ANSWERED and mail.mark not in about]
    if len(silent) > night.waiting:  # those under way when a process was killed go out again after their lease
        wrongs += [f"{mail.mark} ({mail.kind}) was not answered" for mail in silent]
    return wrongs


def figures_of(sent: Sequence[Sent], night: Night) -> dict[str, Any]:
    """What was counted, for the report."""
    aside = Counter(row["automatic"] for row in night.mails if row["conversation_id"] is None)
    ids = [str(given["Message-ID"]) for given in night.given]
    return {
        "sent": len(sent),
        "kinds": dict(Counter(mail.kind for mail in sent).most_common()),
        "kept": len(night.mails),
        "conversations": len({row["conversation_id"] for row in night.mails} - {None}),
        "aside": dict(aside.most_common()),
        "answers": len(set(ids)),
        "given_twice": len(ids) - len(set(ids)),
        "waiting_for_their_lease": night.waiting,
    }
