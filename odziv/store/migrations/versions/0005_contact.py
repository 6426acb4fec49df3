"""who a customer is, and through which door they came"""

import sqlalchemy as sa
from alembic import op

revision = "0005_contact"
down_revision = "0004_phrasings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("conversations", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("channel", sa.String(length=10), nullable=False, server_default="widget"))
        batch_op.add_column(sa.Column("name", sa.String(length=120)))
        batch_op.add_column(sa.Column("email", sa.String(length=320)))
        batch_op.add_column(sa.Column("customer", sa.String(length=120)))
        batch_op.add_column(sa.Column("verified", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("browser", sa.JSON(none_as_null=True)))
        batch_op.add_column(sa.Column("attributes", sa.JSON(none_as_null=True)))
        batch_op.create_index(batch_op.f("ix_conversations_email"), ["email"], unique=False)
        batch_op.create_index(batch_op.f("ix_conversations_site_customer"), ["site", "customer"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("conversations", recreate="never") as batch_op:
        batch_op.drop_index(batch_op.f("ix_conversations_site_customer"))
        batch_op.drop_index(batch_op.f("ix_conversations_email"))
        for column in ("attributes", "browser", "verified", "customer", "email", "name", "channel"):
            batch_op.drop_column(column)
