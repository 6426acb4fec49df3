"""Brings a database to this version's schema; run at every start."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from odziv.store.damage import DatabaseBroken, tell_broken
from odziv.store.engine import Store, StoreFailed


class DatabaseTooNew(Exception):
    """A newer version wrote this database; the message says what to do."""


def migrate(store: Store, revision: str = "head") -> None:
    """Runs the missing migrations, all or none. Raises DatabaseTooNew when the database is newer than the code, and
    DatabaseBroken when it can't be used."""
    config = Config()
    folder = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))  # "%" is special to ConfigParser
    with store.migrating() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, revision)
        except StoreFailed as error:
            raise DatabaseBroken(tell_broken(store.name, error)) from error
        except CommandError as error:
            raise DatabaseTooNew(
                f"the database was written by a newer version of Odziv ({error}). "
                "Run that version again, or restore a backup made before it."
            ) from error
