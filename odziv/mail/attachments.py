"""Files in mails: what comes in passes the widget's checks or is named with the reason; what goes out has to fit."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from odziv.cases.mails.files import tell_refused
from odziv.mail.bodies import IncomingFile
from odziv.mail.texts import say
from odziv.store import Store
from odziv.store.conversations.attachments import (
    MOST_BYTES_IN_CONVERSATION,
    MOST_IN_MAIL,
    measure_room,
    write_file,
)
from odziv.store.conversations.messages import Message
from odziv.store.files import NoRoom
from odziv.store.mail.strays import KeptFiles, measure_stray_files
from odziv.texts.moments import list_words
from odziv.web.attachments import clean_name, examine
from odziv.web.errors import ApiError
from odziv.web.file_kinds import is_heif

# Of all files of a mail together. Base64 adds a third, and many servers take no more than 15 MB.
MOST_SENT_BYTES = 10_000_000
LONGEST_REFUSED_NAME = 80
MOST_BYTES_ASIDE = 500 * 1024 * 1024  # of all mails together that are put aside
WHY = {
    "attachment_type": "file_type",
    "attachment_damaged": "file_damaged",
    "picture_too_large": "file_too_large",
}


@dataclass
class Received:
    """What became of a mail's files: rows of those on the disk, and names of the others, each with a key of texts."""

    kept: list[dict[str, Any]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)

    def tell(self, language: str) -> str:
        """The refused ones and why, a line each, in the customer's language."""
        return tell_refused(self.refused, language)

    @property
    def waiting(self) -> KeptFiles:
        """All of them, as they are kept with a mail that has no conversation."""
        return [*self.kept, *({"name": name, "why": why} for name, why in self.refused)]


def measure_mail_room(store: Store, conversation_id: str | None) -> tuple[int, int]:
    """How many files, and bytes of them, a mail may bring: into a conversation there is, or for one that is to come."""
    return measure_room(store, conversation_id) if conversation_id else (MOST_IN_MAIL, MOST_BYTES_IN_CONVERSATION)


def measure_room_aside(store: Store) -> tuple[int, int]:
    """The same for one that is put aside: machines send many, and most of them are deleted unread."""
    return MOST_IN_MAIL, min(MOST_BYTES_IN_CONVERSATION, max(0, MOST_BYTES_ASIDE - measure_stray_files(store)))


def receive(
    store: Store, files: tuple[IncomingFile, ...], room: tuple[int, int], most_bytes: int, *, is_cut: bool
) -> Received:
    """Checks the files and writes the good ones, as many and as large as there is `room`.

    With `is_cut` only the mail's beginning was read.
    """
    received = Received()
    most, left = room
    for file in files:
        if len(received.kept) >= min(most, MOST_IN_MAIL) or len(file.data) > left:
            why = "file_too_many"
        else:
            why = _receive(store, file, most_bytes, received)
        if why is None:
            left -= received.kept[-1]["size"]
        else:
            is_half = is_cut and why == "file_damaged"
            received.refused.append((file.name[:LONGEST_REFUSED_NAME], "file_too_large" if is_half else why))
    return received


def _receive(store: Store, file: IncomingFile, most_bytes: int, received: Received) -> str | None:
    """Writes one file; else returns why not."""
    if len(file.data) > most_bytes:
        return "file_too_large"
    try:
        values = examine(file.data)
        name = "" if "/" in file.name else file.name  # with a slash it is the type of one without a name
        received.kept.append(write_file(store, name=clean_name(name, values["type"]), **values))
    except ApiError as error:
        return "file_heic" if error.code == "attachment_type" and is_heif(file.data) else WHY[error.code]
    except NoRoom:
        return "file_no_room"
    return None


@dataclass
class OutgoingAttachments:
    """The files that go out with a mail, and the names of those that are too large for it."""

    files: list[tuple[dict[str, Any], bytes]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def tell(self, language: str) -> list[str]:
        """What the mail says of its files."""
        names = {"attached": [shown["name"] for shown, _ in self.files], "left_out": self.left_out}
        return [say(key, language, names=list_words(named, language)) for key, named in names.items() if named]

    def put_into(self, mail: EmailMessage) -> None:
        """Attaches them."""
        for shown, data in self.files:
            main, _, sub = shown["type"].partition("/")
            mail.add_attachment(data, maintype=main, subtype=sub, filename=shown["name"])


def collect_attachments(store: Store, carried: list[Message]) -> OutgoingAttachments:
    """The files of these messages, as many as fit into one mail. Raises OSError when one can't be read."""
    outgoing, room = OutgoingAttachments(), MOST_SENT_BYTES
    for shown in [each for message in carried for each in message.attachments or ()]:
        if shown["size"] > room:
            outgoing.left_out.append(shown["name"])
            continue
        room -= shown["size"]
        with store.files.at_hand(shown["id"]) as path:
            outgoing.files.append((shown, path.read_bytes()))
    return outgoing
