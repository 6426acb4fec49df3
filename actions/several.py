"""Several questions in one message: an answer to each, in their order, and what has none goes to a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actions.replies import Replies, escape, feedback_button, human_button, text_for
from kb import Decision, KnowledgeBase
from kb.language.questions import split_questions

LONGEST_QUOTE = 100  # characters of a question that stand above its answer


def answer_several(kb: KnowledgeBase, replies: Replies, text: str, language: str) -> dict[str, Any] | None:
    """One payload that answers every question in `text`; None when it holds one only, or none can be answered."""
    questions = split_questions(text, language, kb)
    if len(questions) < 2:
        return None
    return compose(replies, questions, kb.decide_all(questions, language), language)


def compose(
    replies: Replies, questions: Sequence[str], decisions: Sequence[Decision], language: str
) -> dict[str, Any] | None:
    """The answers that are sure, each under its question; the other questions are named and handed off."""
    answered, left, considered = [], [], []
    for question, decision in zip(questions, decisions, strict=True):
        payload = replies.answer(decision) if decision.kind == "answer" else None
        considered += payload["considered"][:1] if payload else []
        if payload is None:
            left.append(question)
        elif all(payload["answer"]["article"] != other["answer"]["article"] for _, other in answered):
            answered.append((question, payload))
    if not answered or len(answered) + len(left) < 2:
        return None
    blocks = [block(question, payload) for question, payload in answered]
    reply = {"answer": answered[0][1]["answer"], "considered": considered}
    if left:
        quotes = "\n".join(f"- {quote(question)}" for question in left)
        blocks.append(f"{text_for('left_open', language)}\n\n{quotes}")
        reply["handoff"] = {"reason": "low_confidence"}
    else:
        reply["buttons"] = [feedback_button(language), human_button(language)]
    return reply | {"text": "\n\n".join(blocks)}


def block(question: str, payload: dict[str, Any]) -> str:
    """One question with its answer, and where the whole article is."""
    answer = payload["answer"]
    return f"**{quote(question)}**\n\n{payload['text']}\n\n[{escape(answer['title'])}]({answer['url']})"


def quote(question: str) -> str:
    """The question on one line, not too long, as plain text with a capital at its head."""
    line = " ".join(question.split())
    line = line[:1].upper() + line[1:]
    return escape(line if len(line) <= LONGEST_QUOTE else f"{line[:LONGEST_QUOTE].rsplit(' ', 1)[0]} …")
