"""E-mail as a whole: what `config.yml` asks for, begun and ended with the worker."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Any

import structlog

from odziv.mail.connection_state import ConnectionState
from odziv.mail.inbound import Intake
from odziv.mail.mailboxes import ImapFolder, Maildir
from odziv.mail.outbound import MailSender
from odziv.mail.outboxes import Outboxes
from odziv.processes.periodic import PeriodicTask, WatchedThread
from odziv.settings import Settings
from odziv.settings.mail import Mailbox
from odziv.store.engine import StoreAway
from odziv.store.mail.aside import count_aside
from odziv.store.mail.queue import count_waiting
from odziv.store.queue import stop_all
from odziv.web.services import Services

log = structlog.get_logger()
LONGEST_PAUSE_SECONDS, STOP_SECONDS = 300.0, 10.0
MOST_TRIES = 3  # of a mail that can't be taken; then agents get it as it is, and the next one is taken


class MailService:
    """Sends what is due, a thread for each server, and reads the mailboxes, a thread for each: one that hangs or is
    refused holds no other. Does nothing while e-mail is off."""

    def __init__(self, services: Services) -> None:
        self._services, self._store, self._is_started = services, services.store, False
        self._build()

    def _build(self) -> None:
        services, settings = self._services, self._services.settings
        self._kept = _what_is_kept(settings)
        self._senders: list[MailSender] = []
        self._readers: dict[str, MailboxReader] = {}
        self._boxes = settings.mailboxes
        services.store.mail_domain = settings.mail.domain if settings.mail.is_on else None
        if not settings.mail.is_on:
            return
        outboxes = Outboxes(settings)
        servers = outboxes.by_server()
        self._senders = [MailSender(services, server, outboxes, scope) for server, scope in servers.items()]
        read = {name: box for name, box in self._boxes.items() if box.incoming != "none"}
        self._readers = {name: self._make_reader(box) for name, box in read.items()}

    def _make_reader(self, box: Mailbox) -> MailboxReader:
        services, is_imap = self._services, box.incoming == "imap"
        folder = ImapFolder(box.imap, services.store) if is_imap else Maildir(box.maildir)
        reader = MailboxReader(box.name, folder, Intake(services, box), services.settings.mail.poll_seconds, services)
        if is_imap:
            reader.only_while(services.store.keeps)
        return reader

    @property
    def outbound(self) -> MailSender | None:
        """What sends through the first mailbox's server; None while e-mail is off."""
        return self._senders[0] if self._senders else None

    @property
    def inbound(self) -> MailboxReader | None:
        """What reads the first mailbox that is read; None where none is."""
        return next(iter(self._readers.values()), None)

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
        for part in (*self._senders, *self._readers.values()):
            part.start()

    def stop(self) -> None:
        """Ends it, after what is under way; however many servers hang, within STOP_SECONDS."""
        self._is_started = False
        stop_all((*self._readers.values(), *self._senders), STOP_SECONDS)

    def threads(self) -> list[WatchedThread]:
        """Those of what is switched on."""
        return [thread for part in (*self._senders, *self._readers.values()) for thread in part.threads()]

    def state(self) -> dict[str, Any] | None:
        """How e-mail is, for monitors: the connections, how many mails wait to go out, and how many that came were put
        aside. None while it is off. `out` and `in` are the first mailbox's; where there are more, `mailboxes` has each.
        """
        if self.outbound is None:
            return None
        counts = {"waiting": count_waiting(self._store), "aside": count_aside(self._store)}
        ways = {name: self._tell_ways(name, box) for name, box in self._boxes.items()}
        first = next(iter(ways.values()))
        return {**first, **counts, **({"mailboxes": ways} if len(ways) > 1 else {})}

    def _tell_ways(self, name: str, box: Mailbox) -> dict[str, Any]:
        sender = next((each for each in self._senders if each.server == box.smtp), None)
        reader = self._readers.get(name)
        return {
            "out": sender.connection.as_json() if sender else None,
            "in": reader.connection.as_json() if reader else None,
        }


def _what_is_kept(settings: Settings) -> tuple[object, ...]:
    """What of the settings the parts of the service keep."""
    return settings.mail, settings.sites, settings.languages, settings.default_language, settings.desk.hours


class MailboxReader(PeriodicTask):
    """Looks into one mailbox again and again; less often while its server is away."""

    def __init__(
        self, name: str, box: ImapFolder | Maildir, intake: Intake, poll_seconds: float, services: Services
    ) -> None:
        super().__init__(f"mailbox-reader {name}".strip(), pause=poll_seconds)
        self._name, self._count = name, partial(services.figures.count_mail, "in")
        self._box, self._intake, self._poll_seconds = box, intake, poll_seconds
        self.connection = ConnectionState(services.store.clock)
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
            log.warning(
                "mailbox_failed",
                mailbox=self._name,
                why=f"{type(error).__name__}: {error}"[:200],
                again_in_s=self._waited,
            )
        return self._waited
