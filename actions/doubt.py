"""`action_doubt`: who may be asking for a person is answered where an article has it, else asked which of both."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.entrance import instead
from actions.replies import Replies
from actions.turn import read_turn
from actions.wish import read_wish
from kb import KnowledgeBase


class DoubtAction(Action):
    """Asks once; a second doubtful wish is one. "Stay with the assistant" is said here too."""

    def __init__(self, kb: KnowledgeBase, replies: Replies) -> None:
        self._kb, self._replies = kb, replies

    def name(self) -> str:
        return "action_doubt"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Events after the question, or the action that needs none."""
        turn = read_turn(tracker)
        if turn.intent == "go_on":
            dispatcher.utter_message(json_message=self._replies.say("say_more", turn.language))
            return [SlotSet("expects", "rephrase"), SlotSet("handoff_reason", None)]
        if events := instead(turn, self._kb, self.name()):
            return events
        wish = read_wish(turn, self._kb)
        if wish == "question":
            return [FollowupAction("action_answer")]
        if wish == "person":
            return [SlotSet("handoff_reason", "requested"), FollowupAction("action_hand_off")]
        dispatcher.utter_message(json_message=self._replies.person_or_go_on(turn.language))
        return [SlotSet("expects", "person"), SlotSet("handoff_reason", "requested")]
