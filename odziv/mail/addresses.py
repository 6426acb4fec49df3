"""E-mail addresses: which ones we write to, and the one that leads an answer back to its conversation."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import getaddresses

from odziv.cases.mail_addresses import clean_address, leads_to

TOKEN = re.compile(r"\+([a-z2-7]{32})@", re.IGNORECASE)
SIGNATURE_BYTES = 8


def read_addresses(headers: list[str]) -> list[str]:
    """The addresses in some headers that are well formed, in order."""
    return [address for each in _split(headers) if (address := clean_address(each))]


def _split(headers: list[str]) -> list[str]:
    try:
        return [address for _, address in getaddresses(headers)]
    except (ValueError, IndexError, TypeError, RecursionError):  # hostile headers have made the parser stumble before
        return []


@dataclass(frozen=True)
class Own:
    """Our own address, and the domains whose addresses are our company's: a contact form's, a colleague's."""

    address: str = ""
    domains: frozenset[str] = frozenset()

    def is_ours(self, address: str | None) -> bool:
        """Whether a mail there would come back to us, also with something after a plus."""
        return bool(address) and leads_to(address or "", self.address)

    def is_of_company(self, address: str) -> bool:
        """Whether it is one of our company's."""
        return address.rpartition("@")[2] in self.domains


@dataclass(frozen=True)
class Sender:
    """Who a mail is answered to. `through` is its From where that is a contact form or a list of ours."""

    address: str | None
    headers: list[str]
    through: str | None = None


def find_sender(headers: Mapping[str, list[str]], own: Own) -> Sender:
    """From; or Reply-To, where it names a single other address and From is of our company or writes to itself.

    That is how contact forms write for a customer, and lists for members whose domain lets nobody else send. Anybody
    else's Reply-To is not trusted: answers, with what was said before, would go wherever a stranger likes.
    """
    written, wanted = headers.get("from", [])[:1], headers.get("reply-to", [])[:2]
    author, named = next(iter(read_addresses(written)), None), read_addresses(wanted)
    if author is None or len(_split(wanted)) != 1 or not named or named[0] == author or own.is_ours(named[0]):
        return Sender(author, written)
    is_form = own.is_of_company(author) or author in read_addresses(headers.get("to", [])[:20])
    return Sender(named[0], wanted, author) if is_form else Sender(author, written)


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
