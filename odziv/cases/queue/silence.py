"""Idle conversations: a customer whom an agent has answered, and who is silent, gets a word; then it is closed.

Who writes again opens it, and finds the agent they had, when that one is there.
"""

from __future__ import annotations

import structlog

from kb.render import render
from odziv.cases.conversations.entries import system_notice
from odziv.processes.periodic import PeriodicTask
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.conversations.messages import NewMessage
from odziv.store.handoffs.silence import close_silent, list_over, list_waiting_for_word, tell_silent
from odziv.texts.notices import notice

log = structlog.get_logger()
LOOK_SECONDS = 60.0
HOUR_MS = 60 * 60_000


class SilentConversations(PeriodicTask):
    """Looks once a minute, in a thread of its own; does nothing where `desk.auto_close` is off."""

    def __init__(self, store: Store, settings: Settings) -> None:
        super().__init__("silent-conversations", pause=LOOK_SECONDS, first=LOOK_SECONDS)
        self._store, self.settings = store, settings

    def _run_once(self) -> None:
        self.look()

    def look(self) -> None:
        """Closes those that were told long enough ago, then tells those that are silent for long enough."""
        wanted = self.settings.desk.auto_close
        if not wanted.word_hours:
            return
        now = self._store.clock()
        told_before, before = (now - hours * HOUR_MS for hours in (wanted.close_hours, wanted.word_hours))
        for silent in list_over(self._store, told_before):
            if close_silent(self._store, silent, told_before, system_notice("silence_closed", silent.language)):
                log.info("closed_silent", conversation=silent.conversation_id)
        for silent in list_waiting_for_word(self._store, before):
            words = (_word(silent.language, by_mail=by_mail) for by_mail in (False, True))
            if tell_silent(self._store, silent, before, *words):
                log.info("told_silent", conversation=silent.conversation_id)


def _word(language: str, *, by_mail: bool) -> NewMessage:
    text = notice("silence_word", language, by_mail=by_mail)
    return NewMessage(sender="system", text=text, html=render(text))
