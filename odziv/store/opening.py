"""Opens the database of an installation, unless what lies beside it says that the database is missing."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.engine import make_url

from odziv.settings import BadSetting, Settings
from odziv.store.engine import Store
from odziv.store.files import Files
from odziv.store.migrate import migrate


class DatabaseMissing(BadSetting):
    """There are attachments, or the log of a database, but no database they belong to: nothing is begun anew."""


def open_store(settings: Settings) -> Store:
    """The database, brought to this version. Raises DatabaseMissing before anything is written."""
    settings.var.mkdir(parents=True, exist_ok=True)
    files = Files(settings.var / "attachments")
    _check_file(settings, files)
    store = Store(settings.database, files=files.folder)
    try:
        _check_tables(store, settings)
        migrate(store)
    except BaseException:
        store.close()
        raise
    return store


def _check_file(settings: Settings, files: Files) -> None:
    """SQLite would make a missing file anew, and throw away the log of the one that was there."""
    url = make_url(settings.database)
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    database = Path(url.database)
    if database.exists() and database.stat().st_size:
        return
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
        name = make_url(settings.database).render_as_string(hide_password=True)
        raise DatabaseMissing(_tell(f"the database {name} has no tables", store.files, count, "the database"))


def _tell(what: str, files: Files, count: int, name: str) -> str:
    there = "1 file" if count == 1 else f"{count} files"
    return (
        f"{what}, but {files.folder} holds {there} that customers or agents sent. If you are restoring a backup, put"
        f" {name} of the same backup in place first, then start. To begin anew without them, move that folder away."
    )
