"""Opens the database of an installation, unless what lies beside it says that the database is missing."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.engine import make_url

from odziv.settings import BadSetting, Settings
from odziv.store.damage import DatabaseBroken, examine, tell_broken, tell_damaged
from odziv.store.engine import Store, StoreFailed
from odziv.store.files import Files
from odziv.store.migrate import migrate
from odziv.store.postgresql_errors import name_of_server
from odziv.store.schema import metadata


class DatabaseMissing(BadSetting):
    """There are attachments, or the log of a database, but no database they belong to: nothing is begun anew."""


def open_store(settings: Settings, *, wholly: bool = False) -> Store:
    """The database, brought to this version. Raises DatabaseMissing or DatabaseBroken before anything is written.

    `wholly`: every page of it is looked at before, a second or two for each gigabyte.
    """
    settings.var.mkdir(parents=True, exist_ok=True)
    files = open_files(settings)
    _check_file(settings, files, wholly)
    store = Store(settings.database, files=files)
    try:
        _check_tables(store, settings)
        migrate(store)
        _check_schema(store, settings)
    except StoreFailed as error:
        store.close()
        raise DatabaseBroken(tell_broken(name_of(settings), error)) from error
    except BaseException:
        store.close()
        raise
    return store


def open_files(settings: Settings) -> Files:
    """Where the installation's attachments are; the driver of S3 is loaded for those who have them there."""
    folder = settings.var / "attachments"
    if not settings.attachments:
        return Files(folder)
    from odziv.store.files_s3 import S3Files

    return S3Files(folder, settings)


def _check_file(settings: Settings, files: Files, wholly: bool) -> None:
    """SQLite would make a missing file anew, and throw away the log of the one that was there."""
    url = make_url(settings.database)
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    database = Path(url.database)
    if database.exists() and database.stat().st_size:
        return examine(database, wholly=wholly)
    log = database.with_name(f"{database.name}-wal")
    if log.exists() and log.stat().st_size:
        raise DatabaseMissing(
            f"{log} is there, but {database} is missing or empty. The newest messages may be in that log. If you are"
            f" restoring a backup, delete {log.name} and {database.name}-shm and put the backup's {database.name} in"
            " place; if the database was moved, put it back beside its log."
        )
    if count := files.count():
        raise DatabaseMissing(_tell(f"{database} is missing or empty", files, count, database.name))


def _check_tables(store: Store, settings: Settings) -> None:
    with store.read() as connection:
        is_new = not inspect(connection).has_table("alembic_version")
    if is_new and (count := store.files.count()):
        told = f"the database {name_of(settings)} has no tables"
        raise DatabaseMissing(_tell(told, store.files, count, "the database"))


def _check_schema(store: Store, settings: Settings) -> None:
    """A table that is missing would be missed when a customer needs it."""
    with store.read() as connection:
        missing = sorted(metadata.tables.keys() - set(inspect(connection).get_table_names()))
    if missing:
        raise DatabaseBroken(tell_damaged(name_of(settings), f"it lacks the table {', '.join(missing)}"))


def name_of(settings: Settings) -> str:
    """The database as messages call it: the path of a file, else the address without its password."""
    url = make_url(settings.database)
    is_file = url.get_backend_name() == "sqlite" and url.database
    return str(url.database) if is_file else name_of_server(url)


def _tell(what: str, files: Files, count: int, name: str) -> str:
    there = "1 file" if count == 1 else f"{count} files"
    return (
        f"{what}, but {files.folder} holds {there} that customers or agents sent. If you are restoring a backup, put"
        f" {name} of the same backup in place first, then start. To begin anew without them, move that folder away."
    )
