"""Deciding about a proposed article: put right, written as a file of the knowledge base, or dismissed."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from kb.served import ServedArticles
from kb.sources.drafting import NewArticle
from kb.sources.editing import NotWritten
from odziv.cases.conversations.propose import check_fields
from odziv.cases.learning.phrasings import DECIDED
from odziv.cases.learning.wording import say_reason
from odziv.cases.refused import Kind, Refused
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.customers.personal_data import has_placeholder
from odziv.store.knowledge.drafts import ArticleDraft, decide_draft, find_draft
from odziv.store.knowledge.drafts import save_draft as keep_fields
from odziv.texts.desk import _

STATUSES = ("published", "draft")
# One decision at a time: nothing that is dismissed meanwhile gets written.
_deciding = threading.Lock()


def save_draft(store: Store, settings: Settings, draft_id: int, fields: dict[str, str]) -> None:
    """Keeps an editor's changes without deciding; `fields` are those of `check_fields`. Raises Refused."""
    with _deciding:
        draft = _find(store, draft_id)
        keep_fields(store, draft.id, **check_fields(settings, **fields))


def accept_draft(
    store: Store,
    settings: Settings,
    kb: ServedArticles,
    agent: Agent,
    draft_id: int,
    fields: dict[str, str],
    *,
    slug: str,
    status: str,
) -> str:
    """Writes the article, as edited, as the file `slug` with one of STATUSES; returns the file's name.

    Raises Refused, with nothing written, when it can't be. Writes, then decides: a crash in between leaves a proposal
    that says the file is there.
    """
    with _deciding:
        draft = _find(store, draft_id)
        fields = check_fields(settings, **fields)
        check_complete(fields, status)
        try:
            name = kb.write_article(compose(fields, slug, status))
        except NotWritten as problem:
            raise Refused(Kind.CONFLICT, say_reason(problem.reason)) from problem
        keep_fields(store, draft.id, **fields)
        decide_draft(store, draft.id, "accepted", agent.id, name)
        return name


def dismiss_draft(store: Store, agent: Agent, draft_id: int) -> None:
    """Takes the proposal off the list. Raises Refused."""
    with _deciding:
        decide_draft(store, _find(store, draft_id).id, "dismissed", agent.id)


def _find(store: Store, draft_id: int) -> ArticleDraft:
    """The draft, which is still proposed. Raises Refused."""
    draft = find_draft(store, draft_id)
    if draft is None:
        raise Refused(Kind.NOT_FOUND, _("There is no such proposed article."))
    if draft.status != "proposed":
        raise Refused(Kind.CONFLICT, _(DECIDED[draft.status]))
    return draft


def check_complete(fields: dict[str, str], status: str) -> None:
    """Raises Refused where an article can't be written so: by its status, or by what was taken out of its fields."""
    if status not in STATUSES:
        raise Refused(Kind.INVALID, _("Please choose whether to publish it."))
    if any(has_placeholder(text) for text in fields.values()):
        problem = _("Something personal was taken out here (⟨…⟩). Put a word in its place, or close the gap.")
        raise Refused(Kind.UNFIT, problem)


def compose(fields: dict[str, str], slug: str, status: str, topics: Sequence[str] = ()) -> NewArticle:
    """Returns the article that `check_fields`' fields make, about these topics of the library."""
    return NewArticle(
        language=fields["language"],
        category=fields["category"],
        slug=slug,
        title=fields["title"],
        questions=tuple(fields["question"].split("\n")),
        body=fields["answer"],
        status=status,
        topics=tuple(dict.fromkeys(topics)),
    )
