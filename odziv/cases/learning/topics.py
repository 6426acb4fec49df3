"""Deciding about a topic that an article seems to answer: its files name it as theirs, or as not theirs."""

from __future__ import annotations

from kb.served import ServedArticles
from kb.sources.editing import NotWritten
from odziv.cases.learning.wording import say_reason
from odziv.cases.refused import Kind, Refused
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.audit import record_alone
from odziv.texts.desk import _


def accept_topic(store: Store, kb: ServedArticles, agent: Agent, article: str, topic: str) -> list[str]:
    """Writes the topic into the article's files of all languages; returns their names, none where they have it.

    Raises Refused, with nothing written, when it can't be.
    """
    return _decide(store, kb, agent, article, topic, "accepted")


def deny_topic(store: Store, kb: ServedArticles, agent: Agent, article: str, topic: str) -> list[str]:
    """Writes that the article does not answer the topic, so that it isn't proposed again. Returns, raises as above."""
    return _decide(store, kb, agent, article, topic, "denied")


def _decide(store: Store, kb: ServedArticles, agent: Agent, article: str, topic: str, status: str) -> list[str]:
    topics = kb.topics
    if not topics.has(topic):
        raise Refused(Kind.NOT_FOUND, _("There is no such topic in the library."))
    write = topics.accept if status == "accepted" else topics.deny
    try:
        names = write(article, topic)
    except NotWritten as problem:
        raise Refused(Kind.CONFLICT, say_reason(problem.reason)) from problem
    if names:
        record_alone(store, f"topic_{status}", agent.id, f"article:{article}", topic=topic)
    return names
