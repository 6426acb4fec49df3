"""agents' titles, for the signatures of e-mails"""

import sqlalchemy as sa
from alembic import op

revision = "0035_signatures"
down_revision = "0034_first_steps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("agents", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("title", sa.String(length=80)))


def downgrade() -> None:
    with op.batch_alter_table("agents", recreate="never") as batch_op:
        batch_op.drop_column("title")
