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
    Index(None, "status", "created_at"),
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
