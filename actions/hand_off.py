"""`action_hand_off`: a person takes over, with the reason."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.entrance import instead
from actions.replies import Replies
from actions.turn import BotTurn, read_turn
from actions.wording import is_angry
from kb import KnowledgeBase

# Certainty from which on a complaint is one where no article answers, and danger is danger; below, it may be a question
# told with some anger or despair. Of what the model takes for danger less surely, nearly all is something broken.
SURE = {"complaint": 0.8, "danger": 0.9}
LIKELY = 0.6  # below, a complaint without a word of anger, and danger, is what was not understood
TOLD = ("complaint", "article")  # reasons that tell of a matter


class HandOffAction(Action):
    """Hands off; the notice to the customer and the queue are the turn's business (odziv/cases/turns.py).

    What only sounds like a complaint, or danger, is answered first, or asked back about, where the knowledge base knows
    of it. Plain words of danger don't come this far (odziv/cases/danger.py): here is what only the model understands.
    """

    def __init__(self, kb: KnowledgeBase, replies: Replies) -> None:
        self._kb, self._replies = kb, replies

    def name(self) -> str:
        return "action_hand_off"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Events after the handoff: when the conversation comes back, counting starts anew."""
        turn = read_turn(tracker)
        if events := instead(turn, self._kb, self.name()):
            return events
        if self._is_mild(turn):
            return [FollowupAction("action_answer")]
        dispatcher.utter_message(json_message=self._say(turn, reason_for(turn)))
        return [SlotSet("unanswered", 0), SlotSet("expects", None), SlotSet("handoff_reason", None)]

    def _say(self, turn: BotTurn, reason: str) -> dict[str, Any]:
        """The handoff; a complaint, or declaration, about what an article answers gets the answer along with it."""
        payload = self._replies.handoff(reason, turn.language)
        is_typed = not turn.is_pressed and turn.intent != "affirm"
        decision = self._kb.decide(turn.question, turn.language) if reason in TOLD and is_typed else None
        answer = self._replies.answer(decision) if decision and decision.kind == "answer" else None
        if answer is None:
            return payload
        text = "\n\n".join(filter(None, (payload.get("text"), answer["text"])))
        return {"answer": answer["answer"], "considered": answer["considered"]} | payload | {"text": text}

    def _is_mild(self, turn: BotTurn) -> bool:
        """Whether what sounds like one may be answered: nobody has given up yet, and something is known."""
        if turn.intent not in SURE or turn.reason or turn.unanswered:
            return False
        if turn.intent == "complaint" and is_angry(turn.text, turn.language):
            return False
        kind = self._kb.decide(turn.text, turn.language).kind
        if is_sure(turn):
            return turn.intent == "complaint" and kind == "answer"
        return kind != "none" or turn.certainty < LIKELY


def is_sure(turn: BotTurn) -> bool:
    """Return whether the model is sure of a complaint, or of danger."""
    return turn.certainty >= SURE.get(turn.intent, 1.0)


def reason_for(turn: BotTurn) -> str:
    """Why: what the customer says now weighs more than what an earlier action noted."""
    if turn.intent == "danger" and is_sure(turn):
        return "danger"
    if "complaint" in (turn.intent, turn.reason):
        return "complaint"
    if turn.intent == "request_human":
        return "article" if turn.article else "requested"  # only the button under such an article carries one
    return turn.reason or "unanswered"
