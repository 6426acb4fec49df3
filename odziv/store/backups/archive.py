"""A backup's file: a ZIP whose `manifest.json` names each file in it with its bytes and SHA-256."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from odziv.store.backups.refused import BackupFailed

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE, TRACKERS, CONFIG = "database.sqlite", "rasa/tracker.db", "settings/config.yml"
PIECE = 1024 * 1024  # bytes read at a time
# A manifest names the files of its archive and little else: so many bytes for each, beside some for itself.
MANIFEST_BYTES, MANIFEST_BYTES_A_FILE = 1_000_000, 2_000
# What may be in an archive, and so what may be written when one is restored.
NAMES = re.compile(
    r"database\.sqlite|rasa/tracker\.db|settings/config\.yml|attachments/[0-9a-f]{32}"
    r"|secrets(/[A-Za-z0-9_][A-Za-z0-9_.-]*){1,3}|articles(/[^/\\\x00-\x1f]{1,255}){1,12}"
)
# What reading a ZIP raises whose content is damaged, or packed in some other way.
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError)
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Entry(BaseModel):
    """A file of an archive: its bytes, and their SHA-256."""

    model_config = ConfigDict(extra="forbid")

    bytes: Annotated[int, Field(ge=0)]
    sha256: Sha256


class Manifest(BaseModel):
    """What an archive says it holds; `made_at` is ISO 8601 in UTC, `schema_version` the database's."""

    product: Literal["odziv"] = "odziv"
    format: int = FORMAT
    version: str = ""
    schema_version: str = ""
    made_at: str = ""
    with_secrets: bool = False
    counts: dict[str, int] = {}
    missing_attachments: list[str] = []
    attachments_in: str = ""  # another place than the data folder, whose files are not in the archive
    files: dict[str, Entry]


