"""Learning from an agent's answer: proposed as a phrasing of an article there is, or as the draft of a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from flask import flash, redirect, url_for
from flask_login import current_user
from pydantic import AfterValidator
from werkzeug.wrappers import Response as AnyResponse

from kb.sources.drafting import clean_body, clean_line
from odziv.cases.conversations import propose
from odziv.cases.learning.matter import find_matter
from odziv.cases.topics import list_topics
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import AGENT, action, page
from odziv.store.conversations.asked import Asked, list_typed
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.messages import read_log
from odziv.store.customers.personal_data import has_placeholder, without_personal_data
from odziv.store.lengths import LONGEST_ANSWER, LONGEST_PROPOSED, LONGEST_TITLE
from odziv.texts.desk import _
from odziv.web.forms import Form, read_address, read_form
from odziv.web.services import services

MOST_ARTICLES = 8
PLACE = "/conversations/<conversation_id>/messages/<int(max=999999999):seq>"


ArticleLine = Annotated[str, AfterValidator(clean_line)]


class LearningPage(Form):
    """Which question was answered, and what articles are looked for."""

    asked: str = ""
    q: ArticleLine = ""


class PhrasingForm(Form):
    """Words, and the article that answers them."""

    text: ArticleLine = ""
    article: str = ""


class ArticleForm(Form):
    """A draft's fields, which `propose.check_fields` checks."""

    language: str = ""
    category: str = ""
    title: str = ""
    question: str = ""
    answer: str = ""

    def article(self) -> dict[str, str]:
        """Those fields alone."""
        return self.model_dump(include=set(ArticleForm.model_fields))


@dataclass(frozen=True)
class Choice:
    """An article the words could belong to."""

    id: str
    title: str
    language: str
    exists_here: bool


@page(f"{PLACE}/learn", needs=AGENT)
def show_learning(conversation_id: str, seq: int) -> str:
    """What can be proposed from one reply; `asked` picks another question, `q` searches articles for the phrasing."""
    conversation, reply = propose.get_reply(services().store, conversation_id, seq)
    asked, sought = list_typed(services().store, conversation_id, seq), read_address(LearningPage)
    chosen = next((each for each in asked if str(each.seq) == sought.asked), None) or _find_answered(
        conversation, asked
    )
    question = _clean(conversation, chosen.text if chosen else "")
    query = sought.q[:LONGEST_PROPOSED] or question
    return show_page(
        "desk/knowledge/learn.html",
        "learn",
        learned_from=conversation,
        reply=reply,
        asked=asked,
        wanted=sought.asked,
        chosen=chosen,
        question=question[:LONGEST_PROPOSED],
        query=query[:LONGEST_PROPOSED],
        title=question[:LONGEST_TITLE].rstrip("?!. "),
        answer=_clean(conversation, reply.text),
        choices=find_choices(query, conversation.language),
        topics=list_topics(services().settings),
        topic=_topic_of(conversation_id),
        languages=services().settings.languages,
        longest={"phrasing": LONGEST_PROPOSED, "title": LONGEST_TITLE, "answer": LONGEST_ANSWER},
        has_gaps=has_placeholder(question + reply.text) or has_placeholder(_clean(conversation, reply.text)),
    )


@action(f"{PLACE}/phrasing", needs=AGENT)
def propose_phrasing(conversation_id: str, seq: int) -> AnyResponse:
    """Proposes words as a phrasing of an article, for the editors' page."""
    conversation, _reply = propose.get_reply(services().store, conversation_id, seq)
    sent = read_form(PhrasingForm)
    status = propose.propose_phrasing(services().store, services().kb, conversation, seq, sent.article, sent.text)
    said = {
        "accepted": _("The article has this phrasing already."),
        "dismissed": _("An editor has dismissed these words for this article before."),
    }
    flash(said.get(status) or _("Proposed as a phrasing. An editor decides."))
    return _back(conversation_id, seq)


@action(f"{PLACE}/draft", needs=AGENT)
def propose_article(conversation_id: str, seq: int) -> AnyResponse:
    """Proposes question and answer as a new article, for the editors' page."""
    propose.get_reply(services().store, conversation_id, seq)
    fields = propose.check_fields(services().settings, **read_form(ArticleForm).article())
    if propose.propose_article(services().store, current_user.agent, conversation_id, seq, fields):
        flash(_("Proposed as an article. An editor decides."))
    else:
        flash(_("This answer is proposed already."))
    return _back(conversation_id, seq)


def find_choices(query: str, language: str) -> list[Choice]:
    """The articles that fit best, best first."""
    hits = services().kb.search(query, language, MOST_ARTICLES) if query else []
    return [Choice(hit.article, hit.title, hit.language, hit.language == language) for hit in hits]


def _find_answered(conversation: Conversation, typed: Sequence[Asked]) -> Asked | None:
    """The message that a reply answers: what the customer asked last, or wrote last where they asked nothing."""
    language = conversation.language
    matter = find_matter(typed, language, lambda text: services().kb.search(text, language, MOST_ARTICLES))
    return matter.asked if matter else next(iter(typed), None)


def _clean(conversation: Conversation, text: str) -> str:
    names = [name for name in (conversation.name,) if name]
    return clean_body(without_personal_data(text, names))


def _topic_of(conversation_id: str) -> str | None:
    _conversation, messages = read_log(services().store, conversation_id)
    considered: Any = next((m.considered for m in reversed(messages) if m.considered), None)
    return str(considered[0].get("article") or "").split("/")[0] if considered else None


def _back(conversation_id: str, seq: int) -> AnyResponse:
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id, at=seq, _anchor=f"m{seq}"), 303)
