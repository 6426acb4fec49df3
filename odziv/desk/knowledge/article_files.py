"""Articles as files: the drafts there are, the library's drafts to begin with, and a new one about a topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from flask import flash, make_response, redirect, url_for
from flask_login import current_user
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse

from kb.sources.articles import Article, relative_name
from kb.sources.drafting import LONGEST_SLUG, name_file
from kb.sources.editing import LONGEST_PHRASING
from kb.sources.first_drafts import DRAFTS, draft_on
from kb.sources.gaps import gaps_in
from odziv.cases.learning import articles
from odziv.cases.refused import Kind, Refused
from odziv.cases.topics import label_language, list_topics
from odziv.desk.frame.errors import STATUSES
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import EDITOR, action, page
from odziv.desk.knowledge.drafts import WRITTEN, DraftForm
from odziv.desk.knowledge.topics import DAYS, words_of
from odziv.store.knowledge.topic_gaps import list_topic_gaps
from odziv.store.lengths import LONGEST_ANSWER, LONGEST_TITLE
from odziv.texts.desk import _, ngettext, spoken
from odziv.web.forms import Form, read_address, read_form
from odziv.web.services import services

NO_CATEGORIES = ("near", "company")  # areas of the library that would be no name for customers


class NewArticlePage(Form):
    """Which topic of the library a new article is to be about, and in which language."""

    topic: str = ""
    language: str = ""


class NewArticleForm(DraftForm):
    """A new article as an editor has it; `topic` is the one of the library that it answers."""

    topic: str = ""


class FirstDraftsForm(Form):
    """The languages in which to make drafts."""

    languages: Annotated[list[str], Field(max_length=20)] = []


@dataclass(frozen=True)
class DraftFile:
    """A file that nobody is given yet, and what is still to be filled in."""

    name: str
    title: str
    language: str
    gaps: tuple[str, ...]


@page("/draft-files", needs=EDITOR)
def show_article_files() -> str:
    """The articles with the status draft, by language; and the library's drafts to begin with."""
    return _files_page()


@action("/draft-files/from-library", needs=EDITOR)
def make_first_drafts() -> AnyResponse:
    """Writes the library's drafts in the languages chosen; what is there already stays as it is."""
    store, settings, kb = services().store, services().settings, services().kb
    try:
        written = articles.make_first_drafts(
            store, settings, kb, current_user.agent, read_form(FirstDraftsForm).languages
        )
    except Refused as problem:
        return make_response(_files_page(problem.problem), STATUSES[problem.kind])
    kb.refresh()  # so that the list has them
    told = [ngettext("%(num)s draft written.", "%(num)s drafts written.", len(written.new))]
    if left_out := len(written.left_out):
        told.append(ngettext("%(num)s left out: there already.", "%(num)s left out: there already.", left_out))
    flash(" ".join(told))
    return redirect(url_for("desk.show_article_files"), 303)


@page("/articles/new", needs=EDITOR)
def show_new_article() -> str:
    """A new article about `topic`, in `language`, begun with the library's draft and with what customers asked."""
    sought = read_address(NewArticlePage)
    if not services().kb.topics.has(sought.topic):
        raise Refused(Kind.NOT_FOUND, _("There is no such topic in the library."))
    languages = services().settings.languages
    language = sought.language if sought.language in languages else services().settings.default_language
    return _article_page(sought.topic, begin_article(sought.topic, language))


@action("/articles/new", needs=EDITOR)
def write_new_article() -> AnyResponse:
    """Writes the article, as edited; 409, with nothing written, when that can't be."""
    sent, store, settings = read_form(NewArticleForm), services().store, services().settings
    kb, agent, fields = services().kb, current_user.agent, sent.article()
    try:
        name = articles.write_article(
            store, settings, kb, agent, fields, slug=sent.slug, status=sent.status, topics=[sent.topic]
        )
    except Refused as problem:
        return make_response(_article_page(sent.topic, sent.model_dump(), problem.problem), STATUSES[problem.kind])
    flash(_(WRITTEN[sent.status], name=name))
    return redirect(url_for("desk.show_topics"), 303)


def begin_article(topic: str, language: str) -> dict[str, str]:
    """What the form for a new article begins with."""
    draft, topics = draft_on(topic, language), services().kb.topics
    title = draft.title if draft else topics.name(topic, language)
    area = topic.partition("/")[0]
    return {
        "language": language,
        "category": "" if area in NO_CATEGORIES else area,
        "slug": draft.id.partition("/")[2] if draft else name_file(title),
        "title": title,
        "question": "\n".join(asked_about(topic, language)),
        "answer": draft.body if draft else "",
        "status": "draft" if draft else "published",
    }


def asked_about(topic: str, language: str) -> list[str]:
    """What customers asked about a topic in a language, without what looks like personal data."""
    gaps = {gap.topic: gap for gap in list_topic_gaps(services().store, DAYS)}
    examples = gaps[topic].examples if topic in gaps else ()
    asked = (words_of(each)[:LONGEST_PHRASING] for each in examples if each.language == language)
    return [text for text in asked if text]


def _article_page(topic: str, values: dict[str, str], problem: str = "") -> str:
    return show_page(
        "desk/knowledge/new_article.html",
        "topics",
        topic=topic,
        name=services().kb.topics.name(topic, spoken()),
        values=values,
        languages=services().settings.languages,
        topics=list_topics(services().settings),
        longest={"title": LONGEST_TITLE, "answer": LONGEST_ANSWER, "slug": LONGEST_SLUG},
        problem=problem,
    )


def _files_page(problem: str = "") -> str:
    kb, settings = services().kb, services().settings
    files = [_file(draft) for draft in kb.drafts]
    by_language = {code: [file for file in files if file.language == code] for code in settings.languages}
    return show_page(
        "desk/knowledge/article_files.html",
        "files",
        files={label_language(code): found for code, found in by_language.items() if found},
        is_empty=not kb.every_article,
        articles=len(kb.articles()),
        languages=[code for code in settings.languages if (DRAFTS / code).is_dir()],
        problem=problem,
    )


def _file(draft: Article) -> DraftFile:
    name = relative_name(draft.path, services().kb.folder)
    return DraftFile(name, draft.title, draft.language, gaps_in(draft.title, draft.body))
