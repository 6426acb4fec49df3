"""What an e-mail address is, here and nowhere else: as people read it, and as it is written to."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

import idna
from email_validator import EmailNotValidError, validate_email

LONGEST_TO, LONGEST_LOCAL = 254, 64  # RFC 5321
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
ODD_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\x80-\U0010ffff-]+")
QUOTED_LOCAL = re.compile(r'"((?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])+)"')
DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
# Underscores are in no name of the standard, and in some of servers that send.
ODD_DOMAIN = re.compile(r"([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
# Mailboxes that no person reads, by their names.
MACHINES = re.compile(
    r"(?:mailer-?daemon|postmaster|no-?_?\.?reply|do-?not-?reply|bounces?|autoreply|auto-?responder)(?:[+=.-].*)?@",
    re.IGNORECASE,
)


def check_email(text: str) -> str | None:
    """The address that somebody gives, as people read it; None for what is a slip. Nothing is looked up in the network.

    Stricter than `clean_address`: a name like „mail.local" leads nowhere from outside.
    """
    try:
        return validate_email(text, check_deliverability=False, allow_smtputf8=False, strict=True).normalized
    except EmailNotValidError:
        return None


def clean_address(text: str | None) -> str | None:
    """The address as it is written to and compared: in lower case, a domain like „žaba.si" in its ASCII form.

    None when mail can't go there safely. Names of one's own network are allowed.
    """
    local, _, domain = (text or "").strip().rpartition("@")
    domain = _ascii_domain(domain)
    address = f"{local.lower()}@{domain}"
    is_short = len(address) <= LONGEST_TO and len(local) <= LONGEST_LOCAL
    return address if is_short and LOCAL.fullmatch(local) and DOMAIN.fullmatch(domain) else None


def read_sender_address(text: str | None) -> str | None:
    """The address of a mail that came, as it is answered: also one that nobody would be allowed to make today.

    Dots anywhere, quoted local parts, letters beyond ASCII: such mailboxes are there, and persons write from them.
    None when mail can't go there safely.
    """
    local, _, domain = unicodedata.normalize("NFC", (text or "").strip()).rpartition("@")
    domain = domain.rstrip(".")
    if clean := clean_address(f"{local}@{domain}"):
        return clean
    local, domain = _odd_local(local.lower()), _ascii_domain(domain)
    is_short = len(f"{local}@{domain}".encode()) <= LONGEST_TO and len(local.encode()) <= LONGEST_LOCAL
    return f"{local}@{domain}" if local and is_short and ODD_DOMAIN.fullmatch(domain) else None


def list_spellings(address: str) -> set[str]:
    """An address that was read, and the same with its domain as people read it: it may be stored in either form."""
    local, _, domain = address.rpartition("@")
    try:
        return {address, f"{local}@{idna.decode(domain)}"}
    except idna.IDNAError:
        return {address}


def spell_all(text: str) -> set[str]:
    """What stands in a row as an address, and all forms in which the same one may stand in others."""
    address = read_sender_address(text)
    return {text, *list_spellings(address)} if address else {text}


def _odd_local(local: str) -> str:
    """It as it has to be written, with quotation marks only where it needs them; empty when it is none."""
    quoted = QUOTED_LOCAL.fullmatch(local)
    plain = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else local
    if any(unicodedata.category(sign)[0] in "CZ" for sign in plain if sign != " ") or not plain.strip():
        return ""
    if ODD_LOCAL.fullmatch(plain):
        return plain
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if quoted else ""


def _ascii_domain(domain: str) -> str:
    """By IDNA 2008, in which „faß.de" and „fass.de" are two domains; empty where there is none."""
    try:
        return domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return ""


def is_machine(address: str) -> bool:
    """Whether no person reads what is sent there, by its name."""
    return bool(MACHINES.match(address))


def is_of_company(address: str, domains: Collection[str]) -> bool:
    """Whether an address is at one of the domains, or below it, as a web server's."""
    host = "." + address.rpartition("@")[2]
    return any(host.endswith(f".{domain}") for domain in domains)


def leads_to_any(address: str, own: Iterable[str]) -> bool:
    """Whether a mail to `address`, in lower case, arrives at one of `own`, also with something after a plus."""
    local, _, domain = address.partition("@")
    same = {address, f"{local.partition('+')[0]}@{domain}"}
    return any(each.lower() in same for each in own)
