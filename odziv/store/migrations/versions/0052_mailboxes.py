"""to which mailbox a conversation and a mail came, where there are several"""

import sqlalchemy as sa
from alembic import op

revision = "0052_mailboxes"
down_revision = "0051_shown_names"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("mailbox", sa.String(30), nullable=True))
    op.add_column("mails", sa.Column("mailbox", sa.String(30), nullable=True))
    # What came by mail so far came to the one that stands directly below `mail`.
    for table in ("conversations", "mails"):
        rows = sa.table(table, sa.column("mailbox"), sa.column("channel"))
        came = rows.update().values(mailbox="")
        op.execute(came.where(rows.c.channel == "mail") if table == "conversations" else came)


def downgrade() -> None:
    for table in ("conversations", "mails"):
        with op.batch_alter_table(table) as changed:
            changed.drop_column("mailbox")
