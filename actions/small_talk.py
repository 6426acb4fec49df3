"""`action_small_talk`: greetings, goodbyes, thanks, "are you a robot", and gladness that something helped."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.entrance import instead
from actions.turn import read_turn
from kb import KnowledgeBase

RESPONSES = {
    "greet": "utter_greet",
    "goodbye": "utter_goodbye",
    "thanks": "utter_welcome",
    "bot_challenge": "utter_bot_challenge",
    "feedback_positive": "utter_glad",
}


class SmallTalkAction(Action):
    """Says what fits the intent, unless the message is no small talk."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb = kb

    def name(self) -> str:
        return "action_small_talk"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Events that lead on to another action; none after small talk."""
        turn = read_turn(tracker)
        if events := instead(turn, self._kb, self.name()):
            return events
        dispatcher.utter_message(response=RESPONSES.get(turn.intent, "utter_anything_else"))
        return []
