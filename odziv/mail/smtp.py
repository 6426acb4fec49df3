"""Hands mails to an SMTP server, and tells what failed for good from what may work later."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage

from odziv.settings.mail import Server
from odziv.store.engine import DAY_MS, HOUR_MS
from odziv.store.queue import BackOff

TIMEOUT_SECONDS = 30.0
# Half a minute, then twice as long each time, up to an hour; after two days it has failed.
BACK_OFF = BackOff(first_ms=30_000, factor=2, longest_ms=HOUR_MS, give_up_ms=2 * DAY_MS)
NO_LETTERS = "this is not an address your mail server can write to: it has letters beyond ASCII (SMTPUTF8)"


class MailRefused(Exception):
    """The server does not want this mail, now or ever."""


class NotNow(Exception):
    """It may work later: the server refuses this mail for now."""


class NoService(NotNow):
    """No mail at all goes out: no connection, or a setting to be mended. `kind` is the error's name."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"{type(error).__name__}: {error}"[:200])
        self.kind = type(error).__name__


Refusals = dict[str, MailRefused | NotNow]  # by address


def send(server: Server, mail: EmailMessage, sender: str, recipients: Sequence[str]) -> Refusals:
    """Returns, once the server has taken the mail, to whom it would not give it: to none of them, perhaps.

    Raises MailRefused or NotNow for what is of the mail, or of the connection.
    """
    try:
        with _connect(server) as line:
            refused: Refusals = {each: MailRefused(NO_LETTERS) for each in _find_unwritable(line, recipients)}
            rest = [each for each in recipients if each not in refused]
            told = line.send_message(mail, from_addr=sender, to_addrs=rest) if rest else {}
            return refused | {address: _judge(*answer) for address, answer in told.items()}
    except smtplib.SMTPRecipientsRefused as error:
        return refused | {address: _judge(*answer) for address, answer in error.recipients.items()}
    except smtplib.SMTPDataError as error:
        raise _judge(error.smtp_code, error.smtp_error) from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        # Also what the server says against us rather than the mail: wrong password, sender not allowed.
        raise NoService(error) from error


def _find_unwritable(line: smtplib.SMTP, recipients: Sequence[str]) -> list[str]:
    """The addresses with letters that this server can't be told (RFC 6531)."""
    line.ehlo_or_helo_if_needed()
    return [each for each in recipients if not each.isascii() and not line.has_extn("smtputf8")]


def _connect(named: Server) -> smtplib.SMTP:
    server = named.settings
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
            line.login(server.user, named.password(os.environ))
    except BaseException:
        line.close()
        raise
    return line


def _judge(code: int, answer: bytes | str) -> MailRefused | NotNow:
    told = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    text = f"{code} {' '.join(told.split())}"[:200]
    return MailRefused(text) if 500 <= code < 600 else NotNow(text)
