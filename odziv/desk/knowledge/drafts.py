"""Proposed articles: for an editor to put right, then accept as a file of the knowledge base, or dismiss."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, make_response, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from kb.sources.drafting import LONGEST_SLUG, name_file
from odziv.cases.learning import drafts
from odziv.cases.refused import Kind, Refused
from odziv.cases.topics import list_topics
from odziv.desk.frame.errors import STATUSES
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import EDITOR, action, page
from odziv.desk.knowledge.learning import ArticleForm
from odziv.store.knowledge.drafts import count_drafts, list_drafts
from odziv.store.lengths import LONGEST_ANSWER, LONGEST_TITLE
from odziv.texts.desk import N_, _
from odziv.web.forms import Trimmed, read_form
from odziv.web.services import services

ONE = f"/drafts/<int(max={LARGEST_ID}):draft_id>"
WRITTEN = {
    "published": N_("Written to %(name)s, published."),
    "draft": N_("Written to %(name)s, saved as a draft, which customers are not given."),
}


class DraftForm(ArticleForm):
    """A proposed article as an editor has it, with the name of its file, and whether it is to be published."""

    slug: Trimmed = ""
    status: str = ""


@page("/drafts", needs=EDITOR)
def show_drafts() -> str:
    """The proposed articles, newest first."""
    return _page()


@action(f"{ONE}/save", needs=EDITOR)
def save_changes(draft_id: int) -> AnyResponse:
    """Keeps an editor's changes without deciding."""

    def save(sent: DraftForm) -> str:
        drafts.save_draft(services().store, services().settings, draft_id, sent.article())
        return _("Saved.")

    return _carry_out(draft_id, save)


@action(f"{ONE}/accept", needs=EDITOR)
def accept_draft(draft_id: int) -> AnyResponse:
    """Writes the article, as edited; 409, with nothing written, when that can't be."""

    def accept(sent: DraftForm) -> str:
        store, settings, kb, agent = services().store, services().settings, services().kb, current_user.agent
        named = {"slug": sent.slug, "status": sent.status}
        name = drafts.accept_draft(store, settings, kb, agent, draft_id, sent.article(), **named)
        return _(WRITTEN[sent.status], name=name)

    return _carry_out(draft_id, accept)


@action(f"{ONE}/dismiss", needs=EDITOR)
def dismiss_draft(draft_id: int) -> AnyResponse:
    """Takes the proposal off the page."""

    def dismiss(_sent: DraftForm) -> str:
        drafts.dismiss_draft(services().store, current_user.agent, draft_id)
        return _("Dismissed.")

    return _carry_out(draft_id, dismiss)


def _carry_out(draft_id: int, verb: Callable[[DraftForm], str]) -> AnyResponse:
    """Does it and says what was done; or the page again, with the reason and what had been typed."""
    sent = read_form(DraftForm)
    try:
        flash(verb(sent))
    except Refused as problem:
        if problem.kind is Kind.NOT_FOUND:
            raise
        return make_response(_page(problem.problem, draft_id, sent), STATUSES[problem.kind])
    return redirect(url_for("desk.show_drafts"), 303)


def _page(problem: str = "", failed_id: int | None = None, sent: DraftForm | None = None) -> str:
    """The page; with a `problem`, and what had been typed, at the draft it is about."""
    found = list_drafts(services().store)
    shown = {draft.id for draft in found}
    return show_page(
        "desk/knowledge/drafts.html",
        "drafts",
        drafts=found,
        slugs={draft.id: name_file(draft.title) for draft in found},
        more=max(0, count_drafts(services().store) - len(found)),
        languages=services().settings.languages,
        topics=list_topics(services().settings),
        longest={"title": LONGEST_TITLE, "answer": LONGEST_ANSWER, "slug": LONGEST_SLUG},
        problem=problem,
        failed={"id": failed_id, **sent.model_dump()} if sent and failed_id in shown else None,
    )
