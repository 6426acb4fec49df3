"""A ZIP of all that is known of a customer: for programs as JSON, for themselves as a page, and their files."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from odziv.cases.customer_data.page import END, Page
from odziv.cases.customer_data.whose import Customer
from odziv.cases.transcripts import read_zone
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.customers.known import AT_ONCE, load_documents
from odziv.store.engine import iso_time
from odziv.store.mail.strays import kept_rows, list_strays_of, name_files

FORMAT = 1
LONGEST_NAME_IN_ZIP = 80
Told = Callable[[int], None]
_ODD = re.compile(r"[^\w.-]+")


def write_archive(
    store: Store, settings: Settings, customer: Customer, file: IO[bytes], folder: Path, *, language: str, told: Told
) -> None:
    """Writes the ZIP into `file`; what is still in the making stands in `folder`, without a name.

    `told` hears how many conversations are in it. One that is deleted meanwhile is not in it. Raises OSError.
    """
    with zipfile.ZipFile(file, "w", allowZip64=True) as zip, TemporaryFile(dir=folder) as body:
        archive = _Archive(store, settings, zip, body, language)
        archive.add_conversations(customer.conversation_ids, told)
        archive.finish(customer)


class _Archive:
    """One ZIP under way. What the page says of conversations stands aside, since a ZIP takes one file at a time."""

    def __init__(self, store: Store, settings: Settings, zip: zipfile.ZipFile, body: IO[bytes], language: str) -> None:
        self._store, self._settings, self._zip, self._body = store, settings, zip, body
        self._now, self._language = store.clock(), language
        self._zone = read_zone(settings.desk.hours.time_zone or "UTC")
        self._people: list[dict[str, Any]] = []
        self._sites: dict[str, None] = {}
        self._noted: set[str] = set()
        self._count = 0

    def add_conversations(self, conversation_ids: tuple[str, ...], told: Told) -> None:
        """Puts them in, some at a time, and what the page says of them aside."""
        for document in self._read(conversation_ids):
            shown = self._put_conversation(document)
            self._body.write(Page(self._language, self._zone).tell_conversation(shown).encode())
            self._count += 1
            told(self._count)

    def finish(self, customer: Customer) -> None:
        """Puts in the mails that were put aside, what is known of the customer, and the page."""
        aside = [self._put_mail(mail) for mail in list_strays_of(self._store, customer.addresses)]
        self._put_json("customer.json", self._summary(customer, aside))
        page = Page(self._language, self._zone)
        sites = [self._settings.sites[key].name if key in self._settings.sites else key for key in self._sites]
        with self._zip.open(self._head("index.html"), "w", force_zip64=True) as target:
            target.write(page.begin(", ".join(sites) or self._settings.url, _moment(self._now)).encode())
            target.write(page.tell_person(self._people, customer.addresses, self._noted - customer.addresses).encode())
            target.write(page.tell_count(self._count).encode())
            self._body.seek(0)
            shutil.copyfileobj(self._body, target)
            target.write((page.tell_mails_aside(aside) + END).encode())

    def _read(self, conversation_ids: tuple[str, ...]) -> Iterator[dict[str, Any]]:
        for first in range(0, len(conversation_ids), AT_ONCE):
            with self._store.read() as connection, connection.begin():
                found = load_documents(connection, conversation_ids[first : first + AT_ONCE])
            yield from found

    def _put_conversation(self, document: dict[str, Any]) -> dict[str, Any]:
        shown = for_customer(document)
        for file in shown["files"]:
            file["path"] = self._put_file(file["id"], file["name"])
        self._put_json(f"conversations/{shown['id']}.json", shown)
        self._note(shown["site"], shown["customer"])
        self._noted.update(each["address"] for each in shown["other_addresses"])
        return shown

    def _note(self, site: str, person: dict[str, Any]) -> None:
        """What the head of the page says: of which sites, who it is, and on the customer's own clock."""
        self._sites[site] = None
        if person not in self._people:
            self._people.append(person)
        if zone := (person["browser"] or {}).get("time_zone"):
            self._zone = read_zone(zone)

    def _put_mail(self, mail: dict[str, Any]) -> dict[str, Any]:
        rows = kept_rows(mail["attachments"])
        kept = [{"name": row["name"], "path": self._put_file(row["id"], row["name"])} for row in rows]
        told = {**mail, "created_at": iso_time(mail["created_at"]), "attachments": name_files(mail["attachments"])}
        return told | {"files": kept}

    def _put_file(self, file_id: str, name: str) -> str | None:
        """Its place in the ZIP; None where it is gone."""
        path = f"files/{file_id}-{safe_name(name)}"
        with (
            contextlib.suppress(FileNotFoundError),
            self._store.files.at_hand(file_id) as there,
            open(there, "rb") as source,
        ):
            with self._zip.open(self._head(path, squeeze=False), "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target)
            return path
        return None

    def _put_json(self, name: str, document: Any) -> None:
        with self._zip.open(self._head(name), "w") as target:
            target.write(json.dumps(document, ensure_ascii=False, indent=1).encode())

    def _head(self, name: str, *, squeeze: bool = True) -> zipfile.ZipInfo:
        head = zipfile.ZipInfo(name, _moment(self._now).timetuple()[:6])
        head.compress_type = zipfile.ZIP_DEFLATED if squeeze else zipfile.ZIP_STORED
        head.external_attr = (stat.S_IFREG | 0o600) << 16
        return head

    def _summary(self, customer: Customer, aside: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "product": "odziv",
            "format": FORMAT,
            "made_at": iso_time(self._now),
            "language": self._language,
            "addresses": sorted(customer.addresses),
            "addresses_noted_by_agents": sorted(self._noted - customer.addresses),
            "conversations": self._count,
            "left_out_since_not_known_to_be_theirs": len(customer.unsure),
            "people": self._people,
            "mails_in_no_conversation": aside,
        }


def for_customer(document: dict[str, Any]) -> dict[str, Any]:
    """Of a conversation, what is about its customer: of what is internal only agents' notes, without their names.

    Files that an agent uploaded and did not send are left out, and of the others it is said from whom they are. So are
    those who got an e-mail as a blind copy, and what was written to others about the customer, with their answers.
    """
    others = {mail["seq"] for mail in document["mails_to_others"]}
    document = {**document, "messages": [each for each in document["messages"] if each["seq"] not in others]}
    notes = [_as_read(said) for said in document["messages"]]
    said = [each for each in notes if not each["internal"] or each["sender"] == "agent"]
    files = []
    for file in document["files"]:
        agent_id = file["agent_id"]
        if file["seq"] not in others and (file["seq"] or agent_id is None):
            kept = {key: value for key, value in file.items() if key != "agent_id"}
            files.append(kept | {"from": "customer" if agent_id is None else "agent"})
    sent = [mail | {"recipients": _without_blind(mail["recipients"])} for mail in document["mails_sent"]]
    came = document["mails_received"]
    if others:  # and the notices of their machines, which are entries for agents
        shown = {each["seq"] for each in said}
        came = [mail for mail in came if mail["seq"] in shown]
    told = document | {"messages": said, "files": files, "mails_sent": sent, "mails_received": came}
    return {key: value for key, value in told.items() if key != "mails_to_others"}


def _as_read(said: dict[str, Any]) -> dict[str, Any]:
    """A message with its agent's name as customers read it; of a note without any."""
    kept = {key: value for key, value in said.items() if key != "agent_for_customers"}
    return kept | {"agent_name": None if said["internal"] else said["agent_for_customers"]}


def _without_blind(recipients: dict[str, Any] | None) -> dict[str, Any] | None:
    """Those whom the customer, too, could see."""
    return {field: who for field, who in recipients.items() if field != "bcc"} if recipients else None


def safe_name(name: str) -> str:
    """A file's name with nothing in it that leads elsewhere, hides it, or that some system can't have."""
    clean = _ODD.sub("_", name).strip("._-")
    stem, point, ending = clean.rpartition(".")
    return clean if len(clean) <= LONGEST_NAME_IN_ZIP else f"{stem[: LONGEST_NAME_IN_ZIP - 8]}{point}{ending[:7]}"


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
