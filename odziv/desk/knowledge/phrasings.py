"""Proposed phrasings: customers' own words for an article, for an editor to accept into its file or to dismiss."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from flask import flash, make_response, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from kb.sources.editing import LONGEST_PHRASING, NotWritten
from odziv.cases.topics import label_language
from odziv.desk.frame.labels import link_article
from odziv.desk.frame.lookups import LARGEST_ID, or_404
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import EDITOR, action, page
from odziv.store.customers.personal_data import has_placeholder
from odziv.store.knowledge.phrasings import (
    Phrasing,
    count_proposed,
    decide_phrasing,
    find_phrasing,
    list_proposed,
)
from odziv.web.forms import Form, read_form
from odziv.web.services import services

DECIDED = {"accepted": "Somebody has accepted this already.", "dismissed": "Somebody has dismissed this already."}
# File and database can't change in one step. One decision at a time: nothing that is dismissed meanwhile gets written,
# and after a crash in between the phrasing is still proposed, and said to be in the file when accepted again.
_deciding = threading.Lock()


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


class NotDecided(Exception):
    """It stays as it was; the message says why, in words for an editor."""


@page("/phrasings", needs=EDITOR)
def show_phrasings() -> str:
    """The proposed phrasings by article, newest first."""
    return _page()


@action(f"/phrasings/<int(max={LARGEST_ID}):phrasing_id>/accept", needs=EDITOR)
def accept_phrasing(phrasing_id: int) -> AnyResponse:
    """Adds the words, as edited, to the article's file; 409, with nothing written, when that can't be."""
    return _decide(phrasing_id, "accepted")


@action(f"/phrasings/<int(max={LARGEST_ID}):phrasing_id>/dismiss", needs=EDITOR)
def dismiss_phrasing(phrasing_id: int) -> AnyResponse:
    """Takes the phrasing off the page; the same words never come back for this article and language."""
    return _decide(phrasing_id, "dismissed")


def _decide(phrasing_id: int, status: str) -> AnyResponse:
    text = read_form(DecisionForm).text
    try:
        flash(decide(phrasing_id, status, text))
    except (NotDecided, NotWritten) as problem:
        return make_response(_page(str(problem), phrasing_id, text[: 2 * LONGEST_PHRASING]), 409)
    return redirect(url_for("desk.show_phrasings"), 303)


def decide(phrasing_id: int, status: str, text: str) -> str:
    """Decides about one phrasing; returns what was done. Raises NotDecided, NotWritten."""
    with _deciding:
        return _carry_out(phrasing_id, status, text)


def _carry_out(phrasing_id: int, status: str, text: str) -> str:
    phrasing = or_404(find_phrasing(services().store, phrasing_id))
    if phrasing.status == status and phrasing.decided_by == current_user.id:
        return "That was done already."  # a second click
    if phrasing.status != "proposed":
        raise NotDecided(DECIDED[phrasing.status])
    done = "Dismissed."
    if status == "accepted":
        name = services().kb.add_phrasing(phrasing.article, phrasing.language, text)
        done = f"Added to {name}."
    decide_phrasing(services().store, phrasing_id, status, current_user.id)
    return done


def _page(problem: str = "", failed_id: int | None = None, text: str = "") -> str:
    """The page; with a `problem`, and what had been typed, at the phrasing it is about."""
    groups = _grouped(list_proposed(services().store))
    shown = [entry.phrasing.id for group in groups for entry in group.entries]
    return show_page(
        "desk/phrasings.html",
        "phrasings",
        groups=groups,
        more=max(0, count_proposed(services().store) - len(shown)),
        longest=LONGEST_PHRASING,
        problem=problem,
        failed={"id": failed_id, "text": text} if failed_id in shown else None,
    )


def _grouped(phrasings: list[Phrasing]) -> list[Group]:
    groups: dict[str, Group] = {}
    for phrasing in phrasings:
        version = services().kb.article(phrasing.article, phrasing.language)
        if phrasing.article not in groups:
            language = version.language if version else phrasing.language
            url = link_article({"article": phrasing.article, "language": language}) if version else None
            title = version.title if version else "Not published any more"
            groups[phrasing.article] = Group(phrasing.article, title, language, url, [])
        groups[phrasing.article].entries.append(_entry(phrasing, version.language if version else None))
    return list(groups.values())


def _entry(phrasing: Phrasing, found_in: str | None) -> PhrasingEntry:
    """`found_in` is the language in which customers are given the article, if they are."""
    language = label_language(phrasing.language)
    if found_in not in (None, phrasing.language):
        hint = f"This article exists in {label_language(found_in)} only. Write it in {language} first."
        return PhrasingEntry(phrasing, hint, can_accept=False)
    if has_placeholder(phrasing.text):
        return PhrasingEntry(
            phrasing, "Something personal was taken out here. Put a word in its place, or close the gap.", True
        )
    return PhrasingEntry(phrasing, "", can_accept=True)
