"""rules, and what they hear of"""

import sqlalchemy as sa
from alembic import op

revision = "0029_rules"
down_revision = "0028_fields"
branch_labels = None
depends_on = None


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "rules",
        sa.Column("id", _key(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("hours", sa.Integer()),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("actions", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("enabled_at", sa.BigInteger()),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("last_run_at", sa.BigInteger()),
        sa.Column("updated_by", _key()),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["updated_by"], ["agents.id"], name=op.f("fk_rules_updated_by_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rules")),
    )
    op.create_index(op.f("ix_rules_event_enabled_at"), "rules", ["event", "enabled_at"])
    op.create_table(
        "rule_events",
        sa.Column("id", _key(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("seq", sa.Integer()),
        sa.Column("label_id", sa.BigInteger()),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_rule_events_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_events")),
    )
    op.create_index(op.f("ix_rule_events_conversation_id"), "rule_events", ["conversation_id"])
    op.create_index(op.f("ix_rule_events_status_due_at"), "rule_events", ["status", "due_at"])
    op.create_table(
        "rule_silences",
        sa.Column("rule_id", _key(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["rule_id"], ["rules.id"], name=op.f("fk_rule_silences_rule_id_rules")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_rule_silences_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("rule_id", "conversation_id", "seq", name=op.f("pk_rule_silences")),
    )
    op.create_index(op.f("ix_rule_silences_conversation_id"), "rule_silences", ["conversation_id"])


def downgrade() -> None:
    op.drop_table("rule_silences")
    op.drop_table("rule_events")
    op.drop_table("rules")
