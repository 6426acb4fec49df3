"""The tables, as SQLAlchemy Core. Times are whole milliseconds since 1970 UTC; every change needs a migration."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
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

agents = Table(
    "agents",
    metadata,
    Column("id", Key, primary_key=True),
    Column("email", String(320), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("password_hash", String(255), nullable=False),
    Column("role", String(20), nullable=False),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger),
)

invitations = Table(
    "invitations",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("email", String(320)),
    Column("role", String(20), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("invited_by", ForeignKey("agents.id")),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("agent_id", ForeignKey("agents.id"), nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger),
    # "Firefox on Linux"; what else a browser tells about itself is not kept.
    Column("device", String(60)),
    Column("address", String(45)),
)

resets = Table(
    "resets",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("agent_id", ForeignKey("agents.id"), nullable=False, index=True),
    Column("made_by", ForeignKey("agents.id")),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

second_factors = Table(
    "second_factors",
    metadata,
    Column("agent_id", ForeignKey("agents.id"), primary_key=True),
    # Base32. It has to be read to check a code, so unlike a password it can't be a hash.
    Column("secret", String(64), nullable=False),
    # Empty until the first right code: only then is it asked for.
    Column("confirmed_at", BigInteger),
    # The newest 30-second step whose code was used; older and equal ones are refused.
    Column("last_step", BigInteger, nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("agent_id", ForeignKey("agents.id"), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
    Column("used_at", BigInteger),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Key, primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),
    Column("agent_id", ForeignKey("agents.id")),
    Column("action", String(40), nullable=False),
    # "agent:7", "conversation:…"
    Column("object", String(80), index=True),
    Column("detail", JSON),
    Column("address", String(45)),
    Index(None, "agent_id", "id"),
    Index(None, "action", "id"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("site", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("page_language", String(8)),
    Column("page", Text),
    # bot → queued → open → resolved; each change of owner raises the epoch.
    Column("status", String(10), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("agent_id", ForeignKey("agents.id")),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    # Through which door it came: widget or mail.
    Column("channel", String(10), nullable=False, server_default="widget"),
    # Who it is: as they typed it, or as the site vouched for it; only then is `verified` set, and `customer` the
    # site's own id for them.
    Column("name", String(120)),
    Column("email", String(320), index=True),
    Column("customer", String(120)),
    Column("verified", Boolean, nullable=False, server_default=false()),
    # What the browser told (browser, time zone, page's title), and what the site passed in about its customer.
    Column("browser", JSON(none_as_null=True)),
    Column("attributes", JSON(none_as_null=True)),
    # On sites that ask: when the customer agreed, and the SHA-256 of what they read.
    Column("consent_at", BigInteger),
    Column("consent_text", String(64)),
    Index(None, "agent_id", "status"),
    Index(None, "site", "customer"),
    Index(None, "created_at"),
)

messages = Table(
    "messages",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("sender", String(10), nullable=False),
    Column("internal", Boolean, nullable=False, default=False),
    Column("client_id", String(64)),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("buttons", JSON),
    Column("answer", JSON),
    Column("considered", JSON),
    Column("agent_id", ForeignKey("agents.id")),
    # The customer's message this one reacts to; unique, so that nothing is reacted to twice.
    Column("reply_to", Integer),
    Column("created_at", BigInteger, nullable=False),
    # What is shown of the files sent with it: a message never changes, so this needs no second look-up.
    Column("attachments", JSON(none_as_null=True)),
    UniqueConstraint("conversation_id", "client_id"),
    UniqueConstraint("conversation_id", "reply_to"),
)

turns = Table(
    "turns",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("status", String(10), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("button", JSON),
    Column("attempts", Integer, nullable=False, default=0),
    Column("created_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Index(None, "status", "created_at"),
    # One turn at a time for a conversation, whoever asks.
    Index(
        "uq_turns_running",
        "conversation_id",
        unique=True,
        sqlite_where=text("status = 'running'"),
        postgresql_where=text("status = 'running'"),
    ),
)

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", Key, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("reason", String(32), nullable=False),
    Column("language", String(8), nullable=False),
    Column("status", String(10), nullable=False),
    Column("agent_id", ForeignKey("agents.id")),
    Column("created_at", BigInteger, nullable=False),
    Column("claimed_at", BigInteger),
    Column("closed_at", BigInteger),
    # The category of the article the bot thought of first, like "orders".
    Column("topic", String(64)),
    Column("promised_at", BigInteger),
    # The internal note that came with the last transfer.
    Column("note_seq", Integer),
    # Who put it back into the queue for somebody else.
    Column("passed_by", ForeignKey("agents.id")),
    # Only while its status is snoozed.
    Column("snoozed_until", BigInteger),
    # Handed off, or left waiting, while nobody was there; and whether we wait for the customer's e-mail address.
    Column("ticket", Boolean, nullable=False, server_default=false()),
    Column("asks_email", Boolean, nullable=False, server_default=false()),
    # Set by an agent; else it follows from the reason and the place.
    Column("priority", String(10)),
    # When an agent first had it, first replied, since when the customer waits for the next reply, when somebody was
    # told that all this takes too long, and what became of it: resolved, back to the bot (bot), spam, or merged.
    Column("first_claimed_at", BigInteger),
    Column("replied_at", BigInteger),
    Column("asked_at", BigInteger),
    Column("told_at", BigInteger),
    Column("outcome", String(10)),
    Index(None, "status", "created_at"),
    Index(None, "created_at"),
    Index(None, "language", "first_claimed_at"),
)

# What an agent takes, and whether they are there. No row, or nothing in a column: the defaults of config.yml.
duties = Table(
    "duties",
    metadata,
    Column("agent_id", ForeignKey("agents.id"), primary_key=True, autoincrement=False),
    Column("capacity", Integer),
    Column("languages", JSON(none_as_null=True)),
    Column("topics", JSON(none_as_null=True)),
    Column("available", Boolean, nullable=False, default=True),
    Column("seen_at", BigInteger, nullable=False, default=0),
    # Whether we write to them when something waits too long while they are not there.
    Column("wants_mail", Boolean, nullable=False, default=False, server_default=false()),
)

# Customers' own words for an article, told by a choice they pressed; editors accept or dismiss them.
phrasings = Table(
    "phrasings",
    metadata,
    Column("id", Key, primary_key=True),
    Column("article", String(200), nullable=False),
    Column("language", String(8), nullable=False),
    Column("text", String(600), nullable=False),
    Column("count", Integer, nullable=False),
    # The message they were last written in.
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("seq", Integer, nullable=False),
    Column("status", String(10), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("decided_by", ForeignKey("agents.id")),
    Column("decided_at", BigInteger),
    UniqueConstraint("article", "language", "text"),
    Index(None, "status", "created_at"),
)

# Answers the team writes often. `texts` is the text by language; `shortcut` is what agents type after a slash.
saved_replies = Table(
    "saved_replies",
    metadata,
    Column("id", Key, primary_key=True),
    Column("shortcut", String(32), nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("texts", JSON, nullable=False),
    # Rises with each change, so that of two who edit at once the second is told.
    Column("version", Integer, nullable=False),
    Column("updated_by", ForeignKey("agents.id")),
    Column("updated_at", BigInteger, nullable=False),
)

# Agents' replies that can still be taken back. They are no part of the log, and have no number, until they are sent.
held_replies = Table(
    "held_replies",
    metadata,
    Column("id", Key, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("client_id", String(64)),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    # The ids of files that go with it.
    Column("attachments", JSON(none_as_null=True)),
    # Taken back: kept for a while, so that no late repeat of the request brings it back, and undo can be repeated.
    Column("undone", Boolean, nullable=False, default=False),
    Column("send_at", BigInteger, nullable=False, index=True),
    UniqueConstraint("conversation_id", "client_id"),
)

# Who is named with an @ in an internal note, and whether they have seen it.
mentions = Table(
    "mentions",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("agent_id", ForeignKey("agents.id"), primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("read_at", BigInteger),
    Index(None, "agent_id", "read_at"),
)

# Conversations marked as spam: by whom, and the handoff to bring back when that was a mistake.
spam = Table(
    "spam",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("handoff_id", ForeignKey("handoffs.id")),
    # The newest message then: what came after it had no reaction.
    Column("seq", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
)

# Articles proposed from what an agent answered, at `seq`; editors edit and accept or dismiss them.
drafts = Table(
    "drafts",
    metadata,
    Column("id", Key, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("seq", Integer, nullable=False),
    Column("language", String(8), nullable=False),
    Column("category", String(64), nullable=False),
    Column("title", String(200), nullable=False),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("status", String(10), nullable=False),
    Column("proposed_by", ForeignKey("agents.id"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("decided_by", ForeignKey("agents.id")),
    Column("decided_at", BigInteger),
    Index(None, "status", "created_at"),
)

# Answers of the bot that an agent says are wrong.
flags = Table(
    "flags",
    metadata,
    Column("id", Key, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("seq", Integer, nullable=False),
    Column("reason", String(500)),
    Column("status", String(10), nullable=False),
    Column("flagged_by", ForeignKey("agents.id"), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("done_by", ForeignKey("agents.id")),
    Column("done_at", BigInteger),
    Index(None, "status", "created_at"),
)

# Files that customers and agents sent. The bytes are in the data folder, under the id.
attachments = Table(
    "attachments",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    # The message it was sent with; none yet while that is being written.
    Column("seq", Integer),
    # Empty: the customer.
    Column("agent_id", ForeignKey("agents.id")),
    Column("name", String(120), nullable=False),
    Column("type", String(40), nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("created_at", BigInteger, nullable=False),
)

# E-mails that go out, each with the messages from first_seq to last_seq that are its author's: agents, or with
# `automatic` the bot. Status: waiting → sent | read (in the widget in time) | failed | held (too many); sent → bounced.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Key, primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("first_seq", Integer, nullable=False),
    Column("last_seq", Integer, nullable=False),
    Column("automatic", Boolean, nullable=False),
    # Not sent when the customer has read it in the widget by then.
    Column("if_unread", Boolean, nullable=False),
    Column("recipient", String(320), nullable=False),
    # The same at every attempt, so that a mail that goes out twice is seen to be one.
    Column("message_id", String(320), nullable=False, unique=True),
    Column("status", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("error", String(300)),
    Column("created_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Index(None, "status", "due_at"),
    Index(None, "conversation_id", "first_seq"),
    Index(None, "recipient", "created_at"),
)

# E-mails beside the exchange with a customer: "overdue" to an agent who is not there, "transcript" to an address that
# somebody who has the conversation named; that one goes up to `seq`. Status: waiting → sent | dropped | failed.
letters = Table(
    "letters",
    metadata,
    Column("id", Key, primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("agent_id", ForeignKey("agents.id")),
    Column("recipient", String(320), nullable=False),
    Column("seq", Integer),
    Column("message_id", String(320), nullable=False, unique=True),
    Column("status", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("error", String(300)),
    Column("created_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Index(None, "status", "due_at"),
    Index(None, "recipient", "created_at"),
)

# Conversations that an agent merged into another one of the same customer. Nothing of either is moved.
merges = Table(
    "merges",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("into_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("agent_id", ForeignKey("agents.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
)

# E-mails that came in, once each: `identity` is a hash of what makes one. `automatic` says why it gets no answer.
mails = Table(
    "mails",
    metadata,
    Column("id", Key, primary_key=True),
    Column("identity", String(64), nullable=False, unique=True),
    Column("message_id", String(320), index=True),
    Column("sender", String(320)),
    Column("subject", String(300), nullable=False),
    # Its whole text, with what was quoted; agents can open it.
    Column("original", Text, nullable=False),
    Column("attachments", JSON(none_as_null=True)),
    Column("automatic", String(40)),
    Column("conversation_id", ForeignKey("conversations.id")),
    Column("seq", Integer),
    Column("created_at", BigInteger, nullable=False),
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
    Column("id", Key, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("language", String(8), nullable=False),
    Column("article", String(200), nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
    Index(None, "site", "language", "at"),
)

# What readers say about an article. Nothing of them is kept but a salted hash that means nothing after a day.
article_feedback = Table(
    "article_feedback",
    metadata,
    Column("id", Key, primary_key=True),
    Column("article", String(200), nullable=False),
    Column("language", String(8), nullable=False),
    Column("site", String(64), nullable=False),
    Column("helpful", Boolean, nullable=False),
    Column("reason", String(20)),
    # Without e-mail addresses and long numbers.
    Column("words", Text),
    # Empty: further words of somebody who is counted already.
    Column("visitor", String(64)),
    Column("created_at", BigInteger, nullable=False),
    Column("read_at", BigInteger),
    Column("read_by", ForeignKey("agents.id")),
    UniqueConstraint("article", "language", "visitor"),
    Index(None, "read_at", "created_at"),
)

# How customers rated a conversation: the bot and the person apart, 1 to 5 each.
ratings = Table(
    "ratings",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("about", String(10), primary_key=True),
    Column("score", Integer, nullable=False),
    Column("words", Text),
    # Who had it, for a rating of a person.
    Column("agent_id", ForeignKey("agents.id")),
    Column("created_at", BigInteger, nullable=False, index=True),
    Column("changed_at", BigInteger, nullable=False),
)

# Where other programs hear of what happens here.
webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Key, primary_key=True),
    Column("url", Text, nullable=False),
    Column("events", JSON, nullable=False),
    # It has to be read to sign with it, so unlike a password it can't be a hash.
    Column("secret", String(80), nullable=False),
    Column("enabled", Boolean, nullable=False, default=True),
    # Since when nothing has arrived; empty while things do. Who switched it off: "admin", or "failing" for ourselves.
    Column("failing_since", BigInteger),
    Column("off_reason", String(10)),
    Column("last_seq", BigInteger, nullable=False, default=0),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", ForeignKey("agents.id")),
)

# What is to be sent to a webhook, written in the transaction of what happened.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Key, primary_key=True),
    Column("webhook_id", ForeignKey("webhooks.id"), nullable=False),
    Column("event_id", String(40), nullable=False),
    Column("event", String(40), nullable=False),
    Column("conversation_id", ForeignKey("conversations.id"), index=True),
    Column("body", Text, nullable=False),
    # waiting → delivered or failed
    Column("status", String(10), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    # Not before this moment; while an attempt is under way, when it counts as lost.
    Column("next_at", BigInteger, nullable=False),
    # Since when it has been tried: when it happened, or was asked for again.
    Column("since", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    # What came back last: the status, the beginning of the text, and what went wrong in our words.
    Column("answer_status", Integer),
    Column("answer", String(200)),
    Column("problem", String(200)),
    Index(None, "status", "next_at"),
    Index(None, "webhook_id", "id"),
)

# Programs that act as an agent.
api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Key, primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("agent_id", ForeignKey("agents.id"), nullable=False, index=True),
    # Never more than the agent's own role allows.
    Column("role", String(20), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", ForeignKey("agents.id")),
    Column("expires_at", BigInteger),
    Column("last_used_at", BigInteger),
    Column("revoked_at", BigInteger),
)
