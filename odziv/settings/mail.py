"""The `mail:` part of the settings: e-mail out (SMTP) and in (IMAP or a maildir). Everything is off until it is set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from odziv.settings.languages import Language
from odziv.settings.section import Section

ADDRESS = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
LONGEST_PLUS = 31  # of an address's 64 characters before the @, a reply's token takes 33
SMTP_PASSWORD, IMAP_PASSWORD = "ODZIV_SMTP_PASSWORD", "ODZIV_IMAP_PASSWORD"
Port = Annotated[int, Field(ge=1, le=65535)]
PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
# What may stand for something in a signature.
IN_SIGNATURES = ("agent.name", "agent.title", "site.name")


def check_signature(text: str) -> str:
    """Raises ValueError for a placeholder that a signature can't have, or half of one, or a sign that can't be seen."""
    wrong = [each for each in PLACEHOLDER.findall(text) if each.strip() not in IN_SIGNATURES]
    if wrong or "{{" in PLACEHOLDER.sub("", text) or "}}" in PLACEHOLDER.sub("", text):
        known = ", ".join(f"{{{{{each}}}}}" for each in IN_SIGNATURES)
        raise ValueError(f"a signature can have the placeholders {known}, and no others")
    if not text.strip() or not all(line.isprintable() for line in text.split("\n")):
        raise ValueError("write lines of text that can be seen")
    return text.strip()


Signature = Annotated[str, Field(max_length=1000), AfterValidator(check_signature)]


class MailServer(Section):
    """A server that is talked to: where it is, how the line is secured, who we are there."""

    host: str = ""
    port: Port
    security: Literal["none", "starttls", "tls"] = "tls"
    user: str = ""
    password_file: str = ""

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


class MailSettings(Section):
    """E-mail. Without an address, which the desk may name, and a host none goes out; without a way in none comes."""

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
    poll_seconds: Annotated[int, Field(ge=5, le=3600)] = 30
    automatic_per_hour: Annotated[int, Field(ge=1, le=100)] = 6
    transcripts_per_hour: Annotated[int, Field(ge=2, le=10_000)] = 60

    @field_validator("address")
    @classmethod
    def _check_address(cls, address: str) -> str:
        if address and not ADDRESS.fullmatch(address):
            raise ValueError("write one plain address, like help@shop.example, or leave it empty")
        return address

    @field_validator("sender_name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        if not name.isprintable() or len(name) > 100:
            raise ValueError("write a name of one line and at most 100 characters")
        return name

    @model_validator(mode="after")
    def _check_together(self) -> MailSettings:
        if self.address and not self.smtp.host:
            raise ValueError("to send mail, both address and smtp.host are needed; smtp.host is empty")
        if self.incoming != "none" and not self.smtp.host:
            raise ValueError("mail that comes in is answered, so address and smtp.host are needed too")
        if self.incoming == "imap" and not self.imap.host:
            raise ValueError("incoming: imap needs imap.host")
        if self.incoming == "maildir" and not self.maildir:
            raise ValueError("incoming: maildir needs the folder's path in maildir")
        if self.plus_addressing and len(self.address.partition("@")[0]) > LONGEST_PLUS:
            raise ValueError(
                f"with plus_addressing, at most {LONGEST_PLUS} characters may stand before the @ in address"
            )
        return self

    @property
    def is_on(self) -> bool:
        """Whether mail goes out."""
        return bool(self.address)

    @property
    def domain(self) -> str:
        """What stands after the @ of our address."""
        return self.address.partition("@")[2].lower()

    @property
    def domains(self) -> frozenset[str]:
        """Those of our address and of the accounts it is sent and fetched with."""
        named = (self.address, self.smtp.user, self.imap.user)
        return frozenset(each.rpartition("@")[2].lower() for each in named if "@" in each)

    @property
    def mailbox(self) -> str:
        """The account mail is fetched from, in lower case, where its name is an address; else empty."""
        user = self.imap.user.lower() if self.incoming == "imap" else ""
        return user if ADDRESS.fullmatch(user) else ""

    def check_passwords(self, environment: Mapping[str, str]) -> None:
        """Raises ValueError with the key when a password is missing or can't be read."""
        servers: list[tuple[str, Smtp | Imap, str]] = [("smtp", self.smtp, SMTP_PASSWORD)]
        if self.incoming == "imap":
            servers.append(("imap", self.imap, IMAP_PASSWORD))
        for key, server, variable in servers:
            try:
                server.check_password(variable, environment)
            except ValueError as error:
                raise ValueError(f"odziv.mail.{key}: {error}") from error
