"""up to which message a customer has seen what agents wrote"""

import sqlalchemy as sa
from alembic import op

revision = "0044_seen"
down_revision = "0043_made_by_programs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("seen_seq", sa.Integer(), server_default="0", nullable=False))
    op.add_column("conversations", sa.Column("seen_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("conversations", "seen_at")
    op.drop_column("conversations", "seen_seq")
