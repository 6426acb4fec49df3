"""What an e-mail address is, here and nowhere else: as people read it, and as it is written to."""

from __future__ import annotations

import re

import idna
from email_validator import EmailNotValidError, validate_email

LONGEST_TO, LONGEST_LOCAL = 254, 64  # RFC 5321
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


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


def _ascii_domain(domain: str) -> str:
    """By IDNA 2008, in which „faß.de" and „fass.de" are two domains; empty where there is none."""
    try:
        return domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return ""


def leads_to(address: str, own: str) -> bool:
    """Whether a mail to `address`, in lower case, arrives at `own`, also with something after a plus."""
    local, _, domain = address.partition("@")
    return own.lower() in {address, f"{local.partition('+')[0]}@{domain}"}
