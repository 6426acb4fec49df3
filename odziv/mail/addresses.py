"""E-mail addresses: which ones we write to, and the one that leads an answer back to its conversation."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from odziv.cases.mail_addresses import is_machine, is_of_company, leads_to_any, read_sender_address
from odziv.mail.address_lists import read_mailboxes
from odziv.mail.loops import is_list
from odziv.mail.reading.headers import decode_header_text
from odziv.store.lengths import LONGEST_CUSTOMER_NAME
from odziv.store.mail.recipients import Copies, Named

TOKEN = re.compile(r"\+([a-z2-7]{32})@", re.IGNORECASE)
SIGNATURE_BYTES = 8
MOST_COPIES, MOST_COPY_HEADERS = 50, 5
IN_OTHER_BRACKETS = re.compile(
    r"([^<>@()\[\]{}]{1,200})[(\[{]\s?([^\s<>@()\[\]{}]{1,64}@[^\s<>@()\[\]{}]{1,255})\s?[)\]}]"
)


def read_addresses(headers: list[str]) -> list[str]:
    """The addresses in some headers that mail can go to, in order."""
    return [address for box in read_mailboxes(headers) if (address := read_sender_address(box.address))]


@dataclass(frozen=True)
class Own:
    """Our own addresses, and the domains whose addresses are our company's: a contact form's, a colleague's.

    `accounts` are those that are fetched from, where they are addresses too: what is sent there comes to us.
    """

    addresses: tuple[str, ...] = ()
    domains: frozenset[str] = frozenset()
    accounts: tuple[str, ...] = ()

    def is_ours(self, address: str | None) -> bool:
        """Whether it is one of ours, also with something after a plus."""
        return bool(address) and leads_to_any(address or "", self.addresses)

    def comes_back(self, address: str) -> bool:
        """Whether a mail there would come to us, and reach no customer."""
        return self.is_ours(address) or leads_to_any(address, self.accounts)

    def is_of_company(self, address: str) -> bool:
        """Whether it is one of our company's: at one of the domains, or below it, as a web server's."""
        return is_of_company(address, self.domains)


@dataclass(frozen=True)
class Sender:
    """Who a mail is answered to, under which name.

    `through` is its From where that is a contact form, a list of ours or a machine; `quiet` is why no machine may
    answer.
    """

    address: str | None
    name: str = ""
    through: str | None = None
    quiet: str | None = None


def find_sender(headers: Mapping[str, list[str]], own: Own) -> Sender:
    """From; or Reply-To, where it names a single other address and From is of our company or writes to itself.

    That is how contact forms write for a customer, and lists for members whose domain lets nobody else send. A person
    who wrote through a machine that takes no mail ("no-reply") is answered there too, but by a person only. Anybody
    else's Reply-To is not trusted: answers, with what was said before, would go wherever a stranger likes.
    """
    author = _find_author(headers)
    customer = _find_customer(headers, own, author)
    if author is None:
        return _find_substitute(headers, customer)
    if customer is None:
        return Sender(author[1], author[0])
    is_form = own.is_of_company(author[1]) or author[1] in read_addresses(headers.get("to", [])[:20])
    if is_form:
        return Sender(customer[1], customer[0], author[1])
    if is_machine(author[1]) and not is_machine(customer[1]):
        return Sender(customer[1], customer[0], author[1], "sent by a machine for somebody")
    return Sender(author[1], author[0])


def _find_author(headers: Mapping[str, list[str]]) -> Named | None:
    """Who wrote a mail. Of several, the one that sent it; else one whose address stands in brackets, as programs write
    it: a name that looks like an address, with a comma, makes two of one."""
    boxes = read_mailboxes(headers.get("from", [])[:3])
    authors = [(box.is_bracketed, box.name, address) for box in boxes if (address := read_sender_address(box.address))]
    sent_by = set(read_addresses(headers.get("sender", [])[:1]))
    authors.sort(key=lambda each: (each[2] not in sent_by, not each[0]))
    return authors[0][1:] if authors else None


def _find_customer(headers: Mapping[str, list[str]], own: Own, author: Named | None) -> Named | None:
    """The single address besides the author's and our own that Reply-To names, or that a list of ours says wrote."""
    found = _name_all(headers.get("reply-to", [])[:2])
    if author and own.is_ours(author[1]) and is_list(headers):
        found = found or _name_all(headers.get("x-original-from", [])[:1] or headers.get("x-original-sender", [])[:1])
    others = {address: (name, address) for name, address in found if not own.comes_back(address)}
    others.pop(author[1] if author else "", None)
    return next(iter(others.values())) if len(others) == 1 else None


