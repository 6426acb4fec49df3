"""`action_note`: what is no question is taken note of, and asked about: a number, an address, a sign, bare trouble."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.replies import Replies
from actions.turn import read_turn
from actions.wording import is_upset, note_of


class NoteAction(Action):
    """Says that something has arrived, as what it is, and asks what it is about; a person is one press away."""

    def __init__(self, replies: Replies) -> None:
        self._replies = replies

    def name(self) -> str:
        return "action_note"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Events after the reply: the next words are the question; nothing counts as unanswered."""
        turn = read_turn(tracker)
        note = note_of(turn.text, turn.language) or ("upset" if is_upset(turn.text) else "puzzled")
        dispatcher.utter_message(json_message=self._replies.note(note, turn.language))
        return [SlotSet("expects", "rephrase"), SlotSet("handoff_reason", None)]
