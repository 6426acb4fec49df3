"""The `mail:` part of the settings: e-mail out (SMTP) and in (IMAP or a maildir). Everything is off until it is set."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from odziv.settings.hours import Hours
from odziv.settings.languages import Language
from odziv.settings.section import Section
from odziv.settings.wrong import WrongValue

ADDRESS = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
LONGEST_PLUS = 31  # of an address's 64 characters before the @, a reply's token takes 33
SMTP_PASSWORD, IMAP_PASSWORD = "ODZIV_SMTP_PASSWORD", "ODZIV_IMAP_PASSWORD"
Port = Annotated[int, Field(ge=1, le=65535)]
MOST_MAILBOXES = 50
PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
# What may stand for something in a signature.
IN_SIGNATURES = ("agent.name", "agent.title", "site.name")


def check_signature(text: str) -> str:
    """Raises WrongValue for a placeholder that a signature can't have, or half of one, or a sign that can't be seen."""
    wrong = [each for each in PLACEHOLDER.findall(text) if each.strip() not in IN_SIGNATURES]
    if wrong or "{{" in PLACEHOLDER.sub("", text) or "}}" in PLACEHOLDER.sub("", text):
        known = ", ".join(f"{{{{{each}}}}}" for each in IN_SIGNATURES)
        raise WrongValue("a signature can have the placeholders %(known)s, and no others", known=known)
    if not text.strip() or not all(line.isprintable() for line in text.split("\n")):
        raise WrongValue("write lines of text that can be seen")
    return text.strip()


Signature = Annotated[str, Field(max_length=1000), AfterValidator(check_signature)]


class MailServer(Section):
    """A server that is talked to: where it is, how the line is secured, who we are there."""

    host: str = ""
    port: Port
    security: Literal["none", "starttls", "tls"] = "tls"
    user: str = ""
    password_file: str = ""

    @property
    def account(self) -> tuple[object, ...]:
        """What tells one account from another."""
        return (self.host.lower(), self.port, self.user)

    @model_validator(mode="after")
    def _check_security(self) -> MailServer:
        if self.security == "none" and self.host and self.host not in LOOPBACK:
            raise ValueError("security: none is for a server on this machine only; write starttls or tls")
        return self

    def password(self, variable: str, environment: Mapping[str, str]) -> str:
        """The password, from the environment or the file; empty without one. Raises ValueError."""
        if environment.get(variable) or not self.password_file:
            return environment.get(variable, "")
        try:
            return Path(self.password_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"password_file {self.password_file} can't be read ({error})") from error

    def check_password(self, variable: str, environment: Mapping[str, str]) -> None:
        """Raises ValueError when a user is set and there is no password for it."""
        if self.host and self.user and not self.password(variable, environment):
            raise ValueError(f"a user needs a password; put it into {variable} or name a password_file")


class Smtp(MailServer):
    """The server mail goes out through."""

    port: Port = 587
    security: Literal["none", "starttls", "tls"] = "starttls"


class Imap(MailServer):
    """The server mail is fetched from."""

    port: Port = 993
    folder: str = "INBOX"


def _check_name(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,29}", name):
        raise ValueError("a mailbox's name has at most 30 small letters, digits and hyphens, a letter first")
    return name


MailboxName = Annotated[str, AfterValidator(_check_name)]


class MailboxSettings(Section):
    """What a mailbox has: its address, whose conversations come there, and the servers it goes by."""

    address: str = ""
    sender_name: str = ""
    site: str = ""
    language: str = ""
    signatures: dict[Language, Signature] = {}
    plus_addressing: bool = False
    smtp: Smtp = Smtp()
    incoming: Literal["none", "imap", "maildir"] = "none"
    imap: Imap = Imap()
    maildir: str = ""

    @field_validator("address")
    @classmethod
    def _check_address(cls, address: str) -> str:
        if address and not ADDRESS.fullmatch(address):
            raise WrongValue("write one plain address, like help@shop.example, or leave it empty")
        return address

    @field_validator("sender_name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        if not name.isprintable() or len(name) > 100:
            raise WrongValue("write a name of one line and at most 100 characters")
        return name

    @model_validator(mode="after")
    def _check_way_in(self) -> Self:
        if self.incoming == "imap" and not self.imap.host:
            raise ValueError("incoming: imap needs imap.host")
        if self.incoming == "maildir" and not self.maildir:
            raise ValueError("incoming: maildir needs the folder's path in maildir")
        if self.plus_addressing and len(self.address.partition("@")[0]) > LONGEST_PLUS:
            raise WrongValue(
                "where mail to help+anything@… arrives too, our address can have %(most)s characters before the @",
                most=LONGEST_PLUS,
            ).in_file(f"with plus_addressing, at most {LONGEST_PLUS} characters may stand before the @ in address")
        return self


class FurtherMailbox(MailboxSettings):
    """One beside the first. Without a mail server of its own its mails go out through the first one's; without hours of
    its own it has the team's."""

    hours: Hours | None = None

    @model_validator(mode="after")
    def _check_own_address(self) -> FurtherMailbox:
        if not self.address:
            raise ValueError("a mailbox needs an address, like sales@shop.example")
        return self


