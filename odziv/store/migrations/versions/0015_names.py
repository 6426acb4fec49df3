"""tables and columns are called what code and documents call them"""

import sqlalchemy as sa
from alembic import op

revision = "0015_names"
down_revision = "0014_joins"
branch_labels = None
depends_on = None

TABLES = {
    "duties": "availability",
    "held_replies": "scheduled_replies",
    "outbox": "mail_queue",
    "letters": "notifications",
}
COLUMNS = {"ticket": "after_hours", "promised_at": "target_at"}


def upgrade() -> None:
    for old, new in TABLES.items():
        _rename_table(old, new)
    for old, new in COLUMNS.items():
        # Written out: Alembic would copy the whole table on SQLite.
        op.execute(f"ALTER TABLE handoffs RENAME COLUMN {old} TO {new}")


def downgrade() -> None:
    for old, new in COLUMNS.items():
        op.execute(f"ALTER TABLE handoffs RENAME COLUMN {new} TO {old}")
    for old, new in TABLES.items():
        _rename_table(new, old)


def _rename_table(old: str, new: str) -> None:
    """Renames a table with its indexes and constraints. Nothing refers to these four, so no foreign key has to follow."""
    table = sa.Table(old, sa.MetaData(), autoload_with=op.get_bind())
    parts = {part.name: part.name.replace(old, new, 1) for part in (*table.constraints, *table.indexes)}
    ours = {name: called for name, called in parts.items() if called != name}  # not an index an operator added
    if op.get_bind().dialect.name == "sqlite":
        _copy_table(table, new, parts)
        return
    op.rename_table(old, new)
    for name in ours.keys() & {constraint.name for constraint in table.constraints}:
        op.execute(f"ALTER TABLE {new} RENAME CONSTRAINT {name} TO {ours[name]}")
    for name in ours.keys() & {index.name for index in table.indexes}:
        op.execute(f"ALTER INDEX {name} RENAME TO {ours[name]}")
    op.execute(f"ALTER SEQUENCE IF EXISTS {old}_id_seq RENAME TO {new}_id_seq")


def _copy_table(table: sa.Table, new: str, parts: dict[str, str]) -> None:
    """SQLite renames neither constraints nor indexes. These tables have few and short rows, so they are copied."""
    indexes = [(parts[index.name], list(index.columns.keys()), index.unique) for index in table.indexes]
    table.indexes.clear()
    for constraint in table.constraints:
        constraint.name = parts[constraint.name]
    copy = table.to_metadata(table.metadata, name=new)
    copy.create(op.get_bind())
    op.execute(copy.insert().from_select(copy.columns.keys(), table.select()))
    op.drop_table(table.name)
    for name, columns, is_unique in indexes:
        op.create_index(name, new, columns, unique=is_unique)
