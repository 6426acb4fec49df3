"""customers who are silent get a word before their conversation is closed"""

import sqlalchemy as sa
from alembic import op

revision = "0021_silence"
down_revision = "0020_presence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("handoffs", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("silence_told_at", sa.BigInteger()))


def downgrade() -> None:
    with op.batch_alter_table("handoffs", recreate="never") as batch_op:
        batch_op.drop_column("silence_told_at")
