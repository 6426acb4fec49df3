"""Makes a backup while the server serves: everything of one moment in one file, or no file."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sqlite3
import time
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from odziv.settings import Settings
from odziv.store.backups.archive import CONFIG, DATABASE, TRACKERS, ArchiveWriter, Manifest, is_good_name, sync
from odziv.store.backups.refused import BackupFailed, tell_error, tell_size, tell_sqlite
from odziv.store.backups.snapshot import (
    copy_database,
    copy_trackers,
    count_rows,
    list_attachment_ids,
    read_revision,
)
from odziv.store.backups.state import noting
from odziv.store.engine import Store, StoreFailed, iso_time
from odziv.store.files import GONE, ID, RESERVE_BYTES

ROOT = Path(__file__).parents[3]
# Nothing else in a folder of articles is one.
ARTICLE_ENDINGS = (".md", ".yml", ".yaml", ".txt", ".jsonl", ".json")


@dataclass
class Made:
    """A backup that is done: its bytes, what is in it, and what an operator should hear."""

    bytes: int
    seconds: float
    counts: dict[str, int]
    remarks: list[str] = field(default_factory=list)


def make_backup(
    store: Store,
    settings: Settings,
    target: Path,
    *,
    config: Path,
    with_secrets: bool = False,
    told: Callable[[str], None] = lambda _text: None,
) -> Made:
    """Writes a backup to `target`, which is there afterwards whole, or not at all.

    `config` is the file of settings; `told` hears how far it is. What became of it is noted in the data folder.
    Raises BackupFailed; where the database is not SQLite's, nothing is noted, since others make its backups.
    """
    if store.url.get_backend_name() != "sqlite":
        raise BackupFailed(
            "this command copies SQLite databases only. Back up PostgreSQL with pg_dump, and then attachments/,"
            " secrets/ and the articles (docs/operators.md, “PostgreSQL”)"
        )
    begun = time.monotonic()
    with noting(settings.var, store.clock) as note_success:
        try:
            made = _write_beside(store, settings, target, config, with_secrets, told)
        except OSError as error:
            raise tell_error(error, str(target)) from error
        except (sqlite3.Error, StoreFailed) as error:
            raise tell_sqlite(error, target) from error
        made.seconds = time.monotonic() - begun
        note_success(made.seconds, made.bytes)
    return made


def _write_beside(
    store: Store, settings: Settings, target: Path, config: Path, with_secrets: bool, told: Callable[[str], None]
) -> Made:
    _check_target(target)
    _check_room(store, settings, target)
    with _draft(target) as draft, _scratch(target) as database:
        work = _Work(store, settings, config, database, told)
        made = work.write(draft, with_secrets)
        sync(draft)
        if target.exists():
            raise _taken(target)
        draft.rename(target)
        sync(target.parent)
    made.bytes = target.stat().st_size
    return made


class _Work:
    """One backup under way; `scratch` is where copies of databases stand until they are packed."""

    def __init__(
        self, store: Store, settings: Settings, config: Path, scratch: Path, told: Callable[[str], None]
    ) -> None:
        self._store, self._settings, self._config = store, settings, config
        self._scratch, self._told = scratch, told
        self._remarks: list[str] = []

    def write(self, draft: Path, with_secrets: bool) -> Made:
        """Writes the whole archive into the file `draft`."""
        moment = self._store.clock()
        with zipfile.ZipFile(draft, "w", allowZip64=True) as zip:
            writer = ArchiveWriter(zip, _zip_time(moment))
            manifest = self._add_database(writer)
            manifest.made_at, manifest.with_secrets = iso_time(moment), with_secrets
            self._add_trackers(writer)
            manifest.attachments_in = self._store.files.elsewhere or ""
            manifest.missing_attachments = self._add_attachments(writer)
            self._add_settings(writer)
            manifest.counts["articles"] = self._add_articles(writer)
            if with_secrets:
                self._add_folder(writer, self._settings.var / "secrets", "secrets")
            manifest.files = writer.files
            writer.finish(manifest)
        return Made(0, 0.0, manifest.counts, self._remarks)

    def _add_database(self, writer: ArchiveWriter) -> Manifest:
        copy_database(self._store, self._scratch, self._tell_pages)
        writer.add(DATABASE, self._scratch)
        self._known = list_attachment_ids(self._scratch)
        self._store.scrub()  # whoever had something deleted meanwhile could not: the log was being read
        counts, revision = count_rows(self._scratch), read_revision(self._scratch)
        self._scratch.unlink()
        return Manifest(files={}, version=_version(), schema_version=revision or "", counts=counts)

    def _tell_pages(self, left: int, every: int) -> None:
        self._told(f"database: {100 * (every - left) // max(every, 1)} %")

    def _add_trackers(self, writer: ArchiveWriter) -> None:
        source = self._settings.var / "rasa" / "tracker.db"
        if not source.exists():
            return
        try:
            copy_trackers(source, self._scratch)
        except sqlite3.Error as error:  # nothing depends on it
            self._remarks.append(f"what Rasa remembers of running conversations is not in it ({error})")
        else:
            writer.add(TRACKERS, self._scratch)
        self._scratch.unlink(missing_ok=True)

    def _add_attachments(self, writer: ArchiveWriter) -> list[str]:
        """Adds every file but those that are just being deleted; returns the ids of those that are not there."""
        folder = self._store.files.folder
        there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
        for name in sorted(name for name in there if ID.fullmatch(name) and f".{name}{GONE}" not in there):
            # Deleted by its customer meanwhile.
            with contextlib.suppress(FileNotFoundError):
                writer.add(f"attachments/{name}", folder / name, squeeze=False)
        missing = sorted(name for name in self._known if f"attachments/{name}" not in writer.files)
        if missing and (place := self._store.files.elsewhere):
            self._remarks.append(f"{len(missing)} attachments are in {place}, and not in it: back that up for itself")
        elif missing:
            self._remarks.append(
                f"{len(missing)} attachments of conversations were not there (deleted meanwhile, or lost before)"
            )
        return missing

    def _add_settings(self, writer: ArchiveWriter) -> None:
        writer.add(CONFIG, self._config)

    def _add_articles(self, writer: ArchiveWriter) -> int:
        count = self._add_folder(writer, self._settings.articles, "articles", ARTICLE_ENDINGS)
        if not count:
            self._remarks.append(f"no article is in it: there is none in {self._settings.articles}")
        return sum(name.startswith("articles/") and name.endswith(".md") for name in writer.files)

    def _add_folder(self, writer: ArchiveWriter, folder: Path, below: str, endings: tuple[str, ...] = ("",)) -> int:
        """Adds the files of a folder and of those in it, under their names below `below`; returns how many."""
        count = 0
        for path in _walk(folder):
            name = "/".join((below, *path.relative_to(folder).parts))
            if not path.name.endswith(endings):
                continue
            if not is_good_name(name):
                self._remarks.append(f"{path} is not in it: no backup can hold a file of such a name")
                continue
            writer.add(name, path)
            count += 1
        return count


def _walk(folder: Path) -> Iterator[Path]:
    """The files below a folder in order, without hidden ones; a link to a folder that was seen is passed over."""
    seen: set[tuple[int, int]] = set()
    for here, folders, files in os.walk(folder, followlinks=True):
        stat = os.stat(here)
        if (stat.st_dev, stat.st_ino) in seen:
            folders.clear()
            continue
        seen.add((stat.st_dev, stat.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (path for name in sorted(files) if not name.startswith(".") and (path := Path(here, name)).is_file())


def _check_target(target: Path) -> None:
    if target.exists() or target.is_symlink():
        raise _taken(target)
    if not target.parent.is_dir():
        raise BackupFailed(f"the folder {target.parent} is not there; make it first (chmod 700: customers' words)")


def _taken(target: Path) -> BackupFailed:
    return BackupFailed(f"{target} is there already, and stays as it is; choose another name", "the file is there")


def _check_room(store: Store, settings: Settings, target: Path) -> None:
    """Raises BackupFailed where the disk may become full: the server may have its database there."""
    database = Path(store.url.database or "")
    database_bytes = sum(_size(database.with_name(database.name + ending)) for ending in ("", "-wal"))
    folder = store.files.folder
    files = sum(_size(path) for path in folder.iterdir()) if folder.is_dir() else 0
    needed = 2 * database_bytes + files + _size(settings.var / "rasa" / "tracker.db")
    if target.parent.stat().st_dev == settings.var.stat().st_dev:
        needed += RESERVE_BYTES
    free = shutil.disk_usage(target.parent).free
    if free < needed:
        raise BackupFailed(
            f"a backup may need {tell_size(needed)} in {target.parent}, and {tell_size(free)} are free there", "no room"
        )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


@contextlib.contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """A file beside the target, nobody else's while it lasts; it is gone afterwards unless it was renamed."""
    draft = target.with_name(f".{target.name}.part")
    number = os.open(draft, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.fchmod(number, 0o600)
        os.ftruncate(number, 0)
    except BlockingIOError:
        os.close(number)
        raise BackupFailed(f"another program is just writing {target}") from None
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)
        os.close(number)


@contextlib.contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    """Where a copy of a database may stand for a while, for this account's eyes only."""
    path = target.with_name(f".{target.name}.copy")
    path.unlink(missing_ok=True)
    before = os.umask(0o077)
    try:
        yield path
    finally:
        os.umask(before)
        path.unlink(missing_ok=True)


def _zip_time(moment: int) -> tuple[int, int, int, int, int, int]:
    """As a ZIP has it: from 1980 on, to two seconds."""
    at = datetime.fromtimestamp(moment / 1000, UTC)
    return (max(at.year, 1980), at.month, at.day, at.hour, at.minute, at.second)


def _version() -> str:
    """This version of Odziv, as pyproject.toml says."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return str(document["project"]["version"])
