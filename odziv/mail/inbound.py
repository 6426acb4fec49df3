"""What to do with a mail that came in: which conversation, whose answer, or none. Kept before anything else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace

import structlog

from kb.render import render_plain
from odziv.cases.alarm import find_alarm
from odziv.cases.conversations.entries import internal_entry
from odziv.cases.conversations.reopen import say_joined
from odziv.cases.mail_addresses import leads_to_any
from odziv.cases.mails.question import NOTHING, passed_on_line
from odziv.mail.addresses import Own
from odziv.mail.attachments import Received as ReceivedFiles
from odziv.mail.attachments import measure_mail_room, measure_room_aside, receive
from odziv.mail.loops import Bounce
from odziv.mail.outboxes import reply_addresses
from odziv.mail.parse import MOST_TEXT, read_mail
from odziv.mail.parse import IncomingMail as Received
from odziv.mail.quotes import Words
from odziv.mail.reading.headers import clean
from odziv.mail.reading.ours import Ours
from odziv.mail.reading.said import collect_ours, name_us
from odziv.mail.side import SideThreads
from odziv.settings import REFERENCE
from odziv.settings.mail import Mailbox
from odziv.store.conversations.conversation import Conversation, find_conversation
from odziv.store.mail import inbound as incoming
from odziv.store.mail.inbound import Incoming
from odziv.store.mail.notifications import CODE, TRANSCRIPT, find_to_customer
from odziv.store.mail.queue import list_states
from odziv.store.mail.recipients import is_participant
from odziv.store.mail.side import SideMail
from odziv.texts.desk import N_
from odziv.web.services import Services

log = structlog.get_logger()
MOST_OPENED = 20  # conversations one address opens in an hour; more mails go into the newest
MOST_OPENED_BY_US = 1000
ENTRY_CHARACTERS = 600
UNREADABLE_CHARACTERS = 20_000
BESIDE = {  # mails beside the answers
    TRANSCRIPT: N_("The copy of the conversation to %(recipient)s"),
    CODE: N_("The code for an address to %(recipient)s"),
}
LOST = N_("%(what)s did not arrive: %(reason)s")
LATE = N_("%(what)s is late, and is still being tried: %(reason)s")
UNSURE = N_(
    "This e-mail quotes words that were not sent from here. The customer may have written some of them:"
    " “Original” shows the whole of it."
)


class Intake:
    """Takes raw mails, one at a time."""

    def __init__(self, services: Services, box: Mailbox) -> None:
        self._services, self._store, self._box = services, services.store, box
        settings = services.settings
        self._addresses, sides = reply_addresses(settings, *settings.mail.addresses)
        self._sides = SideThreads(services.store, self._addresses, sides)
        self._own = Own(settings.mail.addresses, settings.mail.domains, settings.mail.accounts)
        self._names = name_us(settings)
        self._default = settings.default_language

    def take(self, raw: bytes, size: int | None = None) -> str:
        """Keeps one mail and sees to its answer. `size` is that of the whole mail when `raw` is only its beginning.

        Returns what was done: known, aside, noted, bounced, continued or opened.
        """
        mail = read_mail(raw, self._own)
        if incoming.is_known(self._store, mail.identity):
            return "known"
        try:
            return self._take(mail, raw, size)
        except incoming.KeptAlready:  # it came to another mailbox too, at the same moment
            return "known"

    def _take(self, mail: Received, raw: bytes, size: int | None) -> str:
        box = find_addressed(self._services.settings.mailboxes, self._box, mail.recipients)
        automatic = mail.automatic or self._own_mail(mail)
        cut = size if size is not None and size > len(raw) else None
        if side := self._sides.find(mail):
            outcome = self._keep_side(mail, automatic, side, cut)
            log.info("mail_in", conversation=side.conversation_id, outcome=outcome, automatic=automatic)
            return outcome
        conversation = self._find(mail)
        outcome = self._keep(mail, automatic, conversation, cut, box)
        why = automatic or mail.quiet
        log.info("mail_in", conversation=conversation and conversation.id, outcome=outcome, automatic=why)
        return outcome

    def put_aside(self, raw: bytes) -> None:
        """Keeps a mail that can't be taken as it is, for agents to read: what comes after it must not wait."""
        identity = hashlib.sha256(raw).hexdigest()
        if incoming.is_known(self._store, identity):
            return
        text = clean(raw[:UNREADABLE_CHARACTERS].decode("utf-8", "replace"))
        kept = Incoming(identity, None, None, "", text, automatic="unreadable", mailbox=self._box.name)
        incoming.keep_aside(self._store, kept)
        log.error("mail_in", conversation=None, outcome="aside", automatic="unreadable")

    def _keep_side(self, mail: Received, automatic: str | None, side: SideMail, cut: int | None) -> str:
        """What came to the thread with somebody outside: theirs is for its agents; of anybody else, put aside."""
        # Under no Message-ID: what answers it must not be taken for an answer of the customer's.
        kept = replace(_incoming(mail, automatic or mail.quiet), message_id=None)
        if mail.bounce:
            return self._sides.keep_bounce(mail.bounce, kept, side)
        if not self._sides.may_write(mail, side):
            return self._keep_aside(mail, kept, cut)
        if automatic:
            return self._keep_automatic(mail, kept, find_conversation(self._store, side.conversation_id), cut)
        files = self._receive(mail, measure_mail_room(self._store, side.conversation_id), cut)
        words = mail.read_words(Ours(self._names))
        said = _join(words.own, words.forwarded) or ("" if mail.files else mail.subject)
        self._sides.keep_answer(mail, kept, side, _message_text(said, files, REFERENCE, cut), files.kept)
        return "noted"

    def _keep(
        self, mail: Received, automatic: str | None, conversation: Conversation | None, cut: int | None, box: Mailbox
    ) -> str:
        kept = replace(_incoming(mail, automatic or mail.quiet), mailbox=box.name)
        if mail.bounce:
            return self._keep_bounce(mail, kept, cut)
        if automatic:
            return self._keep_automatic(mail, kept, conversation, cut)
        author = self._find_author(mail, conversation)
        is_new = conversation is None or not (author or _is_customer(mail, conversation))
        flooded = incoming.find_flooded(self._store, mail.sender, self._most_opened(mail)) if is_new else None
        target = find_conversation(self._store, flooded) if flooded else None if is_new else conversation
        files = self._receive(mail, measure_mail_room(self._store, target and target.id), cut)
        words = mail.read_words(self._ours(mail, conversation))
        note = internal_entry(UNSURE) if words.is_unsure else None
        subject = _subject(mail, words) if conversation is None or (is_new and target is None) else ""
        instead = "" if mail.files else mail.subject  # of words
        if target is not None:
            said = _say(subject, words, target.language) or instead
            text = _message_text(said, files, target.language, cut)
            alarm = find_alarm(self._store, self._services.settings, target, said, by_mail=True)
            said_as = (target.id, text, render_plain(text), files.kept)
            incoming.keep_as_message(self._store, kept, *said_as, alarm, note, say_joined, author)
        else:
            told = _join(subject, words.own) or words.forwarded or instead or NOTHING
            language = self._services.knowledge.detect_language(told, page=box.language or None) or self._default
            text = _message_text(_say(subject, words, language) or instead, files, language, cut)
            named = (mail.name, box.site, language)
            incoming.keep_as_conversation(self._store, kept, *named, text, render_plain(text), files.kept, note)
        self._services.turns.wake()
        return "opened" if target is None else "continued"

    def _find_author(self, mail: Received, conversation: Conversation | None) -> str | None:
        """Who in copy of the conversation's mails wrote this one; None of its customer, and of a stranger."""
        if conversation is None or mail.sender is None or mail.through or _is_customer(mail, conversation):
            return None
        return (mail.name or mail.sender) if is_participant(self._store, conversation.id, mail.sender) else None

    def _most_opened(self, mail: Received) -> int:
        """Under an address of our company's, a form writes for customer after customer, and may name none of them."""
        return MOST_OPENED_BY_US if self._own.is_of_company(mail.sender or "") else MOST_OPENED

    def _receive(self, mail: Received, room: tuple[int, int], cut: int | None) -> ReceivedFiles:
        most_bytes = self._services.settings.limits.attachment_bytes
        return receive(self._store, mail.files, room, most_bytes, is_cut=cut is not None)

    def _keep_aside(self, mail: Received, kept: Incoming, cut: int | None) -> str:
        """With its files, checked as any mail's, should somebody make a conversation of it."""
        files = self._receive(mail, measure_room_aside(self._store), cut)
        incoming.keep_aside(self._store, kept, files.waiting)
        return "aside"

    def _keep_bounce(self, mail: Received, kept: Incoming, cut: int | None) -> str:
        """One of ours came back: its conversation says so, and the message it carried."""
        conversation_id, what = self._find_bounced(mail.bounce)
        if conversation_id is None:
            return self._keep_aside(mail, kept, cut)
        told = LOST if mail.bounce.is_final else LATE
        entry = internal_entry(told, what=what, reason=mail.bounce.reason)
        is_back = mail.bounce.is_final and not self._has_reached_others(conversation_id, mail.bounce)
        bounced = (mail.bounce.message_ids[0], mail.bounce.reason) if is_back else None
        incoming.keep_as_entry(self._store, kept, conversation_id, entry, bounced)
        return "bounced" if bounced else "noted"

    def _has_reached_others(self, conversation_id: str, bounce: Bounce) -> bool:
        """Whether it is somebody's copy that came back, and the mail itself did not."""
        states = list_states(self._store, conversation_id).values()
        of_it = next((state for state in states if state.message_id in bounce.message_ids), None)
        return bool(of_it and of_it.recipients and bounce.recipient not in {None, of_it.recipient})

    def _find_bounced(self, bounce: Bounce) -> tuple[str | None, str]:
        """The conversation that the mail was of which it tells, and what that mail was."""
        message_ids = list(bounce.message_ids)
        conversation_id = incoming.find_referred(self._store, message_ids)
        if conversation_id is None and (found := find_to_customer(self._store, message_ids)):
            kind, conversation_id, recipient = found
            return conversation_id, BESIDE[kind] % {"recipient": recipient}
        states = list_states(self._store, conversation_id).values() if conversation_id else ()
        to = bounce.recipient or next((state.recipient for state in states), "the customer")
        return conversation_id, N_("The e-mail to %(recipient)s") % {"recipient": to}

    def _keep_automatic(
        self, mail: Received, kept: Incoming, conversation: Conversation | None, cut: int | None
    ) -> str:
        if conversation is None:
            return self._keep_aside(mail, kept, cut)
        said = mail.text[:ENTRY_CHARACTERS] + (" […]" if len(mail.text) > ENTRY_CHARACTERS else "")
        told = N_("Automatic e-mail from %(sender)s (%(why)s):")
        sender = mail.sender or "an unknown sender"
        entry = internal_entry(f"{told}\n\n%(said)s", sender=sender, why=kept.automatic, said=said)
        incoming.keep_as_entry(self._store, kept, conversation.id, entry)
        return "noted"

    def _ours(self, mail: Received, conversation: Conversation | None) -> Ours:
        return (
            collect_ours(self._store, self._services.settings, conversation, self._names)
            if mail.is_reply
            else Ours(self._names)
        )

    def _find(self, mail: Received) -> Conversation | None:
        """The conversation this mail says it belongs to. Whether its sender may is another question."""
        if mail.through and not self._own.is_of_company(mail.through):
            return None  # in another's name, from anywhere: it may ask, not join in
        conversation_id = self._addresses.conversation_of(list(mail.recipients))
        conversation_id = conversation_id or incoming.find_referred(self._store, list(mail.references))
        return find_conversation(self._store, conversation_id) if conversation_id else None

    def _own_mail(self, mail: Received) -> str | None:
        """Why this is a mail of ours that came back to us, if it is.

        Under our own address, forms write for customers, and lists pass on what they wrote; but answers are ours.
        """
        is_answer = self._own.is_ours(mail.through) and bool(mail.references) and not mail.quiet
        is_ours = self._own.is_ours(mail.sender) or is_answer
        return "our own mail" if is_ours or incoming.is_own(self._store, mail.message_id) else None


