"""whose customer has gone counts as having come later; after each agent, customers are told anew that nobody is there"""

import sqlalchemy as sa
from alembic import op

revision = "0020_presence"
down_revision = "0018_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("handoffs", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("deferred_to", sa.BigInteger()))
        batch_op.add_column(sa.Column("absence_told_at", sa.BigInteger()))
    handoffs = sa.table("handoffs", *(sa.column(name) for name in ("absence_told_at", "after_hours", "created_at")))
    told = sa.update(handoffs).where(handoffs.c.after_hours.is_(sa.true()))
    op.execute(told.values(absence_told_at=handoffs.c.created_at))


def downgrade() -> None:
    with op.batch_alter_table("handoffs", recreate="never") as batch_op:
        batch_op.drop_column("absence_told_at")
        batch_op.drop_column("deferred_to")
