"""`action_ask_back`: "did you mean…", what may be the answer, or an open question; after a second miss, a person."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import answered
from actions.context import decide_in_context, decide_reworded, has_asked_before
from actions.entrance import goes_on_from_answer, instead
from actions.replies import Replies
from actions.turn import BotTurn, read_turn
from actions.wording import note_of
from kb import Decision, KnowledgeBase

MOST_UNANSWERED = 1  # open questions back; at the next miss a person takes over
WORDLESS = ("feedback_negative", "deny", "choose_article")  # they hold no question to look up


class AskBackAction(Action):
    """Asks the customer back, or gives up in favour of a person."""

    def __init__(self, kb: KnowledgeBase, replies: Replies) -> None:
        self._kb, self._replies = kb, replies

    def name(self) -> str:
        return "action_ask_back"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Events after the question back; the follow-up action_hand_off when it is time for a person."""
        turn = read_turn(tracker)
        if events := instead(turn, self._kb, self.name()):
            return events
        if turn.intent in WORDLESS and goes_on_from_answer(turn, self._kb):
            return [FollowupAction("action_answer")]
        is_trouble = not turn.was_tried and note_of(turn.text, turn.language) == "trouble"
        is_wordless = turn.intent in WORDLESS and not (turn.corrects or turn.is_misread or is_trouble)
        decision = None if is_wordless else self._decide(turn)
        if turn.intent in WORDLESS and decision and decision.kind == "answer":
            return [FollowupAction("action_answer")]
        if reason := reason_to_give_up(turn, decision):
            return [SlotSet("handoff_reason", reason), FollowupAction("action_hand_off")]
        if decision and decision.kind != "none":
            if decision.only_choice and (perhaps := self._replies.perhaps(decision, turn.question)):
                dispatcher.utter_message(json_message=perhaps)
                return [*answered(perhaps), SlotSet("unanswered", turn.unanswered + 1)]
            dispatcher.utter_message(json_message=self._replies.choices(decision))
            return asked(turn, "choice")
        about = "nlu_fallback" if turn.is_misread or is_trouble else turn.intent
        question = self._replies.open_question(about, turn.language, decision)
        dispatcher.utter_message(json_message=question)
        return asked(turn, "person" if decision and decision.missing else "rephrase")

    def _decide(self, turn: BotTurn) -> Decision:
        """What to do with the words, after those that were answered or asked back about."""
        if turn.follows_a_question_back and not turn.corrects:
            return decide_reworded(self._kb, turn.question, turn.before, turn.choices, turn.language)
        if turn.context and not turn.corrects and turn.intent != "out_of_scope":
            return decide_in_context(self._kb, turn.question, *turn.context, turn.language)
        return self._kb.decide(turn.question, turn.language)


def reason_to_give_up(turn: BotTurn, decision: Decision | None) -> str | None:
    """Why a person should take over now, or None while asking back still makes sense.

    Choices are worth one more try than an open question: the customer may have pressed none and said it anew. Nothing
    is worth one where the customer says to have asked before.
    """
    if turn.was_tried and has_asked_before(turn.text, turn.language):
        return "unanswered"
    if decision and decision.kind != "none":
        return "unanswered" if turn.unanswered > MOST_UNANSWERED else None
    if turn.unanswered < MOST_UNANSWERED:
        return None
    return "low_confidence" if decision else "unanswered"


def asked(turn: BotTurn, expects: str) -> list[EventType]:
    """Events after a question back: what a yes or no will mean, and one more without an answer."""
    return [
        SlotSet("expects", expects),
        SlotSet("unanswered", turn.unanswered + 1),
        SlotSet("handoff_reason", "requested" if expects == "person" else None),
    ]
