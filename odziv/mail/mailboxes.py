"""Where mail comes in: an IMAP folder or a maildir. Each mail goes to `take`, and is marked when that has returned."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from pathlib import Path

import structlog
from imapclient import SEEN, IMAPClient, SocketTimeout

from odziv.settings.mail import Server
from odziv.store import Store
from odziv.store.mail.inbound import load_place, save_place

log = structlog.get_logger()
# A larger mail is read up to here, attachments cut off.
LARGEST, BEGINNING = 25_000_000, 1_000_000
Take = Callable[[bytes, int | None], object]


class ImapFolder:
    """A folder on an IMAP server, read from where it was left: also mails somebody else has marked as read."""

    def __init__(self, server: Server, store: Store) -> None:
        self._server, self._store = server, store
        self._settings = settings = server.settings
        self._name = f"imap:{settings.user}@{settings.host}:{settings.port}/{settings.folder}"[:300]
        self._client: IMAPClient | None = None

    def look(self, take: Take) -> int:
        """Gives every new mail to `take`, in order. Returns how many. Raises what the connection raises."""
        try:
            return self._look(self._connection(), take)
        except BaseException:
            self.close()
            raise

    def _look(self, client: IMAPClient, take: Take) -> int:
        state = client.select_folder(self._settings.folder)
        validity, end = state[b"UIDVALIDITY"], state.get(b"UIDNEXT", 1) - 1
        place = load_place(self._store, self._name)
        is_continued = place is not None and place[0] == validity
        if is_continued:
            # "N:*" always names the newest mail, even one before N.
            uids = [uid for uid in client.search(["UID", f"{place[1] + 1}:*"]) if uid > place[1]]
        else:  # never seen, or numbered anew: what nobody has read. What was kept before is recognised
            uids = client.search("UNSEEN")
        for uid in sorted(uids):
            self._fetch(client, uid, take)
            if is_continued:
                save_place(self._store, self._name, validity, uid)
        if not is_continued:
            save_place(self._store, self._name, validity, max([end, *uids]))
        return len(uids)

    def _fetch(self, client: IMAPClient, uid: int, take: Take) -> None:
        size = client.fetch([uid], ["RFC822.SIZE"]).get(uid, {}).get(b"RFC822.SIZE")
        if size is None:
            return  # somebody deleted it meanwhile
        part = f"BODY.PEEK[]<0.{BEGINNING}>" if size > LARGEST else "BODY.PEEK[]"
        answer = client.fetch([uid], [part]).get(uid, {})
        raw = next((value for key, value in answer.items() if key.startswith(b"BODY[]")), None)
        if raw is None:
            return
        take(raw, size if size > LARGEST else None)
        client.add_flags([uid], [SEEN])

    def _connection(self) -> IMAPClient:
        if self._client is None:
            settings = self._settings
            # Reading the system's certificates takes a while, so not where there is nothing to check with them.
            context = None if settings.security == "none" else ssl.create_default_context()
            client = IMAPClient(
                settings.host,
                settings.port,
                ssl=settings.security == "tls",
                ssl_context=context if settings.security == "tls" else None,
                timeout=SocketTimeout(15, 60),
            )
            self._client = client
            if settings.security == "starttls":
                client.starttls(context)
            client.login(settings.user, self._server.password(os.environ))
        return self._client

    def close(self) -> None:
        """Leaves the server; the next look connects anew."""
        client, self._client = self._client, None
        if client is not None:
            try:
                client.logout()
            except Exception as error:  # the line is dead already, in one of many ways
                log.debug("imap_logout_failed", why=type(error).__name__)


class Maildir:
    """A folder some mail server delivers into (`new`); what is done goes to `cur`, marked as seen."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def look(self, take: Take) -> int:
        """Gives every mail nobody has seen to `take`, oldest first. Returns how many. Raises OSError."""
        waiting = [*(self._path / "new").iterdir(), *(f for f in (self._path / "cur").iterdir() if not _is_seen(f))]
        waiting = sorted((f for f in waiting if f.is_file() and not f.name.startswith(".")), key=_delivered)
        for file in waiting:
            size = file.stat().st_size
            with open(file, "rb") as mail:
                raw = mail.read(BEGINNING if size > LARGEST else -1)
            take(raw, size if size > LARGEST else None)
            os.rename(file, self._path / "cur" / _seen_name(file.name))
        return len(waiting)

    def close(self) -> None:
        """Nothing is kept open."""


def _is_seen(file: Path) -> bool:
    return "S" in file.name.partition(":2,")[2]


def _seen_name(name: str) -> str:
    plain, _, flags = name.partition(":2,")
    return f"{plain}:2,{''.join(sorted({*flags, 'S'}))}"


def _delivered(file: Path) -> tuple[float, str]:
    return (file.stat().st_mtime, file.name)
