"""How far a new installation is on its way from the demo to a site of its own: by facts, never ticked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kb.demo_articles import is_demo
from kb.sources.articles import Article
from odziv.settings import Settings, Site
from odziv.settings.load import DEMO
from odziv.store import Store
from odziv.store.agents.agent import list_agents
from odziv.store.engine import DAY_MS
from odziv.store.settings.first_steps import DISMISSED, TAG, list_sightings, read_notes

STEPS = ("site", "origin", "look", "tag", "article", "colleague", "mail")


@dataclass(frozen=True)
class FirstSteps:
    """Which steps are done, and what each was seen from."""

    done: dict[str, bool]
    is_put_away: bool
    own_sites: dict[str, Site]
    seen: dict[str, int]  # the own sites' origins on which the widget was loaded within a day, and when
    tag: dict[str, Any] | None  # what the last look at a page found
    demo_articles: int
    own_articles: int

    @property
    def left(self) -> int:
        """How many steps are missing."""
        return sum(not done for done in self.done.values())

    @property
    def is_shown(self) -> bool:
        """Whether people are to be reminded."""
        return self.left > 0 and not self.is_put_away


def look_at_first_steps(store: Store, settings: Settings, articles: Sequence[Article | None]) -> FirstSteps:
    """As things are now; `articles` are those that are served."""
    notes, now = read_notes(store), store.clock()
    own = {key: site for key, site in settings.sites.items() if DEMO.get(key) is None or site.name != DEMO[key].name}
    origins = {origin for site in own.values() for origin in site.origins}
    seen = {origin: at for origin, at in list_sightings(store).items() if origin in origins and now - at < DAY_MS}
    tag = notes[TAG].value | {"at": notes[TAG].noted_at} if TAG in notes else None
    demo = sum(article is not None and is_demo(article) for article in articles)
    done = {
        "site": bool(own),
        "origin": bool(origins),
        "look": any(site.color or site.greeting or site.launcher for site in own.values()),
        "tag": bool(seen) or (tag is not None and tag["outcome"] == "found" and tag["site"] in own),
        "article": any(article is not None for article in articles) and demo < len(articles),
        "colleague": sum(not agent.disabled for agent in list_agents(store)) > 1,
        "mail": settings.mail.is_on,
    }
    return FirstSteps(done, DISMISSED in notes, own, seen, tag, demo, len(articles) - demo)
