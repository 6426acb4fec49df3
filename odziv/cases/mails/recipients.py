"""To whom an agent's reply goes by e-mail: what they are offered, and what they chose, checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from odziv.cases.mail_addresses import is_machine, leads_to_any, read_sender_address, spell_all
from odziv.cases.refused import Kind, Refused
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.conversations.conversation import Conversation
from odziv.store.customers.other_addresses import list_addresses
from odziv.store.lengths import LONGEST_RECIPIENTS
from odziv.store.mail.recipients import MOST_RECIPIENTS, Named, Recipients, find_heard
from odziv.texts.desk import _, number

PART = re.compile(r'(?:"[^"]*"|[^",;\r\n])+')
BRACKETED = re.compile(r"<([^<>]*)>\s*")
GROUP = re.compile(r"^[^\"<>@:]*:")  # "Team: ana@x.example, jan@x.example;"
NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f"<>,;:@\\]+')
LONGEST_SHOWN = 60


@dataclass(frozen=True)
class Offered:
    """Whom a reply answers, whom "Reply to all" adds to that, and the customer's other addresses, as agents added them.

    By itself nothing goes to those.
    """

    to: tuple[Named, ...]
    others: tuple[Named, ...]
    known: tuple[str, ...] = ()


def offer_recipients(store: Store, settings: Settings, conversation: Conversation) -> Offered | None:
    """What a reply begins with: who wrote last, the customer always; None where it goes out by no e-mail.

    The others are those of the newest mail.
    """
    customer = read_sender_address(conversation.email)
    if customer is None or not settings.mail.is_on:
        return None
    heard = find_heard(store, conversation.id)
    to = {customer: conversation.name or ""}
    if heard and heard.name:  # one of those in copy wrote last
        to = {heard.sender: heard.name if "@" not in heard.name else "", **to}
    others = {address: name for name, address in (heard.copies.all if heard else ())}
    kept = [(name, address) for address, name in others.items() if address not in to and not _is_own(settings, address)]
    added = (each.address for each in list_addresses(store, conversation, spell_all))
    known = tuple(address for address in added if address not in to and not _is_own(settings, address))
    named = tuple((name, address) for address, name in to.items())
    return Offered(named, tuple(kept[: MOST_RECIPIENTS - len(to)]), known)


def write_list(named: Iterable[Named]) -> str:
    """As people read and type them: "Ana Novak <ana@x.example>, jan@x.example"."""
    return ", ".join(_write(name, address) for name, address in named)


def _write(name: str, address: str) -> str:
    plain = " ".join(NOT_IN_NAMES.sub(" ", name).split())
    return f"{plain} <{address}>" if plain else address


def choose_recipients(
    store: Store,
    settings: Settings,
    conversation: Conversation,
    *,
    to: Sequence[str] = (),
    cc: Sequence[str] = (),
    bcc: Sequence[str] = (),
    to_all: bool = False,
) -> Recipients | None:
    """Whom a reply goes to, where that is not just the customer. Raises Refused for what can't be.

    Without `to` it answers whom it is offered for; with `to_all` those in copy get it in copy too.
    """
    offered = offer_recipients(store, settings, conversation)
    to = to or ([address for _name, address in offered.to] if offered else [])
    if to_all and offered:
        cc = [*cc, *(address for _name, address in offered.others)]
    if not any((*to, *cc, *bcc)):
        return None
    chosen = check_recipients(settings, to, cc, bcc)
    return None if chosen == Recipients((read_sender_address(conversation.email) or "",)) else chosen


def check_recipients(settings: Settings, to: Sequence[str], cc: Sequence[str], bcc: Sequence[str]) -> Recipients:
    """What was typed, as addresses, each once: in To rather than in Cc, and in Cc rather than in Bcc.

    Raises Refused where e-mail is off, nobody is in To, there are too many, one is no address, or nobody reads there.
    """
    if not settings.mail.is_on:
        raise Refused(Kind.CONFLICT, _("Not sent: e-mail is off here."))
    seen: set[str] = set()
    fields = [tuple(_read(settings, typed, seen)) for typed in (to, cc, bcc)]
    if not fields[0]:
        raise Refused(Kind.UNFIT, _("Not sent: somebody has to stand in To."))
    if len(seen) > MOST_RECIPIENTS:
        counts = {"most": number(MOST_RECIPIENTS), "count": number(len(seen))}
        raise Refused(Kind.UNFIT, _("Not sent: an e-mail can have %(most)s recipients; this has %(count)s.", **counts))
    return Recipients(*fields)


def _read(settings: Settings, typed: Sequence[str], seen: set[str]) -> Iterator[str]:
    """The addresses of one field; `seen` are those of the fields before, and becomes these too."""
    if sum(map(len, typed)) > LONGEST_RECIPIENTS:
        problem = _("Not sent: a list of recipients can have %(most)s characters.", most=number(LONGEST_RECIPIENTS))
        raise Refused(Kind.UNFIT, problem)
    for part in (each for text in typed for each in PART.findall(text)):
        if not part.strip():
            continue
        address = _check(settings, part)
        if address not in seen:
            seen.add(address)
            yield address


def _check(settings: Settings, part: str) -> str:
    """Raises Refused for what mail can't go to, or where it would reach no person."""
    bracketed = BRACKETED.search(part)
    address = read_sender_address(bracketed[1] if bracketed else GROUP.sub("", part))
    shown = " ".join(part.split())[:LONGEST_SHOWN]
    if address is None:
        raise Refused(Kind.UNFIT, _("Not sent: “%(typed)s” is not an e-mail address.", typed=shown))
    if _is_own(settings, address):
        problem = _("Not sent: %(address)s is our own mailbox. It would come back to us.", address=address)
        raise Refused(Kind.UNFIT, problem)
    if is_machine(address):
        raise Refused(Kind.UNFIT, _("Not sent: no person reads what goes to %(address)s.", address=address))
    return address


def _is_own(settings: Settings, address: str) -> bool:
    return leads_to_any(address, settings.mail.own)
