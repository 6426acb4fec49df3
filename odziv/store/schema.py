"""The tables, as SQLAlchemy Core. Every change needs a migration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from odziv.store.lengths import (
    LONGEST_AGENT_CLIENT_ID,
    LONGEST_AGENT_NAME,
    LONGEST_AGENT_TITLE,
    LONGEST_ARTICLE,
    LONGEST_CLIENT_ID,
    LONGEST_CUSTOMER_ID,
    LONGEST_CUSTOMER_NAME,
    LONGEST_EMAIL,
    LONGEST_ERROR,
    LONGEST_FIELD_NAME,
    LONGEST_FIELD_VALUE,
    LONGEST_FLAG_REASON,
    LONGEST_HOOK_ANSWER,
    LONGEST_LABEL,
    LONGEST_MACRO_NAME,
    LONGEST_MAILBOX,
    LONGEST_ORIGIN,
    LONGEST_PROBLEM,
    LONGEST_PUSH_KEY,
    LONGEST_PUSH_SECRET,
    LONGEST_REPLY_NAME,
    LONGEST_RULE_NAME,
    LONGEST_SETTING_KEY,
    LONGEST_SHORTCUT,
    LONGEST_SITE,
    LONGEST_SUBJECT,
    LONGEST_TITLE,
    LONGEST_TOKEN_NAME,
    LONGEST_TOPIC,
    LONGEST_URL,
    LONGEST_VIEW_NAME,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# SQLite gives an auto-incrementing key only to INTEGER; PostgreSQL's INTEGER would run out.
Key = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column:
    return Column("id", Key, primary_key=True)


def _moment(name: str, **options: Any) -> Column:
    """Whole milliseconds since 1970 UTC. As with the two below, there is one unless `nullable` says otherwise."""
    return Column(name, BigInteger, **{"nullable": False, **options})


def _conversation(name: str = "conversation_id", **options: Any) -> Column:
    return Column(name, ForeignKey("conversations.id"), **{"nullable": False, **options})


def _agent(name: str = "agent_id", **options: Any) -> Column:
    return Column(name, ForeignKey("agents.id"), **{"nullable": False, **options})


def _where(condition: str) -> dict[str, Any]:
    """Has an index over these rows alone."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def _going_out() -> Iterator[Column]:
    """What is known of an e-mail on its way."""
    # The same at every attempt, so that a mail that goes out twice is seen to be one.
    yield Column("message_id", String(320), nullable=False, unique=True)
    yield Column("status", String(10), nullable=False)
    yield Column("attempts", Integer, nullable=False)
    yield _moment("due_at")
    yield Column("error", String(LONGEST_ERROR))
    yield _moment("created_at")
    yield _moment("finished_at", nullable=True)


