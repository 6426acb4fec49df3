"""Reads what the bot sent back: a typed reply, or the verdict that it is no reply at all."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from odziv.cases.legal.declarations import Kind
from odziv.store.lengths import LONGEST_ARTICLE, LONGEST_TITLE
from odziv.texts.notices import notice

REASONS = ("requested", "low_confidence", "complaint", "unanswered", "article", "failure", "danger")


class NonsenseReply(Exception):
    """The bot answered with something we can't show."""


class Button(BaseModel):
    """A choice offered with a message; `intent` and `article` say what pressing it means and stay with us."""

    model_config = ConfigDict(extra="ignore")
    title: str = Field(min_length=1, max_length=LONGEST_TITLE)
    kind: str = Field(pattern="^(choice|follow_up|helped|human|go_on)$")
    intent: str = Field(pattern="^[a-z_]{1,40}$")
    article: str | None = Field(default=None, max_length=LONGEST_ARTICLE)


class Answer(BaseModel):
    """The article an answer comes from."""

    model_config = ConfigDict(extra="ignore")
    article: str
    language: str
    title: str
    url: str = Field(pattern=r"^(https?://|/[^/\\])")  # the widget makes a link of it
    confidence: float = Field(ge=0, le=1)


class _Payload(BaseModel):
    model_config = ConfigDict(extra="ignore")
    text: str | None = Field(default=None, max_length=20_000)
    buttons: list[Button] = Field(default=[], max_length=12)
    answer: Answer | None = None
    considered: list[dict[str, Any]] = Field(default=[], max_length=20)
    handoff: dict[str, str] | None = None


@dataclass
class Reply:
    """What the bot wants said or done about one message."""

    text: str = ""
    buttons: list[dict[str, Any]] = field(default_factory=list)
    answer: dict[str, Any] | None = None
    considered: list[dict[str, Any]] = field(default_factory=list)
    handoff: str | None = None
    declared: Kind | None = None  # what the customer declared; then its receipt is said with the handoff


def read_reply(responses: list[dict[str, Any]]) -> Reply:
    """One reply from Rasa's list of responses, texts joined in order. Raises NonsenseReply."""
    reply, texts = Reply(), []
    for response in responses:
        try:
            # Half surrogates and NaN pass for str and float, but a browser can't be sent them.
            json.dumps(response, ensure_ascii=False, allow_nan=False).encode()
            payload = _Payload.model_validate(response.get("custom") or response)
        except (ValueError, TypeError, AttributeError) as error:
            raise NonsenseReply(_explain(error)) from error
        texts.append((payload.text or "").strip())
        reply.buttons += [button.model_dump(exclude_none=True) for button in payload.buttons]
        reply.considered += payload.considered
        reply.answer = payload.answer.model_dump() if payload.answer else reply.answer
        if payload.handoff is not None:
            reply.handoff = payload.handoff.get("reason", "")
            if reply.handoff not in REASONS:
                raise NonsenseReply(f"unknown handoff reason {reply.handoff!r}")
    reply.text = "\n\n".join(text for text in texts if text)
    if not reply.text and reply.handoff is None:
        raise NonsenseReply("neither text nor handoff")
    return reply


def ask_for_person(language: str) -> dict[str, Any]:
    """The button for a person, under what is said without asking the bot."""
    return {"title": notice("human", language), "kind": "human", "intent": "request_human"}


def _explain(error: Exception) -> str:
    """What was wrong, without what was said: this goes to the log."""
    if not isinstance(error, ValidationError):
        return f"a message is no object, or holds what JSON can't: {type(error).__name__}"
    problem = error.errors(include_input=False)[0]
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
