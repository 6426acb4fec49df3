"""conversations are found by their words, in lists by what they have in common, and in saved views"""

import sqlalchemy as sa
from alembic import op

from odziv.store.search.index import index_of

revision = "0018_search"
down_revision = "0017_topic_gaps"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_conversations_listed": (
        "conversations",
        ["updated_at", "id", "status", "site", "language", "channel", "created_at", "last_seq"],
    ),
    "ix_conversations_begun": (
        "conversations",
        ["created_at", "id", "status", "site", "language", "channel", "updated_at", "last_seq"],
    ),
    "ix_conversations_status_updated_at_id": ("conversations", ["status", "updated_at", "id"]),
    "ix_handoffs_agent_id_conversation_id": ("handoffs", ["agent_id", "conversation_id"]),
    "ix_handoffs_reason_conversation_id": ("handoffs", ["reason", "conversation_id"]),
    "ix_handoffs_topic_conversation_id": ("handoffs", ["topic", "conversation_id"]),
    "ix_ratings_score_conversation_id": ("ratings", ["score", "conversation_id"]),
}


def upgrade() -> None:
    """The tables and indexes. What was written before gets its entries later, while the server serves."""
    _make_entries()
    _make_articles()
    _make_views()
    for name, (table, columns) in INDEXES.items():
        op.create_index(op.f(name), table, columns)
    index_of(op.get_bind()).create(op.get_bind())
    op.execute("INSERT INTO search_filling (conversation_id, seq) SELECT '', 0 WHERE EXISTS (SELECT 1 FROM messages)")


def _make_entries() -> None:
    op.create_table(
        "search_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_search_entries_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entries")),
    )
    op.create_index(op.f("ix_search_entries_conversation_id_kind_seq"), "search_entries", ["conversation_id", "kind", "seq"])
    op.create_table(
        "search_filling",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_search_filling")),
    )


def _make_articles() -> None:
    op.create_table(
        "conversation_articles",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("article", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_conversation_articles_conversation_id_conversations"),
        ),
        sa.PrimaryKeyConstraint("conversation_id", "article", name=op.f("pk_conversation_articles")),
    )
    op.create_index(
        op.f("ix_conversation_articles_article_conversation_id"), "conversation_articles", ["article", "conversation_id"]
    )


def _make_views() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_saved_views_agent_id_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
    )
    op.create_index(op.f("ix_saved_views_agent_id"), "saved_views", ["agent_id"])


def downgrade() -> None:
    index_of(op.get_bind()).drop(op.get_bind())
    for name, (table, _) in INDEXES.items():
        op.drop_index(op.f(name), table_name=table)
    for table in ("saved_views", "conversation_articles", "search_filling", "search_entries"):
        op.drop_table(table)
