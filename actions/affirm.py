"""`action_affirm`: a yes, understood by what the bot last asked."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import answered
from actions.entrance import instead
from actions.replies import Replies
from actions.turn import BotTurn, read_turn
from kb import KnowledgeBase


class AffirmAction(Action):
    """Says yes back: the person offered, the only article suggested, or which of several."""

    def __init__(self, kb: KnowledgeBase, replies: Replies) -> None:
        self._kb, self._replies = kb, replies

    def name(self) -> str:
        return "action_affirm"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Events after the reply; a yes never counts as a question without an answer."""
        turn = read_turn(tracker)
        if events := instead(turn, self._kb, self.name()):
            return events
        if turn.expects == "person":
            return [FollowupAction("action_hand_off")]
        if turn.expects == "choice" and turn.choices:
            return self._choose(dispatcher, turn)
        if turn.expects:
            dispatcher.utter_message(json_message=self._replies.say("say_more", turn.language))
            return [SlotSet("expects", "rephrase")]
        dispatcher.utter_message(response="utter_glad" if turn.follows_an_answer else "utter_anything_else")
        return []

    def _choose(self, dispatcher: CollectingDispatcher, turn: BotTurn) -> list[EventType]:
        chosen = self._replies.chosen(turn.choices[0], turn.language) if len(turn.choices) == 1 else None
        if chosen:
            dispatcher.utter_message(json_message=chosen)
            return answered(chosen)
        dispatcher.utter_message(json_message=self._replies.which_one(turn.choices, turn.language))
        return []
