"""settings that administrators change at the desk, and what each change was"""

import sqlalchemy as sa
from alembic import op

revision = "0033_settings"
down_revision = "0032_writing"
branch_labels = None
depends_on = None


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "setting_changes",
        sa.Column("id", _key(), autoincrement=False, nullable=False),
        sa.Column("made_by", _key()),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("undoes", sa.BigInteger()),
        sa.ForeignKeyConstraint(["made_by"], ["agents.id"], name=op.f("fk_setting_changes_made_by_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setting_changes")),
    )
    op.create_table(
        "setting_values",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("change_id", _key(), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"], ["setting_changes.id"], name=op.f("fk_setting_values_change_id_setting_changes")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting_values")),
    )


def downgrade() -> None:
    op.drop_table("setting_values")
    op.drop_table("setting_changes")
