"""saved replies, replies that can be taken back, and mentions in notes"""

import sqlalchemy as sa
from alembic import op

revision = "0006_replies"
down_revision = "0005_contact"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "saved_replies",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("shortcut", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_by", KEY, sa.ForeignKey("agents.id", name=op.f("fk_saved_replies_updated_by_agents"))),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_replies")),
        sa.UniqueConstraint("shortcut", name=op.f("uq_saved_replies_shortcut")),
    )
    op.create_table(
        "held_replies",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("conversation_id", sa.String(length=32), _conversation("held_replies"), nullable=False),
        sa.Column("agent_id", KEY, _agent("held_replies"), nullable=False),
        sa.Column("client_id", sa.String(length=64)),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("send_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_replies")),
        sa.UniqueConstraint(
            "conversation_id", "client_id", name=op.f("uq_held_replies_conversation_id_client_id")
        ),
    )
    op.create_index(op.f("ix_held_replies_send_at"), "held_replies", ["send_at"])
    op.create_table(
        "mentions",
        sa.Column("conversation_id", sa.String(length=32), _conversation("mentions"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("agent_id", KEY, _agent("mentions"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("read_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("conversation_id", "seq", "agent_id", name=op.f("pk_mentions")),
    )
    op.create_index(op.f("ix_mentions_agent_id_read_at"), "mentions", ["agent_id", "read_at"])


def downgrade() -> None:
    for table in ("mentions", "held_replies", "saved_replies"):
        op.drop_table(table)


def _conversation(table: str) -> sa.ForeignKey:
    return sa.ForeignKey("conversations.id", name=op.f(f"fk_{table}_conversation_id_conversations"))


def _agent(table: str) -> sa.ForeignKey:
    return sa.ForeignKey("agents.id", name=op.f(f"fk_{table}_agent_id_agents"))
