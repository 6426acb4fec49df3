"""`action_answer`: the passage that answers, when the knowledge base is sure; else on to asking back."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.context import (
    LIKELY,
    decide_corrected,
    decide_in_context,
    decide_reworded,
    goes_on,
    is_not_helped,
    most_times,
    priced,
)
from actions.entrance import instead
from actions.replies import Replies
from actions.several import answer_several, decide_by_part
from actions.turn import BotTurn, read_turn
from kb import Decision, KnowledgeBase

Payload = dict[str, Any]
OFF_TOPIC_FROM = 0.8  # certainty from which on what sounds out of scope does not go on from an answer


class AnswerAction(Action):
    """Answers a question, or gives the article chosen by a button."""

    def __init__(self, kb: KnowledgeBase, replies: Replies) -> None:
        self._kb, self._replies = kb, replies

    def name(self) -> str:
        return "action_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Events after the answer; a follow-up action where there is none."""
        turn = read_turn(tracker)
        if events := instead(turn, self._kb, self.name()):
            return events
        payload = self._find(turn)
        if self._asks_again(payload, turn):
            return [SlotSet("handoff_reason", "unanswered"), FollowupAction("action_hand_off")]
        if payload is None:
            return [SlotSet("article", None), FollowupAction("action_ask_back")]
        dispatcher.utter_message(json_message=payload)
        return answered(payload)

    def _find(self, turn: BotTurn) -> Payload | None:
        if turn.intent == "choose_article":
            return self._replies.chosen(turn.article or "", turn.language)
        is_off_topic = turn.intent == "out_of_scope" and turn.certainty >= OFF_TOPIC_FROM
        context = None if is_off_topic else turn.context
        if context and turn.wants_it_translated:
            return self._once_more(*context, turn.language)
        if context and turn.corrects:
            decision = decide_corrected(self._kb, turn.text, *context, turn.language)
            return self._replies.answer(decision, turn.question) if decision.kind == "answer" else None
        found = find_answer(self._kb, self._replies, turn.question, turn.language, context)
        return found or self._after_asking_back(turn)

    def _once_more(self, before: str, last: str, language: str) -> Payload | None:
        """The last answer again, in the language that is spoken now."""
        hit = self._kb.hit_of(last, before, language)
        return self._replies.answer(Decision("answer", language, (hit,), hit.confidence, before)) if hit else None

    def _after_asking_back(self, turn: BotTurn) -> Payload | None:
        """The answer to what was said twice, or in two parts."""
        if not turn.follows_a_question_back or turn.corrects:
            return None
        decision = decide_reworded(self._kb, turn.question, turn.before, turn.choices, turn.language)
        return self._replies.answer(decision, turn.question, turn.before) if decision.kind == "answer" else None

    def _asks_again(self, payload: Payload | None, turn: BotTurn) -> bool:
        """Whether the customer is not helped: says so after a try, or would read the same answer once too often."""
        if turn.intent == "choose_article":
            return False
        if turn.was_tried and is_not_helped(turn.text, turn.language):
            return True
        last = turn.given[-1] if turn.given else None
        if last is None or goes_on(turn.text, turn.language):
            return False
        times = most_times(turn.text, turn.before, turn.language)
        if turn.given[-times:] != (last,) * times:
            return False
        if payload:
            return payload["answer"]["article"] == last and payload["text"] == turn.last_reply.get("text")
        found = self._kb.decide(turn.question, turn.language).hits
        return last in [hit.article for hit in found[:LIKELY]]


def find_answer(
    kb: KnowledgeBase, replies: Replies, text: str, language: str, context: tuple[str, str] | None = None
) -> Payload | None:
    """The reply to a customer's words, to each question in them; None when the knowledge base is not sure.

    `context` is what the customer asked before and the article that answered it, when it was just answered.
    """
    if several := answer_several(kb, replies, text, language):
        return several
    if context:
        decision = decide_in_context(kb, text, *context, language)
    else:
        decision = decide_by_part(kb, priced(kb, kb.decide(text, language)))
    if decision.kind != "answer":
        return None
    asked = (text, context[0]) if context and goes_on(text, language) else (text,)
    return replies.answer(decision, *asked)


def answered(payload: Payload) -> list[EventType]:
    """Events after an answer: the count starts anew, and a yes means a person only where one was offered."""
    offered = any(button["kind"] == "human" and button.get("article") for button in payload.get("buttons", ()))
    return [
        SlotSet("article", None),
        SlotSet("unanswered", 0),
        SlotSet("expects", "person" if offered else None),
        SlotSet("handoff_reason", "article" if offered else None),
    ]


def answer_directly(
    kb: KnowledgeBase, text: str, language: str, *, article: str | None = None, public_url: str = ""
) -> Payload | None:
    """The same payload without Rasa, for when it is down: to a question, or of a chosen `article`.

    None when the knowledge base is not sure, or there is no such article.
    """
    replies = Replies(kb, public_url)
    return replies.chosen(article, language) if article else find_answer(kb, replies, text, language)
