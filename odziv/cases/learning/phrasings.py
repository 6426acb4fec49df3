"""Deciding about a proposed phrasing: it goes into its article's file, or is never asked about again."""

from __future__ import annotations

import threading

from kb.served import ServedArticles
from kb.sources.editing import NotWritten
from odziv.cases.learning.wording import say_reason
from odziv.cases.refused import Kind, Refused
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.knowledge.phrasings import Phrasing, decide_phrasing, find_phrasing
from odziv.texts.desk import N_, _

DECIDED = {
    "accepted": N_("Somebody has accepted this already."),
    "dismissed": N_("Somebody has dismissed this already."),
}
# File and database can't change in one step. One decision at a time: nothing that is dismissed meanwhile gets written,
# and after a crash in between the phrasing is still proposed, and said to be in the file when accepted again.
_deciding = threading.Lock()


def accept_phrasing(store: Store, kb: ServedArticles, agent: Agent, phrasing_id: int, text: str) -> str | None:
    """Adds the words, as edited, to the article's file; returns its name, or None where this agent did that before.

    Raises Refused, with nothing written, when it can't be.
    """
    with _deciding:
        phrasing = _find(store, agent, phrasing_id, "accepted")
        if phrasing is None:
            return None
        try:
            name = kb.add_phrasing(phrasing.article, phrasing.language, text)
        except NotWritten as problem:
            raise Refused(Kind.CONFLICT, say_reason(problem.reason)) from problem
        decide_phrasing(store, phrasing_id, "accepted", agent.id)
        return name


def dismiss_phrasing(store: Store, agent: Agent, phrasing_id: int) -> bool:
    """Sees to it that the same words never come back for this article and language.

    False where this agent did that before. Raises Refused.
    """
    with _deciding:
        if _find(store, agent, phrasing_id, "dismissed") is None:
            return False
        decide_phrasing(store, phrasing_id, "dismissed", agent.id)
        return True


def _find(store: Store, agent: Agent, phrasing_id: int, status: str) -> Phrasing | None:
    """The phrasing; None where this agent made it `status` already: a second click. Raises Refused."""
    phrasing = find_phrasing(store, phrasing_id)
    if phrasing is None:
        raise Refused(Kind.NOT_FOUND, _("There is no such phrasing."))
    if phrasing.status == status and phrasing.decided_by == agent.id:
        return None
    if phrasing.status != "proposed":
        raise Refused(Kind.CONFLICT, _(DECIDED[phrasing.status]))
    return phrasing