agents = Table(
    "agents",
    metadata,
    _id(),
    Column("email", String(LONGEST_EMAIL), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("password_hash", String(255), nullable=False),
    Column("role", String(20), nullable=False),
    Column("disabled", Boolean, nullable=False, default=False),
    _moment("created_at"),
    _moment("last_seen_at", nullable=True),
    Column("language", String(8)),
    # Below their name in e-mails, like "Customer support".
    Column("title", String(LONGEST_AGENT_TITLE)),
    # What customers read in place of their first name.
    Column("shown_name", String(LONGEST_AGENT_NAME)),
)

# What customers and colleagues see beside an agent's name: a small square JPEG, in base64. Where it is found is its
# digest, so that another picture has another address.
portraits = Table(
    "portraits",
    metadata,
    _agent(primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("jpeg", Text, nullable=False),
    _moment("changed_at"),
)

# Browsers that are told of news while no page of the desk is open (Web Push, RFC 8030). Who knows an endpoint and the
# keys can't send there without the installation's own key.
push_subscriptions = Table(
    "push_subscriptions",
    metadata,
    _id(),
    _agent(index=True),
    Column("endpoint", String(LONGEST_URL), nullable=False),
    Column("endpoint_hash", String(64), nullable=False, unique=True),
    Column("p256dh", String(LONGEST_PUSH_KEY), nullable=False),
    Column("auth", String(LONGEST_PUSH_SECRET), nullable=False),
    # The session it was last confirmed in: signing out of that one ends it, that it runs out does not.
    Column("session_id", String(64), nullable=False),
    Column("device", String(60)),
    Column("language", String(8), nullable=False),
    _moment("created_at"),
    _moment("seen_at"),
    _moment("sent_at", nullable=True),
    _moment("failing_since", nullable=True),
    Column("problem", String(LONGEST_HOOK_ANSWER)),
    # What was news when it was last told or was no longer to be told, by subject; None before the first look.
    Column("told", JSON(none_as_null=True)),
)

# What waits to be sent to them: of each kind the newest. No words of a customer.
pushes = Table(
    "pushes",
    metadata,
    _id(),
    Column("subscription_id", ForeignKey("push_subscriptions.id"), nullable=False, index=True),
    Column("tag", String(16), nullable=False),
    Column("content", JSON, nullable=False),
    Column("status", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    _moment("due_at", index=True),
    _moment("created_at"),
    _moment("finished_at", nullable=True),
)

# Whom an identity provider (OpenID Connect) knows an agent as.
identities = Table(
    "identities",
    metadata,
    Column("issuer", String(255), primary_key=True),
    Column("subject", String(255), primary_key=True),
    _agent(),
    _moment("created_at"),
    UniqueConstraint("agent_id", "issuer"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("email", String(LONGEST_EMAIL)),
    Column("role", String(20), nullable=False),
    _moment("created_at"),
    _moment("expires_at"),
    _moment("used_at", nullable=True),
    _agent("invited_by", nullable=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _agent(index=True),
    _moment("created_at"),
    _moment("expires_at"),
    _moment("last_seen_at", nullable=True),
    # "Firefox on Linux"; what else a browser tells about itself is not kept.
    Column("device", String(60)),
    Column("address", String(45)),
)

resets = Table(
    "resets",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _agent(index=True),
    _agent("made_by", nullable=True),
    _moment("created_at"),
    _moment("expires_at"),
)

second_factors = Table(
    "second_factors",
    metadata,
    _agent(primary_key=True),
    # Base32. It has to be read to check a code, so unlike a password it can't be a hash.
    Column("secret", String(64), nullable=False),
    # Empty until the first right code: only then is it asked for.
    _moment("confirmed_at", nullable=True),
    # The newest 30-second step whose code was used; older and equal ones are refused.
    Column("last_step", BigInteger, nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    _agent(primary_key=True),
    Column("code_hash", String(64), primary_key=True),
    _moment("used_at", nullable=True),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    _moment("at", index=True),
    _agent(nullable=True),
    Column("action", String(40), nullable=False),
    # "agent:7", "conversation:…"
    Column("object", String(80), index=True),
    Column("detail", JSON),
    Column("address", String(45)),
    Index(None, "agent_id", "id"),
    Index(None, "action", "id"),
)

_FILTERED = ("status", "site", "language", "channel")

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("site", String(LONGEST_SITE), nullable=False),
    Column("language", String(8), nullable=False),
    Column("page_language", String(8)),
    Column("page", Text),
    # bot → queued → open → resolved; each change of owner raises the epoch.
    Column("status", String(10), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    _agent(nullable=True),
    _moment("created_at"),
    _moment("updated_at"),
    # Through which door it came: widget or mail.
    Column("channel", String(10), nullable=False, server_default="widget"),
    # Of the e-mail by which an agent began it; empty: its customer did.
    Column("subject", String(LONGEST_SUBJECT)),
    # Who it is: as they typed it, or as the site verified it; only then is `verified` set, and `customer` the
    # site's own id for them.
    Column("name", String(LONGEST_CUSTOMER_NAME)),
    Column("email", String(LONGEST_EMAIL), index=True),
    Column("customer", String(LONGEST_CUSTOMER_ID)),
    Column("verified", Boolean, nullable=False, server_default=false()),
    # What the browser told (browser, time zone, page's title), and what the site passed in about its customer.
    Column("browser", JSON(none_as_null=True)),
    Column("attributes", JSON(none_as_null=True)),
    # On sites that ask: when the customer agreed, and the SHA-256 of what they read.
    _moment("consent_at", nullable=True),
    Column("consent_text", String(64)),
    # Up to which message an agent's answers were on the customer's screen, and since when.
    Column("seen_seq", Integer, nullable=False, server_default="0"),
    _moment("seen_at", nullable=True),
    # The name of the mailbox it came to or was begun from; "": the one without a name. None: a chat.
    Column("mailbox", String(LONGEST_MAILBOX)),
    Index(None, "agent_id", "status"),
    Index(None, "site", "customer"),
    Index(None, "created_at"),
    # The list of all conversations is read from these alone, whichever of these columns it is filtered by.
    Index(
        "ix_conversations_listed", "updated_at", "id", "status", "site", "language", "channel", "created_at", "last_seq"
    ),
    Index(
        "ix_conversations_begun", "created_at", "id", "status", "site", "language", "channel", "updated_at", "last_seq"
    ),
    Index(None, "status", "updated_at", "id"),
)

messages = Table(
    "messages",
    metadata,
    _conversation(primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("sender", String(10), nullable=False),
    Column("internal", Boolean, nullable=False, default=False),
    Column("client_id", String(LONGEST_CLIENT_ID)),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("buttons", JSON),
    Column("answer", JSON),
    Column("considered", JSON),
    _agent(nullable=True),
    # The customer's message this one reacts to; unique, so that nothing is reacted to twice.
    Column("reply_to", Integer),
    _moment("created_at"),
    # What is shown of the files sent with it: a message never changes, so this needs no second look-up.
    Column("attachments", JSON(none_as_null=True)),
    # Who in copy of an e-mail wrote it, by name or address; empty: the customer themselves, or none of the customers.
    Column("author", String(LONGEST_EMAIL)),
    UniqueConstraint("conversation_id", "client_id"),
    UniqueConstraint("conversation_id", "reply_to"),
)

turns = Table(
    "turns",
    metadata,
    _conversation(primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("status", String(10), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("button", JSON),
    Column("attempts", Integer, nullable=False, default=0),
    # From when on it may be taken: at once, at its next try, or when nothing was heard of who took it.
    _moment("due_at", server_default="0"),
    _moment("created_at"),
    _moment("finished_at", nullable=True),
    # Of the few that are unfinished: what is due longest, and which comes first in its conversation.
    Index("ix_turns_due", "due_at", "conversation_id", "seq", **_where("finished_at IS NULL")),
    Index("ix_turns_unfinished", "conversation_id", "seq", **_where("finished_at IS NULL")),
    # One turn at a time for a conversation, whoever asks.
    Index("uq_turns_running", "conversation_id", unique=True, **_where("status = 'running'")),
)

handoffs = Table(
    "handoffs",
    metadata,
    _id(),
    _conversation(index=True),
    Column("reason", String(32), nullable=False),
    Column("language", String(8), nullable=False),
    Column("status", String(10), nullable=False),
    _agent(nullable=True),
    _moment("created_at"),
    _moment("claimed_at", nullable=True),
    _moment("closed_at", nullable=True),
    # The category of the article the bot thought of first, like "orders".
    Column("topic", String(LONGEST_TOPIC)),
    _moment("target_at", nullable=True),
    # The internal note that came with the last transfer.
    Column("note_seq", Integer),
    # Who put it back into the queue for somebody else.
    _agent("passed_by", nullable=True),
    # Only while its status is snoozed.
    _moment("snoozed_until", nullable=True),
    # Handed off, or left waiting, while nobody was there; when the customer was told so, null again once an agent had
    # it; and whether we wait for the customer's e-mail address.
    Column("after_hours", Boolean, nullable=False, server_default=false()),
    _moment("absence_told_at", nullable=True),
    Column("asks_email", Boolean, nullable=False, server_default=false()),
    # While its customer is not there: the later arrival it counts as. Null: they are there.
    _moment("deferred_to", nullable=True),
    # Set by an agent; else it follows from the reason and the place.
    Column("priority", String(10)),
    # When a customer who was silent was told that it will be closed. Whatever is said later makes that void.
    _moment("silence_told_at", nullable=True),
    # When an agent first had it, first replied, since when the customer waits for the next reply, when somebody was
    # told that all this takes too long, and what became of it: resolved, back to the bot (bot), withdrawn by the
    # customer, closed since the customer was silent, spam, or merged.
    _moment("first_claimed_at", nullable=True),
    _moment("replied_at", nullable=True),
    _moment("asked_at", nullable=True),
    _moment("told_at", nullable=True),
    Column("outcome", String(10)),
    Index(None, "status", "created_at"),
    Index(None, "created_at"),
    Index(None, "language", "first_claimed_at"),
    # By which conversations are found.
    Index(None, "agent_id", "conversation_id"),
    Index(None, "reason", "conversation_id"),
    Index(None, "topic", "conversation_id"),
)

# What an agent takes, and whether they are there. No row, or nothing in a column: the defaults of config.yml.
availability = Table(
    "availability",
    metadata,
    _agent(primary_key=True, autoincrement=False),
    Column("capacity", Integer),
    Column("languages", JSON(none_as_null=True)),
    Column("topics", JSON(none_as_null=True)),
    Column("available", Boolean, nullable=False, default=True),
    _moment("seen_at", default=0),
    # Whether we write to them when something waits too long while they are not there.
    Column("wants_mail", Boolean, nullable=False, default=False, server_default=false()),
)

# Customers' own words for an article, told by a choice they pressed; editors accept or dismiss them.
phrasings = Table(
    "phrasings",
    metadata,
    _id(),
    Column("article", String(LONGEST_ARTICLE), nullable=False),
    Column("language", String(8), nullable=False),
    Column("text", String(600), nullable=False),
    Column("count", Integer, nullable=False),
    # The message they were last written in.
    _conversation(index=True),
    Column("seq", Integer, nullable=False),
    Column("status", String(10), nullable=False),
    _moment("created_at"),
    _agent("decided_by", nullable=True),
    _moment("decided_at", nullable=True),
    UniqueConstraint("article", "language", "text"),
    Index(None, "status", "created_at"),
)

# Answers the team writes often. `texts` is the text by language; `shortcut` is what agents type after a slash.
saved_replies = Table(
    "saved_replies",
    metadata,
    _id(),
    Column("shortcut", String(LONGEST_SHORTCUT), nullable=False, unique=True),
    Column("name", String(LONGEST_REPLY_NAME), nullable=False),
    Column("texts", JSON, nullable=False),
    # Rises with each change, so that of two who edit at once the second is told.
    Column("version", Integer, nullable=False),
    _agent("updated_by", nullable=True),
    _moment("updated_at"),
)

# Agents' replies that can still be taken back. They are no part of the log, and have no number, until they are sent.
scheduled_replies = Table(
    "scheduled_replies",
    metadata,
    _id(),
    _conversation(),
    _agent(),
    Column("client_id", String(LONGEST_CLIENT_ID)),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    # The ids of files that go with it.
    Column("attachments", JSON(none_as_null=True)),
    # As in the mail queue.
    Column("recipients", JSON(none_as_null=True)),
    # Taken back: kept for a while, so that no late repeat of the request brings it back, and undo can be repeated.
    Column("undone", Boolean, nullable=False, default=False),
    _moment("send_at", index=True),
    UniqueConstraint("conversation_id", "client_id"),
)

# What an agent has begun to write in a conversation; `recipients` as they were typed, by "to", "cc" and "bcc".
reply_drafts = Table(
    "reply_drafts",
    metadata,
    _conversation(primary_key=True),
    _agent(primary_key=True, autoincrement=False),
    Column("kind", String(8), nullable=False),
    Column("text", Text, nullable=False),
    Column("recipients", JSON(none_as_null=True)),
    # Another with each change, so that of two windows the second is told.
    Column("version", BigInteger, nullable=False),
)

# The new e-mail that an agent has begun to write: the fields of the form, as they were typed.
mail_drafts = Table(
    "mail_drafts",
    metadata,
    _agent(primary_key=True, autoincrement=False),
    Column("fields", JSON, nullable=False),
    Column("version", BigInteger, nullable=False),
)

# Who is named with an @ in an internal note, and whether they have seen it.
mentions = Table(
    "mentions",
    metadata,
    _conversation(primary_key=True),
    Column("seq", Integer, primary_key=True),
    _agent(primary_key=True),
    _moment("created_at"),
    _moment("read_at", nullable=True),
    Index(None, "agent_id", "read_at"),
)

# Conversations marked as spam: by whom, and the handoff to bring back when that was a mistake.
spam = Table(
    "spam",
    metadata,
    _conversation(primary_key=True),
    _agent(),
    Column("handoff_id", ForeignKey("handoffs.id")),
    # The newest message then: what came after it had no reaction.
    Column("seq", Integer, nullable=False),
    _moment("at"),
)

# Articles proposed from what an agent answered, at `seq`; editors edit and accept or dismiss them.
drafts = Table(
    "drafts",
    metadata,
    _id(),
    _conversation(index=True),
    Column("seq", Integer, nullable=False),
    Column("language", String(8), nullable=False),
    Column("category", String(LONGEST_TOPIC), nullable=False),
    Column("title", String(LONGEST_TITLE), nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("status", String(10), nullable=False),
    _agent("proposed_by"),
    _moment("created_at"),
    _agent("decided_by", nullable=True),
    _moment("decided_at", nullable=True),
    Index(None, "status", "created_at"),
)

# Customers' questions (messages) about topics of the library that no article answered then.
topic_gaps = Table(
    "topic_gaps",
    metadata,
    _conversation(primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("topic", String(LONGEST_ARTICLE), primary_key=True),
    _moment("created_at"),
    Index(None, "created_at"),
)

# Answers of the bot that an agent says are wrong.
flags = Table(
    "flags",
    metadata,
    _id(),
    _conversation(index=True),
    Column("seq", Integer, nullable=False),
    Column("reason", String(LONGEST_FLAG_REASON)),
    Column("status", String(10), nullable=False),
    _agent("flagged_by"),
    _moment("created_at"),
    _agent("done_by", nullable=True),
    _moment("done_at", nullable=True),
    Index(None, "status", "created_at"),
)

# Files that customers and agents sent. The bytes are in the data folder, under the id.
attachments = Table(
    "attachments",
    metadata,
    Column("id", String(32), primary_key=True),
    _conversation(index=True),
    # The message it was sent with; none yet while that is being written.
    Column("seq", Integer),
    # Empty: the customer.
    _agent(nullable=True),
    Column("name", String(120), nullable=False),
    Column("type", String(40), nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    _moment("created_at"),
)

# What was erased of customers, and what still is to be: waiting → done. While it is under way, `targets` says what is
# to go (their conversations and addresses); then nothing of the customer is left in it. `counts` is by table or kind.
erasures = Table(
    "erasures",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("status", String(10), nullable=False),
    Column("targets", JSON(none_as_null=True)),
    Column("counts", JSON, nullable=False),
    _agent(nullable=True),
    Column("attempts", Integer, nullable=False),
    _moment("due_at"),
    _moment("created_at"),
    _moment("finished_at", nullable=True),
    Index(None, "status", "due_at"),
)

# E-mails that go out, each with the messages from first_seq to last_seq that are its author's: agents, or with
# `automatic` the bot. Status: waiting → sent | read (in the widget in time) | failed | held (too many); sent → bounced.
mail_queue = Table(
    "mail_queue",
    metadata,
    _id(),
    _conversation(),
    Column("first_seq", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("automatic", Boolean, nullable=False),
    # Not sent when the customer has read it in the widget by then.
    Column("if_unread", Boolean, nullable=False),
    Column("recipient", String(LONGEST_EMAIL), nullable=False),
    # Lists of addresses by "to", "cc" and "bcc"; empty: to `recipient` alone, which is the first of them.
    Column("recipients", JSON(none_as_null=True)),
    # Whom it still has to reach, once the server has taken it for the others.
    Column("remaining", JSON(none_as_null=True)),
    *_going_out(),
    Index(None, "status", "due_at"),
    Index(None, "conversation_id", "first_seq"),
    Index(None, "recipient", "created_at"),
)

# E-mails to somebody outside about a conversation, with all that is passed on, and their answers (status received).
# Status: waiting → sent | failed | undone; sent → bounced. `seq` is the entry for agents: the customer sees none of it.
side_mails = Table(
    "side_mails",
    metadata,
    _id(),
    _conversation(),
    Column("thread", String(24), nullable=False),
    Column("seq", Integer, nullable=False),
    _agent(nullable=True),
    Column("address", String(LONGEST_EMAIL), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("passed_on", Text, nullable=False),
    Column("files", JSON(none_as_null=True)),
    # Of an answer whatever it came with: nothing, or one that another mail has, too.
    Column("message_id", String(320)),
    Column("status", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    _moment("due_at"),
    Column("error", String(LONGEST_ERROR)),
    _moment("created_at"),
    _moment("finished_at", nullable=True),
    Index(None, "status", "due_at"),
    Index(None, "conversation_id", "seq"),
    Index(None, "thread", "created_at"),
    Index(None, "message_id"),
)

# E-mails beside the exchange with a customer: "overdue" to an agent who is not there, "transcript" (up to `seq`) to an
# address that is known to be the customer's, "code" to one that is to prove itself. Status: waiting → sent | dropped |
# failed; of a code that was typed, confirmed.
notifications = Table(
    "notifications",
    metadata,
    _id(),
    Column("kind", String(12), nullable=False),
    _conversation(index=True),
    _agent(nullable=True),
    Column("recipient", String(LONGEST_EMAIL), nullable=False),
    Column("seq", Integer),
    *_going_out(),
    Index(None, "status", "due_at"),
    Index(None, "recipient", "created_at"),
)

# Conversations that an agent merged into another one of the same customer. Nothing of either is moved.
merges = Table(
    "merges",
    metadata,
    _conversation(primary_key=True),
    _conversation("into_id", index=True),
    _agent(),
    _moment("at"),
)

# E-mails that came in, once each: `identity` is a hash of what makes one. `automatic` says why no machine answers it.
mails = Table(
    "mails",
    metadata,
    _id(),
    Column("identity", String(64), nullable=False, unique=True),
    Column("message_id", String(320), index=True),
    Column("sender", String(LONGEST_EMAIL)),
    Column("subject", String(300), nullable=False),
    # Its whole text, with what was quoted; agents can open it.
    Column("original", Text, nullable=False),
    Column("attachments", JSON(none_as_null=True)),
    Column("automatic", String(40)),
    # Who else got it: lists of [name, address] by "to" and "cc".
    Column("recipients", JSON(none_as_null=True)),
    # Where else it asked for answers; nobody believes it, and agents may.
    Column("reply_to", String(LONGEST_EMAIL)),
    # The name of the mailbox it came to.
    Column("mailbox", String(LONGEST_MAILBOX)),
    _conversation(nullable=True),
    Column("seq", Integer),
    _moment("created_at"),
    Index(None, "conversation_id", "seq"),
    Index(None, "sender", "created_at"),
)

# How far an IMAP folder has been read.
mailboxes = Table(
    "mailboxes",
    metadata,
    Column("name", String(300), primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("last_uid", BigInteger, nullable=False),
)

# Which article answered, when and where: counted for "most asked". Without texts, and without the conversation.
article_answers = Table(
    "article_answers",
    metadata,
    _id(),
    Column("site", String(LONGEST_SITE), nullable=False),
    Column("language", String(8), nullable=False),
    Column("article", String(LONGEST_ARTICLE), nullable=False),
    _moment("at", index=True),
    Index(None, "site", "language", "at"),
)

# What readers say about an article. Nothing of them is kept but a salted hash that means nothing after a day.
article_feedback = Table(
    "article_feedback",
    metadata,
    _id(),
    Column("article", String(LONGEST_ARTICLE), nullable=False),
    Column("language", String(8), nullable=False),
    Column("site", String(LONGEST_SITE), nullable=False),
    Column("helpful", Boolean, nullable=False),
    Column("reason", String(20)),
    # Without e-mail addresses and long numbers.
    Column("words", Text),
    # Empty: further words of somebody who is counted already.
    Column("visitor", String(64)),
    _moment("created_at"),
    _moment("read_at", nullable=True),
    _agent("read_by", nullable=True),
    UniqueConstraint("article", "language", "visitor"),
    Index(None, "read_at", "created_at"),
)

# How customers rated a conversation: the bot and the person apart, 1 to 5 each.
ratings = Table(
    "ratings",
    metadata,
    _conversation(primary_key=True),
    Column("about", String(10), primary_key=True),
    Column("score", Integer, nullable=False),
    Column("words", Text),
    # Who had it, for a rating of a person.
    _agent(nullable=True),
    _moment("created_at", index=True),
    _moment("changed_at"),
    Index(None, "score", "conversation_id"),
)

# Where other programs hear of what happens here.
webhooks = Table(
    "webhooks",
    metadata,
    _id(),
    Column("url", Text, nullable=False),
    Column("events", JSON, nullable=False),
    # It has to be read to sign with it, so unlike a password it can't be a hash.
    Column("secret", String(80), nullable=False),
    Column("enabled", Boolean, nullable=False, default=True),
    # Since when nothing has arrived; empty while things do. Who switched it off: "admin", or "failing" for ourselves.
    _moment("failing_since", nullable=True),
    Column("off_reason", String(10)),
    Column("last_seq", BigInteger, nullable=False, default=0),
    _moment("created_at"),
    _agent("created_by", nullable=True),
)

# What is to be sent to a webhook, written in the transaction of what happened.
deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    Column("webhook_id", ForeignKey("webhooks.id"), nullable=False),
    Column("event_id", String(40), nullable=False),
    Column("event", String(40), nullable=False),
    _conversation(nullable=True, index=True),
    Column("body", Text, nullable=False),
    # waiting → delivered or failed
    Column("status", String(10), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    # Not before this moment; while an attempt is under way, when it counts as lost.
    _moment("next_at"),
    # Since when it has been tried: when it happened, or was asked for again.
    _moment("since"),
    _moment("created_at"),
    _moment("finished_at", nullable=True),
    # What came back last: the status, the beginning of the text, and what went wrong in our words.
    Column("answer_status", Integer),
    Column("answer", String(LONGEST_HOOK_ANSWER)),
    Column("problem", String(LONGEST_HOOK_ANSWER)),
    Index(None, "status", "next_at"),
    Index(None, "webhook_id", "id"),
)

# Programs that act as an agent.
api_tokens = Table(
    "api_tokens",
    metadata,
    _id(),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("name", String(LONGEST_TOKEN_NAME), nullable=False),
    _agent(index=True),
    # Never more than the agent's own role allows.
    Column("role", String(20), nullable=False),
    _moment("created_at"),
    _agent("created_by", nullable=True),
    _moment("expires_at", nullable=True),
    _moment("last_used_at", nullable=True),
    _moment("revoked_at", nullable=True),
)

# What can be found by its words, `folded`: a message, its files, a mail's subject, or (without `seq`) the customer.
# `id` rises with the moment it was written. The index over it is the database's own: odziv/store/search/index.py.
search_entries = Table(
    "search_entries",
    metadata,
    _id(),
    _conversation(),
    Column("seq", Integer),
    Column("kind", String(10), nullable=False),
    Column("folded", Text, nullable=False),
    Index(None, "conversation_id", "kind", "seq"),
)

# How far older messages have got their entries; no row when all have.
search_filling = Table(
    "search_filling",
    metadata,
    Column("conversation_id", String(32), primary_key=True),
    Column("seq", Integer, nullable=False),
)

# Which articles were given in a conversation.
conversation_articles = Table(
    "conversation_articles",
    metadata,
    _conversation(primary_key=True),
    Column("article", String(LONGEST_ARTICLE), primary_key=True),
    Index(None, "article", "conversation_id"),
)

# Exports that administrators begin at the desk: waiting (or in the making), then ready; or cancelled, failed, withdrawn
# by an erasure, or gone with its time. `wanted` says of what; of a customer's it goes with the file.
exports = Table(
    "exports",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(15), nullable=False),
    Column("status", String(10), nullable=False),
    Column("wanted", JSON(none_as_null=True)),
    # Conversations that are in it, and that are to be; then the bytes of the file.
    Column("count", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("bytes", BigInteger),
    # Why it failed, in words for an administrator.
    Column("reason", String(LONGEST_ERROR)),
    _agent(),
    Column("attempts", Integer, nullable=False),
    _moment("due_at"),
    _moment("created_at", index=True),
    _moment("finished_at", nullable=True),
    Index(None, "status", "due_at"),
)

# The last questions of customers in each language, as the log-odds that an article answers them: no texts, and nothing
# of whose they were.
question_scores = Table(
    "question_scores",
    metadata,
    _id(),
    Column("language", String(8), nullable=False),
    Column("odds", Double, nullable=False),
    Index(None, "language", "id"),
)

# Lists of conversations that an agent looks at again: the filters, as they stand in the page's address.
labels = Table(
    "labels",
    metadata,
    _id(),
    # Empty: for every site.
    Column("site", String(LONGEST_SITE), nullable=False, server_default=""),
    Column("name", String(LONGEST_LABEL), nullable=False),
    # The same for names that differ in case only; some letters grow when they are folded.
    Column("name_key", String(2 * LONGEST_LABEL), nullable=False),
    Column("colour", String(10), nullable=False),
    # The category for whose handoffs it is proposed.
    Column("topic", String(LONGEST_TOPIC)),
    _moment("created_at"),
    UniqueConstraint("site", "name_key"),
)

conversation_labels = Table(
    "conversation_labels",
    metadata,
    _conversation(primary_key=True),
    Column("label_id", ForeignKey("labels.id"), primary_key=True),
    # Who put it on.
    _agent(nullable=True),
    _moment("created_at"),
    Index(None, "label_id", "conversation_id"),
)

saved_views = Table(
    "saved_views",
    metadata,
    _id(),
    _agent(index=True),
    Column("name", String(LONGEST_VIEW_NAME), nullable=False),
    Column("query", Text, nullable=False),
    # Everybody's to look at; else its owner's alone.
    Column("shared", Boolean, nullable=False, default=False, server_default=false()),
    _moment("created_at"),
)

# Several steps in one press: `steps` is a Steps (odziv/cases/macros/steps.py). Without an agent it is everybody's.
macros = Table(
    "macros",
    metadata,
    _id(),
    _agent(nullable=True, index=True),
    Column("name", String(LONGEST_MACRO_NAME), nullable=False),
    Column("steps", JSON, nullable=False),
    # Lowest first; the same number never stands twice among an agent's own, nor among everybody's.
    Column("position", Integer, nullable=False),
    _agent("updated_by", nullable=True),
    _moment("updated_at"),
)

# What agents asked for with a macro, or for several conversations at once, and can still take back: a row for each
# conversation, those of one press under one `batch`. Status: waiting → done | refused | undone.
scheduled_actions = Table(
    "scheduled_actions",
    metadata,
    _id(),
    Column("batch", String(LONGEST_CLIENT_ID), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("name", String(LONGEST_MACRO_NAME), nullable=False),
    _conversation(index=True),
    _agent(),
    # The customer's message up to which the agent had read.
    Column("seen", Integer),
    Column("steps", JSON, nullable=False),
    Column("status", String(10), nullable=False),
    Column("problem", String(LONGEST_PROBLEM)),
    Column("attempts", Integer, nullable=False),
    _moment("due_at"),
    _moment("created_at"),
    _moment("finished_at", nullable=True),
    UniqueConstraint("batch", "conversation_id"),
    Index(None, "status", "due_at"),
    Index(None, "agent_id", "created_at"),
)

# What a company wants to know of its customers, or of conversations, beside what there is anyway.
fields = Table(
    "fields",
    metadata,
    _id(),
    # "customer" or "conversation", and "text", "number", "choice" or "date".
    Column("about", String(12), nullable=False),
    Column("kind", String(10), nullable=False),
    # Empty: for every site.
    Column("site", String(LONGEST_SITE), nullable=False, server_default=""),
    Column("name", String(LONGEST_FIELD_NAME), nullable=False),
    # As of labels.
    Column("name_key", String(2 * LONGEST_FIELD_NAME), nullable=False),
    # What there is to choose from, in order.
    Column("choices", JSON(none_as_null=True)),
    # Whether a conversation can't be resolved without it.
    Column("required", Boolean, nullable=False, default=False, server_default=false()),
    Column("position", Integer, nullable=False),
    # Not offered any more; what is known stays.
    _moment("archived_at", nullable=True),
    _moment("created_at"),
    UniqueConstraint("site", "name_key"),
)

# What is known. Of a field about customers, each of their conversations has the row: so it goes with the last of them.
field_values = Table(
    "field_values",
    metadata,
    _conversation(primary_key=True),
    Column("field_id", ForeignKey("fields.id"), primary_key=True),
    # As its kind is written: a number like "12.5", a day like "2026-11-30".
    Column("value", String(LONGEST_FIELD_VALUE), nullable=False),
    # The same without case and accents, for whoever looks for it.
    Column("folded", String(2 * LONGEST_FIELD_VALUE), nullable=False),
    # Who typed it, and when.
    _agent(nullable=True),
    _moment("updated_at"),
    Index(None, "field_id", "folded", "conversation_id"),
)

# Other e-mail addresses of a conversation's customer, as agents added them, in the form in which mail is written there.
# They are known, and proven by nothing.
customer_addresses = Table(
    "customer_addresses",
    metadata,
    _id(),
    _conversation(),
    Column("address", String(LONGEST_EMAIL), nullable=False),
    _agent(),
    _moment("created_at"),
    UniqueConstraint("conversation_id", "address"),
    Index(None, "address", "conversation_id"),
)

# When `event` happens, if `conditions` hold, then `actions` are done: odziv/cases/rules/terms.py reads both.
rules = Table(
    "rules",
    metadata,
    _id(),
    Column("name", String(LONGEST_RULE_NAME), nullable=False),
    Column("event", String(20), nullable=False),
    # Of the event "quiet": for how long nothing was said.
    Column("hours", Integer),
    Column("conditions", JSON, nullable=False),
    Column("actions", JSON, nullable=False),
    Column("position", Integer, nullable=False),
    # Since when it is on; empty: it is off. What happened before is none of its business.
    _moment("enabled_at", nullable=True),
    # How often it did something, and when last.
    Column("runs", Integer, nullable=False),
    _moment("last_run_at", nullable=True),
    _agent("updated_by", nullable=True),
    _moment("updated_at"),
    Index(None, "event", "enabled_at"),
)

# What happened, written in its transaction when a rule listens: waiting → done | failed.
rule_events = Table(
    "rule_events",
    metadata,
    _id(),
    _conversation(index=True),
    Column("event", String(20), nullable=False),
    # The message it is about; the label, or the field, who got it, or the rating.
    Column("seq", Integer),
    Column("label_id", BigInteger),
    Column("status", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    _moment("due_at"),
    _moment("created_at"),
    _moment("finished_at", nullable=True),
    Index(None, "status", "due_at"),
)

# For which silences of a conversation, by the message before, a rule about time has been asked.
rule_silences = Table(
    "rule_silences",
    metadata,
    Column("rule_id", ForeignKey("rules.id"), primary_key=True),
    _conversation(primary_key=True, index=True),
    Column("seq", Integer, primary_key=True),
)

# What administrators changed of the settings at the desk, one row a press; the newest id is the settings' edition.
setting_changes = Table(
    "setting_changes",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=False),
    _agent("made_by", nullable=True),
    _moment("made_at"),
    # By key (odziv/settings/offered.py), what was set and what is; a key that is missing was, or is, not set.
    Column("before", JSON, nullable=False),
    Column("after", JSON, nullable=False),
    # The change it took back, of those that did.
    Column("undoes", BigInteger),
)

# What is set at the desk now.
setting_values = Table(
    "setting_values",
    metadata,
    Column("key", String(LONGEST_SETTING_KEY), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("change_id", ForeignKey("setting_changes.id"), nullable=False),
)

# Of the first steps, what can't be seen anywhere else: that they were put away, what the last look at a page found.
first_step_notes = Table(
    "first_step_notes",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", JSON, nullable=False),
    _agent("noted_by", nullable=True),
    _moment("noted_at"),
)

# From pages of which origins, of those the sites name, the widget was loaded, and when last, to the hour.
widget_sightings = Table(
    "widget_sightings",
    metadata,
    Column("origin", String(LONGEST_ORIGIN), primary_key=True),
    _moment("seen_at"),
)

# What programs made by an id that they chose, `digest` saying what they asked for; a repeat of it makes nothing.
made_by_programs = Table(
    "made_by_programs",
    metadata,
    _agent(primary_key=True, autoincrement=False),
    Column("client_id", String(LONGEST_AGENT_CLIENT_ID), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("made_id", BigInteger, nullable=False),
    _moment("created_at"),
    Index(None, "created_at"),
)
