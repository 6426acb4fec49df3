"""conversations that an agent begins, and what agents have begun to write"""

import sqlalchemy as sa
from alembic import op

revision = "0032_writing"
down_revision = "0031_recipients"
branch_labels = None
depends_on = None


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("conversations", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("subject", sa.String(length=200)))
    op.create_table(
        "reply_drafts",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("agent_id", _key(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("recipients", sa.JSON(none_as_null=True)),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_reply_drafts_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_reply_drafts_agent_id_agents")),
        sa.PrimaryKeyConstraint("conversation_id", "agent_id", name=op.f("pk_reply_drafts")),
    )


def downgrade() -> None:
    op.drop_table("reply_drafts")
    with op.batch_alter_table("conversations", recreate="never") as batch_op:
        batch_op.drop_column("subject")
