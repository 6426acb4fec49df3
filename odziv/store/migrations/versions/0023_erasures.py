"""erasures of customers, with what came of each"""

import sqlalchemy as sa
from alembic import op

revision = "0023_erasures"
down_revision = "0022_labels"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("targets", sa.JSON(none_as_null=True)),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("agent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite")),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_erasures_agent_id_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_status_due_at"), "erasures", ["status", "due_at"])


def downgrade() -> None:
    op.drop_table("erasures")
