"""`action_hand_off`: a person takes over, with the reason."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.replies import Replies
from actions.turn import Turn, read_turn


class HandOffAction(Action):
    """Hands off; the notice to the customer and the queue are the web process's business."""

    def __init__(self, replies: Replies) -> None:
        self._replies = replies

    def name(self) -> str:
        return "action_hand_off"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Events after the handoff: when the conversation comes back, counting starts anew."""
        turn = read_turn(tracker)
        dispatcher.utter_message(json_message=self._replies.handoff(reason_for(turn), turn.language))
        return [SlotSet("unanswered", 0), SlotSet("expects", None), SlotSet("handoff_reason", None)]


def reason_for(turn: Turn) -> str:
    """Why: what the customer says now weighs more than what an earlier action noted."""
    if turn.intent == "complaint":
        return "complaint"
    if turn.intent == "request_human":
        return "article" if turn.article else "requested"  # only the button under such an article carries one
    return turn.reason or "unanswered"
