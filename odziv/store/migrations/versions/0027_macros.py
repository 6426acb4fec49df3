"""macros, and what was asked for and can still be taken back"""

import sqlalchemy as sa
from alembic import op

revision = "0027_macros"
down_revision = "0026_exports"
branch_labels = None
depends_on = None


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "macros",
        sa.Column("id", _key(), nullable=False),
        sa.Column("agent_id", _key()),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("updated_by", _key()),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_macros_agent_id_agents")),
        sa.ForeignKeyConstraint(["updated_by"], ["agents.id"], name=op.f("fk_macros_updated_by_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_macros")),
    )
    op.create_index(op.f("ix_macros_agent_id"), "macros", ["agent_id"])
    op.create_table(
        "scheduled_actions",
        sa.Column("id", _key(), nullable=False),
        sa.Column("batch", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("agent_id", _key(), nullable=False),
        sa.Column("seen", sa.Integer()),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("problem", sa.String(length=300)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_scheduled_actions_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_scheduled_actions_agent_id_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_actions")),
        sa.UniqueConstraint("batch", "conversation_id", name=op.f("uq_scheduled_actions_batch_conversation_id")),
    )
    op.create_index(op.f("ix_scheduled_actions_conversation_id"), "scheduled_actions", ["conversation_id"])
    op.create_index(op.f("ix_scheduled_actions_status_due_at"), "scheduled_actions", ["status", "due_at"])
    op.create_index(op.f("ix_scheduled_actions_agent_id_created_at"), "scheduled_actions", ["agent_id", "created_at"])


def downgrade() -> None:
    op.drop_table("scheduled_actions")
    op.drop_table("macros")
