"""Proposed phrasings: customers' own words for an article, for an editor to accept into its file or to dismiss."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, make_response, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from kb.sources.editing import LONGEST_PHRASING
from odziv.cases.learning import phrasings
from odziv.cases.refused import Kind, Refused
from odziv.cases.topics import label_language
from odziv.desk.frame.errors import STATUSES
from odziv.desk.frame.labels import link_article
from odziv.desk.frame.lookups import LARGEST_ID
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import EDITOR, action, page
from odziv.store.customers.personal_data import has_placeholder
from odziv.store.knowledge.phrasings import Phrasing, count_proposed, list_proposed
from odziv.texts.desk import N_, _
from odziv.web.forms import Form, read_form
from odziv.web.services import services

DONE_ALREADY = N_("That was done already.")  # a second click


class DecisionForm(Form):
    """The words as edited."""

    text: str = ""


@dataclass(frozen=True)
class PhrasingEntry:
    """One phrasing on the page, and what its editor should know."""

    phrasing: Phrasing
    hint: str
    can_accept: bool


@dataclass
class Group:
    """The phrasings of one article; no `url` when it is not published."""

    article: str
    title: str
    language: str
    url: str | None
    entries: list[PhrasingEntry]


@page("/phrasings", needs=EDITOR)
def show_phrasings() -> str:
    """The proposed phrasings by article, newest first."""
    return _page()


@action(f"/phrasings/<int(max={LARGEST_ID}):phrasing_id>/accept", needs=EDITOR)
def accept_phrasing(phrasing_id: int) -> AnyResponse:
    """Adds the words, as edited, to the article's file; 409, with nothing written, when that can't be."""
    text = read_form(DecisionForm).text
    try:
        name = phrasings.accept_phrasing(services().store, services().kb, current_user.agent, phrasing_id, text)
    except Refused as problem:
        return _show_problem(problem, phrasing_id, text)
    flash(_(DONE_ALREADY) if name is None else _("Added to %(name)s.", name=name))
    return redirect(url_for("desk.show_phrasings"), 303)


@action(f"/phrasings/<int(max={LARGEST_ID}):phrasing_id>/dismiss", needs=EDITOR)
def dismiss_phrasing(phrasing_id: int) -> AnyResponse:
    """Takes the phrasing off the page; the same words never come back for this article and language."""
    try:
        is_new = phrasings.dismiss_phrasing(services().store, current_user.agent, phrasing_id)
    except Refused as problem:
        return _show_problem(problem, phrasing_id, read_form(DecisionForm).text)
    flash(_("Dismissed.") if is_new else _(DONE_ALREADY))
    return redirect(url_for("desk.show_phrasings"), 303)


def _show_problem(problem: Refused, phrasing_id: int, text: str) -> AnyResponse:
    """The page again, with the reason and what had been typed."""
    if problem.kind is Kind.NOT_FOUND:
        raise problem
    return make_response(_page(problem.problem, phrasing_id, text[: 2 * LONGEST_PHRASING]), STATUSES[problem.kind])


def _page(problem: str = "", failed_id: int | None = None, text: str = "") -> str:
    """The page; with a `problem`, and what had been typed, at the phrasing it is about."""
    groups = _grouped(list_proposed(services().store))
    shown = [entry.phrasing.id for group in groups for entry in group.entries]
    return show_page(
        "desk/knowledge/phrasings.html",
        "phrasings",
        groups=groups,
        more=max(0, count_proposed(services().store) - len(shown)),
        longest=LONGEST_PHRASING,
        problem=problem,
        failed={"id": failed_id, "text": text} if failed_id in shown else None,
    )


def _grouped(proposed: list[Phrasing]) -> list[Group]:
    groups: dict[str, Group] = {}
    for phrasing in proposed:
        version = services().kb.article(phrasing.article, phrasing.language)
        if phrasing.article not in groups:
            language = version.language if version else phrasing.language
            url = link_article({"article": phrasing.article, "language": language}) if version else None
            title = version.title if version else _("Not published any more")
            groups[phrasing.article] = Group(phrasing.article, title, language, url, [])
        groups[phrasing.article].entries.append(_entry(phrasing, version.language if version else None))
    return list(groups.values())


def _entry(phrasing: Phrasing, found_in: str | None) -> PhrasingEntry:
    """`found_in` is the language in which customers are given the article, if they are."""
    language = label_language(phrasing.language)
    if found_in not in (None, phrasing.language):
        hint = _(
            "This article exists in another language only (%(found)s). Write it in this one first: %(language)s.",
            found=label_language(found_in),
            language=language,
        )
        return PhrasingEntry(phrasing, hint, can_accept=False)
    if has_placeholder(phrasing.text):
        return PhrasingEntry(
            phrasing, _("Something personal was taken out here. Put a word in its place, or close the gap."), True
        )
    return PhrasingEntry(phrasing, "", can_accept=True)
