"""files that customers and agents send"""

import sqlalchemy as sa
from alembic import op

revision = "0009_attachments"
down_revision = "0008_hours"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.Integer()),
        sa.Column("agent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite")),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_attachments_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_attachments_agent_id_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    with op.batch_alter_table("attachments", recreate="never") as batch_op:
        batch_op.create_index(batch_op.f("ix_attachments_conversation_id"), ["conversation_id"], unique=False)
    with op.batch_alter_table("messages", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("attachments", sa.JSON(none_as_null=True)))
    with op.batch_alter_table("held_replies", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("attachments", sa.JSON(none_as_null=True)))


def downgrade() -> None:
    with op.batch_alter_table("held_replies", recreate="never") as batch_op:
        batch_op.drop_column("attachments")
    with op.batch_alter_table("messages", recreate="never") as batch_op:
        batch_op.drop_column("attachments")
    op.drop_table("attachments")
