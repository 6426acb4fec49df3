"""E-mail addresses: which ones we write to, and the one that leads an answer back to its conversation."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from email.utils import getaddresses

LONGEST = 254  # RFC 5321
LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
TOKEN = re.compile(r"\+([a-z2-7]{32})@", re.IGNORECASE)
SIGNATURE_BYTES = 8


def clean_address(text: str | None) -> str | None:
    """The address in lower case, a domain like „žaba.si" in its ASCII form; None when mail can't go there safely."""
    local, _, domain = (text or "").strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    address = f"{local.lower()}@{domain}"
    is_good = len(address) <= LONGEST and len(local) <= 64 and LOCAL.fullmatch(local) and DOMAIN.fullmatch(domain)
    return address if is_good else None


def read_addresses(headers: list[str]) -> list[str]:
    """The addresses in some headers that are well formed, in order."""
    try:
        found = getaddresses(headers)
    except (ValueError, IndexError, TypeError, RecursionError):  # hostile headers have made the parser stumble before
        return []
    return [address for _, each in found if (address := clean_address(each))]


class ReplyAddresses:
    """`help+<token>@shop.example`: the token names a conversation and is signed, so that nobody can make one up."""

    def __init__(self, secret: str, address: str) -> None:
        self._secret = secret.encode()
        self._local, _, self._domain = address.partition("@")

    def address_of(self, conversation_id: str) -> str:
        """Where an answer to this conversation goes. Upper and lower case make no difference in it."""
        token = base64.b32encode(bytes.fromhex(conversation_id) + self._sign(conversation_id)).decode().lower()
        return f"{self._local}+{token}@{self._domain}"

    def conversation_of(self, addresses: list[str]) -> str | None:
        """The conversation one of these addresses was made for; None when none is one of ours."""
        for address in addresses:
            found = TOKEN.search(address)
            if not found or not address.lower().startswith(f"{self._local.lower()}+"):
                continue
            token = base64.b32decode(found[1].upper())
            conversation_id, signature = token[:-SIGNATURE_BYTES].hex(), token[-SIGNATURE_BYTES:]
            if hmac.compare_digest(signature, self._sign(conversation_id)):
                return conversation_id
        return None

    def _sign(self, conversation_id: str) -> bytes:
        return hmac.digest(self._secret, f"reply:{conversation_id}".encode(), hashlib.sha256)[:SIGNATURE_BYTES]
