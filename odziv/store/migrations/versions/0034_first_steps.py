"""first steps: what was noted of them, and from where the widget was loaded"""

import sqlalchemy as sa
from alembic import op

revision = "0034_first_steps"
down_revision = "0033_settings"
branch_labels = None
depends_on = None


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "first_step_notes",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("noted_by", _key()),
        sa.Column("noted_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["noted_by"], ["agents.id"], name=op.f("fk_first_step_notes_noted_by_agents")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_first_step_notes")),
    )
    op.create_table(
        "widget_sightings",
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_widget_sightings")),
    )


def downgrade() -> None:
    op.drop_table("widget_sightings")
    op.drop_table("first_step_notes")
