"""agents' pictures"""

import sqlalchemy as sa
from alembic import op

revision = "0045_portraits"
down_revision = "0044_seen"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "portraits",
        sa.Column("agent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("jpeg", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_portraits_agent_id_agents")),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_portraits")),
        sa.UniqueConstraint("digest", name=op.f("uq_portraits_digest")),
    )


def downgrade() -> None:
    op.drop_table("portraits")
