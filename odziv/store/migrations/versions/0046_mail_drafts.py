"""the new e-mails that agents have begun to write"""

import sqlalchemy as sa
from alembic import op

revision = "0046_mail_drafts"
down_revision = "0045_portraits"
branch_labels = None
depends_on = None


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "mail_drafts",
        sa.Column("agent_id", _key(), autoincrement=False, nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_mail_drafts_agent_id_agents")),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_mail_drafts")),
    )


def downgrade() -> None:
    op.drop_table("mail_drafts")
