"""What a rule would have met in the last days: counted and listed, with nothing changed."""

from __future__ import annotations

from dataclasses import dataclass

from odziv.cases.rules.matching import holds, load_facts
from odziv.cases.rules.terms import read_terms
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.engine import DAY_MS
from odziv.store.rules.events import QUIET, Happened
from odziv.store.rules.facts import MOST_LOOKED_AT, list_happened, list_quiet
from odziv.store.rules.rules import Rule
from odziv.store.search.listing import Listed, load_listed

DAYS = 30
MOST_SHOWN = 50


@dataclass(frozen=True)
class Met:
    """How often the rule would have run, in how many conversations, and the newest of these."""

    times: int
    count: int
    newest: list[Listed]


def try_rule(store: Store, settings: Settings, rule: Rule) -> Met:
    """Looks through the last DAYS, by what is known of each conversation now; of a rule about time, through what is
    silent now. Raises Refused for a rule that can't be read."""
    terms, met, times = read_terms(rule), dict[str, None](), 0
    for happened in _list_candidates(store, rule):
        facts = load_facts(store, happened)
        if facts is not None and holds(terms, facts, settings):
            met[happened.conversation_id] = None
            times += 1
    with store.read() as connection:
        return Met(times, len(met), load_listed(connection, list(met)[:MOST_SHOWN]))


def _list_candidates(store: Store, rule: Rule) -> list[Happened]:
    now = store.clock()
    with store.read() as connection:
        if rule.event != QUIET:
            return list(list_happened(connection, rule, now - DAYS * DAY_MS))
        quiet = list_quiet(connection, rule, now, MOST_LOOKED_AT)
    return [Happened(0, conversation_id, QUIET, None, None, 0, now) for conversation_id, _ in quiet]