def find_addressed(boxes: Mapping[str, Mailbox], found_in: Mailbox, recipients: Iterable[str]) -> Mailbox:
    """To which of the mailboxes a mail came: the one it lay in, or where it names another one only, that one.

    So several addresses can be delivered into one folder.
    """
    named = [each.lower() for each in recipients]
    addressed = [box for box in boxes.values() if any(leads_to_any(each, (box.address,)) for each in named)]
    return found_in if found_in in addressed or not addressed else addressed[0]


def _is_customer(mail: Received, conversation: Conversation) -> bool:
    return mail.sender == (conversation.email or "").lower()


def _incoming(mail: Received, automatic: str | None) -> Incoming:
    return Incoming(
        identity=mail.identity,
        message_id=mail.message_id,
        sender=mail.sender,
        subject=mail.subject,
        original=mail.original,
        attachments=list(mail.attachments),
        automatic=automatic,
        copies=mail.copies,
        reply_to=mail.reply_to,
    )


def _subject(mail: Received, words: Words) -> str:
    """The subject of a mail that begins a conversation, where it tells more than what is written below it."""
    is_told = not mail.is_reply or mail.is_forward
    return mail.subject if is_told and mail.subject not in words.own else ""


def _say(subject: str, words: Words, language: str) -> str:
    """What the customer wrote, under its subject, and below a line that says so what they passed on."""
    passed_on = f"{passed_on_line(language)}\n{words.forwarded}" if words.forwarded else ""
    return _join(subject, words.own, passed_on)


def _join(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _message_text(words: str, files: ReceivedFiles, language: str, cut: int | None) -> str:
    """That, with what was not received; no longer than a message may be. Empty where there are only good files."""
    rest = [files.tell(language), f"[… {cut // 1_000_000} MB]" if cut else ""]
    room = MOST_TEXT - sum(map(len, rest))
    words = f"{words[:room].rstrip()} […]" if len(words) > room + 5 else words
    return _join(words, *rest) or ("" if files.kept else NOTHING)
