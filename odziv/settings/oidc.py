"""The `oidc:` part of the settings: agents sign in at an identity provider, by OpenID Connect. Off until it is set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from odziv.settings.mail import LOOPBACK
from odziv.settings.section import Section

OIDC_SECRET = "ODZIV_OIDC_SECRET"
LONGEST_ISSUER = 255
SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,100}")
DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
Role = Literal["agent", "editor", "admin"]
RANKS: tuple[Role, ...] = ("admin", "editor", "agent")


class OidcSettings(Section):
    """Sign-in at an identity provider. Without an issuer, agents have passwords here."""

    issuer: str = ""
    client_id: Annotated[str, Field(max_length=255)] = ""
    secret_file: str = ""
    name: Annotated[str, Field(max_length=40)] = ""
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    role_claim: Annotated[str, Field(max_length=200)] = ""
    roles: dict[str, Role] = {}
    other_role: Literal["none", "agent", "editor", "admin"] = "none"
    email_domains: tuple[str, ...] = ()
    trust_email: bool = False
    match_email: bool = False
    make_accounts: bool = False
    second_factor: Literal["ours", "amr", "theirs"] = "amr"
    only: bool = False
    break_glass: tuple[str, ...] = ()

    @field_validator("issuer")
    @classmethod
    def _check_issuer(cls, issuer: str) -> str:
        if issuer and (len(issuer) > LONGEST_ISSUER or not is_safe_url(issuer) or urlsplit(issuer).query):
            raise ValueError(
                "write the issuer as its provider states it, with https, like https://login.example.com/realms/shop"
            )
        return issuer

    @field_validator("name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        if not name.isprintable():
            raise ValueError("write a name of one line, as the button is to have it")
        return name

    @field_validator("scopes")
    @classmethod
    def _check_scopes(cls, scopes: tuple[str, ...]) -> tuple[str, ...]:
        if "openid" not in scopes or not all(SCOPE.fullmatch(scope) for scope in scopes):
            raise ValueError("write a list of scopes with openid among them, like [openid, email, profile]")
        return scopes

    @field_validator("email_domains")
    @classmethod
    def _check_domains(cls, domains: tuple[str, ...]) -> tuple[str, ...]:
        for domain in domains:
            if not DOMAIN.fullmatch(domain.lower()):
                raise ValueError(f"{domain!r} is no domain; write what stands behind the @, like shop.example")
        return tuple(domain.lower() for domain in domains)

    @field_validator("break_glass")
    @classmethod
    def _check_break_glass(cls, emails: tuple[str, ...]) -> tuple[str, ...]:
        for email in emails:
            if "@" not in email:
                raise ValueError(f"{email!r} is no e-mail address; write those of accounts here")
        return tuple(email.strip().casefold() for email in emails)

    @model_validator(mode="after")
    def _check_together(self) -> OidcSettings:
        if bool(self.issuer) != bool(self.client_id):
            raise ValueError("to sign in at a provider, both issuer and client_id are needed")
        if bool(self.roles) != bool(self.role_claim):
            raise ValueError("role_claim names the claim, and roles says which of its values is which role; write both")
        if self.make_accounts and not self.roles and self.other_role == "none":
            raise ValueError("make_accounts needs a role for new accounts: role_claim and roles, or other_role")
        if self.only and not (self.issuer and self.break_glass):
            raise ValueError(
                "only needs an issuer, and in break_glass the e-mail address of an account here that keeps its "
                "password, for the day when the provider is away"
            )
        return self

    @property
    def is_on(self) -> bool:
        """Whether agents can sign in at a provider."""
        return bool(self.issuer)

    @property
    def label(self) -> str:
        """What the provider is called: its name, else its host."""
        return self.name or (urlsplit(self.issuer).hostname or "")

    def allows_password(self, email: str) -> bool:
        """Whether the account of this address may sign in with a password."""
        return not self.only or email.strip().casefold() in self.break_glass

    def secret(self, environment: Mapping[str, str]) -> str:
        """What the provider knows us by, from the environment or the file; empty for a client without one.

        Raises ValueError.
        """
        if environment.get(OIDC_SECRET) or not self.secret_file:
            return environment.get(OIDC_SECRET, "")
        try:
            secret = Path(self.secret_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"odziv.oidc.secret_file {self.secret_file} can't be read ({error})") from error
        if not secret:
            raise ValueError(f"odziv.oidc.secret_file {self.secret_file} is empty")
        return secret


def is_safe_url(url: str) -> bool:
    """Whether this is an address that may be asked: https, or http on this machine only; nothing odd in it."""
    if not url.isascii() or any(not 32 < ord(letter) < 127 or letter in "\"'<>\\^`{|}#" for letter in url):
        return False
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        return False
    if not host or port == 0 or parts.username is not None or parts.password is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
