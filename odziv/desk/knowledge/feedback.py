"""What customers say: of articles (helpful or not, and why), and of conversations (the bot's and people's ratings)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, url_for
from flask_login import current_user
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as AnyResponse

from odziv.desk.blueprint import blueprint
from odziv.desk.frame.labels import link_article
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import EDITOR, action, page
from odziv.store.conversations.ratings import average_ratings, list_rating_words
from odziv.store.customers.personal_data import PLACEHOLDERS, has_placeholder, without_personal_data
from odziv.store.knowledge.feedback import Comment, Share, count_unread, helpful_shares, list_comments, mark_read
from odziv.texts.desk import N_, _
from odziv.web.services import services

DAYS = 30
REASONS = {
    "not_answered": N_("Doesn’t answer the question"),
    "unclear": N_("Hard to understand"),
    "wrong": N_("Out of date"),
    "other": N_("Something else"),
}


@dataclass(frozen=True)
class ArticleLine:
    """An article with how readers found it; no `url` when it is not published."""

    title: str
    url: str | None
    share: Share

    @property
    def percent(self) -> int:
        return round(100 * self.share.helpful / self.share.votes)


@page("/feedback", needs=EDITOR)
def show_feedback() -> str:
    """Ratings, what readers wrote (unread first), and each article's share of readers it helped."""
    store = services().store
    comments = list_comments(store)
    return show_page(
        "desk/knowledge/feedback.html",
        "feedback",
        comments=[(comment, _article(comment)) for comment in comments],
        more=max(0, count_unread(store) - len(comments)),
        lines=[ArticleLine(**_article(share), share=share) for share in helpful_shares(store)],
        averages=average_ratings(store, DAYS),
        rating_words=list_rating_words(store),
        days=DAYS,
    )


@action(f"/feedback/<int(max={LARGEST_ID}):comment_id>/read", needs=EDITOR)
def read_comment(comment_id: int) -> AnyResponse:
    """Somebody has read it; a second click changes nothing."""
    if not mark_read(services().store, comment_id, current_user.id) and not _is_known(comment_id):
        abort(404)
    flash(_("Marked as read."))
    return redirect(url_for("desk.show_feedback"), 303)


def _is_known(comment_id: int) -> bool:
    return any(comment.id == comment_id for comment in list_comments(services().store))


def _article(entry: Comment | Share) -> dict[str, Any]:
    version = services().kb.article(entry.article, entry.language)
    if version is None:
        return {"title": entry.article, "url": None}
    url = link_article({"article": entry.article, "language": entry.language})
    return {"title": version.title, "url": url}


@blueprint.app_template_filter("why_not")
def label_why(reason: str | None) -> str:
    """A reader's reason, in words."""
    return _(REASONS[reason]) if reason in REASONS else ""


@blueprint.app_template_filter("personal_marked")
def mark_personal(words: str) -> Markup:
    """A customer's words, with what looks like personal data marked."""
    marked = str(escape(without_personal_data(words)))
    for placeholder in PLACEHOLDERS:
        marked = marked.replace(placeholder, f"<mark>{placeholder}</mark>")
    return Markup(marked)


@blueprint.app_template_test("personal")
def is_personal(words: str) -> bool:
    """Whether something personal was, or is, in the words."""
    return has_placeholder(without_personal_data(words))
