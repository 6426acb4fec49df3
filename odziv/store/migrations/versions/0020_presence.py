"""whose customer has gone stands behind those who are there, as if it had come later"""

import sqlalchemy as sa
from alembic import op

revision = "0020_presence"
down_revision = "0018_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("handoffs", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("deferred_to", sa.BigInteger()))


def downgrade() -> None:
    with op.batch_alter_table("handoffs", recreate="never") as batch_op:
        batch_op.drop_column("deferred_to")
