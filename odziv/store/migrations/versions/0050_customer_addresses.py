"""customers' other e-mail addresses, as agents added them; where a mail asked for answers"""

import sqlalchemy as sa
from alembic import op

revision = "0050_customer_addresses"
down_revision = "0049_side_mails"
branch_labels = None
depends_on = None


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "customer_addresses",
        sa.Column("id", _key(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("agent_id", _key(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_customer_addresses_agent_id_agents")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_customer_addresses_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_addresses")),
        sa.UniqueConstraint("conversation_id", "address", name=op.f("uq_customer_addresses_conversation_id_address")),
    )
    op.create_index(
        op.f("ix_customer_addresses_address_conversation_id"), "customer_addresses", ["address", "conversation_id"]
    )
    with op.batch_alter_table("mails", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("reply_to", sa.String(length=320)))


def downgrade() -> None:
    with op.batch_alter_table("mails", recreate="never") as batch_op:
        batch_op.drop_column("reply_to")
    op.drop_table("customer_addresses")
