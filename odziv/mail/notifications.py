"""Mails beside the exchange with a customer: to an agent that somebody waits, a transcript to who asked for it, and a
code to an address that is to prove itself.

All come from a machine and say so, so that no other machine answers; none leads a reply into a conversation.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import structlog

from odziv.cases.customers.address_codes import code_of
from odziv.cases.mail_addresses import clean_address
from odziv.cases.transcripts import read_zone, title_of, write_transcript
from odziv.mail.compose import one_line, shorten
from odziv.mail.outboxes import Outboxes
from odziv.mail.reading.headers import clean
from odziv.mail.smtp import BACK_OFF, MailRefused, NotNow
from odziv.mail.texts import say
from odziv.settings import REFERENCE, Settings
from odziv.store import Store
from odziv.store.agents.agent import find_agent
from odziv.store.conversations.conversation import find_conversation
from odziv.store.conversations.messages import read_log
from odziv.store.customers.personal_data import without_personal_data
from odziv.store.mail.confirmations import VALID_MS
from odziv.store.mail.notifications import (
    CODE,
    OVERDUE,
    TRANSCRIPT,
    Notification,
    Waits,
    finish_notifications,
    list_waits,
    take_notifications,
    try_notifications_later,
)
from odziv.store.mail.scope import Scope
from odziv.texts.desk import _, ngettext, speaking, spoken
from odziv.texts.moments import name_language, say_moment

log = structlog.get_logger()
MOST_NAMED = 20


class NotificationSender:
    """Writes and sends them, again and again until they are sent or hopeless."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        outboxes: Outboxes,
        send: Callable[[EmailMessage, str], None],
        scope: Scope | None = None,
    ) -> None:
        self._store, self._settings, self._outboxes, self._send, self._scope = store, settings, outboxes, send, scope

    def send_next(self) -> bool:
        """Sees to one mail that is due; False when none is."""
        taken = take_notifications(self._store, self._scope)
        if not taken:
            return False
        outcome = self._deliver(taken)
        log.info("notification", kind=taken[0].kind, conversation=taken[0].conversation_id, outcome=outcome)
        return True

    def _deliver(self, taken: list[Notification]) -> str:
        recipient = clean_address(taken[0].recipient)
        if recipient is None:
            return self._finish(taken, "failed", "this is not an address mail can go to")
        try:
            mail = self._write(taken, recipient)
            if mail is None:
                return self._finish(taken, "dropped")
            self._send(mail, recipient)
        except MailRefused as error:
            return self._finish(taken, "failed", str(error))
        except NotNow as error:
            return self._postpone(taken, str(error))
        except Exception as error:  # one that can't be written must not hold up the others
            log.exception("notification_not_made", conversation=taken[0].conversation_id)
            return self._postpone(taken, type(error).__name__)
        return self._finish(taken, "sent")

    def _write(self, taken: list[Notification], recipient: str) -> EmailMessage | None:
        """None when it is not wanted any more."""
        first = taken[0]
        tellers = {CODE: self._tell_code, TRANSCRIPT: self._tell_transcript}
        told = self._tell_overdue(taken) if first.kind == OVERDUE else tellers[first.kind](first)
        if told is None:
            return None
        mail = EmailMessage(policy=SMTP)
        about = None if first.kind == OVERDUE else find_conversation(self._store, first.conversation_id)
        composer = self._outboxes.of(about).composer
        mail["From"] = Address(composer.name, addr_spec=composer.address)
        mail["To"] = Address(addr_spec=recipient)
        mail["Subject"] = shorten(one_line(told[0]))
        mail["Date"] = format_datetime(datetime.fromtimestamp(self._store.clock() // 1000, UTC))
        mail["Message-ID"] = first.message_id
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        mail.set_content(clean(told[1]))
        return mail

    def _tell_overdue(self, taken: list[Notification]) -> tuple[str, str] | None:
        """Subject and text: that somebody waits, since when, in which language, and where. Nothing they wrote.

        In the language in which the desk speaks to the agent.
        """
        agent_id = taken[0].agent_id or 0
        waiting = list_waits(self._store, agent_id, [each.conversation_id for each in taken])
        if not waiting:
            return None
        agent = find_agent(self._store, agent_id)
        with speaking((agent and agent.language) or REFERENCE):
            return self._write_overdue(waiting)

    def _write_overdue(self, waiting: list[Waits]) -> tuple[str, str]:
        count, url = len(waiting), self._settings.url
        queue, account = f"{url}/desk/queue", f"{url}/desk/account"
        lines = [f"{self._tell_wait(each)}\n{url}/desk/conversations/{each.conversation_id}" for each in waiting]
        if more := len(lines[MOST_NAMED:]):
            lines[MOST_NAMED:] = [ngettext("and %(num)s more: %(url)s", "and %(num)s more: %(url)s", more, url=queue)]
        waits = ngettext(
            "A customer is waiting for a person, and nobody was at the desk when an answer was due.",
            "%(num)s customers are waiting for a person, and nobody was at the desk when an answer was due.",
            count,
        )
        why = _("You get this because you asked for it at the desk: %(url)s", url=account)
        answer = _("Please don’t reply: an answer to this e-mail reaches nobody who waits.")
        text = "\n\n".join([_("Hello,"), waits, *lines, f"-- \n{why}\n{answer}"])
        subject = ngettext(
            "A customer is waiting: %(name)s",
            "%(num)s customers are waiting: %(name)s",
            count,
            name=self._outboxes.first.composer.name,
        )
        return subject, text + "\n"

    def _tell_wait(self, waits: Waits) -> str:
        zone = self._settings.calendar(waits.language).time_zone
        since = datetime.fromtimestamp(waits.since / 1000, ZoneInfo(zone))
        when, language = say_moment(since, spoken()), name_language(waits.language, spoken())
        return _("Since %(when)s (%(zone)s), %(language)s:", when=when, zone=zone, language=language)

    def _tell_transcript(self, notification: Notification) -> tuple[str, str] | None:
        """Subject and text, in the conversation's language: what was said until it was asked for."""
        conversation, messages = read_log(self._store, notification.conversation_id)
        if conversation is None:
            return None
        language, site = conversation.language, self._settings.sites.get(conversation.site)
        name = site.name if site else self._outboxes.of(conversation).composer.name
        zone = read_zone((conversation.browser or {}).get("time_zone", ""))
        said = [message for message in messages if message.seq <= (notification.seq or 0)]
        text = write_transcript(conversation, said, name, zone, url=self._settings.url)
        parts = [say("greeting", language), say("transcript_intro", language), text.strip()]
        footer = say("transcript_footer", language, name=name)
        return title_of(conversation, name), "\n\n".join([*parts, f"-- \n{footer}"]) + "\n"

    def _tell_code(self, notification: Notification) -> tuple[str, str] | None:
        """Subject and text with the code, and not a word of whoever asked for it. None once it is good no longer."""
        conversation = find_conversation(self._store, notification.conversation_id)
        if conversation is None or notification.created_at <= self._store.clock() - VALID_MS:
            return None
        language, site = conversation.language, self._settings.sites.get(conversation.site)
        told = {
            "name": site.name if site else self._outboxes.of(conversation).composer.name,
            "code": code_of(self._settings.secret("address-codes"), notification.message_id),
        }
        parts = [say("greeting", language), say("code_intro", language, **told), told["code"]]
        footer = say("code_footer", language, name=told["name"])
        return say("code_subject", language, **told), "\n\n".join([*parts, f"-- \n{footer}"]) + "\n"

    def _finish(self, taken: list[Notification], status: str, error: str | None = None) -> str:
        finish_notifications(self._store, taken, status, error)
        if error:
            why = without_personal_data(error)
            log.warning("notification_not_sent", conversation=taken[0].conversation_id, why=why)
        return status

    def _postpone(self, taken: list[Notification], error: str) -> str:
        now = self._store.clock()
        next_at = BACK_OFF.next_try(now, taken[0].attempts, taken[0].created_at)
        if next_at is None:
            return self._finish(taken, "failed", error)
        try_notifications_later(self._store, taken, error, next_at)
        why = without_personal_data(error)  # servers like to repeat the address
        wait = (next_at - now) // 1000
        log.warning("notification_later", conversation=taken[0].conversation_id, why=why, again_in_s=wait)
        return "later"
