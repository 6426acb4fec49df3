"""Asks the rules about what happened, from the rows that say so, and once a minute about what is silent.

What one rule does is in the transaction that says it was asked: nothing is lost when this is killed, or done twice.
"""

from __future__ import annotations

from functools import partial

import structlog

from odziv.cases.refused import Refused
from odziv.cases.rules.matching import holds, load_facts
from odziv.cases.rules.running import run_rule
from odziv.cases.rules.terms import Terms, read_terms
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.engine import Joined, StoreFailed
from odziv.store.queue import Worker
from odziv.store.rules.events import (
    BEGUN,
    CUSTOMER_WROTE,
    QUIET,
    Happened,
    find_next_event,
    finish_event,
    forget_events,
    take_event,
)
from odziv.store.rules.facts import list_quiet, note_silence
from odziv.store.rules.rules import Rule, list_listening, list_rules

log = structlog.get_logger()
QUIET_LOOK_MS = 60_000
MOST_ATTEMPTS = 3
SILENCES_AT_ONCE = 200


class RulesAtWork(Worker):
    """Sleeps until something happens. Several may be at work: each row is one's, and so is each silence."""

    def __init__(self, store: Store, settings: Settings) -> None:
        super().__init__(store, "rules", self._answer_next, partial(find_next_event, store))
        self.settings, self._quiet_at = settings, 0

    def _run_once(self) -> float | None:
        return self.look()

    def look(self) -> float | None:
        """Answers to what happened, and to what is silent; returns the seconds until the next look."""
        self.work_off()
        now = self._store.clock()
        if now >= self._quiet_at or now < self._quiet_at - QUIET_LOOK_MS:
            self._quiet_at = now + QUIET_LOOK_MS
            self.look_for_silences()
            forget_events(self._store)
        return self.seconds_to_next()

    def look_for_silences(self) -> None:
        """Asks the rules about time, of each conversation once for a silence: when it has lasted long enough."""
        for rule in [one for one in list_rules(self._store) if one.event == QUIET and one.is_on]:
            with self._store.read() as connection:
                quiet = list_quiet(connection, rule, self._store.clock(), SILENCES_AT_ONCE)
            for conversation_id, seq in quiet:
                self._answer_silence(rule, conversation_id, seq)

    def _answer_silence(self, rule: Rule, conversation_id: str, seq: int) -> None:
        happened, terms = Happened(0, conversation_id, QUIET, None, None, 0, self._store.clock()), self._read(rule)
        if terms is None:
            return
        try:
            with self._store.write() as connection:
                connection.info["by_rule"] = True
                if note_silence(connection, rule, conversation_id, seq):
                    self._ask_all(Joined(connection), [(rule, terms)], happened)
        except StoreFailed:
            log.exception("rule_failed", rule=rule.id, conversation=conversation_id)

    def _answer_next(self) -> bool:
        happened = take_event(self._store)
        if happened is None:
            return False
        try:
            self._answer(happened)
        except StoreFailed:  # asked again when the lease is over
            log.exception("rules_failed", conversation=happened.conversation_id, attempt=happened.attempts)
            if happened.attempts >= MOST_ATTEMPTS:
                with self._store.write() as connection:
                    finish_event(connection, happened, "failed")
        return True

    def _answer(self, happened: Happened) -> None:
        """All rules that listen, one after the other, in one transaction: each meets what those before it did.

        A look first, without the lock: mostly none has anything to do, and whoever writes need not wait for that.
        """
        events = (CUSTOMER_WROTE, BEGUN) if happened.event == CUSTOMER_WROTE else (happened.event,)
        with self._store.read() as connection:
            listening = [(rule, terms) for rule in list_listening(connection, events, happened.created_at)
                         if (terms := self._read(rule)) is not None]  # fmt: skip
        facts = load_facts(self._store, happened)
        may_run = [one for one in listening if facts is not None and holds(one[1], facts, self.settings)]
        with self._store.write() as connection:
            if not finish_event(connection, happened):
                return
            connection.info["by_rule"] = True
            # What a rule did may have others hold, or hold no more: from the first on, all are asked anew.
            self._ask_all(Joined(connection), listening if may_run else [], happened)

    def _ask_all(self, store: Store, listening: list[tuple[Rule, Terms]], happened: Happened) -> None:
        facts = load_facts(store, happened) if listening else None
        for rule, terms in listening:
            if facts is not None and holds(terms, facts, self.settings):
                run_rule(store, self.settings, rule, terms, facts)
                log.info("rule_ran", rule=rule.id, conversation=happened.conversation_id)
                facts = load_facts(store, happened)

    def _read(self, rule: Rule) -> Terms | None:
        try:
            return read_terms(rule)
        except Refused:
            log.warning("rule_unreadable", rule=rule.id)
            return None
