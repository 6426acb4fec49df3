"""fields of customers and conversations"""

import sqlalchemy as sa
from alembic import op

revision = "0028_fields"
down_revision = "0027_macros"
branch_labels = None
depends_on = None


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "fields",
        sa.Column("id", _key(), nullable=False),
        sa.Column("about", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("site", sa.String(length=64), server_default="", nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_key", sa.String(length=80), nullable=False),
        sa.Column("choices", sa.JSON(none_as_null=True)),
        sa.Column("required", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("archived_at", sa.BigInteger()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fields")),
        sa.UniqueConstraint("site", "name_key", name=op.f("uq_fields_site_name_key")),
    )
    op.create_table(
        "field_values",
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("field_id", _key(), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("folded", sa.String(length=400), nullable=False),
        sa.Column("agent_id", _key()),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_field_values_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["field_id"], ["fields.id"], name=op.f("fk_field_values_field_id_fields")),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_field_values_agent_id_agents")),
        sa.PrimaryKeyConstraint("conversation_id", "field_id", name=op.f("pk_field_values")),
    )
    op.create_index(
        op.f("ix_field_values_field_id_folded_conversation_id"),
        "field_values",
        ["field_id", "folded", "conversation_id"],
    )


def downgrade() -> None:
    op.drop_table("field_values")
    op.drop_table("fields")
