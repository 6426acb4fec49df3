"""The `retention:` part of the settings: for how many days what is kept. Nothing is deleted until it says so."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from odziv.settings.section import Section

# Strict, since YAML reads `yes` as true, and true would be one day.
Days = Annotated[int, Field(strict=True, ge=0, le=36_500)]
SiteKind = Literal["conversations", "attachments", "mail", "ratings"]
SITE_KINDS: tuple[SiteKind, ...] = ("conversations", "attachments", "mail", "ratings")


class SiteRetention(Section):
    """What holds for one site instead; what is not named is as for all."""

    conversations: Days | None = None
    attachments: Days | None = None
    mail: Days | None = None
    ratings: Days | None = None


class Retention(Section):
    """For how many days each kind is kept; 0: without an end."""

    conversations: Days = 0
    attachments: Days = 0
    mail: Days = 0
    ratings: Days = 0
    audit: Days = 0
    logs: Days = 0
    sites: dict[str, SiteRetention] = {}

    @field_validator("conversations", "attachments", "mail", "ratings", "audit", "logs", mode="before")
    @classmethod
    def _read_off(cls, value: object) -> object:
        return 0 if value is False else value  # YAML takes a bare off for false

    def days_of(self, kind: SiteKind, site: str | None) -> int:
        """For how many days a site's are kept; None: those of every site that says nothing of its own."""
        own = getattr(self.sites[site], kind) if site in self.sites else None
        return int(getattr(self, kind) if own is None else own)

    @property
    def is_on(self) -> bool:
        """Whether anything is deleted at all."""
        sites = (None, *self.sites)
        return bool(self.audit or self.logs or any(self.days_of(kind, site) for kind in SITE_KINDS for site in sites))
