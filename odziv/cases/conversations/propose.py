"""Proposing, from an agent's answer: words as a phrasing of an article there is, or a new article."""

from __future__ import annotations

from kb.served import ServedArticles
from kb.sources.articles import SLUG
from kb.sources.drafting import clean_body, clean_line
from odziv.cases.refused import Kind, Refused
from odziv.settings import Settings
from odziv.store import Store
from odziv.store.agents.agent import Agent
from odziv.store.conversations.conversation import Conversation
from odziv.store.conversations.messages import Message, read_log
from odziv.store.knowledge.drafts import propose_draft
from odziv.store.knowledge.phrasings import propose_words
from odziv.store.lengths import LONGEST_ANSWER, LONGEST_PROPOSED, LONGEST_TITLE
from odziv.texts.desk import N_, _, number


def get_reply(store: Store, conversation_id: str, seq: int) -> tuple[Conversation, Message]:
    """The conversation and an agent's reply in it. Raises Refused when it is none."""
    conversation, messages = read_log(store, conversation_id, seq - 1)
    if conversation is None:
        raise Refused(Kind.NOT_FOUND, _("There is no such conversation."))
    if not messages or messages[0].seq != seq or messages[0].sender != "agent":
        raise Refused(Kind.NOT_FOUND, _("There is no such reply of an agent."))
    return conversation, messages[0]


def propose_phrasing(
    store: Store, kb: ServedArticles, conversation: Conversation, seq: int, article: str, text: str
) -> str:
    """Keeps words for the editors; returns how they stand: proposed, or decided before. Raises Refused."""
    if kb.article(article, conversation.language) is None:
        raise Refused(Kind.INVALID, _("Not proposed: please choose an article."))
    if not text or len(text) > LONGEST_PROPOSED:
        raise Refused(
            Kind.UNFIT, _("Not proposed: a phrasing has from 1 to %(most)s characters.", most=LONGEST_PROPOSED)
        )
    status = propose_words(store, conversation.id, seq, article, conversation.language, text)
    if status is None:
        raise Refused(Kind.UNFIT, _("Not proposed: nothing is left of this without personal data."))
    return status


def propose_article(store: Store, agent: Agent, conversation_id: str, seq: int, fields: dict[str, str]) -> bool:
    """Keeps a draft for the editors, in the agent's name. False: this answer is proposed already."""
    return propose_draft(store, conversation_id, seq, agent.id, **fields)


def check_fields(
    settings: Settings, *, language: str, category: str, title: str, question: str, answer: str
) -> dict[str, str]:
    """A draft's fields, clean. Raises Refused, which names what is wrong."""
    fields = {
        "language": language,
        "category": category.strip(),
        "title": clean_line(title),
        "question": clean_body(question),
        "answer": clean_body(answer),
    }
    if fields["language"] not in settings.languages:
        raise Refused(Kind.INVALID, _("Please choose one of the languages served here."))
    if not SLUG.fullmatch(fields["category"]) or len(fields["category"]) > 64:
        raise Refused(Kind.UNFIT, _("The category has a–z, 0–9 and single hyphens, and up to 64 of them."))
    limits = {
        "title": (LONGEST_TITLE, N_("The title has from 1 to %(most)s characters.")),
        "question": (LONGEST_ANSWER, N_("The question has from 1 to %(most)s characters.")),
        "answer": (LONGEST_ANSWER, N_("The answer has from 1 to %(most)s characters.")),
    }
    for name, (most, told) in limits.items():
        if not 0 < len(fields[name]) <= most:
            raise Refused(Kind.UNFIT, _(told, most=number(most)))
    return fields
