"""Learning from an agent's answer: proposed as a phrasing of an article there is, or as the draft of a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from kb.sources.articles import SLUG
from kb.sources.drafting import clean_body, clean_line
from odziv.cases.refused import Kind, Refused
from odziv.cases.topics import list_topics
from odziv.desk.frame.page import show_page
from odziv.desk.frame.roles import AGENT, action, page
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.messages import Message, read_log
from odziv.store.customers.personal_data import has_placeholder, without_personal_data
from odziv.store.knowledge.drafts import list_asked, propose_draft
from odziv.store.knowledge.phrasings import LONGEST_PROPOSED, propose_words
from odziv.web.services import services

LONGEST_TITLE, LONGEST_ANSWER = 200, 10_000
MOST_ARTICLES = 8
PLACE = "/conversations/<conversation_id>/messages/<int(max=999999999):seq>"


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
    conversation, reply = find_reply(conversation_id, seq)
    asked = list_asked(services().store, conversation_id, seq)
    wanted = request.args.get("asked", "")
    chosen = next((text for number, text in asked if str(number) == wanted), asked[0][1] if asked else "")
    question = _clean(conversation, chosen)
    query = clean_line(request.args.get("q", ""))[:LONGEST_PROPOSED] or question
    return show_page(
        "desk/learn.html",
        "learn",
        learned_from=conversation,
        reply=reply,
        asked=asked,
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
    conversation, _ = find_reply(conversation_id, seq)
    text = clean_line(request.form.get("text", ""))
    status = suggest_phrasing(conversation, seq, request.form.get("article", ""), text)
    said = {
        "accepted": "The article has this phrasing already.",
        "dismissed": "An editor has dismissed these words for this article before.",
    }
    flash(said.get(status, "Proposed as a phrasing. An editor decides."))
    return _back(conversation_id, seq)


def suggest_phrasing(conversation: Conversation, seq: int, article: str, text: str) -> str:
    """Keeps words for the editors; returns how they stand: proposed, or decided before. Raises Refused."""
    if services().kb.article(article, conversation.language) is None:
        raise Refused(Kind.INVALID, "Not proposed: please choose an article.")
    if not text or len(text) > LONGEST_PROPOSED:
        raise Refused(Kind.UNFIT, f"Not proposed: a phrasing has from 1 to {LONGEST_PROPOSED} characters.")
    status = propose_words(services().store, conversation.id, seq, article, conversation.language, text)
    if status is None:
        raise Refused(Kind.UNFIT, "Not proposed: nothing is left of this without personal data.")
    return status


@action(f"{PLACE}/draft", needs=AGENT)
def propose_article(conversation_id: str, seq: int) -> AnyResponse:
    """Proposes question and answer as a new article, for the editors' page."""
    find_reply(conversation_id, seq)
    if suggest_article(conversation_id, seq, read_fields()):
        flash("Proposed as an article. An editor decides.")
    else:
        flash("This answer is proposed already.")
    return _back(conversation_id, seq)


def suggest_article(conversation_id: str, seq: int, fields: dict[str, str]) -> bool:
    """Keeps a draft for the editors, in the signed-in agent's name. False: this answer is proposed already."""
    return propose_draft(services().store, conversation_id, seq, current_user.id, **fields)


def read_fields() -> dict[str, str]:
    """A draft's fields from the form. Raises Refused, which names what is wrong."""
    names = ("language", "category", "title", "question", "answer")
    return check_fields(**{name: request.form.get(name, "") for name in names})


def check_fields(language: str, category: str, title: str, question: str, answer: str) -> dict[str, str]:
    """A draft's fields, clean. Raises Refused, which names what is wrong."""
    fields = {
        "language": language,
        "category": category.strip(),
        "title": clean_line(title),
        "question": clean_body(question),
        "answer": clean_body(answer),
    }
    if fields["language"] not in services().settings.languages:
        raise Refused(Kind.INVALID, "Please choose one of the languages served here.")
    if not SLUG.fullmatch(fields["category"]) or len(fields["category"]) > 64:
        raise Refused(Kind.UNFIT, "The category has a–z, 0–9 and single hyphens, and up to 64 of them.")
    limits = {"title": LONGEST_TITLE, "question": LONGEST_ANSWER, "answer": LONGEST_ANSWER}
    for name, most in limits.items():
        if not 0 < len(fields[name]) <= most:
            raise Refused(Kind.UNFIT, f"The {name} has from 1 to {most:,} characters.")
    return fields


def find_choices(query: str, language: str) -> list[Choice]:
    """The articles that fit best, best first."""
    hits = services().kb.search(query, language, MOST_ARTICLES) if query else []
    return [Choice(hit.article, hit.title, hit.language, hit.language == language) for hit in hits]


def _clean(conversation: Conversation, text: str) -> str:
    names = [name for name in (conversation.name,) if name]
    return clean_body(without_personal_data(text, names))


def find_reply(conversation_id: str, seq: int) -> tuple[Conversation, Message]:
    """The conversation and an agent's reply in it; 404 when it is none."""
    conversation, messages = read_log(services().store, conversation_id, seq - 1)
    if conversation is None or not messages or messages[0].seq != seq or messages[0].sender != "agent":
        abort(404)
    return conversation, messages[0]


def _topic_of(conversation_id: str) -> str | None:
    _, messages = read_log(services().store, conversation_id)
    considered: Any = next((m.considered for m in reversed(messages) if m.considered), None)
    return str(considered[0].get("article") or "").split("/")[0] if considered else None


def _back(conversation_id: str, seq: int) -> AnyResponse:
    return redirect(url_for("desk.show_conversation", conversation_id=conversation_id, at=seq, _anchor=f"m{seq}"), 303)
