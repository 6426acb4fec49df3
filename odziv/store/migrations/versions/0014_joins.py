"""letters to agents off duty and of transcripts, and conversations merged into others"""

import sqlalchemy as sa
from alembic import op

revision = "0014_joins"
down_revision = "0013_identity"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("duties", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("wants_mail", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "letters",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("agent_id", KEY, nullable=True),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.String(length=320), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_letters_agent_id_agents")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_letters_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("message_id", name=op.f("uq_letters_message_id")),
    )
    op.create_index(op.f("ix_letters_conversation_id"), "letters", ["conversation_id"])
    op.create_index(op.f("ix_letters_status_due_at"), "letters", ["status", "due_at"])
    op.create_index(op.f("ix_letters_recipient_created_at"), "letters", ["recipient", "created_at"])
    op.create_table(
        "merges",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("into_id", sa.String(length=32), nullable=False),
        sa.Column("agent_id", KEY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_merges_agent_id_agents")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_merges_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["into_id"], ["conversations.id"], name=op.f("fk_merges_into_id_conversations")),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_merges")),
    )
    op.create_index(op.f("ix_merges_into_id"), "merges", ["into_id"])


def downgrade() -> None:
    op.drop_table("merges")
    op.drop_table("letters")
    with op.batch_alter_table("duties", recreate="never") as batch_op:
        batch_op.drop_column("wants_mail")
