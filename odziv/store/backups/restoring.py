"""Puts a backup into an empty installation: checked wholly first, and the database last, so never half."""

from __future__ import annotations

import contextlib
import filecmp
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url

from odziv.settings import Settings
from odziv.store.backups.archive import CONFIG, DATABASE, TRACKERS, Archive, Manifest, sync
from odziv.store.backups.refused import BackupFailed, tell_error, tell_size
from odziv.store.backups.snapshot import count_rows, list_tables, read_revision
from odziv.store.damage import DatabaseBroken, examine
from odziv.store.files import ID, RESERVE_BYTES

STAGE, PLACING = "restoring", "placing"
# What the first start writes into a database that nobody has used: its version, and the first agent's invitation.
OF_NOBODY = {"alembic_version", "invitations", "audit"}


@dataclass
class Restored:
    """What was put in place, and what an operator should hear."""

    manifest: Manifest
    remarks: list[str] = field(default_factory=list)


def restore_backup(settings: Settings, source: Path) -> Restored:
    """Puts the backup in the file `source` into the data folder of these settings, which has to be empty.

    The caller sees to it that no server has the folder, and no connection the database. Raises BackupFailed before
    anything is put in place; a process that is killed leaves an installation that is as empty as before, or whole.
    """
    database = _check_database_address(settings)
    _check_empty(settings, database)
    try:
        with _open(source) as archive:
            _check_room(settings, archive)
            stage = _begin_stage(settings.var)
            archive.unpack(stage)
        _check_unpacked(stage, archive)
        restored = Restored(archive.manifest)
        _place(settings, stage, database, restored)
    except OSError as error:
        raise tell_error(error, str(error.filename or source)) from error
    finally:
        if not is_unfinished(settings.var):
            shutil.rmtree(settings.var / STAGE, ignore_errors=True)
    return restored


def is_unfinished(var: Path) -> bool:
    """Whether a restore was killed while it put things in place: all but the database may be there."""
    return (var / STAGE / PLACING).exists() and (var / STAGE / DATABASE).exists()


def _check_database_address(settings: Settings) -> Path:
    url = make_url(settings.database)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise BackupFailed("backups are restored into SQLite only; leave database_url empty in the settings")
    return Path(url.database)


def _check_empty(settings: Settings, database: Path) -> None:
    """Raises BackupFailed where the installation has anything that somebody wrote."""
    if database.exists() and database.stat().st_size:
        examine(database, wholly=False)
        tables = tuple(name for name in list_tables(database) if name not in OF_NOBODY)
        if used := {table: count for table, count in count_rows(database, tables).items() if count}:
            told = ", ".join(f"{count} {table.replace('_', ' ')}" for table, count in sorted(used.items())[:5])
            raise _not_empty(settings, f"its database has {told}")
    files = _list_attachments(settings.var)
    if files and not is_unfinished(settings.var):
        raise _not_empty(settings, f"{settings.var / 'attachments'} has {len(files)} files")


def _list_attachments(var: Path) -> list[Path]:
    folder = var / "attachments"
    return [path for path in folder.iterdir() if ID.fullmatch(path.name)] if folder.is_dir() else []


def _not_empty(settings: Settings, why: str) -> BackupFailed:
    return BackupFailed(
        f"the data folder {settings.var} is in use: {why}. A backup is restored into an empty one only, so that nothing"
        " is lost: move the folder away, or name another with ODZIV_VAR=…, then try again"
    )


@contextlib.contextmanager
def _open(source: Path) -> Iterator[Archive]:
    if not source.is_file():
        raise BackupFailed(f"there is no file {source}")
    try:
        zip = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise BackupFailed(
            f"{source.name} is no backup of Odziv, or was cut off: {error}. Nothing was restored"
        ) from error
    with zip:
        yield Archive(zip, source)


def _check_room(settings: Settings, archive: Archive) -> None:
    needed, free = archive.size + RESERVE_BYTES, shutil.disk_usage(settings.var).free
    if free < needed:
        raise BackupFailed(
            f"what {archive.name} holds needs {tell_size(needed)} in {settings.var}, and {tell_size(free)} are free"
        )


def clear_stage(var: Path) -> None:
    """Removes what a killed restore had unpacked. Raises BackupFailed where it had begun to put things in place."""
    if is_unfinished(var):
        raise BackupFailed(
            f"a restore into {var} was not finished. Run `flask --app server restore FILE` again; or, to begin with an"
            f" empty installation, delete {var / STAGE} and {var / 'attachments'}"
        )
    shutil.rmtree(var / STAGE, ignore_errors=True)


