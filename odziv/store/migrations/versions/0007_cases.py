"""snoozing, spam, article drafts and flagged answers"""

import sqlalchemy as sa
from alembic import op

revision = "0007_cases"
down_revision = "0006_replies"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("handoffs", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("snoozed_until", sa.BigInteger()))
    op.create_table(
        "spam",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("agent_id", KEY, nullable=False),
        sa.Column("handoff_id", KEY),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_spam_conversation_id_conversations")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_spam_agent_id_agents")),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoffs.id"], name=op.f("fk_spam_handoff_id_handoffs")),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_spam")),
    )
    op.create_table(
        "drafts",
        sa.Column("id", KEY, nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("proposed_by", KEY, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", KEY),
        sa.Column("decided_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_drafts_conversation_id_conversations")),
        sa.ForeignKeyConstraint(["proposed_by"], ["agents.id"], name=op.f("fk_drafts_proposed_by_agents")),
        sa.ForeignKeyConstraint(["decided_by"], ["agents.id"], name=op.f("fk_drafts_decided_by_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
    )
    op.create_index(op.f("ix_drafts_conversation_id"), "drafts", ["conversation_id"])
    op.create_index(op.f("ix_drafts_status_created_at"), "drafts", ["status", "created_at"])
    op.create_table(
        "flags",
        sa.Column("id", KEY, nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500)),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("flagged_by", KEY, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("done_by", KEY),
        sa.Column("done_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_flags_conversation_id_conversations")),
        sa.ForeignKeyConstraint(["flagged_by"], ["agents.id"], name=op.f("fk_flags_flagged_by_agents")),
        sa.ForeignKeyConstraint(["done_by"], ["agents.id"], name=op.f("fk_flags_done_by_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flags")),
    )
    op.create_index(op.f("ix_flags_conversation_id"), "flags", ["conversation_id"])
    op.create_index(op.f("ix_flags_status_created_at"), "flags", ["status", "created_at"])


def downgrade() -> None:
    for table in ("flags", "drafts", "spam"):
        op.drop_table(table)
    with op.batch_alter_table("handoffs", recreate="never") as batch_op:
        batch_op.drop_column("snoozed_until")
