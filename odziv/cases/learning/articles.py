"""Writing articles that nobody proposed: one about a topic that customers asked for, or the library's first drafts."""

from __future__ import annotations

from collections.abc import Sequence

from kb.served import ServedArticles
from kb.sources.editing import NotWritten
from kb.sources.first_drafts import Written, write_drafts
from odziv.cases.conversations.propose import check_fields
from odziv.cases.learning.drafts import check_complete, compose
from odziv.cases.learning.wording import say_reason
from odziv.cases.refused import Kind, Refused
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.audit import record_alone
from odziv.texts.desk import _


def write_article(
    store: Store,
    settings: Settings,
    kb: ServedArticles,
    agent: Agent,
    fields: dict[str, str],
    *,
    slug: str,
    status: str,
    topics: Sequence[str],
) -> str:
    """Writes a new article about topics of the library; `fields` are those of `check_fields`. Returns the file's name.

    Raises Refused, with nothing written, when it can't be.
    """
    fields = check_fields(settings, **fields)
    check_complete(fields, status)
    for topic in topics:
        if not kb.topics.has(topic):
            raise Refused(Kind.INVALID, _("There is no topic %(topic)s in the library.", topic=topic))
    try:
        name = kb.write_article(compose(fields, slug, status, topics))
    except NotWritten as problem:
        raise Refused(Kind.CONFLICT, say_reason(problem.reason)) from problem
    record_alone(store, "article_written", agent.id, f"article:{fields['category']}/{slug}", file=name)
    return name


def make_first_drafts(
    store: Store, settings: Settings, kb: ServedArticles, agent: Agent, languages: Sequence[str]
) -> Written:
    """Writes the library's drafts in some of the languages that are served. Raises Refused."""
    if not languages or not set(languages) <= set(settings.languages):
        raise Refused(Kind.INVALID, _("Please choose at least one of the languages served here."))
    try:
        kb.check_is_there()
        written = write_drafts(kb.folder, languages, kb.every_article)
    except NotWritten as problem:
        raise Refused(Kind.CONFLICT, say_reason(problem.reason)) from problem
    if written.new:
        record_alone(store, "first_drafts_written", agent.id, articles=len(written.new), languages=",".join(languages))
    return written
