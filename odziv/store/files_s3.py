"""The bytes of attachments in a store that speaks S3. What is half done is marked in the data folder, as ever.

A file is written there before its row, and deleted after it. Where the store is away then, its mark stays in the
folder, and it goes later. Files that lie in the folder itself, from before the store was set up, are read there.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from pathlib import Path
from typing import IO, Any, TypeVar

import botocore.session
import structlog
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from odziv.processes.periodic import PeriodicTask
from odziv.settings import Settings
from odziv.settings.attachments import read_place
from odziv.store.files import ID, Files, FilesAway

log = structlog.get_logger()
Answer = TypeVar("Answer")
CONNECT_SECONDS, ANSWER_SECONDS, TRIES = 2, 5, 2
LOOK_SECONDS = 5.0
PIECE_BYTES = 256 * 1024
LARGEST_BYTES = 128 * 1024 * 1024  # beyond limits.attachment_bytes at its highest: what is larger is none of ours
PROBE = "probe"  # an object of ours that shows whether one can be written
MISSING = {"404", "NoSuchKey"}


class S3Files(Files):
    """Files in a bucket, each under its id below the prefix. Thread-safe.

    One call that fails closes it for all, so that nobody else waits for it, until a `look` finds it well again.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        super().__init__(folder)
        place = read_place(settings.attachments)
        assert place is not None  # the settings were checked
        self._bucket, self._prefix = place
        self._settings = settings.s3
        self._trouble: str | None = None
        self._making = threading.Lock()

    @property
    def name(self) -> str:
        return f"s3://{self._bucket}/{self._prefix}".rstrip("/")

    @property
    def elsewhere(self) -> str | None:
        return self.name

    @property
    def trouble(self) -> str | None:
        return self._trouble

    def save(self, data: bytes) -> str:
        """As for a folder; raises FilesAway too."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file_id = secrets.token_hex(16)
        os.close(os.open(self._draft(file_id), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        self._sync()
        self._ask(lambda client: self._put(client, file_id, data))
        return file_id

    @contextlib.contextmanager
    def at_hand(self, file_id: str) -> Iterator[Path]:
        """A copy without a name, whole, and gone with the block, or with whoever opened it there."""
        path = self.path(file_id)
        if path.exists():
            yield path
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=self.folder) as copy:
            is_there = self._ask(lambda client: self._fetch(client, file_id, copy))
            copy.flush()
            yield Path(f"/proc/self/fd/{copy.fileno()}") if is_there else path

    def remove(self, file_ids: Iterable[str]) -> None:
        """Deletes files; those that can't be deleted now are marked, and go with a later `sweep`."""
        for file_id in file_ids:
            try:
                self._ask(partial(self._delete, file_id))
            except FilesAway as error:
                log.warning("file_not_removed", file=file_id, why=str(error))
                self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                self.condemn([file_id])
                self.path(file_id).unlink(missing_ok=True)
            else:
                super().remove([file_id])

    def list_unknown(self, known: set[str]) -> list[str]:
        """As for a folder, in both places. Raises FilesAway."""
        marked = {path.name.lstrip(".")[:32] for path in self._list() if path.name.startswith(".")}
        there = set(self._ask(self._list_ids)) - known - marked
        return sorted(there.union(super().list_unknown(known)))

    def take_over(self, file_id: str) -> None:
        """Moves a file from the folder into the bucket. Raises FilesAway, with the file where it was."""
        path = self.path(file_id)
        with contextlib.suppress(FileNotFoundError):  # deleted meanwhile
            data = path.read_bytes()
            self._ask(lambda client: self._put(client, file_id, data))
            try:
                path.unlink()
            except FileNotFoundError:  # while it was written there
                self.remove([file_id])

    def list_in_folder(self) -> list[str]:
        """The ids of the files that lie in the folder itself."""
        return sorted(path.name for path in self._list() if ID.fullmatch(path.name))

    def look(self) -> None:
        """Whether a file can be written now. Takes some seconds at most."""
        try:
            self._client.put_object(Bucket=self._bucket, Key=self._prefix + PROBE, Body=b"")
            self._note(None)
        except (BotoCoreError, ClientError, FilesAway, OSError) as error:
            self._note(_tell(error))

    @cached_property
    def _client(self) -> Any:
        """Made when first needed: it brings a quarter of a second along. Raises FilesAway without a secret."""
        settings = self._settings
        try:
            settings.check_secret(os.environ)
            secret = settings.secret(os.environ)
        except ValueError as error:
            raise FilesAway(str(error)) from error
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            s3={"addressing_style": "path" if settings.path_style else "auto"},
            request_checksum_calculation="when_required",  # stores of others than AWS know no other
            response_checksum_validation="when_required",
        )
        return botocore.session.get_session().create_client(
            "s3",
            endpoint_url=settings.endpoint or None,
            region_name=settings.region or "us-east-1",
            aws_access_key_id=settings.key_id or None,
            aws_secret_access_key=secret or None,
            config=config,
        )

    def _ask(self, ask: Callable[[Any], Answer]) -> Answer:
        if self._trouble is not None:
            raise FilesAway(self._trouble)
        try:
            with self._making:
                client = self._client
            return ask(client)
        except (BotoCoreError, ClientError, FilesAway) as error:
            self._note(_tell(error))
            raise FilesAway(_tell(error)) from error

    def _note(self, trouble: str | None) -> None:
        was, self._trouble = self._trouble, trouble
        if trouble != was:
            log.warning("attachments_away", why=trouble) if trouble else log.info("attachments_back")

    def _key(self, file_id: str) -> str:
        return self._prefix + self.path(file_id).name

    def _put(self, client: Any, file_id: str, data: bytes) -> None:
        kind = "application/octet-stream"  # what it is, our own rows say
        client.put_object(Bucket=self._bucket, Key=self._key(file_id), Body=data, ContentType=kind)

    def _delete(self, file_id: str, client: Any) -> None:
        client.delete_object(Bucket=self._bucket, Key=self._key(file_id))

    def _fetch(self, client: Any, file_id: str, target: IO[bytes]) -> bool:
        """Copies the file; returns whether there is one. What is cut off in between raises BotoCoreError."""
        try:
            answer = client.get_object(Bucket=self._bucket, Key=self._key(file_id))
        except ClientError as error:
            if _code(error) in MISSING:
                return False
            raise
        with contextlib.closing(answer["Body"]) as body:
            if answer["ContentLength"] > LARGEST_BYTES:
                return False
            for piece in body.iter_chunks(PIECE_BYTES):
                target.write(piece)
        return True

    def _list_ids(self, client: Any) -> list[str]:
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        names = (each["Key"].removeprefix(self._prefix) for page in pages for each in page.get("Contents", ()))
        return [name for name in names if ID.fullmatch(name)]


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _tell(error: Exception) -> str:
    """What went wrong, without names of objects, addresses and keys."""
    if isinstance(error, FilesAway):
        return str(error)
    code = _code(error) if isinstance(error, ClientError) else ""
    return f"the store of attachments says {code[:60]}" if code else f"the store of attachments: {type(error).__name__}"


class FilesWatch(PeriodicTask):
    """Looks at the start, and while the store is away every few seconds, so that no request has to find out."""

    def __init__(self, files: S3Files) -> None:
        super().__init__("files-watch", pause=LOOK_SECONDS)
        self._files, self._has_looked = files, False

    def _run_once(self) -> None:
        if not self._has_looked or self._files.trouble is not None:
            self._files.look()
        self._has_looked = True
