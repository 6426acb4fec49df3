"""questions about topics that no article answers"""

import sqlalchemy as sa
from alembic import op

revision = "0017_topic_gaps"
down_revision = "0016_turn_queue"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "topic_gaps",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_topic_gaps_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("conversation_id", "seq", "topic", name=op.f("pk_topic_gaps")),
    )
    op.create_index(op.f("ix_topic_gaps_created_at"), "topic_gaps", ["created_at"])


def downgrade() -> None:
    op.drop_table("topic_gaps")
