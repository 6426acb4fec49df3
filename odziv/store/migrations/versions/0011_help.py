"""which articles answered, what readers say of them, and ratings of conversations"""

import sqlalchemy as sa
from alembic import op

revision = "0011_help"
down_revision = "0010_mail"
branch_labels = None
depends_on = None

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "article_answers",
        sa.Column("id", Key, nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("article", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_answers")),
    )
    op.create_index(op.f("ix_article_answers_at"), "article_answers", ["at"])
    op.create_index(op.f("ix_article_answers_site_language_at"), "article_answers", ["site", "language", "at"])
    op.create_table(
        "article_feedback",
        sa.Column("id", Key, nullable=False),
        sa.Column("article", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=20)),
        sa.Column("words", sa.Text()),
        sa.Column("visitor", sa.String(length=64)),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.BigInteger()),
        sa.Column("read_by", Key),
        sa.ForeignKeyConstraint(["read_by"], ["agents.id"], name=op.f("fk_article_feedback_read_by_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_feedback")),
        sa.UniqueConstraint(
            "article", "language", "visitor", name=op.f("uq_article_feedback_article_language_visitor")
        ),
    )
    op.create_index(op.f("ix_article_feedback_read_at_created_at"), "article_feedback", ["read_at", "created_at"])
    op.create_table(
        "ratings",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=10), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text()),
        sa.Column("agent_id", Key),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_ratings_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_ratings_agent_id_agents")),
        sa.PrimaryKeyConstraint("conversation_id", "about", name=op.f("pk_ratings")),
    )
    op.create_index(op.f("ix_ratings_created_at"), "ratings", ["created_at"])


def downgrade() -> None:
    for table in ("ratings", "article_feedback", "article_answers"):
        op.drop_table(table)
