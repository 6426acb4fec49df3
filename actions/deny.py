"""`action_deny`: a no, understood by what the bot last asked."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.entrance import instead
from actions.turn import read_turn
from kb import KnowledgeBase


class DenyAction(Action):
    """Says no back: no person then; or none of the choices, or no help in the answer, and so asks back."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb = kb

    def name(self) -> str:
        return "action_deny"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Events after the reply."""
        turn = read_turn(tracker)
        if events := instead(turn, self._kb, self.name()):
            return events
        if turn.corrects:
            return [FollowupAction("action_answer")]  # "no, I meant the invoice"
        if turn.expects in ("choice", "rephrase") or (turn.follows_an_answer and turn.expects != "person"):
            return [FollowupAction("action_ask_back")]
        dispatcher.utter_message(response="utter_anything_else")
        return [SlotSet("expects", None), SlotSet("handoff_reason", None)]
