"""what programs made, so that a repeat makes nothing again"""

import sqlalchemy as sa
from alembic import op

revision = "0043_made_by_programs"
down_revision = "0036_identities"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "made_by_programs",
        sa.Column("agent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("client_id", sa.String(length=48), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_made_by_programs_agent_id_agents")),
        sa.PrimaryKeyConstraint("agent_id", "client_id", name=op.f("pk_made_by_programs")),
    )
    op.create_index(op.f("ix_made_by_programs_created_at"), "made_by_programs", ["created_at"])


def downgrade() -> None:
    op.drop_table("made_by_programs")