@dataclass(frozen=True)
class Server:
    """A mail server of a mailbox; the unnamed one's stands directly below `mail`."""

    mailbox: str
    settings: Smtp | Imap

    @property
    def key(self) -> str:
        """Where it stands in config.yml, below `odziv`."""
        kind = "smtp" if isinstance(self.settings, Smtp) else "imap"
        return f"mail.mailboxes.{self.mailbox}.{kind}" if self.mailbox else f"mail.{kind}"

    @property
    def variable(self) -> str:
        """In which of the environment's variables its password may be: ODZIV_SMTP_PASSWORD_SALES."""
        common = SMTP_PASSWORD if isinstance(self.settings, Smtp) else IMAP_PASSWORD
        return f"{common}_{self.mailbox.upper().replace('-', '_')}" if self.mailbox else common

    def password(self, environment: Mapping[str, str]) -> str:
        """Empty without one. Raises ValueError."""
        return self.settings.password(self.variable, environment)


@dataclass(frozen=True)
class Mailbox:
    """One as it works; the first has the name "". `site` is never empty: the first one's where none is named."""

    name: str
    address: str
    sender_name: str
    site: str
    language: str
    signatures: Mapping[str, str]
    plus_addressing: bool
    incoming: str
    maildir: str
    smtp: Server
    imap: Server
    hours: Hours | None = None


