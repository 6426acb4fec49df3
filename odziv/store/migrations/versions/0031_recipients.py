"""to whom e-mails go beside their customer, who in copy wrote one"""

import sqlalchemy as sa
from alembic import op

revision = "0031_recipients"
down_revision = "0030_desk_language"
branch_labels = None
depends_on = None

ADDED = {
    "messages": (sa.Column("author", sa.String(length=320)),),
    "mails": (sa.Column("recipients", sa.JSON(none_as_null=True)),),
    "mail_queue": (
        sa.Column("recipients", sa.JSON(none_as_null=True)),
        sa.Column("remaining", sa.JSON(none_as_null=True)),
    ),
    "scheduled_replies": (sa.Column("recipients", sa.JSON(none_as_null=True)),),
}


def upgrade() -> None:
    for table, columns in ADDED.items():
        with op.batch_alter_table(table, recreate="never") as batch_op:
            for column in columns:
                batch_op.add_column(column)


def downgrade() -> None:
    for table, columns in ADDED.items():
        with op.batch_alter_table(table, recreate="never") as batch_op:
            for column in columns:
                batch_op.drop_column(column.name)
