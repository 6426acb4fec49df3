"""whom an identity provider knows an agent as"""

import sqlalchemy as sa
from alembic import op

revision = "0036_identities"
down_revision = "0035_signatures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("agent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_identities_agent_id_agents")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identities")),
        sa.UniqueConstraint("agent_id", "issuer", name=op.f("uq_identities_agent_id_issuer")),
    )


def downgrade() -> None:
    op.drop_table("identities")
