"""scores of the last questions, which tell how many have an answer"""

import sqlalchemy as sa
from alembic import op

revision = "0025_question_scores"
down_revision = "0023_erasures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question_scores",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("odds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_scores")),
    )
    op.create_index(op.f("ix_question_scores_language_id"), "question_scores", ["language", "id"])


def downgrade() -> None:
    op.drop_table("question_scores")
