"""Hands mails to an SMTP server, and tells what failed for good from what may work later."""

from __future__ import annotations

import os
import smtplib
import ssl
from email.message import EmailMessage

from odziv.settings.mail import SMTP_PASSWORD, Smtp
from odziv.store.engine import DAY_MS, HOUR_MS
from odziv.store.queue import BackOff

TIMEOUT_SECONDS = 30.0
# Half a minute, then twice as long each time, up to an hour; after two days it has failed.
BACK_OFF = BackOff(first_ms=30_000, factor=2, longest_ms=HOUR_MS, give_up_ms=2 * DAY_MS)


class MailRefused(Exception):
    """The server does not want this mail, now or ever."""


class NotNow(Exception):
    """It may work later: the server refuses this mail for now."""


class NoService(NotNow):
    """No mail at all goes out: no connection, or a setting to be mended. `kind` is the error's name."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"{type(error).__name__}: {error}"[:200])
        self.kind = type(error).__name__


def send(server: Smtp, mail: EmailMessage, sender: str, recipient: str) -> None:
    """Returns once the server has taken the mail. Raises MailRefused or NotNow."""
    try:
        with _connect(server) as line:
            _check_letters(line, recipient)
            line.send_message(mail, from_addr=sender, to_addrs=[recipient])
    except smtplib.SMTPRecipientsRefused as error:
        raise _judge(*next(iter(error.recipients.values()))) from error
    except smtplib.SMTPDataError as error:
        raise _judge(error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        # Also what the server says against us rather than the mail: wrong password, sender not allowed.
        raise NoService(error) from error


def _check_letters(line: smtplib.SMTP, recipient: str) -> None:
    """Raises MailRefused where the address has letters that this server can't be told (RFC 6531)."""
    line.ehlo_or_helo_if_needed()
    if not recipient.isascii() and not line.has_extn("smtputf8"):
        raise MailRefused(
            "this is not an address your mail server can write to: it has letters beyond ASCII (SMTPUTF8)"
        )


def _connect(server: Smtp) -> smtplib.SMTP:
    if server.security == "tls":
        line: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
        )
    else:
        line = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    try:
        if server.security == "starttls":
            line.starttls(context=ssl.create_default_context())
        if server.user:
            line.login(server.user, server.password(SMTP_PASSWORD, os.environ))
    except BaseException:
        line.close()
        raise
    return line


def _judge(code: int, answer: bytes | str) -> Exception:
    told = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    text = f"{code} {' '.join(told.split())}"[:200]
    return MailRefused(text) if 500 <= code < 600 else NotNow(text)