class MailSettings(MailboxSettings):
    """E-mail. Without an address, which the desk may name, and a host none goes out; without a way in none comes.

    What stands here is a mailbox where it has an address; others stand in `mailboxes`, by name. The first of all is
    that of what belongs to none.
    """

    poll_seconds: Annotated[int, Field(ge=5, le=3600)] = 30
    automatic_per_hour: Annotated[int, Field(ge=1, le=100)] = 6
    transcripts_per_hour: Annotated[int, Field(ge=2, le=10_000)] = 60
    mailboxes: Annotated[dict[MailboxName, FurtherMailbox], Field(max_length=MOST_MAILBOXES)] = {}

    @model_validator(mode="after")
    def _check_together(self) -> MailSettings:
        if self.address and not self.smtp.host:
            raise WrongValue(
                "no mail server is named in config.yml yet, and until one is the address has to stay empty"
            ).in_file("to send mail, both address and smtp.host are needed; smtp.host is empty")
        if self.incoming != "none" and not self.smtp.host:
            raise ValueError("mail that comes in is answered, so address and smtp.host are needed too")
        if without := next((name for name, box in self.mailboxes.items() if not (box.smtp.host or self.smtp.host)), ""):
            raise ValueError(f"mailboxes.{without} needs smtp.host, its own or one for all directly below mail")
        self._check_apart()
        return self

    def _check_apart(self) -> None:
        """Two mailboxes with one address, or that read the same folder, would take each other's mails."""
        named: list[tuple[str, MailboxSettings]] = [("", self), *self.mailboxes.items()]
        _refuse_twice("address", ((name, box.address.lower()) for name, box in named if box.address))
        folders = ((name, (*box.imap.account, box.imap.folder)) for name, box in named if box.incoming == "imap")
        _refuse_twice("imap account and folder", folders)
        _refuse_twice("maildir", ((name, box.maildir) for name, box in named if box.incoming == "maildir"))

    def _all(self) -> list[tuple[str, MailboxSettings]]:
        """Those that work: what stands directly below `mail` is one where it has an address."""
        return [*([("", self)] if self.address else []), *self.mailboxes.items()]

    @property
    def is_on(self) -> bool:
        """Whether mail goes out."""
        return bool(self._all())

    @property
    def first_address(self) -> str:
        """The first mailbox's; empty while e-mail is off."""
        return next((box.address for _, box in self._all()), "")

    @property
    def domain(self) -> str:
        """What stands after the @ of that."""
        return self.first_address.partition("@")[2].lower()

    @property
    def domains(self) -> frozenset[str]:
        """Those of our addresses and of the accounts mail is sent and fetched with."""
        boxes = (self, *self.mailboxes.values())
        named = [each for box in boxes for each in (box.address, box.smtp.user, box.imap.user)]
        return frozenset(each.rpartition("@")[2].lower() for each in named if "@" in each)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Our addresses, the first mailbox's first."""
        return tuple(box.address for _, box in self._all())

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts mail is fetched from, in lower case, where their names are addresses: such mail comes to us."""
        users = [box.imap.user.lower() for _, box in self._all() if box.incoming == "imap"]
        return tuple(user for user in users if ADDRESS.fullmatch(user))

    @property
    def own(self) -> tuple[str, ...]:
        """Both."""
        return (*self.addresses, *self.accounts)

    def boxes(self, first_site: str) -> dict[str, Mailbox]:
        """All, by name, the first one first; those that name no site have `first_site`. Empty while e-mail is off."""
        return {name: self._work_out(name, box, first_site) for name, box in self._all()}

    def _work_out(self, name: str, box: MailboxSettings, first_site: str) -> Mailbox:
        return Mailbox(
            name=name,
            address=box.address,
            sender_name=box.sender_name,
            site=box.site or first_site,
            language=box.language,
            signatures=box.signatures,
            plus_addressing=box.plus_addressing,
            incoming=box.incoming,
            maildir=box.maildir,
            smtp=Server(name, box.smtp) if box.smtp.host else Server("", self.smtp),
            imap=Server(name, box.imap),
            hours=box.hours if isinstance(box, FurtherMailbox) else None,
        )

    def check_passwords(self, environment: Mapping[str, str]) -> None:
        """Raises ValueError with the key when a password is missing or can't be read."""
        for box in (self._work_out(name, each, "") for name, each in (("", self), *self.mailboxes.items())):
            servers = [box.smtp, *([box.imap] if box.incoming == "imap" else [])]
            for server in servers:
                try:
                    server.settings.check_password(server.variable, environment)
                except ValueError as error:
                    raise ValueError(f"odziv.{server.key}: {error}") from error


def _refuse_twice(what: str, named: Iterator[tuple[str, object]]) -> None:
    """Raises WrongValue where two mailboxes have the same."""
    found = list(named)
    twice = [value for value, count in Counter(value for _, value in found).items() if count > 1]
    if twice:
        names = " and ".join(f"mailboxes.{name}" if name else "mail itself" for name, value in found if value in twice)
        raise WrongValue("two mailboxes have the same address or read the same folder; each needs its own").in_file(
            f"{names} have the same {what}; each mailbox needs its own"
        )
