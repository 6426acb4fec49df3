"""tickets, priorities, and when customers asked and were answered"""

import sqlalchemy as sa
from alembic import op

revision = "0008_hours"
down_revision = "0007_cases"
branch_labels = None
depends_on = None

COLUMNS = ("outcome", "told_at", "asked_at", "replied_at", "first_claimed_at", "priority", "asks_email", "ticket")


def upgrade() -> None:
    with op.batch_alter_table("handoffs", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("ticket", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("asks_email", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("priority", sa.String(length=10)))
        batch_op.add_column(sa.Column("first_claimed_at", sa.BigInteger()))
        batch_op.add_column(sa.Column("replied_at", sa.BigInteger()))
        batch_op.add_column(sa.Column("asked_at", sa.BigInteger()))
        batch_op.add_column(sa.Column("told_at", sa.BigInteger()))
        batch_op.add_column(sa.Column("outcome", sa.String(length=10)))
        batch_op.create_index(batch_op.f("ix_handoffs_created_at"), ["created_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_handoffs_language_first_claimed_at"), ["language", "first_claimed_at"], unique=False
        )
    with op.batch_alter_table("conversations", recreate="never") as batch_op:
        batch_op.create_index(batch_op.f("ix_conversations_created_at"), ["created_at"], unique=False)
    _fill_in()


def _fill_in() -> None:
    """What is known of earlier handoffs: the claim, the first reply, and from the audit trail what became of them."""
    names = ("conversation_id", "created_at", "claimed_at", "first_claimed_at", "replied_at", "closed_at", "outcome")
    handoffs = sa.table("handoffs", *(sa.column(name) for name in names))
    columns = ("conversation_id", "sender", "created_at", sa.column("internal", sa.Boolean()))
    messages = sa.table("messages", *(sa.column(name) if isinstance(name, str) else name for name in columns))
    audit = sa.table("audit", *(sa.column(name) for name in ("object", "action", "at")))
    replied = (
        sa.select(sa.func.min(messages.c.created_at))
        .where(
            messages.c.conversation_id == handoffs.c.conversation_id,
            messages.c.sender == "agent",
            messages.c.internal.is_(sa.false()),
            messages.c.created_at >= handoffs.c.created_at,
            messages.c.created_at <= sa.func.coalesce(handoffs.c.closed_at, messages.c.created_at),
        )
        .scalar_subquery()
    )
    resolved = sa.exists().where(
        audit.c.object == sa.literal("conversation:") + handoffs.c.conversation_id,
        audit.c.action == "resolved",
        audit.c.at.between(handoffs.c.closed_at - 1000, handoffs.c.closed_at + 1000),
    )
    op.execute(sa.update(handoffs).values(first_claimed_at=handoffs.c.claimed_at, replied_at=replied))
    op.execute(sa.update(handoffs).where(resolved).values(outcome="resolved"))


def downgrade() -> None:
    with op.batch_alter_table("conversations", recreate="never") as batch_op:
        batch_op.drop_index(batch_op.f("ix_conversations_created_at"))
    with op.batch_alter_table("handoffs", recreate="never") as batch_op:
        batch_op.drop_index(batch_op.f("ix_handoffs_language_first_claimed_at"))
        batch_op.drop_index(batch_op.f("ix_handoffs_created_at"))
        for column in COLUMNS:
            batch_op.drop_column(column)
