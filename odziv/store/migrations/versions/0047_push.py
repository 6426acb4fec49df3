"""notifications that reach agents whose desk is closed: the browsers, and what waits to be sent to them"""

import sqlalchemy as sa
from alembic import op

revision = "0047_push"
down_revision = "0046_mail_drafts"
branch_labels = None
depends_on = None


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "push_subscriptions",
        sa.Column("id", _key(), nullable=False),
        sa.Column("agent_id", _key(), nullable=False),
        sa.Column("endpoint", sa.String(2000), nullable=False),
        sa.Column("endpoint_hash", sa.String(64), nullable=False),
        sa.Column("p256dh", sa.String(100), nullable=False),
        sa.Column("auth", sa.String(40), nullable=False),
        sa.Column("session_id", sa.String(64), nullable=False),
        sa.Column("device", sa.String(60), nullable=True),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.String(200), nullable=True),
        sa.Column("told", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_push_subscriptions_agent_id_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscriptions")),
        sa.UniqueConstraint("endpoint_hash", name=op.f("uq_push_subscriptions_endpoint_hash")),
    )
    op.create_index(op.f("ix_push_subscriptions_agent_id"), "push_subscriptions", ["agent_id"])
    op.create_table(
        "pushes",
        sa.Column("id", _key(), nullable=False),
        sa.Column("subscription_id", _key(), nullable=False),
        sa.Column("tag", sa.String(16), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["push_subscriptions.id"], name=op.f("fk_pushes_subscription_id_push_subscriptions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pushes")),
    )
    op.create_index(op.f("ix_pushes_subscription_id"), "pushes", ["subscription_id"])
    op.create_index(op.f("ix_pushes_due_at"), "pushes", ["due_at"])


def downgrade() -> None:
    op.drop_table("pushes")
    op.drop_table("push_subscriptions")
