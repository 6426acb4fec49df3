"""Which mails no machine may answer (RFC 3834): those of machines, persons' that forbid it, our own that came back."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from email.message import Message

from odziv.cases.mail_addresses import is_machine, read_sender_address
from odziv.mail.reading.headers import clean
from odziv.store.mail.outbound import OWN_ID
from odziv.store.mail.strays import REPORT

DOMAIN_WORDS = re.compile(r"[a-z0-9][a-z0-9.-]*[a-z0-9]")
BULK = frozenset({"bulk", "junk", "auto_reply"})
BY_A_RULE = "auto-forwarded"  # a mailbox's, which passes on what a person wrote
AFTER_WORD = re.compile(r"[;(\s]")
SUPPRESSED = ("all", "oof", "autoreply")
# Exchange's own notices of absence, where a server on the way has dropped the header that says so.
ABSENT = re.compile(
    r"(?:automatic reply|out of office|samodejni odgovor|automatski odgovor|automatyczna odpowiedź"
    r"|odpowiedź automatyczna|automatische antwort)\b[^:]{0,30}:",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Bounce:
    """A report that a mail of ours did not arrive. `is_final` is False where it is merely late.

    `recipient` is at whom, where it says so.
    """

    message_ids: tuple[str, ...]
    reason: str
    is_final: bool
    recipient: str | None = None


def is_list(headers: Mapping[str, list[str]]) -> bool:
    """Whether a mail came through a mailing list, or a group that is one."""
    named = headers.keys() & {"mailing-list", "x-mailing-list", "x-google-group-id"}
    is_said = any(value.strip().lower() == "list" for value in headers.get("precedence", ()))
    return bool(named) or is_said or any(name.startswith("list-") for name in headers)


def automatic_reason(
    headers: Mapping[str, list[str]], kind: str, sender: str | None, subject: str, domains: Collection[str] = ()
) -> str | None:
    """Why this is a machine's mail; None when a person seems to have written it.

    Some programs for lists call all they pass on bulk: what came through a list at one of our `domains` is no bulk.
    """
    if kind in {"multipart/report", "message/delivery-status"}:
        return REPORT
    if _submitted(headers) - {BY_A_RULE}:
        return "an automatic reply"
    is_bulk = any(value.strip().lower() in BULK for value in headers.get("precedence", ()))
    if is_bulk and not _is_at(headers, domains):
        return "bulk mail"
    if _is_marked(headers) or (_is_suppressed(headers) and ABSENT.match(subject)):
        return "an automatic reply"
    if any(value.strip() == "<>" for value in headers.get("return-path", ())):
        return "an empty return path"
    if sender is None:
        return "no usable sender"
    return "a machine's address" if is_machine(sender) else None


def quiet_reason(headers: Mapping[str, list[str]]) -> str | None:
    """Why a person's mail must get no automatic answer all the same; None where it may get one.

    Lists pass on what persons write, and Exchange marks mails to groups: that says who may answer, not who wrote. So do
    the rules of mailboxes that pass a mail on.
    """
    if is_list(headers):
        return "a mailing list"
    is_marked = _is_suppressed(headers) or BY_A_RULE in _submitted(headers)
    return "no automatic answers wanted" if is_marked else None


def _submitted(headers: Mapping[str, list[str]]) -> set[str]:
    """What of a machine `Auto-Submitted` says; empty where it says nothing, or that a person wrote."""
    said = {AFTER_WORD.split(value.strip().lower())[0] for value in headers.get("auto-submitted", ())}
    return said - {"", "no"}


def _is_at(headers: Mapping[str, list[str]], domains: Collection[str]) -> bool:
    """Whether a list that a mail came through is at one of these domains; its name is of it, or its address is."""
    told = [value for name in ("list-id", "list-post", "mailing-list") for value in headers.get(name, ())]
    names = [f".{name}" for value in told for name in DOMAIN_WORDS.findall(value.lower())]
    is_auto = any(value.strip().lower() == "auto_reply" for value in headers.get("precedence", ()))
    return not is_auto and any(name.endswith(f".{domain}") for name in names for domain in domains)


def _is_marked(headers: Mapping[str, list[str]]) -> bool:
    """Whether a header of older machines says that one wrote this."""
    told = [value.strip().lower() for name in ("x-autoreply", "x-autorespond") for value in headers.get(name, ())]
    return any(value not in {"no", "false"} for value in told)


def _is_suppressed(headers: Mapping[str, list[str]]) -> bool:
    suppressed = ",".join(headers.get("x-auto-response-suppress", ())).lower()
    return any(word in suppressed for word in SUPPRESSED)


def find_bounce(message: Message, raw: bytes, automatic: str | None, sender: str | None) -> Bounce | None:
    """What a bounce says of our mails. Programs that know no standard still quote the Message-ID."""
    if automatic is None:
        return None
    ids = tuple(dict.fromkeys(found.decode() for found in re.findall(OWN_ID.encode(), raw)))
    if not ids:
        return None
    status = next((part for part in _parts(message) if part.get_content_type() == "message/delivery-status"), None)
    if status is not None:
        return _read_status(status, ids)
    # An empty return path alone does not tell: out-of-office replies have one too.
    is_server = (sender or "").startswith(("mailer-daemon@", "postmaster@"))
    return Bounce(ids[:1], "The mail server sent it back.", True) if is_server else None


def _read_status(status: Message, ids: tuple[str, ...]) -> Bounce | None:
    groups = status.get_payload() if isinstance(status.get_payload(), list) else []
    for group in groups[:20]:
        action = str(group.get("Action", "")).strip().lower()
        if action in {"failed", "delayed"}:
            told = str(group.get("Diagnostic-Code") or group.get("Status") or action).partition(";")
            reason = " ".join(clean(told[2] or told[0]).split())[:200]
            final = str(group.get("Original-Recipient") or group.get("Final-Recipient") or "").partition(";")[2]
            return Bounce(ids[:1], reason, action == "failed", read_sender_address(final))
    return None


def _parts(message: Message) -> list[Message]:
    payload = message.get_payload()
    return [part for part in payload[:20] if isinstance(part, Message)] if isinstance(payload, list) else []
