"""Which rows are meant: those of one site, or of all that have no rule of their own, from before a moment."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement

from odziv.store.schema import conversations

# Whoever waits for a person, or is with one, keeps everything, however old.
OVER = ("bot", "resolved", "spam")


@dataclass(frozen=True)
class Scope:
    """Rows of `site`, or of every site but `others` where that is None; from before `before` (ms since 1970)."""

    site: str | None
    others: tuple[str, ...]
    before: int

    def is_of(self, site: ColumnElement[str]) -> ColumnElement[bool]:
        """Whether a row is of these sites."""
        return site.not_in(self.others) if self.site is None else site == self.site

    @property
    def is_over(self) -> ColumnElement[bool]:
        """Whether a conversation of these sites waits for nobody."""
        return self.is_of(conversations.c.site) & conversations.c.status.in_(OVER)


@dataclass(frozen=True)
class Found:
    """How many there are, and from when the oldest is; None where there is none."""

    count: int
    oldest: int | None
