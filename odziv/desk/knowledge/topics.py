"""Topics of the library: what customers ask and no article answers, and what articles seem to answer unsaid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from flask import flash, make_response, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from kb.model.proposals import Proposal
from kb.sources.articles import relative_name
from odziv.cases.learning import topics as learning
from odziv.cases.refused import Kind, Refused
from odziv.desk.frame.errors import STATUSES
from odziv.desk.frame.labels import link_article
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import EDITOR, action, page
from odziv.store import Store
from odziv.store.customers.personal_data import without_personal_data
from odziv.store.knowledge.topic_gaps import Example, TopicGap, list_topic_gaps
from odziv.texts.desk import N_, _, spoken
from odziv.web.forms import Form, read_form
from odziv.web.services import services

DAYS = 90
DONE_ALREADY = N_("That was done already.")  # a second click
MOST_ARTICLES = 50


class TopicForm(Form):
    """An article and a topic."""

    article: str = ""
    topic: str = ""


@dataclass(frozen=True)
class Gap:
    """A topic without an article: its name for agents, and what customers asked, newest first."""

    name: str
    gap: TopicGap
    examples: list[tuple[str, str, str, int]]  # words, language, conversation, number of the message
    drafts: dict[str, str]  # by language: the file of a draft about it


@dataclass(frozen=True)
class Group:
    """The topics proposed for one article, with their names; no `url` when customers are not given it."""

    article: str
    title: str
    language: str
    url: str | None
    entries: list[tuple[str, Proposal]]


@page("/topics", needs=EDITOR)
def show_topics() -> str:
    """Topics without an article, those asked about most first; then what is proposed, by article."""
    return _page()


@action("/topics/accept", needs=EDITOR)
def accept_topic() -> AnyResponse:
    """Writes a topic into an article's files; 409, with nothing written, when that can't be."""
    return _carry_out(learning.accept_topic, N_("Written to %(names)s."))


@action("/topics/deny", needs=EDITOR)
def deny_topic() -> AnyResponse:
    """Writes that an article does not answer a topic; it is not proposed again."""
    return _carry_out(learning.deny_topic, N_("Noted as no topic of it in %(names)s."))


def _carry_out(verb: Callable[..., list[str]], done: str) -> AnyResponse:
    sent, store, agent = read_form(TopicForm), services().store, current_user.agent
    try:
        names = verb(store, services().kb, agent, sent.article, sent.topic)
    except Refused as problem:
        if problem.kind is Kind.NOT_FOUND:
            raise
        return make_response(_page(problem.problem), STATUSES[problem.kind])
    flash(_(done, names=", ".join(names)) if names else _(DONE_ALREADY))
    return redirect(url_for("desk.show_topics", _anchor="proposed"), 303)


def _page(problem: str = "") -> str:
    topics = services().kb.topics
    groups = group_proposals(topics.proposals())
    return show_page(
        "desk/knowledge/topics.html",
        "topics",
        is_on=topics.is_on,
        gaps=list_gaps(services().store),
        groups=groups[:MOST_ARTICLES],
        more=max(0, len(groups) - MOST_ARTICLES),
        days=DAYS,
        problem=problem,
    )


def list_gaps(store: Store) -> list[Gap]:
    """The topics that customers asked about and that no published article answers by now."""
    topics = services().kb.topics
    open_gaps = [
        gap for gap in list_topic_gaps(store, DAYS) if topics.has(gap.topic) and not topics.is_answered(gap.topic)
    ]
    return [Gap(topics.name(gap.topic, spoken()), gap, _examples(gap), _drafts(gap.topic)) for gap in open_gaps]


def _drafts(topic: str) -> dict[str, str]:
    kb = services().kb
    return {d.language: relative_name(d.path, kb.folder) for d in kb.drafts if topic in d.every_topic}


def _examples(gap: TopicGap) -> list[tuple[str, str, str, int]]:
    return [(words_of(e), e.language, e.conversation_id, e.seq) for e in gap.examples]


def words_of(example: Example) -> str:
    """A customer's question on one line, without what looks like personal data."""
    return " ".join(without_personal_data(example.text, [example.name] if example.name else []).split())


def group_proposals(proposals: list[Proposal]) -> list[Group]:
    """The proposals by article; the article with the surest one first."""
    by_article = sorted(proposals, key=lambda each: each.article)
    groups = [_group(article, list(found)) for article, found in groupby(by_article, key=lambda each: each.article)]
    return sorted(groups, key=lambda group: -max(each.sure for _name, each in group.entries))


def _group(article: str, proposals: list[Proposal]) -> Group:
    topics, version = services().kb.topics, services().kb.article(article, services().settings.default_language)
    entries = [(topics.name(each.topic, spoken()), each) for each in proposals]
    if version is None:
        return Group(article, article, spoken(), None, entries)
    url = link_article({"article": article, "language": version.language})
    return Group(article, version.title, version.language, url, entries)
