"""Which e-mail addresses are written to."""

from __future__ import annotations

import re

LONGEST_TO = 254  # RFC 5321
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def clean_address(text: str | None) -> str | None:
    """The address in lower case, a domain like „žaba.si" in its ASCII form; None when mail can't go there safely."""
    local, _, domain = (text or "").strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    address = f"{local.lower()}@{domain}"
    is_good = len(address) <= LONGEST_TO and len(local) <= 64 and LOCAL.fullmatch(local) and DOMAIN.fullmatch(domain)
    return address if is_good else None


def leads_to(address: str, own: str) -> bool:
    """Whether a mail to `address`, in lower case, arrives at `own`, also with something after a plus."""
    local, _, domain = address.partition("@")
    return own.lower() in {address, f"{local.partition('+')[0]}@{domain}"}
