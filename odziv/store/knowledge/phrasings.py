"""Proposed phrasings: a customer's own words, kept for the editors when a press told which article they meant."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, insert, select, update

from odziv.store.audit import record
from odziv.store.customers.personal_data import says_something, without_personal_data
from odziv.store.engine import Store, moment_of
from odziv.store.lengths import LONGEST_PROPOSED
from odziv.store.schema import messages, phrasings, turns

# Buttons that tell, where they name an article, that the words before were about it: it was chosen among several, or
# was the answer in doubt that helped.
TELLING = ("choice", "helped")
MOST_LISTED = 200
MOST_OFFERS = 50


@dataclass(frozen=True)
class Phrasing:
    """Words somebody used for an article. `status` is proposed, accepted or dismissed; `count` how often they came.

    `conversation_id` and `seq` are the message they were last written in.
    """

    id: int
    article: str
    language: str
    text: str
    count: int
    conversation_id: str
    seq: int
    status: str
    created_at: int
    decided_by: int | None
    decided_at: int | None


# What the bot said, newest first. Only a reply that considered articles was about the words before it: "which one?"
# after a bare yes was not. Ordered by `reply_to`, which has an index: turns are taken one after the other, so it is the
# order of the log. No more than MOST_OFFERS: this is read while nobody else can write.
_OFFERS = (
    select(messages.c.buttons, messages.c.considered, messages.c.reply_to)
    .where(
        messages.c.conversation_id == bindparam("conversation"),
        messages.c.sender == "bot",
        messages.c.reply_to.is_not(None),
    )
    .order_by(messages.c.reply_to.desc())
    .limit(MOST_OFFERS)
)
_TYPED = (
    select(messages.c.text, turns.c.button)
    .join(turns, (turns.c.conversation_id == messages.c.conversation_id) & (turns.c.seq == messages.c.seq))
    .where(
        messages.c.conversation_id == bindparam("conversation"),
        messages.c.seq == bindparam("number"),
        messages.c.sender == "customer",
    )
)
_SAME = select(phrasings).where(
    phrasings.c.article == bindparam("of_article"),
    phrasings.c.language == bindparam("in_language"),
    phrasings.c.text == bindparam("words"),
)
_PROPOSED = phrasings.c.status == "proposed"


def propose(connection: Connection, conversation_id: str, article: str, language: str) -> None:
    """Keeps the words to which `article` was offered, in the caller's transaction; nothing if unfit.

    The same words again raise their count, once for each message they were written in.
    """
    seq = _asked_in(connection, conversation_id, article)
    text = _own_words(connection, conversation_id, seq) if seq is not None else None
    if text is not None:
        _keep(connection, conversation_id, seq, article, language, text)


def propose_words(store: Store, conversation_id: str, seq: int, article: str, language: str, text: str) -> str | None:
    """Keeps words an agent chose for `article`, without personal data; `seq` is the agent's answer to them.

    Returns how they stand now: proposed, or accepted or dismissed before. None when nothing is left of them.
    """
    text = without_personal_data(" ".join(text.split()))
    if len(text) > LONGEST_PROPOSED or not says_something(text):
        return None
    with store.write() as connection:
        return _keep(connection, conversation_id, seq, article, language, text)


def _keep(connection: Connection, conversation_id: str, seq: int, article: str, language: str, text: str) -> str:
    """Adds a phrasing or counts it once more; returns its status."""
    wanted = {"of_article": article, "in_language": language, "words": text}
    known = connection.execute(_SAME, wanted).mappings().first()
    if known is None:
        row = {"article": article, "language": language, "text": text, "count": 1, "status": "proposed"}
        place = {"conversation_id": conversation_id, "seq": seq, "created_at": moment_of(connection)}
        connection.execute(insert(phrasings).values(**row, **place))
    elif (known["conversation_id"], known["seq"]) != (conversation_id, seq):
        connection.execute(
            update(phrasings)
            .where(phrasings.c.id == known["id"])
            .values(count=phrasings.c.count + 1, conversation_id=conversation_id, seq=seq)
        )
    return known["status"] if known else "proposed"


def _asked_in(connection: Connection, conversation_id: str, article: str) -> int | None:
    """The number of the customer's message to which this article was offered, the newest if several were."""
    for buttons, considered, reply_to in connection.execute(_OFFERS, {"conversation": conversation_id}):
        offered = [button.get("article") for button in buttons or () if button.get("kind") in TELLING]
        if considered and article in offered:
            return reply_to
    return None


def _own_words(connection: Connection, conversation_id: str, seq: int) -> str | None:
    """What the customer typed there, fit to be kept; None when they pressed a button, or wrote too much or nothing."""
    row = connection.execute(_TYPED, {"conversation": conversation_id, "number": seq}).first()
    if row is None or row.button is not None:
        return None
    text = " ".join(row.text.split())
    if len(text) > LONGEST_PROPOSED:
        return None
    text = without_personal_data(text)
    return text if says_something(text) else None


def list_proposed(store: Store, limit: int = MOST_LISTED) -> list[Phrasing]:
    """The phrasings nobody has decided about, newest first."""
    statement = select(phrasings).where(_PROPOSED).order_by(phrasings.c.created_at.desc(), phrasings.c.id.desc())
    with store.read() as connection:
        return [Phrasing(**row) for row in connection.execute(statement.limit(limit)).mappings()]


def count_proposed(store: Store) -> int:
    """How many phrasings wait for a decision."""
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(phrasings).where(_PROPOSED)).scalar_one()


def find_phrasing(store: Store, phrasing_id: int) -> Phrasing | None:
    """One phrasing, or None."""
    with store.read() as connection:
        row = connection.execute(select(phrasings).where(phrasings.c.id == phrasing_id)).mappings().first()
        return Phrasing(**row) if row else None


def decide_phrasing(store: Store, phrasing_id: int, status: str, agent_id: int) -> bool:
    """Marks a proposed phrasing accepted or dismissed. Returns whether it was still proposed; of several, one wins."""
    with store.write() as connection:
        decided = connection.execute(
            update(phrasings)
            .where(phrasings.c.id == phrasing_id, _PROPOSED)
            .values(status=status, decided_by=agent_id, decided_at=store.clock())
            .returning(phrasings.c.article, phrasings.c.language)
        ).first()
        if decided is None:
            return False
        # The article tells enough: the words are a customer's.
        about = {"article": decided.article, "language": decided.language}
        record(connection, f"phrasing_{status}", agent_id, f"phrasing:{phrasing_id}", **about)
        return True