@dataclass
class ArchiveWriter:
    """Writes files into a ZIP that is open, and remembers what the manifest is to say of them."""

    zip: zipfile.ZipFile
    made_at: tuple[int, int, int, int, int, int]
    files: dict[str, Entry] = field(default_factory=dict)

    def add(self, name: str, path: Path, *, squeeze: bool = True) -> None:
        """Puts a file in under this name; `squeeze` what is not compressed by itself. Raises OSError."""
        with open(path, "rb") as source:
            self.add_stream(name, source, squeeze=squeeze)

    def add_stream(self, name: str, source: IO[bytes], *, squeeze: bool = True) -> None:
        """Puts in what can be read from `source`."""
        digest, size = hashlib.sha256(), 0
        with self.zip.open(self._head(name, squeeze), "w", force_zip64=True) as target:
            while piece := source.read(PIECE):
                digest.update(piece)
                size += len(piece)
                target.write(piece)
        self.files[name] = Entry(bytes=size, sha256=digest.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        """Writes the manifest, which comes last and is read first."""
        told = manifest.model_dump_json(indent=1).encode()
        self.zip.writestr(self._head(MANIFEST, True), told)

    def _head(self, name: str, squeeze: bool) -> zipfile.ZipInfo:
        head = zipfile.ZipInfo(name, self.made_at)
        head.compress_type = zipfile.ZIP_DEFLATED if squeeze else zipfile.ZIP_STORED
        head._compresslevel = 1  # type: ignore[attr-defined]  # only ZipFile itself has a public one
        head.external_attr = (stat.S_IFREG | 0o600) << 16
        return head


class Archive:
    """A backup that is open to be read, and whose manifest fits what the ZIP lists."""

    def __init__(self, zip: zipfile.ZipFile, path: Path) -> None:
        self._zip, self.name = zip, path.name
        self._members = _list_members(zip, path)
        self.manifest = self._read_manifest()
        self._compare()

    @property
    def size(self) -> int:
        """How many bytes all its files have."""
        return sum(entry.bytes for entry in self.manifest.files.values())

    def unpack(self, folder: Path) -> None:
        """Writes every file below `folder`, and checks its hash. Raises BackupFailed at the first that differs."""
        for name, entry in self.manifest.files.items():
            target = folder.joinpath(*PurePosixPath(name).parts)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(target, "xb") as file:
                target.chmod(0o600)
                for piece in self._read(name, entry):
                    file.write(piece)

    def _read(self, name: str, entry: Entry) -> Iterator[bytes]:
        """A file's bytes: never more than the manifest says."""
        digest, size = hashlib.sha256(), 0
        try:
            with self._zip.open(self._members[name]) as source:
                while piece := source.read(PIECE):
                    size += len(piece)
                    if size > entry.bytes:
                        break
                    digest.update(piece)
                    yield piece
        except UNREADABLE as error:
            raise _damaged(self.name, f"{name} can't be unpacked: {error}") from error
        if (size, digest.hexdigest()) != (entry.bytes, entry.sha256):
            raise _damaged(self.name, f"{name} is not what was backed up: its hash differs")

    def _read_manifest(self) -> Manifest:
        head = self._members.get(MANIFEST)
        if head is None:
            raise BackupFailed(f"{self.name} is no backup of Odziv: it has no {MANIFEST}")
        if head.file_size > MANIFEST_BYTES + MANIFEST_BYTES_A_FILE * len(self._members):
            raise _damaged(self.name, f"{MANIFEST} is too large to be one")
        told = b"".join(self._unchecked(head))
        return _parse_manifest(told, self.name)

    def _unchecked(self, head: zipfile.ZipInfo) -> Iterator[bytes]:
        try:
            with self._zip.open(head) as source:
                yield source.read(head.file_size)
        except UNREADABLE as error:
            raise _damaged(self.name, f"{MANIFEST} can't be unpacked: {error}") from error

    def _compare(self) -> None:
        """Raises BackupFailed unless the ZIP has exactly the files that the manifest names, of their sizes."""
        listed, named = self._members.keys() - {MANIFEST}, self.manifest.files.keys()
        if missing := sorted(named - listed):
            raise _damaged(self.name, f"{missing[0]} is missing in it")
        if more := sorted(listed - named):
            raise _damaged(self.name, f"it holds {more[0][:200]!r}, which its manifest does not name")
        for name, entry in self.manifest.files.items():
            if not is_good_name(name):
                raise _damaged(self.name, f"it names the file {name[:200]!r}, and backups have no such")
            if self._members[name].file_size != entry.bytes:
                raise _damaged(self.name, f"{name} has another size than its manifest says")


def is_good_name(name: str) -> bool:
    """Whether a backup may hold a file of this name: a known place, and no way out of it."""
    return NAMES.fullmatch(name) is not None and not {".", ".."} & set(name.split("/"))


def _list_members(zip: zipfile.ZipFile, path: Path) -> dict[str, zipfile.ZipInfo]:
    """The ZIP's files by name. Raises BackupFailed for folders, links, doubles, locked ones and overlapping ones."""
    members: dict[str, zipfile.ZipInfo] = {}
    name = path.name
    for head in zip.infolist():
        kind = stat.S_IFMT(head.external_attr >> 16)
        if head.is_dir() or kind not in (0, stat.S_IFREG):
            raise _damaged(name, f"{head.filename[:200]!r} in it is a link or a folder, and backups have none")
        if head.filename in members:
            raise _damaged(name, f"{head.filename[:200]!r} is in it twice")
        if head.flag_bits & 0x1 or head.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _damaged(name, f"{head.filename[:200]!r} is packed in a way that no backup is")
        members[head.filename] = head
    packed = sum(head.compress_size for head in members.values())
    if packed > path.stat().st_size:
        raise _damaged(name, "its files overlap")
    return members


def _parse_manifest(told: bytes, name: str) -> Manifest:
    try:
        document: Any = json.loads(told)
    except (ValueError, RecursionError) as error:
        raise _damaged(name, f"{MANIFEST} can't be read") from error
    if not isinstance(document, dict) or document.get("product") != "odziv":
        raise BackupFailed(f"{name} is no backup of Odziv")
    if isinstance(document.get("format"), int) and document["format"] > FORMAT:
        raise BackupFailed(f"{name} was made by a newer version of Odziv; restore it with that version")
    try:
        return Manifest.model_validate(document)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])[:200]
        raise _damaged(name, f"{MANIFEST} can't be used: {where}") from error


def _damaged(name: str, why: str) -> BackupFailed:
    return BackupFailed(f"{name} is damaged or was changed: {why}. Nothing was restored; take another backup")


def sync(path: Path) -> None:
    """Waits until a file, or a folder's list of files, is on the disk. Raises OSError."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
