"""How far a wish for a person is one: what the model only supposes is weighed against what the articles know."""

from __future__ import annotations

from typing import Literal

from actions.turn import BotTurn
from actions.wording import refuses_person
from kb import KnowledgeBase

# Certainty of the model from which on a wish comes before any answer, and from which on it gives way to a sure answer
# only. Below that it is as doubtful as what bot/components/person_first.py calls so: of what the model is less than 0.4
# sure of, more are questions than wishes (bench.routing).
CLEAR, LIKELY = 0.6, 0.4

Wish = Literal["person", "question", "ask"]


def is_doubtful(turn: BotTurn) -> bool:
    """Return whether the model only supposes that a person is wanted."""
    return turn.intent == "doubtful_human" or (turn.intent == "request_human" and turn.certainty < LIKELY)


def read_wish(turn: BotTurn, kb: KnowledgeBase) -> Wish:
    """Return what to do about `request_human` or `doubtful_human`: fetch a person, look it up, or ask which of both."""
    if refuses_person(turn.text, turn.language):
        return "question"
    if turn.certainty >= CLEAR:
        return "person"
    known = kb.decide(turn.question, turn.language).kind
    if turn.intent == "request_human" and turn.certainty >= LIKELY:
        return "question" if known == "answer" else "person"
    if known != "none":
        return "question"
    return "person" if turn.expects == "person" else "ask"
