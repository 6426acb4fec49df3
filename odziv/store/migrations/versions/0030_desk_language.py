"""the language in which the desk speaks to an agent"""

import sqlalchemy as sa
from alembic import op

revision = "0030_desk_language"
down_revision = "0029_rules"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("agents", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("language", sa.String(length=8)))


def downgrade() -> None:
    with op.batch_alter_table("agents", recreate="never") as batch_op:
        batch_op.drop_column("language")
