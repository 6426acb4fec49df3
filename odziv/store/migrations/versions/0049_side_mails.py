"""e-mails to somebody outside about a conversation, and their answers"""

import sqlalchemy as sa
from alembic import op

revision = "0049_side_mails"
down_revision = "0047_push"
branch_labels = None
depends_on = None

INDEXES = (("status", "due_at"), ("conversation_id", "seq"), ("thread", "created_at"), ("message_id",))


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "side_mails",
        sa.Column("id", _key(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("thread", sa.String(length=24), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("agent_id", _key(), nullable=True),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("passed_on", sa.Text(), nullable=False),
        sa.Column("files", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("message_id", sa.String(length=320), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_side_mails_agent_id_agents")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_side_mails_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_side_mails")),
    )
    for columns in INDEXES:
        op.create_index(op.f(f"ix_side_mails_{'_'.join(columns)}"), "side_mails", list(columns))


def downgrade() -> None:
    op.drop_table("side_mails")
