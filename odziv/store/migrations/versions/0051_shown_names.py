"""the name that customers read of an agent, where it is not the first of their own"""

import sqlalchemy as sa
from alembic import op

revision = "0051_shown_names"
down_revision = "0050_customer_addresses"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agents", sa.Column("shown_name", sa.String(60), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("agents") as agents:
        agents.drop_column("shown_name")
