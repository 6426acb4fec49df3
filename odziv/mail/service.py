"""E-mail as a whole: what `config.yml` asks for, begun and ended with the worker."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog

from odziv.mail.addresses import ReplyAddresses
from odziv.mail.compose import MailComposer
from odziv.mail.connection_state import ConnectionState
from odziv.mail.inbound import Intake
from odziv.mail.mailboxes import ImapFolder, Maildir
from odziv.mail.outbound import MailSender
from odziv.processes.periodic import PeriodicTask, WatchedThread
from odziv.settings import Settings
from odziv.store.engine import StoreAway
from odziv.store.mail.aside import count_aside
from odziv.store.mail.queue import count_waiting
from odziv.web.services import Services

log = structlog.get_logger()
LONGEST_PAUSE_SECONDS = 300.0
MOST_TRIES = 3  # of a mail that can't be taken; then agents get it as it is, and the next one is taken


class MailService:
    """Sends what is due, and reads the mailbox. Does nothing while e-mail is off."""

    def __init__(self, services: Services) -> None:
        self._services, self._store, self._is_started = services, services.store, False
        self._build()

    def _build(self) -> None:
        services, settings = self._services, self._services.settings
        mail, self._kept = settings.mail, _what_is_kept(settings)
        self.outbound: MailSender | None = None
        self.inbound: MailboxReader | None = None
        services.store.mail_domain = mail.domain if mail.is_on else None
        if not mail.is_on:
            return
        addresses = ReplyAddresses(settings.secret("mail"), mail.address)
        site = settings.sites[mail.site or next(iter(settings.sites))]
        sides = ReplyAddresses(settings.secret("mail"), mail.address, "side")
        reply_to = addresses.address_of if mail.plus_addressing else None
        side_reply_to = sides.address_of if mail.plus_addressing else None
        composer = MailComposer(mail.address, mail.sender_name or site.name, settings.url, reply_to)
        self.outbound = MailSender(services, mail, composer, side_reply_to)
        if mail.incoming != "none":
            box = ImapFolder(mail.imap, services.store) if mail.incoming == "imap" else Maildir(mail.maildir)
            connection = ConnectionState(services.store.clock)
            count = partial(services.figures.count_mail, "in")
            self.inbound = MailboxReader(box, Intake(services, addresses, sides), mail.poll_seconds, connection, count)
            if mail.incoming == "imap":
                self.inbound.only_while(services.store.keeps)

    def take_settings(self, settings: Settings) -> None:
        """Ends, and begins anew, where what it works with has changed; `settings` are those of the services by now."""
        if _what_is_kept(settings) == self._kept:
            return
        was_started = self._is_started
        self.stop()
        self._build()
        if was_started:
            self.start()

    def start(self) -> None:
        """Begins what is switched on."""
        self._is_started = True
        for part in (self.outbound, self.inbound):
            if part is not None:
                part.start()

    def stop(self) -> None:
        """Ends it, after what is under way."""
        self._is_started = False
        for part in (self.inbound, self.outbound):
            if part is not None:
                part.stop()

    def threads(self) -> list[WatchedThread]:
        """Those of what is switched on."""
        return [thread for part in (self.outbound, self.inbound) if part for thread in part.threads()]

    def state(self) -> dict[str, Any] | None:
        """How e-mail is, for monitors: both connections, how many mails wait to go out, and how many that came were
        put aside. None while it is off."""
        if self.outbound is None:
            return None
        incoming = self.inbound.connection.as_json() if self.inbound else None
        out, counts = self.outbound.connection.as_json(), (count_waiting(self._store), count_aside(self._store))
        return {"out": out, "in": incoming, "waiting": counts[0], "aside": counts[1]}


def _what_is_kept(settings: Settings) -> tuple[object, ...]:
    """What of the settings the parts of the service keep."""
    return settings.mail, settings.sites, settings.languages, settings.default_language, settings.desk.hours


class MailboxReader(PeriodicTask):
    """Looks into the mailbox again and again; less often while its server is away."""

    def __init__(
        self,
        box: ImapFolder | Maildir,
        intake: Intake,
        poll_seconds: float,
        connection: ConnectionState,
        count: Callable[[str], None],
    ) -> None:
        super().__init__("mailbox-reader", pause=poll_seconds)
        self._count = count
        self._box, self._intake, self._poll_seconds = box, intake, poll_seconds
        self.connection = connection
        self._waited = 0.0
        self._failed = (b"", 0)  # the mail that failed last, and how often

    def stop(self, timeout: float = 10.0) -> None:
        """Ends after the mail under way."""
        super().stop(timeout)
        self._box.close()

    def look(self) -> int:
        """Takes what is there. Returns how many mails. Raises what the mailbox or the store raises."""
        return self._box.look(self._take)

    def _take(self, raw: bytes, size: int | None) -> None:
        if self._stopping.is_set():
            raise InterruptedError("stopping; the next start goes on here")
        try:
            self._count(self._intake.take(raw, size))
        except (OSError, StoreAway):  # the disk or the database: any mail would fail
            raise
        except Exception:
            if self._count_failure(raw) < MOST_TRIES:
                raise
            log.exception("mail_not_taken")
            self._intake.put_aside(raw)
            self._count("unreadable")

    def _count_failure(self, raw: bytes) -> int:
        """How often this mail failed in a row."""
        mark = hashlib.sha256(raw).digest()
        self._failed = (mark, self._failed[1] + 1 if self._failed[0] == mark else 1)
        return self._failed[1]

    def _run_once(self) -> float:
        try:
            self.look()
            self.connection.worked()
            self._waited = self._poll_seconds
        except InterruptedError:
            pass  # stopping
        except Exception as error:  # the server is away, or the store: nothing is marked, so nothing is lost
            self.connection.failed(type(error).__name__)
            self._waited = min(max(2 * self._waited, self._poll_seconds), LONGEST_PAUSE_SECONDS)
            log.warning("mailbox_failed", why=f"{type(error).__name__}: {error}"[:200], again_in_s=self._waited)
        return self._waited
