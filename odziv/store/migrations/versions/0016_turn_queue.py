"""turns are due at a moment, as whatever else waits in a queue"""

import sqlalchemy as sa
from alembic import op

revision = "0016_turn_queue"
down_revision = "0015_names"
branch_labels = None
depends_on = None

UNFINISHED = {"sqlite_where": sa.text("finished_at IS NULL"), "postgresql_where": sa.text("finished_at IS NULL")}


def upgrade() -> None:
    with op.batch_alter_table("turns", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("due_at", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.drop_index(batch_op.f("ix_turns_status_created_at"))
    turns = sa.table("turns", *(sa.column(name) for name in ("due_at", "created_at")))
    op.execute(sa.update(turns).values(due_at=turns.c.created_at))
    op.create_index("ix_turns_due", "turns", ["due_at", "conversation_id", "seq"], **UNFINISHED)
    op.create_index("ix_turns_unfinished", "turns", ["conversation_id", "seq"], **UNFINISHED)


def downgrade() -> None:
    op.drop_index("ix_turns_unfinished", "turns")
    op.drop_index("ix_turns_due", "turns")
    with op.batch_alter_table("turns", recreate="never") as batch_op:
        batch_op.create_index(batch_op.f("ix_turns_status_created_at"), ["status", "created_at"])
        batch_op.drop_column("due_at")
