"""What `config.yml` may say of one site's customers: how they are verified, what they agree to, what greets them."""

from __future__ import annotations

import hashlib
from typing import Annotated

from pydantic import Field, field_validator

from odziv.settings.languages import Language
from odziv.settings.section import Section

Words = Annotated[str, Field(min_length=1, max_length=500)]


class Identity(Section):
    """The secrets a site signs its customers' tokens with, by the names of environment variables.

    Beside them, or without this, count the ones that `identity make-secret` wrote into the data folder.
    """

    secrets_env: tuple[Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")], ...] = ()


class Consent(Section):
    """What customers read, and agree to, before their first message is sent."""

    text: Annotated[dict[Language, Annotated[str, Field(min_length=1, max_length=2000)]], Field(min_length=1)]
    link: Annotated[str, Field(pattern=r"^(https?://[^\s\"<>]+)?$", max_length=500)] = ""

    def version(self, language: Language) -> str:
        """The fingerprint of what is shown in that language: SHA-256 of text, line break, link."""
        return hashlib.sha256(f"{self.text[language]}\n{self.link}".encode()).hexdigest()

    @property
    def versions(self) -> dict[str, str]:
        """The fingerprints by language."""
        return {str(language): self.version(language) for language in self.text}


class Proactive(Section):
    """A few words beside the button, for customers who have not asked yet."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]
    text: Annotated[dict[Language, Annotated[str, Field(min_length=1, max_length=200)]], Field(min_length=1)]
    page: Annotated[str, Field(pattern=r"^[/*][^\s?#]*$", max_length=200)] = "*"
    after_seconds: Annotated[int, Field(ge=3, le=3600)] = 20
    languages: tuple[Language, ...] = ()
    returning: bool | None = None


def check_ids(rules: tuple[Proactive, ...]) -> tuple[Proactive, ...]:
    """Raises ValueError when two rules have the same id."""
    ids = [rule.id for rule in rules]
    if len(set(ids)) < len(ids):
        raise ValueError("each rule needs an id of its own")
    return rules


class CustomerSettings(Section):
    """The part of a site that is about its customers."""

    identity: Identity = Identity()
    consent: Consent | None = None
    proactive: Annotated[tuple[Proactive, ...], Field(max_length=20)] = ()

    _check_ids = field_validator("proactive")(check_ids)
