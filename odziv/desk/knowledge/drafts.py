"""Proposed articles: for an editor to put right, then accept as a file of the knowledge base, or dismiss."""

from __future__ import annotations

import threading

from flask import flash, make_response, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from kb.sources.drafting import NewArticle, name_file
from kb.sources.editing import NotWritten
from odziv.cases.conversations.propose import LONGEST_ANSWER, LONGEST_TITLE
from odziv.cases.refused import Kind, Refused
from odziv.cases.topics import list_topics
from odziv.desk.frame.errors import STATUSES
from odziv.desk.frame.lookups import LARGEST_ID, or_404
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import EDITOR, action, page
from odziv.desk.knowledge.learning import ArticleForm, read_fields
from odziv.store.customers.personal_data import has_placeholder
from odziv.store.knowledge.drafts import (
    ArticleDraft,
    count_drafts,
    decide_draft,
    find_draft,
    list_drafts,
    save_draft,
)
from odziv.web.forms import Trimmed, read_form
from odziv.web.services import services

ONE = f"/drafts/<int(max={LARGEST_ID}):draft_id>"
WRITTEN = {"published": "published", "draft": "saved as a draft, which customers are not given"}
# One decision at a time: nothing that is dismissed meanwhile gets written.
_deciding = threading.Lock()


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
    return _carry_out(draft_id, "saved")


@action(f"{ONE}/accept", needs=EDITOR)
def accept_draft(draft_id: int) -> AnyResponse:
    """Writes the article, as edited; 409, with nothing written, when that can't be."""
    return _carry_out(draft_id, "accepted")


@action(f"{ONE}/dismiss", needs=EDITOR)
def dismiss_draft(draft_id: int) -> AnyResponse:
    """Takes the proposal off the page."""
    return _carry_out(draft_id, "dismissed")


def _carry_out(draft_id: int, what: str) -> AnyResponse:
    try:
        with _deciding:
            draft = or_404(find_draft(services().store, draft_id))
            if draft.status != "proposed":
                raise NotWritten(f"Somebody has {draft.status} this already.")
            flash({"saved": _save, "accepted": _accept, "dismissed": _dismiss}[what](draft))
    except NotWritten as problem:
        return make_response(_page(str(problem), draft_id), 409)
    except Refused as problem:
        return make_response(_page(problem.problem, draft_id), STATUSES[problem.kind])
    return redirect(url_for("desk.show_drafts"), 303)


def _save(draft: ArticleDraft) -> str:
    save_draft(services().store, draft.id, **read_fields())
    return "Saved."


def _dismiss(draft: ArticleDraft) -> str:
    decide_draft(services().store, draft.id, "dismissed", current_user.id)
    return "Dismissed."


def _accept(draft: ArticleDraft) -> str:
    """Writes the article, then decides; a crash in between leaves a proposal that says the file is there."""
    fields, sent = read_fields(), read_form(DraftForm)
    if sent.status not in WRITTEN:
        raise Refused(Kind.INVALID, "Please choose whether to publish it.")
    if any(has_placeholder(text) for text in fields.values()):
        raise Refused(
            Kind.UNFIT, "Something personal was taken out here (⟨…⟩). Put a word in its place, or close the gap."
        )
    new = NewArticle(
        language=fields["language"],
        category=fields["category"],
        slug=sent.slug,
        title=fields["title"],
        questions=tuple(fields["question"].split("\n")),
        body=fields["answer"],
        status=sent.status,
    )
    name = services().kb.write_article(new)
    save_draft(services().store, draft.id, **fields)
    decide_draft(services().store, draft.id, "accepted", current_user.id, name)
    return f"Written to {name}, {WRITTEN[sent.status]}."


def _page(problem: str = "", failed_id: int | None = None) -> str:
    """The page; with a `problem`, and what had been typed, at the draft it is about."""
    drafts = list_drafts(services().store)
    typed = read_form(DraftForm).model_dump()
    return show_page(
        "desk/drafts.html",
        "drafts",
        drafts=drafts,
        slugs={draft.id: name_file(draft.title) for draft in drafts},
        more=max(0, count_drafts(services().store) - len(drafts)),
        languages=services().settings.languages,
        topics=list_topics(services().settings),
        longest={"title": LONGEST_TITLE, "answer": LONGEST_ANSWER},
        problem=problem,
        failed={"id": failed_id, **typed} if failed_id in {draft.id for draft in drafts} else None,
    )
