"""What a rule would have met in the last days: counted and listed, with nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from odziv.cases.rules.matching import holds, load_several
from odziv.cases.rules.terms import read_terms
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.engine import DAY_MS
from odziv.store.rules.events import QUIET, Happened
from odziv.store.rules.facts import MOST_LOOKED_AT, Said, list_happened, list_quiet, list_recent, read_said
from odziv.store.rules.rules import Rule
from odziv.store.search.listing import Listed, load_listed

DAYS = 30
MOST_SHOWN = 50
AT_ONCE = 200


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
        for facts in load_several(store, happened):
            if holds(terms, facts, settings):
                met[facts.conversation.id] = None
                times += 1
    with store.read() as connection:
        return Met(times, len(met), load_listed(connection, list(met)[:MOST_SHOWN]))


def _list_candidates(store: Store, rule: Rule) -> Iterator[list[tuple[Happened, Said | None]]]:
    """What happened, some conversations at a time, the newest first."""
    now = store.clock()
    if rule.event == QUIET:
        with store.read() as connection:
            quiet = [one for one, _ in list_quiet(connection, rule, now, MOST_LOOKED_AT)]
            said = {one: read_said(connection, one, None) for one in quiet}
        yield [(Happened(0, one, QUIET, None, None, 0, now), said[one]) for one in quiet]
        return
    since = now - DAYS * DAY_MS
    with store.read() as connection:
        recent = list_recent(connection, since)
    for begin in range(0, len(recent), AT_ONCE):
        some = recent[begin : begin + AT_ONCE]
        with store.read() as connection:
            happened = list_happened(connection, rule, some, since)
        place = {one: number for number, one in enumerate(some)}
        yield sorted(happened, key=lambda each: place[each[0].conversation_id])
