"""What the settings say, as rules: of which sites, which kind, from before which moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from odziv.settings import Settings
from odziv.settings.retention import SITE_KINDS, SiteKind
from odziv.store.engine import DAY_MS
from odziv.store.retention.scope import Scope


@dataclass(frozen=True)
class Rule:
    """Of the sites in `scope`, what is of this kind is kept for so many days."""

    kind: SiteKind
    days: int
    scope: Scope

    @property
    def where(self) -> str:
        """The site, as an operator reads it."""
        return self.scope.site or ("other sites" if self.scope.others else "all sites")


def list_rules(settings: Settings, now: int) -> Iterator[Rule]:
    """Those that delete something. Whole conversations come first, and parts of those that are left after them."""
    retention = settings.retention
    for kind in SITE_KINDS:
        own = tuple(site for site, rules in retention.sites.items() if getattr(rules, kind) is not None)
        for site in (None, *own):
            if days := retention.days_of(kind, site):
                scope = Scope(site, own if site is None else (), now - days * DAY_MS)
                yield Rule(kind, days, scope)
