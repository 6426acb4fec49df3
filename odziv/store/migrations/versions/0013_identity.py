"""what customers agreed to"""

import sqlalchemy as sa
from alembic import op

revision = "0013_identity"
down_revision = "0012_programs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("conversations", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("consent_at", sa.BigInteger()))
        batch_op.add_column(sa.Column("consent_text", sa.String(length=64)))


def downgrade() -> None:
    with op.batch_alter_table("conversations", recreate="never") as batch_op:
        batch_op.drop_column("consent_text")
        batch_op.drop_column("consent_at")