def find_copies(headers: Mapping[str, list[str]], own: Own, sender: Sender) -> Copies:
    """Who else a mail went to: neither we nor its sender, nor a machine; each once. None of a form's or a list's."""
    seen = {sender.address}
    found: dict[str, list[Named]] = {"to": [], "cc": []}
    for field, kept in found.items() if not sender.through else ():
        for name, address in _name_all(headers.get(field, [])[:MOST_COPY_HEADERS]):
            if address in seen or own.comes_back(address) or is_machine(address) or len(seen) > MOST_COPIES:
                continue
            seen.add(address)
            kept.append((read_name(name), address))
    return Copies(tuple(found["to"]), tuple(found["cc"]))


def find_reply_to(headers: Mapping[str, list[str]], own: Own, sender: Sender) -> str | None:
    """The single other address that a mail asks to be answered at: no list's, no machine's, and not ours."""
    named = {address for _, address in _name_all(headers.get("reply-to", [])[:2])} - {sender.address}
    address = next(iter(named)) if len(named) == 1 and not is_list(headers) else None
    return address if address and not own.comes_back(address) and not is_machine(address) else None


def read_name(written: str) -> str:
    """A name as people read it; empty for one that could pass for an address, which may be another's."""
    name = decode_header_text(written, LONGEST_CUSTOMER_NAME)
    return "" if "@" in unicodedata.normalize("NFKC", name) else name.strip()


def _find_substitute(headers: Mapping[str, list[str]], customer: Named | None) -> Sender:
    """Who is answered where From names nobody: whom Reply-To names, or who sent it. By a person only.

    Else the address that stands in other brackets in From: "Ana Novak (ana@x.example)".
    """
    named = [*([customer] if customer else []), *_name_all(headers.get("sender", [])[:1])]
    if found := IN_OTHER_BRACKETS.fullmatch("".join(headers.get("from", [])[:1]).strip()):
        named += [(found[1], address)] if (address := read_sender_address(found[2])) else []
    return Sender(named[0][1], named[0][0], quiet="an unreadable From") if named else Sender(None)


def _name_all(values: list[str]) -> list[Named]:
    named = ((box.name, read_sender_address(box.address)) for box in read_mailboxes(values))
    return [(name, address) for name, address in named if address]


class ReplyAddresses:
    """`help+<token>@shop.example`: the token names a conversation and is signed, so that nobody can make one up.

    With another `purpose` it names something else that has an id of the kind, and one opens nothing as the other. They
    are made at the first of our addresses, and known at each.
    """

    def __init__(self, secret: str, address: str, *others: str, purpose: str = "reply") -> None:
        self._secret, self._purpose = secret.encode(), purpose
        self._local, _, self._domain = address.partition("@")
        self._begin = tuple(f"{each.partition('@')[0].lower()}+" for each in (address, *others))

    def address_of(self, conversation_id: str) -> str:
        """Where an answer to this conversation goes. Upper and lower case make no difference in it."""
        token = base64.b32encode(bytes.fromhex(conversation_id) + self._sign(conversation_id)).decode().lower()
        return f"{self._local}+{token}@{self._domain}"

    def conversation_of(self, addresses: list[str]) -> str | None:
        """The conversation one of these addresses was made for; None when none is one of ours."""
        for address in addresses:
            found = TOKEN.search(address)
            if not found or not address.lower().startswith(self._begin):
                continue
            token = base64.b32decode(found[1].upper())
            conversation_id, signature = token[:-SIGNATURE_BYTES].hex(), token[-SIGNATURE_BYTES:]
            if hmac.compare_digest(signature, self._sign(conversation_id)):
                return conversation_id
        return None

    def _sign(self, conversation_id: str) -> bytes:
        return hmac.digest(self._secret, f"{self._purpose}:{conversation_id}".encode(), hashlib.sha256)[
            :SIGNATURE_BYTES
        ]
