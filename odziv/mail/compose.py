"""A mail to a customer, from the messages it carries: text and HTML, headers that lead back, nothing injected."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from typing import Any

from odziv.cases.mail_addresses import read_sender_address
from odziv.mail.attachments import OutgoingAttachments
from odziv.mail.parse import RE_PREFIX
from odziv.mail.plain import html_to_plain
from odziv.mail.reading.headers import clean
from odziv.mail.texts import say
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.messages import Message
from odziv.store.mail.queue import MailToSend
from odziv.texts.moments import say_date

WELL_READ = 90  # characters of a subject
QUOTED_LINES, QUOTED_CHARACTERS = 8, 600
MOST_REFERENCES = 10
LINKED_KINDS = frozenset({"choice", "follow_up"})
Thread = list[tuple[int, str, bool]]  # time, Message-ID, whether it came in
PAGE = "font-family:Arial,Helvetica,sans-serif;font-size:15px;line-height:1.5;color:#1c2420"
QUIET = "color:#5b6660;font-size:13px"


def choose(due: MailToSend, messages: list[Message]) -> list[Message]:
    """The messages a mail carries; none any more when they were taken back."""
    within = [m for m in messages if due.first_seq <= m.seq <= due.last_seq and not m.internal]
    if due.automatic:
        return [m for m in within if m.sender in {"bot", "system"}]
    return [m for m in within if m.sender == "agent"]


def answered_by(carried: list[Message]) -> int | None:
    """The number of the customer's message that the bot answers; None of an agent's reply, which answers all."""
    return next((message.reply_to for message in reversed(carried) if message.reply_to), None)


@dataclass(frozen=True)
class Inside:
    """What a mail says: the messages it carries, the customer's it quotes, and what is told beside them."""

    language: str
    carried: list[Message]
    asked: Message | None
    told: list[str]
    automatic: bool
    signature: str


