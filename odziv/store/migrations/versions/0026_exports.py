"""exports that administrators begin at the desk"""

import sqlalchemy as sa
from alembic import op

revision = "0026_exports"
down_revision = "0025_question_scores"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=15), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("wanted", sa.JSON(none_as_null=True)),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger()),
        sa.Column("reason", sa.String(length=300)),
        sa.Column("agent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_exports_agent_id_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    op.create_index(op.f("ix_exports_created_at"), "exports", ["created_at"])
    op.create_index(op.f("ix_exports_status_due_at"), "exports", ["status", "due_at"])


def downgrade() -> None:
    op.drop_table("exports")