def _begin_stage(var: Path) -> Path:
    """An empty folder; of a restore that was not finished nothing stays, and the installation was empty before it."""
    stage = var / STAGE
    if is_unfinished(var):
        for path in _list_attachments(var):
            path.unlink()
    if stage.is_symlink():
        stage.unlink()
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(mode=0o700)
    return stage


def _check_unpacked(stage: Path, archive: Archive) -> None:
    """Raises BackupFailed unless the database is whole, one of ours, and not newer than this program."""
    database = stage / DATABASE
    if not database.exists():
        raise BackupFailed(f"{archive.name} has no database; nothing was restored")
    try:
        examine(database, wholly=True)
        revision = read_revision(database)
    except DatabaseBroken as error:
        raise BackupFailed(f"the database in {archive.name} can't be used; nothing was restored: {error}") from error
    if revision is None:
        raise BackupFailed(f"the database in {archive.name} is none of Odziv's; nothing was restored")
    if revision not in known_revisions():
        version = f" ({archive.manifest.version})" if archive.manifest.version else ""
        raise BackupFailed(
            f"{archive.name} was made by a newer version of Odziv{version}: its database has the form {revision}, which"
            " this one does not know. Install that version, or take an older backup. Nothing was restored"
        )


def known_revisions() -> set[str]:
    """The forms of a database that this version can bring to its own."""
    config = Config()
    folder = str(Path(__file__).parents[1] / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}


def _place(settings: Settings, stage: Path, database: Path, restored: Restored) -> None:
    """Moves everything to where it belongs. Until the database is there, the installation counts as empty."""
    (stage / PLACING).touch(mode=0o600)
    sync(stage)
    _move_files(stage / "attachments", settings.var / "attachments")
    _move_files(stage / "secrets", settings.var / "secrets")
    _replace_database(stage / TRACKERS, settings.var / "rasa" / "tracker.db")
    _place_articles(settings, stage / "articles", restored)
    _place_config(settings, stage / CONFIG, restored)
    _tell_missing(restored)
    _replace_database(stage / DATABASE, database)


def _move_files(source: Path, target: Path) -> None:
    """Moves what is in a folder, and in folders of it, into another one."""
    if not source.is_dir():
        return
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in sorted(source.iterdir()):
        if path.is_dir():
            _move_files(path, target / path.name)
        else:
            shutil.move(path, target / path.name)
    sync(target)


def _replace_database(source: Path, target: Path) -> None:
    """Puts a database in place of another, of which no log may stay: SQLite would take it for the new one's."""
    if not source.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for ending in ("-wal", "-shm", "-journal"):
        target.with_name(target.name + ending).unlink(missing_ok=True)
    sync(source)
    shutil.move(source, target)
    sync(target.parent)


def _place_articles(settings: Settings, source: Path, restored: Restored) -> None:
    """Articles go where there are none; others stay, and the backup's are put beside them."""
    if not source.is_dir():
        return
    target = settings.articles
    if not target.is_dir() or not any(target.rglob("*.md")):
        _move_files(source, target)
    elif not _is_same(source, target):
        _move_files(source, _begin_folder(settings.var / "restored" / "articles"))
        restored.remarks.append(
            f"{target} has other articles, and keeps them; those of the backup are in"
            f" {settings.var / 'restored' / 'articles'}: compare them, and put in place what should be there"
        )


def _begin_folder(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def _is_same(source: Path, target: Path) -> bool:
    """Whether each file of `source` is in `target` with the same bytes."""
    files = (path for path in source.rglob("*") if path.is_file())
    return all(
        (there := target / path.relative_to(source)).is_file() and filecmp.cmp(path, there, shallow=False)
        for path in files
    )


def _place_config(settings: Settings, source: Path, restored: Restored) -> None:
    """Settings are never put in place of others: they name this machine's addresses."""
    if not source.exists():
        return
    target = settings.var / "restored" / "config.yml"
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.move(source, target)
    restored.remarks.append(f"the settings of the backup are in {target}; compare them with yours")


def _tell_missing(restored: Restored) -> None:
    count, place = len(restored.manifest.missing_attachments), restored.manifest.attachments_in
    if count and place:
        restored.remarks.append(f"{count} attachments are not in the backup, but in {place}: name it in `attachments`")
    elif count:
        restored.remarks.append(f"{count} attachments were missing when the backup was made, and can't be opened")
    if not restored.manifest.with_secrets:
        restored.remarks.append(
            "it has no secrets (--with-secrets): agents sign in again, customers begin new conversations, and sites"
            " that verify customers need new secrets"
        )