class MailComposer:
    """Who mails come from, and where their links lead."""

    def __init__(self, address: str, name: str, url: str, reply_to: Any = None) -> None:
        self.address, self.name, self.url = address, one_line(name), url
        self._reply_to = reply_to  # conversation id → address, where the mailbox can do that

    def compose(
        self,
        due: MailToSend,
        conversation: Conversation,
        messages: list[Message],
        outgoing: OutgoingAttachments,
        subject: str | None,
        thread: Thread,
        *,
        now: int,
        signature: str,
        had_by_all: Callable[[int], bool] = lambda _seq: True,
    ) -> EmailMessage:
        """The mail, ready to go. `messages` is the whole log. Raises ValueError when an address can't be written.

        What the customer wrote is quoted where `had_by_all` says that whoever gets the mail has that message.
        """
        mail = EmailMessage(policy=SMTP)
        mail["From"] = Address(self.name, addr_spec=self.address)
        mail["To"] = [to_header(each) for each in due.recipients.to]
        if due.recipients.cc:
            mail["Cc"] = [to_header(each) for each in due.recipients.cc]
        if self._reply_to:
            mail["Reply-To"] = Address(self.name, addr_spec=self._reply_to(conversation.id))
        mail["Subject"] = self._subject(conversation, messages, subject, thread)
        mail["Date"] = format_datetime(datetime.fromtimestamp(now // 1000, UTC))
        mail["Message-ID"] = due.message_id
        if thread:
            came = [each for _, each, is_in in thread if is_in]
            mail["In-Reply-To"] = (came or [each for _, each, _ in thread])[-1]
            mail["References"] = " ".join(each for _, each, _ in thread[-MOST_REFERENCES:])
        if due.automatic:
            mail["Auto-Submitted"] = "auto-replied"
            mail["X-Auto-Response-Suppress"] = "All"
        carried = choose(due, messages)
        newest = answered_by(carried) or carried[0].seq
        before = (m for m in reversed(messages) if m.sender == "customer" and m.seq <= newest and m.text)
        asked, told = next(before, None), outgoing.tell(conversation.language)
        asked = asked if asked and had_by_all(asked.seq) else None
        inside = Inside(conversation.language, carried, asked, told, due.automatic, signature)
        mail.set_content(self._text(inside))
        mail.add_alternative(self._html(inside), subtype="html")
        outgoing.put_into(mail)
        return mail

    def _subject(self, conversation: Conversation, messages: list[Message], subject: str | None, thread: Thread) -> str:
        if subject is not None:
            return f"Re: {shorten(RE_PREFIX.sub('', one_line(subject))) or say('your_question', conversation.language)}"
        first = next((m.text for m in messages if m.sender == "customer"), "")
        asked = one_line(conversation.subject or first)
        asked = shorten(asked) or say("your_question", conversation.language)
        return f"Re: {asked}" if thread else asked

    def _text(self, inside: Inside) -> str:
        language = inside.language
        parts = [say("greeting", language)] if inside.automatic else []
        for message in inside.carried:
            parts.append(html_to_plain(message.html, self.url) or message.text.strip())
            if message.answer:
                parts.append(
                    f"{say('read_more', language)} {message.answer['title']}\n{self._link(message.answer['url'])}"
                )
            if links := self._links(message, language):
                intro = [] if _asks_back(message) else [say("see_also", language)]
                parts.append("\n".join([*intro, *(f"- {title}\n  {url}" for title, url in links)]))
        parts += [*inside.told, inside.signature, f"-- \n{self._footer(inside)}"]
        if asked := inside.asked:
            quoted = "\n".join(f"> {line}".rstrip() for line in _quote(asked))
            parts.append(f"{say('you_wrote', language, when=_when(asked, language))}\n{quoted}")
        return clean("\n\n".join(part for part in parts if part)) + "\n"

    def _html(self, inside: Inside) -> str:
        language = inside.language
        parts = [f"<p>{escape(say('greeting', language))}</p>"] if inside.automatic else []
        for message in inside.carried:
            parts.append(message.html.replace('href="/', f'href="{escape(self.url)}/'))
            if message.answer:
                link = _anchor(message.answer["title"], self._link(message.answer["url"]))
                parts.append(f"<p>{escape(say('read_more', language))} {link}</p>")
            if links := self._links(message, language):
                intro = "" if _asks_back(message) else f"<p>{escape(say('see_also', language))}</p>"
                parts.append(intro + "<ul>" + "".join(f"<li>{_anchor(*each)}</li>" for each in links) + "</ul>")
        parts += [f"<p>{escape(each)}</p>" for each in inside.told]
        signature = escape(inside.signature).replace("\n", "<br>")
        parts.append(f"<p>{signature}</p>")
        parts.append(f'<p style="{QUIET}">{escape(self._footer(inside))}</p>')
        if asked := inside.asked:
            quoted = "<br>".join(escape(line) for line in _quote(asked))
            parts.append(f'<p style="{QUIET}">{escape(say("you_wrote", language, when=_when(asked, language)))}</p>')
            parts.append(f'<blockquote style="{QUIET};margin:0;padding-left:12px">{quoted}</blockquote>')
        body = clean("\n".join(parts))
        return f'<!doctype html><html lang="{escape(language)}"><body style="{PAGE}">\n{body}\n</body></html>\n'

    def _footer(self, inside: Inside) -> str:
        last = inside.carried[-1]
        is_handed_off = last.sender == "system"
        if not inside.automatic or (
            is_handed_off and last.reply_to is None
        ):  # a word to who is silent promises nothing
            return say("from_person", inside.language)
        return say("handed_off" if is_handed_off else "from_assistant", inside.language, name=self.name)

    def _links(self, message: Message, language: str) -> list[tuple[str, str]]:
        """Choices and follow-ups as titles with the addresses of their pages; pressing buttons is not for mail."""
        return [
            (button["title"], f"{self.url}/help/{language}/{button['article']}")
            for button in message.buttons or []
            if button.get("kind") in LINKED_KINDS and button.get("article")
        ]

    def _link(self, url: str) -> str:
        return f"{self.url}{url}" if url.startswith("/") else url


def to_header(recipient: str) -> Address:
    """An address for a header. Raises ValueError for what is none."""
    address = read_sender_address(recipient)
    if address is None:
        raise ValueError("not an address")
    local, _, domain = address.rpartition("@")
    if local.startswith('"'):
        local = re.sub(r"\\(.)", r"\1", local[1:-1])
    return Address(username=local, domain=domain)


def one_line(text: str) -> str:
    """Text fit for a header: control characters and line breaks gone."""
    return " ".join(clean(text).split())


def shorten(text: str) -> str:
    """As much as reads well in a subject, cut between words."""
    if len(text) <= WELL_READ:
        return text
    return text[:WELL_READ].rsplit(" ", 1)[0].rstrip(" ,.;:–-") + " …"


def _asks_back(message: Message) -> bool:
    return any(button.get("kind") == "choice" for button in message.buttons or [])


def _quote(asked: Message) -> list[str]:
    """The beginning of what the customer wrote."""
    text = asked.text.strip()
    lines = text[:QUOTED_CHARACTERS].split("\n")[:QUOTED_LINES]
    is_cut = len(text) > QUOTED_CHARACTERS or text.count("\n") >= QUOTED_LINES
    return [*lines, "[…]"] if is_cut else lines


def _when(message: Message, language: str) -> str:
    return say_date(datetime.fromtimestamp(message.created_at / 1000, UTC), language)


def _anchor(title: str, url: str) -> str:
    return f'<a href="{escape(url)}">{escape(title)}</a>' if re.match(r"https?://", url) else escape(title)
